import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { type Fault, isFault } from '../../src/core/fault.ts'
import { createLimiter, type Limiter, noLimits } from '../../src/core/limiter.ts'
import { fixedClock } from '../support/fixed-clock.ts'

function refusal(limiter: Limiter, ...allowances: Parameters<Limiter['take']>[0]): Fault | null {
  try {
    limiter.take(allowances)
    return null
  } catch (error) {
    if (!isFault(error, 'rate_limited')) throw error
    return error
  }
}

describe('an allowance', () => {
  test('is used up after as many requests as its limit and tells when to come again', () => {
    const clock = fixedClock()
    const limiter = createLimiter(clock)
    const three = { key: 'token:1', limit: 3, message: 'API token rate limit exceeded.' }
    for (let count = 0; count < 3; count++) {
      expect(refusal(limiter, three)).toBeNull()
      clock.advance(10)
    }
    expect(refusal(limiter, three)).toMatchObject({
      message: 'API token rate limit exceeded.',
      retryAfter: 30,
    })
  })

  test('slides: each use comes back exactly a minute after it was made', () => {
    const clock = fixedClock()
    const limiter = createLimiter(clock)
    const two = { key: 'a', limit: 2 }
    limiter.take([two])
    clock.advance(40)
    limiter.take([two])
    clock.advance(19.999)
    expect(refusal(limiter, two)?.retryAfter).toBe(1)
    clock.advance(0.001)
    expect(refusal(limiter, two)).toBeNull()
    expect(refusal(limiter, two)?.retryAfter).toBe(40)
    clock.advance(40)
    expect(refusal(limiter, two)).toBeNull()
    expect(refusal(limiter, two)?.retryAfter).toBe(20)
  })

  test('never lets more than its limit into any sixty seconds', () => {
    const clock = fixedClock()
    const limiter = createLimiter(clock)
    const taken: number[] = []
    for (let step = 0; step < 2000; step++) {
      if (refusal(limiter, { key: 'a', limit: 7 }) === null) taken.push(clock.now().getTime())
      clock.advance(((step * 37) % 11) / 2)
    }
    const crowded = taken.filter((time, index) => (taken[index + 7] ?? Infinity) - time < 60_000)
    expect(crowded).toEqual([])
    expect(taken.length).toBeGreaterThan(500)
  })

  test('counts nothing when it refuses, so who keeps trying is not kept out longer', () => {
    const clock = fixedClock()
    const limiter = createLimiter(clock)
    const one = { key: 'a', limit: 1 }
    limiter.take([one])
    for (let second = 1; second < 60; second++) {
      clock.advance(1)
      expect(refusal(limiter, one)?.retryAfter).toBe(60 - second)
    }
    clock.advance(1)
    expect(refusal(limiter, one)).toBeNull()
  })

  test('is no other key’s', () => {
    const limiter = createLimiter(fixedClock())
    limiter.take([{ key: 'a', limit: 1 }])
    expect(refusal(limiter, { key: 'b', limit: 1 })).toBeNull()
    expect(refusal(limiter, { key: 'a', limit: 1 })).not.toBeNull()
  })

  test('of nothing allows nothing', () => {
    expect(refusal(createLimiter(fixedClock()), { key: 'a', limit: 0 })?.retryAfter).toBe(60)
  })

  test('whose limit was lowered waits until enough uses have left', () => {
    const clock = fixedClock()
    const limiter = createLimiter(clock)
    for (let count = 0; count < 4; count++) {
      limiter.take([{ key: 'a', limit: 4 }])
      clock.advance(10)
    }
    expect(refusal(limiter, { key: 'a', limit: 2 })?.retryAfter).toBe(40)
  })

  test('does not lock out for the time a clock was set back', () => {
    const clock = fixedClock()
    const limiter = createLimiter(clock)
    limiter.take([{ key: 'a', limit: 1 }])
    clock.advance(-86_400)
    expect(refusal(limiter, { key: 'a', limit: 1 })).toBeNull()
    expect(refusal(limiter, { key: 'a', limit: 1 })?.retryAfter).toBe(60)
  })
})

describe('several allowances', () => {
  const token = { key: 'token', limit: 5, message: 'token' }
  const user = { key: 'user', limit: 2, message: 'user' }

  test('are all counted or none', () => {
    const limiter = createLimiter(fixedClock())
    limiter.take([token, user])
    limiter.take([token, user])
    for (let count = 0; count < 10; count++) expect(refusal(limiter, token, user)?.message).toBe('user')
    for (let count = 0; count < 3; count++) expect(refusal(limiter, token)).toBeNull()
    expect(refusal(limiter, token)?.message).toBe('token')
  })

  test('are refused by the first that is used up', () => {
    const limiter = createLimiter(fixedClock())
    for (let count = 0; count < 5; count++) limiter.take([token])
    limiter.take([user])
    limiter.take([user])
    expect(refusal(limiter, token, user)?.message).toBe('token')
    expect(refusal(limiter, user, token)?.message).toBe('user')
  })
})

test('callers are forgotten after their minute: ten times as many need no more memory', () => {
  // In a process of its own, where nothing else grows.
  const { stdout } = Bun.spawnSync([process.execPath, join(import.meta.dir, 'limiter-memory.ts')])
  expect(stdout.toString()).toMatch(/^-?\d+$/)
  expect(Number(stdout)).toBeLessThan(4 * 2 ** 20)
})

test('without limits nothing is refused', () => {
  for (let count = 0; count < 1000; count++) noLimits.take([{ key: 'a', limit: 0 }])
  expect(refusal(noLimits, { key: 'a', limit: 0 })).toBeNull()
})

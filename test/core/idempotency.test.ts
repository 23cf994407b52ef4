import { describe, expect, test } from 'bun:test'
import { type Answer, createIdempotency, type Idempotency, payloadHash } from '../../src/core/idempotency.ts'
import {
  type CoreUnderTest,
  coresUnderTest,
  errorOf,
  failOnce,
  faultOf,
  guest,
  OUTAGE,
  outage,
} from './core-under-test.ts'

const open = coresUnderTest()

const REQUEST = { key: 'k1', endpoint: 'upload.create', principal: guest, payload: { size: 1 } }
const answer = (count: number): Answer<{ count: number }> => ({ status: 201, body: { count } })

/** Counts how often the work is done. */
function counting() {
  const runs: boolean[] = []
  return {
    runs,
    execution: {
      execute: async (retried: boolean) => {
        runs.push(retried)
        return answer(runs.length)
      },
    },
  }
}

/** Work that ends when the test says so. */
function pausing() {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const execution = {
    execute: async () => {
      begun.resolve()
      await promise
      return answer(1)
    },
  }
  return { execution, begun: begun.promise, finish: resolve, fail: reject }
}

const another = ({ metadata, clock, ids, log }: CoreUnderTest): Idempotency =>
  createIdempotency({ metadata, clock, ids, log, ttl: 86_400 })

describe('the identity of a payload', () => {
  test('does not depend on the order of keys, at any depth', () => {
    const one = { b: [1, { y: null, x: 'é' }], a: { d: true, c: 0.5 } }
    const two = { a: { c: 0.5, d: true }, b: [1, { x: 'é', y: null }] }
    expect(payloadHash(one)).toBe(payloadHash(two))
    expect(payloadHash({})).toBe(new Bun.CryptoHasher('sha256').update('{}').digest('hex'))
    expect(payloadHash(one)).toBe(
      new Bun.CryptoHasher('sha256')
        .update('{"a":{"c":0.5,"d":true},"b":[1,{"x":"é","y":null}]}')
        .digest('hex'),
    )
  })

  test('depends on everything else', () => {
    const payloads = [
      {},
      [],
      null,
      { a: 1 },
      { a: '1' },
      { a: null },
      { a: [] },
      { a: {} },
      { a: [1, 2] },
      { a: [2, 1] },
      { a: [[1], 2] },
      { a: [1, [2]] },
      { A: 1 },
      { a: 1, b: 1 },
      { 'a":1,"b': 1 },
      JSON.parse('{"__proto__":1}'),
      { constructor: 1 },
    ]
    expect(new Set(payloads.map(payloadHash)).size).toBe(payloads.length)
  })

  test('is found of a payload nested deeper than the stack and of a very long list', () => {
    const deep = JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`)
    expect(payloadHash({ deep })).toMatch(/^[0-9a-f]{64}$/)
    expect(payloadHash(Array.from({ length: 300_000 }, (_, index) => index))).toMatch(/^[0-9a-f]{64}$/)
  })
})

describe('a request with a key', () => {
  test('is executed once; a repeat replays status and body', async () => {
    const { core } = await open()
    const { runs, execution } = counting()
    expect(await core.idempotency.run(REQUEST, execution)).toEqual({ ...answer(1), replayed: false })
    const reordered = { ...REQUEST, payload: { size: 1 } }
    expect(await core.idempotency.run(reordered, execution)).toEqual({ ...answer(1), replayed: true })
    expect(runs).toEqual([false])
  })

  test('without a key runs every time', async () => {
    const { core } = await open()
    const { runs, execution } = counting()
    await core.idempotency.run({ ...REQUEST, key: null }, execution)
    expect(await core.idempotency.run({ ...REQUEST, key: null }, execution)).toEqual({
      ...answer(2),
      replayed: false,
    })
    expect(runs).toEqual([false, false])
  })

  test('another endpoint and another caller are independent', async () => {
    const { core } = await open()
    const { runs, execution } = counting()
    await core.idempotency.run(REQUEST, execution)
    await core.idempotency.run({ ...REQUEST, endpoint: 'upload.managed' }, execution)
    await core.idempotency.run({ ...REQUEST, principal: { ...guest, actor: 'token:1' } }, execution)
    expect(runs).toEqual([false, false, false])
  })

  test('another payload is refused, before and after the answer', async () => {
    const { core } = await open()
    const { execution, begun, finish } = pausing()
    const first = core.idempotency.run(REQUEST, execution)
    await begun
    const other = { ...REQUEST, payload: { size: 2 } }
    await faultOf(core.idempotency.run(other, execution), 'idempotency_mismatch')
    finish()
    await first
    await faultOf(core.idempotency.run(other, execution), 'idempotency_mismatch')
  })

  test('of many at once one runs, the others are told to come again', async () => {
    const { core } = await open()
    const { runs, execution } = counting()
    const all = await Promise.allSettled(
      Array.from({ length: 20 }, () => core.idempotency.run(REQUEST, execution)),
    )
    const refused = all.filter(({ status }) => status === 'rejected')
    expect(runs).toEqual([false])
    for (const outcome of refused) {
      expect(outcome).toMatchObject({ reason: { code: 'request_in_flight', retryAfter: 1 } })
    }
    expect(all.filter(({ status }) => status === 'fulfilled').length + refused.length).toBe(20)
  })

  test('can be sent again after a failure', async () => {
    const { core } = await open()
    const { runs, execution } = counting()
    const failing = { execute: () => Promise.reject(outage()) }
    expect(await errorOf(core.idempotency.run(REQUEST, failing))).toEqual(OUTAGE)
    expect(await core.idempotency.run({ ...REQUEST, payload: { size: 9 } }, execution)).toMatchObject({
      replayed: false,
    })
    expect(runs).toEqual([false])
  })

  test('whose key could not be freed still ends with its own error', async () => {
    const { core, metadata, log } = await open()
    failOnce(metadata.idempotency, 'release', new Error('database is gone'))
    const failing = { execute: () => Promise.reject(outage()) }
    expect(await errorOf(core.idempotency.run(REQUEST, failing))).toEqual(OUTAGE)
    expect(log.events).toEqual(['error idempotency_key_not_freed'])
  })

  test('whose answer could not be kept gets its answer, and the work is not done twice', async () => {
    const { core, metadata, log, clock } = await open()
    const { runs, execution } = counting()
    failOnce(metadata.idempotency, 'finish')
    expect(await core.idempotency.run(REQUEST, execution)).toEqual({ ...answer(1), replayed: false })
    expect(log.events).toEqual(['error idempotent_answer_not_kept'])
    await faultOf(core.idempotency.run(REQUEST, execution), 'request_in_flight')
    clock.advance(301)
    await core.idempotency.run(REQUEST, execution)
    expect(runs).toEqual([false, true])
  })

  test('brings a stored answer up to date', async () => {
    const { core } = await open()
    const { execution } = counting()
    const refreshing = { ...execution, refresh: async () => answer(99) }
    expect((await core.idempotency.run(REQUEST, refreshing)).body).toEqual({ count: 1 })
    expect(await core.idempotency.run(REQUEST, refreshing)).toEqual({ ...answer(99), replayed: true })
    expect((await core.idempotency.run(REQUEST, execution)).body).toEqual({ count: 1 })
  })

  test('is forgotten a day later', async () => {
    const { core, clock } = await open()
    const { runs, execution } = counting()
    await core.idempotency.run(REQUEST, execution)
    clock.advance(86_400)
    expect((await core.idempotency.run(REQUEST, execution)).replayed).toBe(true)
    clock.advance(1)
    expect((await core.idempotency.run(REQUEST, execution)).replayed).toBe(false)
    expect(runs).toEqual([false, false])
  })
})

describe('a request that never ended', () => {
  test('is taken over at once when its process is gone, and told so', async () => {
    const product = await open()
    const { execution, begun, finish } = pausing()
    const cutOff = product.core.idempotency.run(REQUEST, execution)
    await begun
    const { runs, execution: again } = counting()
    expect((await another(product).run(REQUEST, again)).replayed).toBe(false)
    expect(runs).toEqual([true])
    finish()
    await cutOff
  })

  test('is not taken over while it still runs here, however long it takes', async () => {
    const { core, clock } = await open()
    const { execution, begun, finish } = pausing()
    const { runs, execution: again } = counting()
    const slow = core.idempotency.run(REQUEST, execution)
    await begun
    clock.advance(2 * 86_400)
    await faultOf(core.idempotency.run(REQUEST, again), 'request_in_flight')
    finish()
    expect(await slow).toEqual({ ...answer(1), replayed: false })
    expect(await core.idempotency.run(REQUEST, again)).toEqual({ ...answer(1), replayed: true })
    expect(runs).toEqual([])
  })
})

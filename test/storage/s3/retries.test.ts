import { describe, expect, test } from 'bun:test'
import { randomIds } from '../../../src/core/ids.ts'
import { silentLog } from '../../../src/core/log.ts'
import { availability } from '../../../src/storage/s3/availability.ts'
import { ingestPartSize } from '../../../src/storage/s3/ingest.ts'
import { pauseBefore, sharedRetries, slots, withRetries } from '../../../src/storage/s3/retries.ts'
import { StoreError } from '../../../src/storage/s3/store-error.ts'

const policy = { within: 1000, ids: randomIds }
const slow = (): StoreError => new StoreError('PutObject', 'SlowDown', 503)

const answering = () => availability({ probe: async () => true, log: silentLog })

/** Fails so often, then gives how often it was called. */
function failing(times: number, error: () => unknown): { calls: number; work: () => Promise<number> } {
  const state = { calls: 0, work: () => Promise.resolve(0) }
  state.work = async () => {
    if (++state.calls <= times) throw error()
    return state.calls
  }
  return state
}

describe('trying again', () => {
  test('what may pass is repeated until it has', async () => {
    expect(await withRetries(policy, failing(3, slow).work)).toBe(4)
  })

  test('what will not pass is not repeated', async () => {
    const denied = new StoreError('PutObject', 'AccessDenied', 403)
    const state = failing(1, () => denied)
    await expect(withRetries(policy, state.work)).rejects.toBe(denied)
    expect(state.calls).toBe(1)
  })

  test('the time is bounded, and the last error is told', async () => {
    const state = failing(Number.POSITIVE_INFINITY, slow)
    const begun = performance.now()
    await expect(withRetries({ ...policy, within: 300 }, state.work)).rejects.toMatchObject({
      code: 'SlowDown',
    })
    expect(performance.now() - begun).toBeLessThan(1000)
    expect(state.calls).toBeGreaterThan(1)
  })

  test('pauses double up to three seconds, the half of them by chance', () => {
    const least = { secret: () => '0000' }
    const most = { secret: () => 'ffff' }
    expect([0, 1, 2, 3].map((attempt) => pauseBefore(attempt, least))).toEqual([25, 50, 100, 200])
    expect([0, 1, 2, 3].map((attempt) => pauseBefore(attempt, most))).toEqual([50, 100, 200, 400])
    expect(pauseBefore(40, most)).toBe(3000)
  })
})

describe('a store that is down', () => {
  test('is tried once by each operation when nothing went well for the time of one, until one succeeds', async () => {
    const retried = sharedRetries({ ...policy, within: 200 }, answering())
    const down = failing(Number.POSITIVE_INFINITY, slow)
    await expect(retried(down.work)).rejects.toMatchObject({ code: 'SlowDown' })
    expect(down.calls).toBeGreaterThan(1)
    const before = down.calls
    await expect(retried(down.work)).rejects.toMatchObject({ code: 'SlowDown' })
    expect(down.calls).toBe(before + 1)
    expect(await retried(async () => 'well')).toBe('well')
    expect(await retried(failing(2, slow).work)).toBe(3)
  })

  test('is not one that answers others meanwhile', async () => {
    const retried = sharedRetries({ ...policy, within: 200 }, answering())
    const unlucky = retried(failing(Number.POSITIVE_INFINITY, slow).work)
    expect(await retried(async () => 'well')).toBe('well')
    await expect(unlucky).rejects.toMatchObject({ code: 'SlowDown' })
    expect(await retried(failing(2, slow).work)).toBe(3)
  })

  test('is not one that says no', async () => {
    const retried = sharedRetries({ ...policy, within: 100 }, answering())
    const denied = failing(Number.POSITIVE_INFINITY, () => new StoreError('PutObject', 'AccessDenied', 403))
    for (let n = 0; n < 3; n++) await expect(retried(denied.work)).rejects.toMatchObject({ status: 403 })
    expect(await retried(failing(1, slow).work)).toBe(2)
  })
})

describe('slots', () => {
  test('no more work runs at one time than there are slots, in the order of asking, also after failures', async () => {
    const inSlot = slots(2)
    const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
    const begun: number[] = []
    const all = gates.map(({ promise }, n) =>
      inSlot(async () => {
        begun.push(n)
        await promise
      }),
    )
    const settled = Promise.allSettled(all)
    await Promise.resolve()
    expect(begun).toEqual([0, 1])
    gates[1]?.reject(new Error('failed'))
    await all[1]?.catch(() => {})
    expect(begun).toEqual([0, 1, 2])
    for (const { resolve } of gates) resolve()
    expect((await settled).map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
      'fulfilled',
    ])
    expect(begun).toEqual([0, 1, 2, 3, 4])
  })
})

describe('parts of bytes of unknown length', () => {
  test('begin at 32 MiB and reach the largest object of S3 with ten thousand, none above what S3 takes', () => {
    const MiB = 1024 ** 2
    let sum = 0
    let largest = 0
    for (let number = 1; number <= 10_000; number++) {
      const size = ingestPartSize(number, 32 * MiB)
      largest = Math.max(largest, size)
      sum += size
    }
    expect(ingestPartSize(1, 32 * MiB)).toBe(32 * MiB)
    expect(ingestPartSize(1000, 32 * MiB)).toBe(32 * MiB)
    expect(sum).toBeGreaterThan(5 * 1024 ** 4)
    expect(largest).toBeLessThanOrEqual(5 * 1024 ** 3)
  })
})

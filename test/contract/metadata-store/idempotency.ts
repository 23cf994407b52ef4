import { expect, test } from 'bun:test'
import type { IdempotencyRequest } from '../../../src/core/metadata.ts'
import type { Stage } from '../metadata-store.contract.ts'
import { at, NOON } from './records.ts'

const request = (change: Partial<IdempotencyRequest> = {}): IdempotencyRequest => ({
  key: 'k',
  endpoint: 'upload.create',
  actor: 'token:1',
  payloadHash: 'p',
  owner: 'process-1',
  now: NOON,
  staleBefore: at(-300),
  expiredBefore: at(-86_400),
  ...change,
})

export function idempotencyCases(stage: Stage): void {
  const idempotency = () => stage().store.idempotency

  test('of ten identical requests at once one is fresh and the rest are pending', async () => {
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => idempotency().begin(request())))
    expect(outcomes.map(({ state }) => state).sort()).toEqual(['fresh', ...Array(9).fill('pending')])
  })

  test('the same key elsewhere or of somebody else is another key', async () => {
    await idempotency().begin(request())
    for (const change of [{ key: 'K' }, { endpoint: 'upload.complete' }, { actor: 'token:2' }]) {
      expect(await idempotency().begin(request(change))).toEqual({ state: 'fresh' })
    }
  })

  test('the answer is replayed as it was stored', async () => {
    await idempotency().begin(request())
    await idempotency().finish(request(), { status: 201, body: '{"ok":"☃"}' }, at(1))
    expect(await idempotency().begin(request({ now: at(2), owner: 'process-2' }))).toEqual({
      state: 'done',
      status: 201,
      body: '{"ok":"☃"}',
    })
  })

  test('another payload is a mismatch, pending or done', async () => {
    await idempotency().begin(request())
    expect(await idempotency().begin(request({ payloadHash: 'q' }))).toEqual({ state: 'mismatch' })
    await idempotency().finish(request(), { status: 200, body: '' }, at(1))
    expect(await idempotency().begin(request({ payloadHash: 'q' }))).toEqual({ state: 'mismatch' })
  })

  test('releasing frees a pending key and keeps an answer', async () => {
    await idempotency().begin(request())
    await idempotency().release(request())
    expect(await idempotency().begin(request())).toEqual({ state: 'fresh' })
    await idempotency().finish(request(), { status: 200, body: 'x' }, at(1))
    await idempotency().release(request())
    expect((await idempotency().begin(request())).state).toBe('done')
  })

  test('what another process left pending is taken over at once, by one', async () => {
    await idempotency().begin(request())
    const again = request({ owner: 'process-2', now: at(1) })
    const outcomes = await Promise.all([
      idempotency().begin(again),
      idempotency().begin(again),
      idempotency().begin(again),
    ])
    expect(outcomes.map(({ state }) => state).sort()).toEqual(['pending', 'pending', 'taken_over'])
  })

  test('what this process left pending is taken over when it is stale', async () => {
    await idempotency().begin(request())
    const soon = request({ now: at(300), staleBefore: NOON })
    expect(await idempotency().begin(soon)).toEqual({ state: 'pending' })
    const late = request({ now: at(301), staleBefore: at(1) })
    expect(await idempotency().begin(late)).toEqual({ state: 'taken_over' })
    expect(await idempotency().begin(late)).toEqual({ state: 'pending' })
  })

  test('an answer that is too old is forgotten', async () => {
    await idempotency().begin(request())
    await idempotency().finish(request(), { status: 200, body: 'x' }, at(1))
    expect((await idempotency().begin(request({ expiredBefore: at(1) }))).state).toBe('done')
    expect((await idempotency().begin(request({ expiredBefore: at(2) }))).state).toBe('fresh')
  })

  test('purging removes what is older and tells how many', async () => {
    await idempotency().begin(request({ key: 'old' }))
    await idempotency().begin(request({ key: 'new', now: at(10) }))
    expect(await idempotency().purge(NOON)).toBe(0)
    expect(await idempotency().purge(at(10))).toBe(1)
    expect((await idempotency().begin(request({ key: 'old' }))).state).toBe('fresh')
    expect((await idempotency().begin(request({ key: 'new', now: at(10) }))).state).toBe('pending')
  })
}

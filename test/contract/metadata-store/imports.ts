import { expect, test } from 'bun:test'
import type { Stage } from '../metadata-store.contract.ts'
import { addAccount, at, expectFault, NOON, settled } from './records.ts'

const newImport = (accountId: number, change: { createdAt?: Date; folderId?: number | null } = {}) => ({
  accountId,
  folderId: null,
  url: 'https://example.org/a',
  createdAt: NOON,
  ...change,
})

export function importCases(stage: Stage): void {
  const imports = () => stage().store.imports

  test('a new import waits and knows nothing of its size', async () => {
    const { id: accountId } = await addAccount(stage().store)
    const item = await imports().create(newImport(accountId), 0)
    expect(item).toEqual({
      ...newImport(accountId),
      id: item.id,
      status: 'pending',
      errorMessage: null,
      totalBytes: 0,
      receivedBytes: 0,
      fileId: null,
      attempts: 0,
      startedAt: null,
      finishedAt: null,
    })
    expect(await imports().find(item.id)).toEqual(item)
    expect(await imports().find(item.id + 1)).toBeNull()
    await expectFault(imports().create(newImport(accountId + 1), 0), 'account_not_found')
  })

  test('unfinished imports are limited per account, also when they come at once', async () => {
    const { store } = stage()
    const ann = await addAccount(store, 'Ann')
    const bob = await addAccount(store, 'Bob')
    const attempts = Array.from({ length: 6 }, () => imports().create(newImport(ann.id), 3))
    expect(await settled(attempts)).toEqual({ won: 3, faults: ['too_many_imports'] })
    await imports().create(newImport(bob.id), 3)
    const taken = await imports().claim('p', at(1), at(60))
    await expectFault(imports().create(newImport(ann.id), 3), 'too_many_imports')
    await imports().fail(taken?.id ?? 0, 'p', 'no', at(2))
    await imports().create(newImport(ann.id), 3)
  })

  test('the oldest is taken first, by one caller, with a lease', async () => {
    const { id: accountId } = await addAccount(stage().store)
    const made = []
    for (let n = 0; n < 3; n++) made.push(await imports().create(newImport(accountId), 0))
    const claims = Array.from({ length: 5 }, (_, n) => imports().claim(`p${n}`, at(1), at(60)))
    const taken = (await Promise.all(claims)).filter((item) => item !== null)
    expect(taken.map(({ id }) => id)).toEqual(made.map(({ id }) => id))
    expect(taken[0]).toMatchObject({ status: 'downloading', attempts: 1, startedAt: at(1) })
    expect(await imports().claim('late', at(2), at(60))).toBeNull()
  })

  test('an import is not taken before it was made', async () => {
    const { id: accountId } = await addAccount(stage().store)
    await imports().create(newImport(accountId, { createdAt: at(10) }), 0)
    expect(await imports().claim('p', at(9), at(60))).toBeNull()
    expect(await imports().claim('p', at(10), at(60))).not.toBeNull()
  })

  test('a lease that ended goes to the next caller, and every step of the former holder fails', async () => {
    const { id: accountId } = await addAccount(stage().store)
    const { id } = await imports().create(newImport(accountId), 0)
    await imports().claim('old', at(1), at(60))
    expect(await imports().claim('new', at(59), at(120))).toBeNull()
    const again = await imports().claim('new', at(60), at(120))
    expect(again).toMatchObject({ id, attempts: 2, startedAt: at(1), status: 'downloading' })
    const progress = { receivedBytes: 5, totalBytes: 9 }
    expect(await imports().renew(id, 'old', progress, at(200))).toBe(false)
    expect(await imports().beginProcessing(id, 'old')).toBe(false)
    await imports().finish(id, 'old', 7, at(61))
    await imports().fail(id, 'old', 'no', at(61))
    await imports().postpone(id, 'old', at(500))
    expect(await imports().find(id)).toEqual(again)
    expect(await imports().renew(id, 'new', progress, at(200))).toBe(true)
    expect(await imports().find(id)).toMatchObject(progress)
    expect(await imports().claim('third', at(199), at(300))).toBeNull()
  })

  test('an import runs to its end, which is final', async () => {
    const { id: accountId } = await addAccount(stage().store)
    const { id } = await imports().create(newImport(accountId), 0)
    await imports().claim('p', at(1), at(60))
    expect(await imports().beginProcessing(id, 'p')).toBe(true)
    expect(await imports().beginProcessing(id, 'p')).toBe(false)
    expect(await imports().renew(id, 'p', { receivedBytes: 9, totalBytes: 9 }, at(90))).toBe(true)
    await imports().finish(id, 'p', 42, at(5))
    const done = await imports().find(id)
    expect(done).toMatchObject({ status: 'complete', fileId: 42, finishedAt: at(5), receivedBytes: 9 })
    await imports().fail(id, 'p', 'late', at(6))
    await imports().postpone(id, 'p', at(7))
    expect(await imports().renew(id, 'p', { receivedBytes: 0, totalBytes: 0 }, at(99))).toBe(false)
    expect(await imports().claim('q', at(1000), at(2000))).toBeNull()
    expect(await imports().find(id)).toEqual(done)
  })

  test('one that died while processing is begun anew', async () => {
    const { id: accountId } = await addAccount(stage().store)
    const { id } = await imports().create(newImport(accountId), 0)
    await imports().claim('p', at(1), at(60))
    await imports().beginProcessing(id, 'p')
    expect(await imports().claim('q', at(60), at(99))).toMatchObject({
      id,
      status: 'downloading',
      attempts: 2,
    })
  })

  test('a postponed import waits for its time and lets others pass', async () => {
    const { id: accountId } = await addAccount(stage().store)
    const first = await imports().create(newImport(accountId), 0)
    const second = await imports().create(newImport(accountId), 0)
    await imports().claim('p', at(1), at(60))
    await imports().postpone(first.id, 'p', at(30))
    expect((await imports().find(first.id))?.status).toBe('pending')
    expect((await imports().claim('p', at(2), at(60)))?.id).toBe(second.id)
    expect(await imports().claim('p', at(29), at(60))).toBeNull()
    expect(await imports().claim('p', at(30), at(60))).toMatchObject({ id: first.id, attempts: 2 })
  })

  test('a failed import says why; purging removes old finished ones only', async () => {
    const { id: accountId } = await addAccount(stage().store)
    const failed = await imports().create(newImport(accountId), 0)
    const waiting = await imports().create(newImport(accountId), 0)
    await imports().claim('p', at(1), at(60))
    await imports().fail(failed.id, 'p', 'The source answered 404.', at(5))
    expect(await imports().find(failed.id)).toMatchObject({
      status: 'failed',
      errorMessage: 'The source answered 404.',
      finishedAt: at(5),
    })
    expect(await imports().purge(at(5))).toBe(0)
    expect(await imports().purge(at(6))).toBe(1)
    expect(await imports().find(failed.id)).toBeNull()
    expect(await imports().find(waiting.id)).not.toBeNull()
  })
}

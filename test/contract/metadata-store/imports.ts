import { expect, test } from 'bun:test'
import type { Stage } from '../metadata-store.contract.ts'
import { addAccount, at, counters, expectFault, NOON, newFile, newObject, settled } from './records.ts'

const newImport = (accountId: number, change: { createdAt?: Date; folderId?: number | null } = {}) => ({
  accountId,
  folderId: null,
  url: 'https://example.org/a',
  createdAt: NOON,
  ...change,
})

export function importCases(stage: Stage): void {
  const imports = () => stage().store.imports
  /** Makes the file of an import, in the name of its holder. */
  const finish = async (accountId: number, importId: number, holder: string, createdAt: Date) => {
    const { files, objects } = stage().store
    const key = `import/${holder}`
    await objects.announce(key, NOON)
    const admission = { maxStorageBytes: 0, completes: { importId, holder } }
    return files.add(newFile(accountId, { createdAt }), newObject(key), admission)
  }

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

  test('an account lists its imports, the newest first, and calls off what has not ended', async () => {
    const { store } = stage()
    const ann = await addAccount(store, 'Ann')
    const bob = await addAccount(store, 'Bob')
    const first = await imports().create(newImport(ann.id), 0)
    const second = await imports().create(newImport(ann.id), 0)
    await imports().create(newImport(bob.id), 0)
    expect(await imports().list(ann.id, 10)).toEqual([second, first])
    expect(await imports().list(ann.id, 1)).toEqual([second])
    await imports().claim('holder', at(1), at(60))
    await expectFault(imports().cancel(bob.id, first.id, at(2)), 'import_not_found')
    const cancelled = await imports().cancel(ann.id, first.id, at(2))
    expect(cancelled).toMatchObject({ status: 'cancelled', finishedAt: at(2) })
    expect(await imports().renew(first.id, 'holder', { receivedBytes: 1, totalBytes: 2 }, at(90))).toBe(false)
    expect(await imports().cancel(ann.id, first.id, at(3))).toEqual(cancelled)
    await expectFault(finish(ann.id, first.id, 'holder', at(4)), 'import_not_found')
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
    await expectFault(finish(accountId, id, 'old', at(61)), 'import_not_found')
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
    const { id: fileId } = await finish(accountId, id, 'p', at(5))
    const done = await imports().find(id)
    expect(done).toMatchObject({ status: 'complete', fileId, finishedAt: at(5), receivedBytes: 9 })
    await imports().fail(id, 'p', 'late', at(6))
    await imports().postpone(id, 'p', at(7))
    expect(await imports().renew(id, 'p', { receivedBytes: 0, totalBytes: 0 }, at(99))).toBe(false)
    expect(await imports().claim('q', at(1000), at(2000))).toBeNull()
    expect(await imports().find(id)).toEqual(done)
  })

  test('the file and the end of its import come together, or neither does', async () => {
    const { store } = stage()
    const { id: accountId } = await addAccount(store)
    const { id } = await imports().create(newImport(accountId), 0)
    await imports().claim('p', at(1), at(60))
    await expectFault(finish(accountId, id, 'other', at(5)), 'import_not_found')
    await expectFault(finish(accountId, id + 1, 'p', at(5)), 'import_not_found')
    expect(await store.files.listAll(accountId)).toEqual([])
    expect(await counters(store, accountId)).toEqual([0, 0])
    expect((await imports().find(id))?.status).toBe('downloading')
    await store.objects.announce('import/mine', NOON)
    const completes = { importId: id, holder: 'p' }
    const add = (maxStorageBytes: number) =>
      store.files.add(newFile(accountId), newObject('import/mine'), { maxStorageBytes, completes })
    await expectFault(add(1), 'quota_exceeded')
    expect((await imports().find(id))?.status).toBe('downloading')
    const made = await add(0)
    expect(await imports().find(id)).toMatchObject({ status: 'complete', fileId: made.id })
    expect(await store.files.listAll(accountId)).toEqual([made])
  })

  test('of two that finish one import at once, one makes a file', async () => {
    const { store } = stage()
    const { id: accountId } = await addAccount(store)
    const { id } = await imports().create(newImport(accountId), 0)
    await imports().claim('p', at(1), at(60))
    const completes = { importId: id, holder: 'p' }
    const attempts = ['a', 'b', 'c'].map(async (key) => {
      await store.objects.announce(key, NOON)
      return store.files.add(newFile(accountId), newObject(key), { maxStorageBytes: 0, completes })
    })
    expect(await settled(attempts)).toEqual({ won: 1, faults: ['import_not_found'] })
    expect(await store.files.listAll(accountId)).toHaveLength(1)
  })

  test('at a start, what an earlier process held can be taken at once', async () => {
    const { id: accountId } = await addAccount(stage().store)
    const made = []
    for (let n = 0; n < 5; n++) made.push((await imports().create(newImport(accountId), 0)).id)
    const [held = 0, processing = 0, put = 0, failed = 0, waiting = 0] = made
    for (let n = 0; n < 4; n++) await imports().claim('dead', at(1), at(60))
    await imports().beginProcessing(processing, 'dead')
    await imports().postpone(put, 'dead', at(500))
    await imports().fail(failed, 'dead', 'no', at(2))
    expect(await imports().reopenInterrupted(at(3))).toBe(2)
    expect(await imports().reopenInterrupted(at(3))).toBe(0)
    expect(await imports().find(held)).toMatchObject({ status: 'pending', attempts: 1, startedAt: at(1) })
    const taken = []
    for (let n = 0; n < 4; n++) taken.push((await imports().claim('new', at(3), at(99)))?.id)
    expect(taken).toEqual([held, processing, waiting, undefined])
    expect(await imports().find(processing)).toMatchObject({ status: 'downloading', attempts: 2 })
    expect(await imports().renew(held, 'dead', { receivedBytes: 1, totalBytes: 2 }, at(99))).toBe(false)
    expect(await imports().find(put)).toMatchObject({ status: 'pending' })
    expect(await imports().find(failed)).toMatchObject({ status: 'failed', finishedAt: at(2) })
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

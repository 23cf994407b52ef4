import { expect, test } from 'bun:test'
import type { Stage } from '../metadata-store.contract.ts'
import {
  addAccount,
  addOneShot,
  at,
  countDownload,
  counters,
  expectCleanLedgers,
  expectFault,
  held,
  NOON,
  newCopy,
  newFolder,
} from './records.ts'

const NO_LIMIT = { maxStorageBytes: 0 }

export function fileUseCases(stage: Stage): void {
  test('a file keeps its URL’s ending and its number of uses, which go down one by one', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const file = await addOneShot(store, id, { usesLeft: 2, urlExtension: '.mp4' })
    expect(file).toMatchObject({ usesLeft: 2, urlExtension: '.mp4' })
    expect(await store.files.findBySlug(file.slug)).toEqual(file)
    expect(await store.files.takeUse(file.id)).toBe(true)
    expect(await store.files.find(file.id)).toEqual({ ...file, usesLeft: 1 })
    expect(await store.files.takeUse(file.id)).toBe(true)
    expect(await store.files.takeUse(file.id)).toBe(false)
    expect(await store.files.find(file.id)).toEqual({ ...file, usesLeft: 0 })
  })

  test('a file without a number of uses and a missing one have none to take', async () => {
    const { store } = stage()
    const file = await addOneShot(store, null)
    expect(file.usesLeft).toBeNull()
    expect(await store.files.takeUse(file.id)).toBe(false)
    expect(await store.files.takeUse(9999)).toBe(false)
    expect(await store.files.find(file.id)).toEqual(file)
  })

  test('of fifty who take one of ten uses at once exactly ten get it', async () => {
    const { store } = stage()
    const file = await addOneShot(store, null, { usesLeft: 10 })
    const other = await addOneShot(store, null, { usesLeft: 10 })
    const taken = await Promise.all(Array.from({ length: 50 }, () => store.files.takeUse(file.id)))
    expect(taken.filter(Boolean)).toHaveLength(10)
    expect((await store.files.find(file.id))?.usesLeft).toBe(0)
    expect((await store.files.find(other.id))?.usesLeft).toBe(10)
  })

  test('a used-up file can neither be changed nor copied', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const file = await addOneShot(store, id, { usesLeft: 1 })
    await store.files.takeUse(file.id)
    await expectFault(store.files.update(id, file.id, { name: 'x' }, at(5)), 'file_not_found')
    await expectFault(store.files.copy(id, file.id, newCopy(), NO_LIMIT), 'file_not_found')
  })

  test('a copy has the uses that its original has left, and its ending', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const file = await addOneShot(store, id, { usesLeft: 3, urlExtension: '.mp4' })
    await store.files.takeUse(file.id)
    const copy = await store.files.copy(id, file.id, newCopy(), NO_LIMIT)
    expect(copy).toMatchObject({ usesLeft: 2, urlExtension: '.mp4' })
    await store.files.takeUse(copy.id)
    expect((await store.files.find(file.id))?.usesLeft).toBe(2)
  })

  test('used-up files are purged: owners discharged, folders lighter, objects free', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const folder = await store.folders.create(newFolder(id, 'f'))
    const usedUp = []
    for (const accountId of [id, null, id]) {
      const place = accountId === null ? null : folder.id
      usedUp.push(await addOneShot(store, accountId, { usesLeft: 1, folderId: place }))
    }
    const kept = await addOneShot(store, id, { usesLeft: 1, folderId: folder.id })
    const endless = await addOneShot(store, id, { folderId: folder.id })
    for (const file of usedUp) await store.files.takeUse(file.id)
    await countDownload(store, usedUp[0]?.id ?? 0, at(5))
    await store.files.trash(id, usedUp[2]?.id ?? 0, at(6))
    expect(await store.files.purgeUsedUp(NOON, [], 2)).toBe(2)
    expect(await store.files.purgeUsedUp(NOON, [], 10)).toBe(1)
    expect(await store.files.purgeUsedUp(NOON, [], 10)).toBe(0)
    for (const file of usedUp) expect(await store.files.find(file.id)).toBeNull()
    expect((await store.files.listAll(id)).map((file) => file.id)).toEqual([kept.id, endless.id])
    expect(await counters(store, id)).toEqual([50, 0])
    expect(await held(store, folder.id)).toEqual([50, 0, 2, 0])
    const free = await store.objects.claimUnreferenced(10)
    expect(free.map((object) => object.id)).toEqual(usedUp.map((file) => file.objectId))
    await expectCleanLedgers(store)
  })

  test('a used-up file in a trashed folder is purged, and the counters of the trash stay empty', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const folder = await store.folders.create(newFolder(id, 'f'))
    const file = await addOneShot(store, id, { usesLeft: 1, folderId: folder.id })
    await store.files.takeUse(file.id)
    await store.folders.trash(id, folder.id, at(5))
    expect(await store.files.purgeUsedUp(NOON, [], 10)).toBe(1)
    expect(await held(store, folder.id)).toEqual([0, 0, 0, 0])
    expect(await counters(store, id)).toEqual([0, 0])
    expect(await store.folders.purgeTrash(at(6), 10)).toBe(1)
  })
}

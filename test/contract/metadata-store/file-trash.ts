import { expect, test } from 'bun:test'
import type { Stage } from '../metadata-store.contract.ts'
import {
  addAccount,
  addFile,
  at,
  countDownload,
  counters,
  expectCleanLedgers,
  expectFault,
  held,
  newCopy,
  newFolder,
} from './records.ts'

export function fileTrashCases(stage: Stage): void {
  test('a trashed file lies at the root of the trash and stays charged', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const folder = await store.folders.create(newFolder(id, 'f'))
    const file = await addFile(store, id, { folderId: folder.id })
    await countDownload(store, file.id, at(4))
    const trashed = await store.files.trash(id, file.id, at(5))
    expect(trashed).toMatchObject({ status: 'trashed', trashedAt: at(5), folderId: null, downloads: 1 })
    expect(await store.files.find(file.id)).toEqual(trashed)
    expect(await held(store, folder.id)).toEqual([0, 0, 0, 0])
    expect(await counters(store, id)).toEqual([25, 0])
    expect(await store.files.trash(id, file.id, at(6))).toEqual(trashed)
    await expectCleanLedgers(store)
  })

  test('of many who trash one file at once each is told the same, and it leaves its folder once', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const folder = await store.folders.create(newFolder(id, 'f'))
    const file = await addFile(store, id, { folderId: folder.id })
    const all = await Promise.all([5, 6, 7].map((n) => store.files.trash(id, file.id, at(n))))
    expect(new Set(all.map(({ trashedAt }) => trashedAt?.getTime())).size).toBe(1)
    expect(await held(store, folder.id)).toEqual([0, 0, 0, 0])
  })

  test('a guest’s file is trashed as nobody’s, and by no account', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const [guests, anns] = [await addFile(store, null), await addFile(store, id)]
    await expectFault(store.files.trash(id, guests.id, at(5)), 'file_not_found')
    await expectFault(store.files.trash(null, anns.id, at(5)), 'file_not_found')
    expect((await store.files.trash(null, guests.id, at(5))).status).toBe('trashed')
  })

  test('purging removes old trash, discharges its owners and frees objects without other files', async () => {
    const { store } = stage()
    const ann = await addAccount(store, 'Ann')
    const bob = await addAccount(store, 'Bob')
    const shared = await addFile(store, ann.id)
    const copy = await store.files.copy(ann.id, shared.id, newCopy(), { maxStorageBytes: 0 })
    const theirs = await addFile(store, bob.id)
    const guests = await addFile(store, null)
    const late = await addFile(store, bob.id)
    await store.files.trash(ann.id, copy.id, at(5))
    await store.files.trash(bob.id, theirs.id, at(5))
    await store.files.trash(null, guests.id, at(5))
    await store.files.trash(bob.id, late.id, at(6))
    expect(await store.files.purgeTrash(at(5), 10)).toBe(0)
    expect(await store.files.purgeTrash(at(6), 2)).toBe(2)
    expect(await store.files.purgeTrash(at(6), 10)).toBe(1)
    expect(await counters(store, ann.id)).toEqual([25, 0])
    expect(await counters(store, bob.id)).toEqual([25, 0])
    expect(await store.files.find(theirs.id)).toBeNull()
    expect(await store.files.find(late.id)).not.toBeNull()
    const free = (await store.objects.claimUnreferenced(10)).map(({ id }) => id)
    expect(free).toEqual([theirs.objectId, guests.objectId])
    expect(await store.files.findWithObject(shared.id)).not.toBeNull()
    await expectCleanLedgers(store)
  })
}

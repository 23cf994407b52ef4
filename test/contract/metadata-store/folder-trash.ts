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
  newFolder,
} from './records.ts'

/** `top` with a file and `inner`, which has two files. */
async function addTree(stage: Stage) {
  const { store } = stage()
  const { id } = await addAccount(store)
  const outer = await store.folders.create(newFolder(id, 'outer'))
  const top = await store.folders.create(newFolder(id, 'top', { parentId: outer.id }))
  const inner = await store.folders.create(newFolder(id, 'inner', { parentId: top.id }))
  const file = await addFile(store, id, { folderId: top.id, size: 10 })
  const files = [
    await addFile(store, id, { folderId: inner.id, size: 5 }),
    await addFile(store, id, { folderId: inner.id, size: 5 }),
  ]
  await countDownload(store, file.id, at(4))
  return { store, id, outer, top, inner, file, files }
}

export function folderTrashCases(stage: Stage): void {
  test('a folder takes all below it to the trash, where the tree stays a tree', async () => {
    const { store, id, outer, top, inner, file, files } = await addTree(stage)
    expect(await held(store, outer.id)).toEqual([20, 1, 0, 1])
    await store.folders.trash(id, top.id, at(9))
    const trashed = { status: 'trashed', trashedAt: at(9) } as const
    expect(await store.folders.find(top.id)).toMatchObject({ ...trashed, parentId: null })
    expect(await store.folders.find(inner.id)).toMatchObject({ ...trashed, parentId: top.id })
    expect(await store.files.find(file.id)).toMatchObject({ ...trashed, folderId: top.id, downloads: 1 })
    for (const each of files) {
      expect(await store.files.find(each.id)).toMatchObject({ ...trashed, folderId: inner.id })
    }
    expect(await held(store, outer.id)).toEqual([0, 0, 0, 0])
    expect(await held(store, top.id)).toEqual([20, 1, 1, 1])
    expect(await held(store, inner.id)).toEqual([10, 0, 2, 0])
    await expectCleanLedgers(store)
  })

  test('trash stays charged, and is listed nowhere', async () => {
    const { store, id, outer, top } = await addTree(stage)
    await store.folders.trash(id, top.id, at(9))
    expect(await counters(store, id)).toEqual([20, 0])
    expect(await store.folders.list(id, outer.id)).toEqual([])
    expect(await store.folders.list(id, null)).toHaveLength(1)
    expect(await store.folders.list(id, top.id)).toEqual([])
    expect(await store.files.list(id, top.id)).toEqual([])
  })

  test('what was trashed before keeps its own time and place', async () => {
    const { store, id, top, inner, files } = await addTree(stage)
    const [early] = files
    await store.files.trash(id, early?.id ?? 0, at(5))
    await store.folders.trash(id, inner.id, at(6))
    await store.folders.trash(id, top.id, at(9))
    expect(await store.files.find(early?.id ?? 0)).toMatchObject({ trashedAt: at(5), folderId: null })
    expect(await store.folders.find(inner.id)).toMatchObject({ trashedAt: at(6), parentId: null })
    await expectCleanLedgers(store)
  })

  test('trashing again changes nothing; another account’s and a missing folder are not found', async () => {
    const { store, id, top } = await addTree(stage)
    await store.folders.trash(id, top.id, at(9))
    const before = await store.folders.find(top.id)
    await store.folders.trash(id, top.id, at(10))
    expect(await store.folders.find(top.id)).toEqual(before)
    const bob = await addAccount(store, 'Bob')
    await expectFault(store.folders.trash(bob.id, top.id, at(11)), 'folder_not_found')
    await expectFault(store.folders.trash(id, 9999, at(11)), 'folder_not_found')
  })

  test('nothing can be put into a trashed folder, nor moved out of it', async () => {
    const { store, id, top, inner, file } = await addTree(stage)
    await store.folders.trash(id, top.id, at(9))
    const other = await addFile(store, id)
    const into = { folderId: inner.id }
    await expectFault(store.files.update(id, other.id, into, at(10)), 'destination_not_found')
    await expectFault(store.files.update(id, file.id, { folderId: null }, at(10)), 'file_not_found')
    await expectFault(store.folders.update(id, inner.id, { parentId: null }, at(10)), 'folder_not_found')
    await countDownload(store, file.id, at(10))
    expect((await store.files.find(file.id))?.downloads).toBe(2)
    await expectCleanLedgers(store)
  })

  test('a folder is purged once nothing is left in it, however deep it was', async () => {
    const { store, id, top, inner } = await addTree(stage)
    let parentId = inner.id
    for (let n = 0; n < 50; n++) {
      parentId = (await store.folders.create(newFolder(id, 'deep', { parentId }))).id
    }
    await store.folders.trash(id, top.id, at(9))
    expect(await store.folders.purgeTrash(at(9), 1000)).toBe(0)
    expect(await store.folders.purgeTrash(at(10), 20)).toBe(20)
    expect(await store.folders.purgeTrash(at(10), 1000)).toBe(30)
    expect(await store.folders.purgeTrash(at(10), 1000)).toBe(0)
    expect(await store.files.purgeTrash(at(10), 1000)).toBe(3)
    expect(await store.folders.purgeTrash(at(10), 1000)).toBe(2)
    expect(await store.folders.find(top.id)).toBeNull()
    await expectCleanLedgers(store)
  })

  test('active folders and those trashed later are not purged', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const active = await store.folders.create(newFolder(id, 'active'))
    const late = await store.folders.create(newFolder(id, 'late'))
    await store.folders.trash(id, late.id, at(20))
    expect(await store.folders.purgeTrash(at(20), 10)).toBe(0)
    expect(await store.folders.find(active.id)).not.toBeNull()
    expect(await store.folders.purgeTrash(at(21), 10)).toBe(1)
  })
}

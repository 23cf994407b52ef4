import { expect, test } from 'bun:test'
import type { Folder } from '../../../src/core/model.ts'
import type { Stage } from '../metadata-store.contract.ts'
import {
  addAccount,
  addChain,
  addFile,
  addOneShot,
  at,
  countDownload,
  expectCleanLedgers,
  expectFault,
  held,
  newFolder,
  settled,
} from './records.ts'

export function folderTreeCases(stage: Stage): void {
  test('a limit of depth is kept by new folders and by moves with all that is below', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const [top, middle, bottom] = await addChain(store, id, 3)
    const inner = (parentId: number | null, maxDepth?: number) =>
      store.folders.create(newFolder(id, 'inner', { parentId }), maxDepth)
    await expectFault(inner(bottom?.id ?? 0, 3), 'invalid')
    expect(await held(store, bottom?.id ?? 0)).toEqual([0, 0, 0, 0])
    await expectFault(inner(null, 0), 'invalid')
    const deep = await inner(bottom?.id ?? 0, 4)
    await inner(deep.id)
    const branch = await inner(null, 1)
    const leaf = await inner(branch.id, 2)
    await inner(leaf.id, 3)
    const move = (folder: number, parentId: number | null, maxDepth?: number) =>
      store.folders.update(id, folder, { parentId }, at(1), maxDepth)
    await expectFault(move(branch.id, middle?.id ?? 0, 4), 'invalid')
    expect((await store.folders.find(branch.id))?.parentId).toBeNull()
    expect((await move(branch.id, middle?.id ?? 0, 5)).parentId).toBe(middle?.id ?? 0)
    expect((await move(branch.id, top?.id ?? 0, 4)).parentId).toBe(top?.id ?? 0)
    await expectFault(move(top?.id ?? 0, leaf.id, 1), 'folder_cycle')
    expect((await move(middle?.id ?? 0, null, 1)).parentId).toBeNull()
    expect((await store.folders.update(id, leaf.id, { name: 'new' }, at(2), 1)).name).toBe('new')
    await expectCleanLedgers(store)
  })

  test('what a folder holds is counted for it and all above it', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const [top, middle, bottom] = (await addChain(store, id, 3)).map((folder) => folder.id) as [
      number,
      number,
      number,
    ]
    const file = await addFile(store, id, { folderId: bottom, size: 20 })
    await addOneShot(store, id, { folderId: middle, size: 5 })
    await countDownload(store, file.id, at(5))
    await countDownload(store, file.id, at(6))
    expect(await held(store, top)).toEqual([25, 2, 0, 1])
    expect(await held(store, middle)).toEqual([25, 2, 1, 1])
    expect(await held(store, bottom)).toEqual([20, 2, 1, 0])
    expect((await store.files.find(file.id))?.lastDownloadedAt).toEqual(at(6))
    await expectCleanLedgers(store)
  })

  test('the ancestors are the folder and its parents up to the root', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const chain = await addChain(store, id, 4)
    await store.folders.create(newFolder(id, 'beside', { parentId: chain[1]?.id ?? null }))
    const found = await store.folders.ancestors(chain[3]?.id ?? 0)
    expect(found.map(({ name }) => name)).toEqual(['f3', 'f2', 'f1', 'f0'])
    expect(await store.folders.ancestors(9999)).toEqual([])
  })

  test('an update changes what it names and notes when', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const folder = await store.folders.create(newFolder(id, 'old', { passwordMd5: 'm' }))
    const change = { name: 'New', visibility: 2 as const, passwordMd5: null }
    const updated = await store.folders.update(id, folder.id, change, at(5))
    expect(updated).toEqual({ ...folder, ...change, updatedAt: at(5) })
    expect(await store.folders.find(folder.id)).toEqual(updated)
    expect(await store.folders.update(id, folder.id, {}, at(6))).toEqual({ ...updated, updatedAt: at(6) })
  })

  test('another account’s, a trashed and a missing folder cannot be updated', async () => {
    const { store } = stage()
    const ann = await addAccount(store, 'Ann')
    const bob = await addAccount(store, 'Bob')
    const theirs = await store.folders.create(newFolder(bob.id, 'b'))
    const trashed = await store.folders.create(newFolder(ann.id, 'gone'))
    await store.folders.trash(ann.id, trashed.id, at(1))
    for (const id of [theirs.id, trashed.id, 9999]) {
      await expectFault(store.folders.update(ann.id, id, { name: 'x' }, at(2)), 'folder_not_found')
    }
    expect(await store.folders.find(theirs.id)).toEqual(theirs)
  })

  test('a move takes all that the folder holds along, and can end in the root', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const [a, b, c] = (await addChain(store, id, 3)) as [Folder, Folder, Folder]
    const other = await store.folders.create(newFolder(id, 'other'))
    const file = await addFile(store, id, { folderId: c.id, size: 20 })
    await countDownload(store, file.id, at(4))
    const moved = await store.folders.update(id, b.id, { parentId: other.id }, at(5))
    expect(moved).toMatchObject({ parentId: other.id, totalSize: 20, folderCount: 1, updatedAt: at(5) })
    expect(await held(store, a.id)).toEqual([0, 0, 0, 0])
    expect(await held(store, other.id)).toEqual([20, 1, 0, 1])
    await store.folders.update(id, b.id, { parentId: other.id }, at(6))
    expect(await held(store, other.id)).toEqual([20, 1, 0, 1])
    await store.folders.update(id, b.id, { parentId: null }, at(7))
    expect(await held(store, other.id)).toEqual([0, 0, 0, 0])
    expect(await held(store, b.id)).toEqual([20, 1, 0, 1])
    await expectCleanLedgers(store)
  })

  test('a move inside one branch leaves the common parents as they are', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const [a, b, c] = (await addChain(store, id, 3)) as [Folder, Folder, Folder]
    await addFile(store, id, { folderId: c.id, size: 20 })
    await store.folders.update(id, c.id, { parentId: a.id }, at(5))
    expect(await held(store, a.id)).toEqual([20, 0, 0, 2])
    expect(await held(store, b.id)).toEqual([0, 0, 0, 0])
  })

  test('the destination must be there, active and the same account’s', async () => {
    const { store } = stage()
    const ann = await addAccount(store, 'Ann')
    const bob = await addAccount(store, 'Bob')
    const mine = await store.folders.create(newFolder(ann.id, 'mine'))
    const theirs = await store.folders.create(newFolder(bob.id, 'b'))
    const trashed = await store.folders.create(newFolder(ann.id, 'gone'))
    await store.folders.trash(ann.id, trashed.id, at(1))
    for (const parentId of [theirs.id, trashed.id, 9999]) {
      await expectFault(store.folders.update(ann.id, mine.id, { parentId }, at(2)), 'destination_not_found')
    }
  })

  test('a folder moves neither into itself nor below itself', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const chain = await addChain(store, id, 4)
    for (const parent of chain.slice(1)) {
      const move = store.folders.update(id, chain[1]?.id ?? 0, { parentId: parent.id }, at(1))
      await expectFault(move, 'folder_cycle')
    }
    await expectCleanLedgers(store)
  })

  test('of two folders moved into each other at once one wins', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const a = await store.folders.create(newFolder(id, 'a'))
    const b = await store.folders.create(newFolder(id, 'b'))
    const moves = [
      store.folders.update(id, a.id, { parentId: b.id }, at(1)),
      store.folders.update(id, b.id, { parentId: a.id }, at(1)),
    ]
    expect(await settled(moves)).toEqual({ won: 1, faults: ['folder_cycle'] })
    await expectCleanLedgers(store)
  })

  test('in a chain of two thousand folders every step still works', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const chain = await addChain(store, id, 2000)
    const [top, bottom] = [chain[0]?.id ?? 0, chain.at(-1)?.id ?? 0]
    const file = await addFile(store, id, { folderId: bottom, size: 20 })
    await countDownload(store, file.id, at(4))
    expect(await held(store, top)).toEqual([20, 1, 0, 1])
    expect(await store.folders.ancestors(bottom)).toHaveLength(2000)
    await expectFault(store.folders.update(id, top, { parentId: bottom }, at(5)), 'folder_cycle')
    await store.folders.update(id, top, { visibility: 0 }, at(5))
    await store.folders.repairCounters(bottom)
    await expectCleanLedgers(store)
    await store.folders.trash(id, top, at(6))
    expect((await store.files.find(file.id))?.status).toBe('trashed')
    await expectCleanLedgers(store)
  })
}

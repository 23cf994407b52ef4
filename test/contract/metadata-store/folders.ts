import { expect, test } from 'bun:test'
import type { Stage } from '../metadata-store.contract.ts'
import { addAccount, addFile, expectFault, NOON, newFolder } from './records.ts'

export function folderCases(stage: Stage): void {
  test('a new folder is active, holds nothing and was never edited', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const created = await store.folders.create(newFolder(id, 'Photos', { passwordMd5: 'm' }))
    expect(created).toEqual({
      id: created.id,
      accountId: id,
      parentId: null,
      name: 'Photos',
      visibility: 1,
      passwordMd5: 'm',
      status: 'active',
      totalSize: 0,
      totalDownloads: 0,
      fileCount: 0,
      folderCount: 0,
      createdAt: NOON,
      updatedAt: null,
      trashedAt: null,
    })
    expect(await store.folders.find(created.id)).toEqual(created)
    expect(await store.folders.find(created.id + 1)).toBeNull()
  })

  test('two folders beside each other may have one name', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const first = await store.folders.create(newFolder(id, 'a'))
    const second = await store.folders.create(newFolder(id, 'a'))
    expect(await store.folders.list(id, null)).toEqual([first, second])
  })

  test('a slice of the folders in a folder is taken by name, of those that are visible enough', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const top = await store.folders.create(newFolder(id, 'top'))
    for (const parentId of [top.id, null]) {
      for (const [name, visibility] of [
        ['c', 0],
        ['a', 1],
        ['b', 2],
        ['b', 1],
        ['z', 2],
      ] as const)
        await store.folders.create(newFolder(id, name, { parentId, visibility }))
      const gone = await store.folders.create(newFolder(id, 'a', { parentId }))
      await store.folders.trash(id, gone.id, NOON)
      const all = await store.folders.list(id, parentId)
      for (const leastVisibility of [0, 1, 2] as const) {
        const visible = all.filter(({ visibility }) => visibility >= leastVisibility)
        for (const [offset, limit] of [
          [0, 2],
          [1, 3],
          [2, 9],
          [9, 2],
          [0, 0],
        ] as const) {
          const slice = await store.folders.list(id, parentId, { offset, limit, leastVisibility })
          expect(slice).toEqual(visible.slice(offset, offset + limit))
        }
        expect(await store.folders.count(id, parentId, leastVisibility)).toBe(visible.length)
      }
      expect(await store.folders.count(id + 1, parentId, 0)).toBe(0)
    }
  })

  test('the parent must be there, active and the same account’s', async () => {
    const { store } = stage()
    const ann = await addAccount(store, 'Ann')
    const bob = await addAccount(store, 'Bob')
    const theirs = await store.folders.create(newFolder(bob.id, 'b'))
    const trashed = await store.folders.create(newFolder(ann.id, 'gone'))
    await store.folders.trash(ann.id, trashed.id, NOON)
    for (const parentId of [theirs.id, trashed.id, 999]) {
      await expectFault(store.folders.create(newFolder(ann.id, 'x', { parentId })), 'folder_not_found')
    }
  })

  test('the list has active direct children by name, each with its counters', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const other = await addAccount(store, 'Bob')
    const b = await store.folders.create(newFolder(id, 'b'))
    const a = await store.folders.create(newFolder(id, 'a'))
    const inner = await store.folders.create(newFolder(id, 'inner', { parentId: b.id }))
    await store.folders.create(newFolder(other.id, 'theirs'))
    const trashed = await store.folders.create(newFolder(id, 'c'))
    await store.folders.trash(id, trashed.id, NOON)
    await addFile(store, id, { folderId: b.id, size: 25 })
    await addFile(store, id, { folderId: b.id, size: 25 })
    await addFile(store, id, { folderId: inner.id, size: 25 })
    await addFile(store, id)
    expect(await store.folders.list(id, null)).toEqual([
      a,
      { ...b, fileCount: 2, folderCount: 1, totalSize: 75 },
    ])
    expect(await store.folders.list(id, b.id)).toEqual([{ ...inner, fileCount: 1, totalSize: 25 }])
    expect(await store.folders.list(other.id, b.id)).toEqual([])
  })
}

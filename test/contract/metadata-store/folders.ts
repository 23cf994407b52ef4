import { expect, test } from 'bun:test'
import type { Stage } from '../metadata-store.contract.ts'
import { addAccount, addFile, expectFault, NOON, settled } from './records.ts'

const folder = (accountId: number, name: string, parentId: number | null = null) => ({
  accountId,
  parentId,
  name,
  visibility: 1 as const,
  createdAt: NOON,
})

export function folderCases(stage: Stage): void {
  test('a folder is found with its times', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const created = await store.folders.create(folder(id, 'Photos'))
    expect(created).toMatchObject({ name: 'Photos', createdAt: NOON, updatedAt: NOON })
    expect(await store.folders.find(created.id)).toEqual(created)
    expect(await store.folders.find(created.id + 1)).toBeNull()
  })

  test('a name is taken beside its equals only, and letter case counts', async () => {
    const { store } = stage()
    const ann = await addAccount(store, 'Ann')
    const bob = await addAccount(store, 'Bob')
    const top = await store.folders.create(folder(ann.id, 'a'))
    await expectFault(store.folders.create(folder(ann.id, 'a')), 'name_taken')
    await store.folders.create(folder(ann.id, 'A'))
    await store.folders.create(folder(bob.id, 'a'))
    await store.folders.create(folder(ann.id, 'a', top.id))
    await expectFault(store.folders.create(folder(ann.id, 'a', top.id)), 'name_taken')
  })

  test('of ten folders of one name created at once in the root exactly one exists', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const attempts = Array.from({ length: 10 }, () => store.folders.create(folder(id, 'same')))
    expect(await settled(attempts)).toEqual({ won: 1, faults: ['name_taken'] })
  })

  test('the parent must be there and the same account’s', async () => {
    const { store } = stage()
    const ann = await addAccount(store, 'Ann')
    const bob = await addAccount(store, 'Bob')
    const theirs = await store.folders.create(folder(bob.id, 'b'))
    await expectFault(store.folders.create(folder(ann.id, 'x', theirs.id)), 'folder_not_found')
    await expectFault(store.folders.create(folder(ann.id, 'x', 999)), 'folder_not_found')
  })

  test('the list has direct children by name, each with what it holds directly', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const other = await addAccount(store, 'Bob')
    const b = await store.folders.create(folder(id, 'b'))
    const a = await store.folders.create(folder(id, 'a'))
    const inner = await store.folders.create(folder(id, 'inner', b.id))
    await store.folders.create(folder(other.id, 'theirs'))
    await addFile(store, id, { folderId: b.id, size: 25 })
    await addFile(store, id, { folderId: b.id, size: 25 })
    await addFile(store, id, { folderId: inner.id, size: 25 })
    await addFile(store, id)
    expect(await store.folders.list(id, null)).toEqual([
      { ...a, fileCount: 0, folderCount: 0, totalSize: 0 },
      { ...b, fileCount: 2, folderCount: 1, totalSize: 50 },
    ])
    expect(await store.folders.list(id, b.id)).toEqual([
      { ...inner, fileCount: 1, folderCount: 0, totalSize: 25 },
    ])
    expect(await store.folders.list(other.id, b.id)).toEqual([])
  })
}

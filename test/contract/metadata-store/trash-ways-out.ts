import { expect, test } from 'bun:test'
import type { Stage } from '../metadata-store.contract.ts'
import {
  addAccount,
  addChain,
  addOneShot,
  at,
  countDownload,
  counters,
  expectCleanLedgers,
  expectFault,
  held,
  newFolder,
  settled,
} from './records.ts'

const ALL = { offset: 0, limit: 100 }

/** `top` with a file and `inner`, which has another; all of 10 bytes. */
async function addTree(stage: Stage) {
  const { store } = stage()
  const { id } = await addAccount(store)
  const top = await store.folders.create(newFolder(id, 'top'))
  const inner = await store.folders.create(newFolder(id, 'inner', { parentId: top.id }))
  const file = await addOneShot(store, id, { folderId: top.id, size: 10 })
  const deep = await addOneShot(store, id, { folderId: inner.id, size: 10 })
  await countDownload(store, deep.id, at(4))
  return { store, id, top, inner, file, deep }
}

export function trashWayOutCases(stage: Stage): void {
  test('the trash lists what was put there by itself, the latest first', async () => {
    const { store, id, top, file } = await addTree(stage)
    await store.files.trash(id, file.id, at(10))
    await store.folders.trash(id, top.id, at(11))
    const later = await addOneShot(store, id)
    await store.files.trash(id, later.id, at(12))
    expect((await store.files.trashed(id, ALL)).map((one) => one.id)).toEqual([later.id, file.id])
    expect((await store.files.trashed(id, { offset: 1, limit: 1 })).map((one) => one.id)).toEqual([file.id])
    expect((await store.folders.trashed(id, ALL)).map((one) => one.id)).toEqual([top.id])
    expect([await store.files.countTrashed(id), await store.folders.countTrashed(id)]).toEqual([2, 1])
    expect([await store.files.countTrashed(id + 1), await store.folders.countTrashed(id + 1)]).toEqual([0, 0])
  })

  test('a file comes back into a folder or the root, and is counted there', async () => {
    const { store, id, top, file } = await addTree(stage)
    await store.files.trash(id, file.id, at(10))
    const back = await store.files.restore(id, file.id, top.id, at(11))
    expect(back).toMatchObject({ status: 'active', folderId: top.id, trashedAt: null, updatedAt: at(11) })
    expect(await held(store, top.id)).toEqual([20, 1, 1, 1])
    await store.files.trash(id, file.id, at(12))
    expect((await store.files.restore(id, file.id, null, at(13))).folderId).toBeNull()
    await expectCleanLedgers(store)
  })

  test('a file and a folder go back to where they were, or to the root when that is gone', async () => {
    const { store, id, top, inner, file } = await addTree(stage)
    await store.files.trash(id, file.id, at(10))
    expect((await store.files.restore(id, file.id, 'back', at(11))).folderId).toBe(top.id)
    await store.folders.trash(id, inner.id, at(12))
    expect((await store.folders.restore(id, inner.id, 'back', at(13))).parentId).toBe(top.id)
    await store.files.trash(id, file.id, at(14))
    await store.folders.trash(id, inner.id, at(15))
    await store.folders.trash(id, top.id, at(16))
    expect((await store.files.restore(id, file.id, 'back', at(17))).folderId).toBeNull()
    expect((await store.folders.restore(id, inner.id, 'back', at(18))).parentId).toBeNull()
    expect((await store.folders.restore(id, top.id, 'back', at(19))).parentId).toBeNull()
    const again = await addOneShot(store, id)
    await store.files.trash(id, again.id, at(20))
    expect((await store.files.restore(id, again.id, 'back', at(21))).folderId).toBeNull()
    await expectFault(store.files.restore(id, again.id, 'back', at(22)), 'file_not_found')
    await expectFault(store.folders.restore(id + 1, top.id, 'back', at(22)), 'folder_not_found')
    await expectCleanLedgers(store)
  })

  test('a folder comes back with all that went with it, and every counter is right', async () => {
    const { store, id, top, inner, deep } = await addTree(stage)
    const home = await store.folders.create(newFolder(id, 'home'))
    await store.folders.trash(id, top.id, at(10))
    const back = await store.folders.restore(id, top.id, home.id, at(11))
    expect(back).toMatchObject({ parentId: home.id, status: 'active', trashedAt: null, totalSize: 20 })
    expect(await held(store, home.id)).toEqual([20, 1, 0, 1])
    expect(await held(store, top.id)).toEqual([20, 1, 1, 1])
    expect(await held(store, inner.id)).toEqual([10, 1, 1, 0])
    expect(await store.files.find(deep.id)).toMatchObject({ status: 'active', folderId: inner.id })
    await expectCleanLedgers(store)
  })

  test('what was thrown away before the folder stays in the trash', async () => {
    const { store, id, top, inner, deep } = await addTree(stage)
    await store.files.trash(id, deep.id, at(9))
    await store.folders.trash(id, inner.id, at(10))
    await store.folders.trash(id, top.id, at(11))
    await store.folders.restore(id, top.id, null, at(12))
    expect((await store.folders.find(inner.id))?.status).toBe('trashed')
    expect((await store.files.find(deep.id))?.status).toBe('trashed')
    expect(await held(store, top.id)).toEqual([10, 0, 1, 0])
    await expectCleanLedgers(store)
  })

  test('what comes back into a private folder is not found by search', async () => {
    const { store, id, top } = await addTree(stage)
    const open = await addOneShot(store, id, { name: 'visible.iso', folderId: top.id, visibility: 2 })
    const hidden = await store.folders.create(newFolder(id, 'hidden', { visibility: 0 }))
    const found = () => store.files.search('visible', { limit: 10, beforeId: null })
    expect((await found()).map((one) => one.id)).toEqual([open.id])
    await store.folders.trash(id, top.id, at(10))
    await store.folders.restore(id, top.id, hidden.id, at(11))
    expect(await found()).toEqual([])
    await store.folders.trash(id, top.id, at(12))
    await store.folders.restore(id, top.id, null, at(13))
    expect((await found()).map((one) => one.id)).toEqual([open.id])
    await expectCleanLedgers(store)
  })

  test('neither comes back when it is not in the trash, another’s, or has nowhere to go', async () => {
    const { store, id, top, inner, file } = await addTree(stage)
    const bob = await addAccount(store, 'Bob')
    const chain = await addChain(store, id, 3)
    await expectFault(store.files.restore(id, file.id, null, at(10)), 'file_not_found')
    await expectFault(store.folders.restore(id, top.id, null, at(10)), 'folder_not_found')
    await store.folders.trash(id, top.id, at(11))
    await expectFault(store.files.restore(id, file.id, null, at(12)), 'file_not_found')
    await expectFault(store.folders.restore(id, inner.id, null, at(12)), 'folder_not_found')
    await expectFault(store.folders.restore(bob.id, top.id, null, at(12)), 'folder_not_found')
    await expectFault(store.folders.restore(id, top.id, top.id, at(12)), 'destination_not_found')
    await expectFault(store.folders.restore(id, top.id, 9999, at(12)), 'destination_not_found')
    await expectFault(store.folders.restore(id, top.id, chain[2]?.id ?? 0, at(12), 4), 'invalid')
    await store.folders.restore(id, top.id, chain[2]?.id ?? 0, at(12), 5)
    await expectCleanLedgers(store)
  })

  test('of many who bring one file back, one does', async () => {
    const { store, id, file } = await addTree(stage)
    await store.files.trash(id, file.id, at(10))
    const attempts = Array.from({ length: 5 }, () => store.files.restore(id, file.id, null, at(11)))
    expect(await settled(attempts)).toEqual({ won: 1, faults: ['file_not_found'] })
    await expectCleanLedgers(store)
  })

  test('what is deleted for good is discharged, and only what lies in the trash is', async () => {
    const { store, id, file } = await addTree(stage)
    await expectFault(store.files.purge(id, file.id), 'file_not_found')
    await store.files.trash(id, file.id, at(10))
    await expectFault(store.files.purge(id + 1, file.id), 'file_not_found')
    await store.files.purge(id, file.id)
    expect(await store.files.find(file.id)).toBeNull()
    expect(await counters(store, id)).toEqual([10, 0])
    await expectCleanLedgers(store)
  })

  test('a folder is deleted for good a bounded piece at a time', async () => {
    const { store, id, top, inner } = await addTree(stage)
    for (let n = 0; n < 5; n++) await addOneShot(store, id, { folderId: inner.id, size: 10 })
    const beside = await addOneShot(store, id, { size: 10 })
    await expectFault(store.folders.purge(id, top.id, 3), 'folder_not_found')
    await store.folders.trash(id, top.id, at(10))
    await expectFault(store.folders.purge(id + 1, top.id, 3), 'folder_not_found')
    await expectFault(store.folders.purge(id, inner.id, 3), 'folder_not_found')
    let rounds = 1
    while (!(await store.folders.purge(id, top.id, 3))) rounds += 1
    expect(rounds).toBe(3)
    expect(await store.folders.find(inner.id)).toBeNull()
    expect(await counters(store, id)).toEqual([10, 0])
    expect(await store.files.find(beside.id)).not.toBeNull()
    await expectCleanLedgers(store)
  })
}

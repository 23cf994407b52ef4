import { expect, test } from 'bun:test'
import type { Stage } from '../metadata-store.contract.ts'
import {
  addAccount,
  addFile,
  addOneShot,
  at,
  countDownload,
  counters,
  expectCleanLedgers,
  expectFault,
  held,
  newCopy,
  newFolder,
  settled,
} from './records.ts'

export function fileRemovalCases(stage: Stage): void {
  test('a removed file is gone, its owner discharged, its folders lighter and its object free', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const outer = await store.folders.create(newFolder(id, 'outer'))
    const inner = await store.folders.create(newFolder(id, 'inner', { parentId: outer.id }))
    const file = await addFile(store, id, { folderId: inner.id })
    const kept = await addFile(store, id, { folderId: inner.id })
    await countDownload(store, file.id, at(4))
    await store.files.remove(id, file.id)
    expect(await store.files.find(file.id)).toBeNull()
    expect(await store.files.findBySlug(file.slug)).toBeNull()
    expect(await counters(store, id)).toEqual([25, 0])
    expect(await held(store, inner.id)).toEqual([25, 0, 1, 0])
    expect(await held(store, outer.id)).toEqual([25, 0, 0, 1])
    expect((await store.objects.claimUnreferenced(10)).map((object) => object.id)).toEqual([file.objectId])
    expect(await store.files.find(kept.id)).toEqual(kept)
    await expectCleanLedgers(store)
  })

  test('an object stays as long as a copy needs it', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const file = await addFile(store, id)
    const copy = await store.files.copy(id, file.id, newCopy(), { maxStorageBytes: 0 })
    await store.files.remove(id, file.id)
    expect(await store.objects.claimUnreferenced(10)).toEqual([])
    await store.files.remove(id, copy.id)
    expect((await store.objects.claimUnreferenced(10)).map((object) => object.id)).toEqual([file.objectId])
    expect(await counters(store, id)).toEqual([0, 0])
  })

  test('another account’s, a trashed, a used-up and a missing file are not removed', async () => {
    const { store } = stage()
    const ann = await addAccount(store, 'Ann')
    const bob = await addAccount(store, 'Bob')
    const mine = await addFile(store, ann.id)
    const guests = await addFile(store, null)
    const trashed = await addFile(store, ann.id)
    await store.files.trash(ann.id, trashed.id, at(4))
    const usedUp = await addOneShot(store, ann.id, { usesLeft: 1 })
    await store.files.takeUse(usedUp.id)
    for (const fileId of [guests.id, trashed.id, usedUp.id, 9999]) {
      await expectFault(store.files.remove(ann.id, fileId), 'file_not_found')
    }
    await expectFault(store.files.remove(bob.id, mine.id), 'file_not_found')
    await expectFault(store.files.remove(null, mine.id), 'file_not_found')
    expect(await counters(store, ann.id)).toEqual([75, 0])
    expect(await store.files.find(guests.id)).toEqual(guests)
    await expectCleanLedgers(store)
  })

  test('a guest’s file is removed as nobody’s', async () => {
    const { store } = stage()
    const guests = await addFile(store, null)
    await store.files.remove(null, guests.id)
    expect(await store.files.find(guests.id)).toBeNull()
    expect((await store.objects.claimUnreferenced(10)).map(({ id }) => id)).toEqual([guests.objectId])
  })

  test('of many who remove one file at once one does, and the owner is discharged once', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const folder = await store.folders.create(newFolder(id, 'f'))
    const file = await addFile(store, id, { folderId: folder.id })
    await addFile(store, id, { folderId: folder.id })
    const removals = Array.from({ length: 20 }, () => store.files.remove(id, file.id))
    expect(await settled(removals)).toEqual({ won: 1, faults: ['file_not_found'] })
    expect(await counters(store, id)).toEqual([25, 0])
    expect(await held(store, folder.id)).toEqual([25, 0, 1, 0])
    await expectCleanLedgers(store)
  })

  test('removing, trashing and moving at once leave counters that are right', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const folder = await store.folders.create(newFolder(id, 'f'))
    const files = []
    for (let n = 0; n < 9; n++) files.push(await addOneShot(store, id, { folderId: folder.id, name: `${n}` }))
    const changes = files.flatMap((file) => [
      store.files.update(id, file.id, { folderId: null }, at(5)),
      store.files.remove(id, file.id),
      countDownload(store, file.id, at(5)),
      store.files.trash(id, file.id, at(6)),
    ])
    const { faults } = await settled(changes)
    expect(faults).toEqual(['file_not_found'])
    expect(await held(store, folder.id)).toEqual([0, 0, 0, 0])
    expect(await counters(store, id)).toEqual([0, 0])
    await expectCleanLedgers(store)
  })
}

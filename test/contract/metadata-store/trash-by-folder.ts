import { expect, test } from 'bun:test'
import type { MetadataStore } from '../../../src/core/metadata.ts'
import type { Stage } from '../metadata-store.contract.ts'
import {
  addAccount,
  addOneShot,
  at,
  counters,
  expectCleanLedgers,
  expectFault,
  held,
  newCopy,
  newFolder,
  settled,
} from './records.ts'

const ALL = { offset: 0, limit: 100 }
const UNLIMITED = { maxStorageBytes: 0 }

/** `top` with `inner`, in which three public pictures of 10 bytes lie; one file is beside them at the root. */
async function addTree(stage: Stage) {
  const { store } = stage()
  const { id, packageId } = await addAccount(store)
  const top = await store.folders.create(newFolder(id, 'top', { visibility: 2 }))
  const inner = await store.folders.create(newFolder(id, 'inner', { parentId: top.id, visibility: 2 }))
  const picture = { folderId: inner.id, size: 10, visibility: 2, mimeType: 'image/png' } as const
  const file = await addOneShot(store, id, { ...picture, name: 'b-wanted.png' })
  await addOneShot(store, id, { ...picture, name: 'a-wanted.png' })
  await addOneShot(store, id, { ...picture, name: 'c-wanted.png' })
  const beside = await addOneShot(store, id, { size: 10, name: 'wanted beside.png', visibility: 2 })
  return { store, id, packageId, top, inner, file, beside }
}

/** How many files every way of reading finds in the folder, and of those anywhere. */
async function seen(store: MetadataStore, accountId: number, folderId: number, fileId: number) {
  const { files } = store
  const file = await files.find(fileId)
  const beside = file && (await files.neighbours({ ...file, folderId }, 0))
  const order = { by: 'size', descending: true } as const
  return {
    status: [
      file?.status,
      (await files.findBySlug(file?.slug ?? ''))?.status,
      (await files.findWithObject(fileId))?.file.status,
      (await files.findWithObjectBySlug(file?.slug ?? ''))?.file.status,
    ],
    here: [
      (await files.list(accountId, folderId)).length,
      (await files.list(accountId, folderId, { ...ALL, order: 'newest' })).length,
      await files.count(accountId, folderId),
      (await files.sorted(accountId, folderId, order, ALL)).length,
      (await files.ids(accountId, folderId)).length,
      (await files.contents(accountId, folderId, null, 100, at(20))).length,
      [beside?.previous, beside?.next].filter(Boolean).length + 1,
    ],
    anywhere: [
      (await files.page(accountId, ALL)).total,
      (await files.page(accountId, ALL)).items.length,
      (await files.listAll(accountId)).length,
      (await files.searchOwn(accountId, 'wanted', 100)).length,
      (await files.search('wanted', { limit: 100, beforeId: null })).length,
      (await store.oversight.totals()).files,
    ],
  }
}

const times = <const T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)

export function trashByFolderCases(stage: Stage): void {
  test('what is in a folder in the trash is found in no way, and in every way once it is back', async () => {
    const { store, id, top, inner, file } = await addTree(stage)
    const look = () => seen(store, id, inner.id, file.id)
    const visible = { status: times(4, 'active'), here: times(7, 3), anywhere: times(6, 4) }
    expect(await look()).toEqual(visible)
    await store.folders.trash(id, top.id, at(9))
    const hidden = { status: times(4, 'trashed'), here: [...times(6, 0), 1], anywhere: times(6, 1) }
    expect(await look()).toEqual(hidden)
    expect(await store.oversight.totals()).toMatchObject({ fileBytes: 10, trashedFiles: 3, trashedBytes: 30 })
    await store.folders.restore(id, top.id, null, at(10))
    expect(await look()).toEqual(visible)
    expect((await store.files.find(file.id))?.trashedAt).toBeNull()
    await expectCleanLedgers(store)
  })

  test('nothing can be done with a file whose folder is in the trash', async () => {
    const { store, id, top, file } = await addTree(stage)
    const link = { accountId: id, fileId: file.id, folderId: null, token: 't', passwordHash: null }
    const terms = { expiresAt: null, downloadsLeft: null, createdAt: at(5) }
    const links = () => store.shareLinks.list(id, { beforeId: null, limit: 9 })
    await store.shareLinks.create({ ...link, ...terms })
    expect(await links()).toHaveLength(1)
    await store.folders.trash(id, top.id, at(9))
    expect(await links()).toEqual([])
    for (const work of [
      store.files.update(id, file.id, { name: 'x' }, at(10)),
      store.files.copy(id, file.id, newCopy(), UNLIMITED),
      store.files.remove(id, file.id),
      store.files.restore(id, file.id, null, at(10)),
      store.files.purge(id, file.id),
      store.shares.put({ fileId: file.id, token: 's', expiresAt: null, createdAt: at(10) }),
      store.shareLinks.create({ ...link, ...terms, token: 'u' }),
    ])
      await expectFault(work, 'file_not_found')
    expect(await store.files.trash(id, file.id, at(11))).toMatchObject({
      ...{ status: 'trashed', folderId: file.folderId, trashedAt: at(9) },
    })
    await expectCleanLedgers(store)
  })

  test('nobody’s lack of interest takes a file out of its folder in the trash', async () => {
    const { store, id, packageId, top, file } = await addTree(stage)
    await store.folders.trash(id, top.id, at(9))
    expect(await store.files.trashInactive(packageId, at(50), 100, at(60))).toBe(1)
    expect(await store.files.find(file.id)).toMatchObject({ folderId: file.folderId, trashedAt: at(9) })
    await expectCleanLedgers(store)
  })

  test('a folder of which a part was deleted for good comes back with the rest, rightly counted', async () => {
    const { store, id, top, inner } = await addTree(stage)
    await store.folders.create(newFolder(id, 'empty', { parentId: inner.id }))
    await store.folders.trash(id, top.id, at(9))
    expect(await store.files.purgeTrash(at(9), 100)).toBe(0)
    expect(await store.files.purgeTrash(at(10), 2)).toBe(2)
    expect(await store.folders.purgeTrash(at(10), 100)).toBe(1)
    await expectCleanLedgers(store)
    expect((await store.folders.trashed(id, ALL))[0]?.totalSize).toBe(10)
    expect(await store.folders.restore(id, top.id, null, at(11))).toMatchObject({ totalSize: 10 })
    expect(await held(store, inner.id)).toEqual([10, 0, 1, 0])
    expect(await counters(store, id)).toEqual([20, 0])
    await store.folders.trash(id, top.id, at(12))
    expect(await store.folders.purge(id, top.id, 1)).toBe(false)
    await store.folders.restore(id, top.id, null, at(13))
    expect(await held(store, top.id)).toEqual([0, 0, 0, 1])
    await expectCleanLedgers(store)
  })

  test('what goes to the trash by itself and with its folder is removed by age, all of it', async () => {
    const { store, id, top, beside } = await addTree(stage)
    await store.files.trash(id, beside.id, at(8))
    await store.folders.trash(id, top.id, at(9))
    expect(await store.files.purgeTrash(at(9), 100)).toBe(1)
    expect(await store.files.purgeTrash(at(10), 100)).toBe(3)
    expect(await store.folders.purgeTrash(at(10), 100)).toBe(2)
    expect(await counters(store, id)).toEqual([0, 0])
    await expectCleanLedgers(store)
  })

  test('files that arrive, folders that go and come back, and deletion for good at once agree', async () => {
    const { store, id, top, inner, file } = await addTree(stage)
    const arrive = () => addOneShot(store, id, { folderId: inner.id, size: 10 })
    await settled([
      ...[arrive(), store.folders.trash(id, inner.id, at(9)), arrive()],
      ...[store.folders.trash(id, top.id, at(9)), store.folders.trash(id, top.id, at(9)), arrive()],
      ...[store.files.update(id, file.id, { folderId: null }, at(9)), arrive()],
      ...[
        store.folders.restore(id, inner.id, 'back', at(10)),
        store.folders.restore(id, top.id, null, at(10)),
      ],
      ...[store.folders.purge(id, top.id, 1), arrive(), store.folders.trash(id, top.id, at(11))],
    ])
    await expectCleanLedgers(store)
    const back = [top.id, inner.id].map((each) => store.folders.restore(id, each, 'back', at(12)))
    const purge = [top.id, inner.id].map((each) => store.folders.purge(id, each, 2))
    await settled([...purge, ...back, ...purge, arrive()])
    await expectCleanLedgers(store)
    const { total } = await store.files.page(id, ALL)
    expect((await counters(store, id))[0]).toBeGreaterThanOrEqual(10 * total)
  })
}

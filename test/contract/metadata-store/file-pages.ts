import { expect, test } from 'bun:test'
import type { MetadataStore } from '../../../src/core/metadata.ts'
import type { FileRecord } from '../../../src/core/model.ts'
import type { Stage } from '../metadata-store.contract.ts'
import { addAccount, addOneShot, at, held, newFolder } from './records.ts'

const idsOf = (records: FileRecord[]): number[] => records.map(({ id }) => id)

async function addAt(store: MetadataStore, accountId: number, seconds: number[]): Promise<FileRecord[]> {
  const made = []
  for (const second of seconds) made.push(await addOneShot(store, accountId, { createdAt: at(second) }))
  return made
}

export function filePageCases(stage: Stage): void {
  test('pages hold all files of the account, newest first, and the total counts all', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const [a, b, c, d, e] = idsOf(await addAt(store, id, [10, 30, 20, 30, 40]))
    const page = async (offset: number, limit: number) => {
      const { items, total } = await store.files.page(id, { offset, limit })
      return [total, ...idsOf(items.map(({ file }) => file))]
    }
    expect(await page(0, 100)).toEqual([5, e ?? 0, d ?? 0, b ?? 0, c ?? 0, a ?? 0])
    expect(await page(0, 2)).toEqual([5, e ?? 0, d ?? 0])
    expect(await page(2, 2)).toEqual([5, b ?? 0, c ?? 0])
    expect(await page(4, 2)).toEqual([5, a ?? 0])
    expect(await page(6, 2)).toEqual([5])
  })

  test('files of all folders are in the pages and in the whole list, those of others are not', async () => {
    const { store } = stage()
    const ann = await addAccount(store, 'Ann')
    const bob = await addAccount(store, 'Bob')
    expect(await store.files.page(ann.id, { offset: 0, limit: 10 })).toEqual({ items: [], total: 0 })
    expect(await store.files.listAll(ann.id)).toEqual([])
    const folder = await store.folders.create(newFolder(ann.id, 'f'))
    const inside = await addOneShot(store, ann.id, { folderId: folder.id, urlExtension: '.iso' })
    const outside = await addOneShot(store, ann.id)
    await addOneShot(store, bob.id)
    await addOneShot(store, null)
    expect(await store.files.listAll(ann.id)).toEqual([inside, outside])
    const { items, total } = await store.files.page(ann.id, { offset: 0, limit: 10 })
    expect([items, total]).toEqual([[outside, inside].map((file) => ({ file, share: null })), 2])
  })

  test('each file of a page comes with its link', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const [first, second] = await addAt(store, id, [10, 11])
    const share = { fileId: first?.id ?? 0, token: 'ab'.repeat(16), expiresAt: at(1), createdAt: at(20) }
    await store.shares.put(share)
    const { items } = await store.files.page(id, { offset: 0, limit: 10 })
    expect(items.map((item) => [item.file.id, item.share])).toEqual([
      [second?.id ?? 0, null],
      [first?.id ?? 0, share],
    ])
  })

  test('files in the trash and files without a use left are in no list', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const [kept, trashed] = [await addOneShot(store, id, { usesLeft: 2 }), await addOneShot(store, id)]
    const usedUp = await addOneShot(store, id, { usesLeft: 1, visibility: 2 })
    await store.files.trash(id, trashed.id, at(5))
    await store.files.takeUse(kept.id)
    await store.files.takeUse(usedUp.id)
    expect(idsOf(await store.files.listAll(id))).toEqual([kept.id])
    expect(idsOf(await store.files.list(id, null))).toEqual([kept.id])
    expect(await store.files.search('archive', { limit: 10, beforeId: null })).toEqual([])
    const { items, total } = await store.files.page(id, { offset: 0, limit: 10 })
    expect([idsOf(items.map(({ file }) => file)), total]).toEqual([[kept.id], 1])
  })

  test('the contents of a folder are what can be fetched again and again, by name, page by page', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const folder = await store.folders.create(newFolder(id, 'f'))
    const add = (name: string, change: Parameters<typeof addOneShot>[2] = {}) =>
      addOneShot(store, id, { folderId: folder.id, name, ...change })
    const [b, a, c] = [await add('b'), await add('a'), await add('c', { visibility: 0, expiresAt: at(101) })]
    await add('d', { expiresAt: at(100) })
    await add('e', { contentState: 'processing' })
    await add('g', { usesLeft: 2 })
    await store.files.trash(id, (await add('h')).id, at(5))
    await addOneShot(store, id, { name: 'i' })
    const page = (after: FileRecord | null, limit: number) =>
      store.files.contents(id, folder.id, after, limit, at(100))
    expect((await page(null, 10)).map((file) => file.id)).toEqual([a.id, b.id, c.id])
    expect((await page(null, 2)).map((file) => file.id)).toEqual([a.id, b.id])
    expect((await page(b, 2)).map((file) => file.id)).toEqual([c.id])
    expect(await page(c, 2)).toEqual([])
    const [first] = await page(null, 1)
    const object = (await store.files.findWithObject(a.id))?.object
    expect(first).toEqual({
      ...{ id: a.id, name: 'a', size: 25, createdAt: a.createdAt, objectId: a.objectId },
      ...{ key: object?.key ?? '', sha256: 'f'.repeat(64), crc32: null },
    })
    await store.traffic.countArchived(
      null,
      [a.id, b.id, 99_999].map((fileId) => ({ fileId, downloads: 1, completed: 1, bytes: 25 })),
      at(6),
    )
    expect(await held(store, folder.id)).toMatchObject({ 1: 2 })
  })

  test('the whole list is in the order the files came', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const [a, b, c, d] = idsOf(await addAt(store, id, [30, 10, 20, 20]))
    expect(idsOf(await store.files.listAll(id))).toEqual([b ?? 0, c ?? 0, d ?? 0, a ?? 0])
  })
}

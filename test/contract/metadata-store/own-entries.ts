import { expect, test } from 'bun:test'
import type { EntryOrder, FileUpdate } from '../../../src/core/metadata.ts'
import type { Stage } from '../metadata-store.contract.ts'
import {
  addAccount,
  addOneShot,
  addUpload,
  at,
  countDownload,
  EXPIRY,
  expectFault,
  newFolder,
} from './records.ts'

const ALL = { offset: 0, limit: 100 }
const BY: Array<EntryOrder['by']> = ['name', 'size', 'date', 'downloads']
const names = (records: Array<{ name: string }>): string[] => records.map(({ name }) => name)

export function ownEntryCases(stage: Stage): void {
  test('files come in every order, both ways, what is equal by id, in slices without gaps', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const make = async (name: string, size: number, second: number, downloads: number) => {
      const file = await addOneShot(store, id, { name, size, createdAt: at(second) })
      for (let time = 0; time < downloads; time++) await countDownload(store, file.id, at(50))
    }
    await make('b', 3, 1, 0)
    await make('C', 1, 2, 2)
    await make('a', 2, 3, 1)
    await make('A', 2, 3, 1)
    const expected: Record<EntryOrder['by'], string[]> = {
      name: ['a', 'A', 'b', 'C'],
      size: ['C', 'a', 'A', 'b'],
      date: ['b', 'C', 'a', 'A'],
      downloads: ['b', 'a', 'A', 'C'],
    }
    for (const by of BY) {
      const sorted = (descending: boolean, slice = ALL) =>
        store.files.sorted(id, null, { by, descending }, slice)
      expect([by, names(await sorted(false))]).toEqual([by, expected[by]])
      expect([by, names(await sorted(true))]).toEqual([by, expected[by].toReversed()])
      const slices = [
        await sorted(false, { offset: 0, limit: 3 }),
        await sorted(false, { offset: 3, limit: 3 }),
      ]
      expect([by, names(slices.flat())]).toEqual([by, expected[by]])
    }
  })

  test('folders likewise', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const make = async (name: string, size: number, second: number) => {
      const folder = await store.folders.create(newFolder(id, name, { createdAt: at(second) }))
      await addOneShot(store, id, { folderId: folder.id, size })
    }
    await make('b', 30, 1)
    await make('A', 10, 3)
    await make('c', 20, 2)
    const expected: Record<EntryOrder['by'], string[]> = {
      name: ['A', 'b', 'c'],
      size: ['A', 'c', 'b'],
      date: ['b', 'c', 'A'],
      downloads: ['b', 'A', 'c'],
    }
    for (const by of BY) {
      expect([by, names(await store.folders.sorted(id, null, { by, descending: false }, ALL))]).toEqual([
        by,
        expected[by],
      ])
      const second = { offset: 1, limit: 1 }
      expect(names(await store.folders.sorted(id, null, { by, descending: true }, second))).toEqual([
        expected[by][1] ?? '',
      ])
    }
  })

  test('names that are taken are those of present entries of one folder, letter by letter, the first by id', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const folder = await store.folders.create(newFolder(id, 'f'))
    const [first] = [await addOneShot(store, id, { name: 'a' }), await addOneShot(store, id, { name: 'a' })]
    const inside = await addOneShot(store, id, { name: 'a', folderId: folder.id })
    await addOneShot(store, id, { name: 'A' })
    const trashed = await addOneShot(store, id, { name: 't' })
    await store.files.trash(id, trashed.id, at(9))
    const usedUp = await addOneShot(store, id, { name: 'u', usesLeft: 1 })
    await store.files.takeUse(usedUp.id)
    const asked = ['a', 't', 'u', 'f', 'none']
    expect(await store.files.namesTaken(id, null, asked)).toEqual(new Map([['a', first.id]]))
    expect(await store.files.namesTaken(id, folder.id, asked)).toEqual(new Map([['a', inside.id]]))
    expect(await store.folders.namesTaken(id, null, asked)).toEqual(new Map([['f', folder.id]]))
    expect(await store.files.namesTaken(id, null, [])).toEqual(new Map())
    const other = await addAccount(store, 'Other')
    expect(await store.files.namesTaken(other.id, folder.id, asked)).toEqual(new Map())
  })

  test('a name that is taken is refused or gets a number, which one change alone decides', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const to = await store.folders.create(newFolder(id, 'to'))
    const a = await addOneShot(store, id, { name: 'a.txt', folderId: to.id })
    const b = await addOneShot(store, id, { name: 'b.txt' })
    const change = (update: FileUpdate) => store.files.update(id, b.id, update, at(9))
    await expectFault(change({ name: 'a.txt', folderId: to.id, whenTaken: 'refuse' }), 'name_taken')
    expect(await store.files.find(b.id)).toMatchObject({ name: 'b.txt', folderId: null })
    expect(await change({ name: 'a.txt', folderId: to.id, whenTaken: 'number' })).toMatchObject({
      name: 'a (1).txt',
      folderId: to.id,
    })
    // What has a free name keeps it, asked again and again.
    for (const name of ['a (1).txt', 'a.txt'])
      expect((await change({ name, whenTaken: 'number' })).name).toBe('a (1).txt')
    expect((await change({ name: 'a.txt' })).name).toBe('a.txt')
    expect((await change({ name: 'a.txt', whenTaken: 'refuse' })).name).toBe('a.txt')
    expect((await store.files.find(a.id))?.name).toBe('a.txt')
    expect(await store.folders.wrongCounters()).toEqual([])
  })

  test('only what is active, directly in the folder, and the account’s own is listed', async () => {
    const { store } = stage()
    const ann = await addAccount(store, 'Ann')
    const bob = await addAccount(store, 'Bob')
    const folder = await store.folders.create(newFolder(ann.id, 'f'))
    const inner = await store.folders.create(newFolder(ann.id, 'inner', { parentId: folder.id }))
    await addOneShot(store, ann.id, { folderId: inner.id })
    const kept = await addOneShot(store, ann.id, { folderId: folder.id })
    const trashed = await addOneShot(store, ann.id, { folderId: folder.id })
    const usedUp = await addOneShot(store, ann.id, { folderId: folder.id, usesLeft: 1 })
    await store.files.trash(ann.id, trashed.id, at(9))
    await store.files.takeUse(usedUp.id)
    await addOneShot(store, bob.id)
    const order: EntryOrder = { by: 'name', descending: false }
    expect(await store.files.sorted(ann.id, folder.id, order, ALL)).toEqual([kept])
    expect(await store.files.ids(ann.id, folder.id)).toEqual([kept.id])
    expect(await store.files.sorted(bob.id, folder.id, order, ALL)).toEqual([])
    expect(await store.folders.ids(ann.id, folder.id)).toEqual([inner.id])
    expect(await store.folders.ids(ann.id, null)).toEqual([folder.id])
    expect(await store.folders.sorted(bob.id, null, order, ALL)).toEqual([])
  })

  test('search finds any part of a name, in any letter case, in all folders of the account', async () => {
    const { store } = stage()
    const ann = await addAccount(store, 'Ann')
    const bob = await addAccount(store, 'Bob')
    const folder = await store.folders.create(newFolder(ann.id, 'Ärger 100%'))
    await addOneShot(store, ann.id, { name: 'ÄRGERLICH_1.txt', folderId: folder.id, visibility: 0 })
    await addOneShot(store, ann.id, { name: 'other.txt' })
    await addOneShot(store, bob.id, { name: 'ärger.txt' })
    const gone = await addOneShot(store, ann.id, { name: 'ärger gone.txt' })
    await store.files.trash(ann.id, gone.id, at(9))
    expect(names(await store.files.searchOwn(ann.id, 'äRGER', 10))).toEqual(['ÄRGERLICH_1.txt'])
    expect(names(await store.folders.searchOwn(ann.id, 'ärger', 10))).toEqual(['Ärger 100%'])
    expect(names(await store.files.searchOwn(ann.id, '_', 10))).toEqual(['ÄRGERLICH_1.txt'])
    expect(names(await store.folders.searchOwn(ann.id, '%', 10))).toEqual(['Ärger 100%'])
    expect(names(await store.files.searchOwn(ann.id, '.txt', 1))).toEqual(['other.txt'])
    expect(await store.files.searchOwn(ann.id, 'x'.repeat(600), 10)).toEqual([])
    expect(await store.folders.searchOwn(ann.id, 'x'.repeat(600), 10)).toEqual([])
  })

  test('sessions that still take parts are listed, those that ended or expired are not', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const open = await addUpload(store, id)
    const aborted = await addUpload(store, id)
    await store.uploads.abort(aborted.id, at(5))
    await addUpload(store, null)
    expect(await store.uploads.open(id, at(6))).toEqual([open])
    expect(await store.uploads.open(id, EXPIRY)).toEqual([])
  })
}

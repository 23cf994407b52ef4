import { expect, test } from 'bun:test'
import type { MetadataStore } from '../../../src/core/metadata.ts'
import type { FileRecord } from '../../../src/core/model.ts'
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
  NOON,
  newCopy,
  newFile,
  newFolder,
  newObject,
  settled,
} from './records.ts'

const NO_LIMIT = { maxStorageBytes: 0 }
const names = async (store: MetadataStore, accountId: number, folderId: number | null) =>
  (await store.files.list(accountId, folderId)).map(({ name }) => name)

export function fileCases(stage: Stage): void {
  test('a one-shot upload makes a file of an announced object and charges it', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const planned = newFile(id, { size: 30, source: 'remote', uploadedIp: '192.0.2.1' })
    await store.objects.announce('aa/bb/one', NOON)
    const file = await store.files.add(planned, newObject('aa/bb/one', 30), NO_LIMIT)
    expect(file).toMatchObject({
      ...planned,
      status: 'active',
      downloads: 0,
      lastDownloadedAt: null,
      trashedAt: null,
    })
    const both = await store.files.findWithObject(file.id)
    expect(both?.object).toMatchObject({ ...newObject('aa/bb/one', 30), createdAt: NOON })
    expect(await store.objects.findByKey('aa/bb/one')).toEqual(both?.object ?? null)
    expect(await counters(store, id)).toEqual([30, 0])
    expect(await store.objects.claimUnreferenced(1)).toEqual([])
  })

  test('a key that was not announced, or is used already, makes no file and charges nothing', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    await expectFault(store.files.add(newFile(id), newObject('no'), NO_LIMIT), 'object_missing')
    await store.objects.announce('k', NOON)
    await store.files.add(newFile(id), newObject('k'), NO_LIMIT)
    await expectFault(store.files.add(newFile(id), newObject('k'), NO_LIMIT), 'object_missing')
    expect(await counters(store, id)).toEqual([25, 0])
  })

  test('a slug or delete key that exists is drawn again: everything is as before', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const first = await addOneShot(store, id)
    await store.objects.announce('k', NOON)
    for (const taken of [{ slug: first.slug }, { deleteKey: first.deleteKey }]) {
      await expectFault(store.files.add(newFile(id, taken), newObject('k'), NO_LIMIT), 'conflict')
    }
    expect(await counters(store, id)).toEqual([25, 0])
    await store.files.add(newFile(id), newObject('k'), NO_LIMIT)
    await expectCleanLedgers(store)
  })

  test('files at the quota’s edge: what fits comes in, the next byte does not, also all at once', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const attempts = Array.from({ length: 10 }, () => addOneShot(store, id, { size: 30 }, 100))
    expect(await settled(attempts)).toEqual({ won: 3, faults: ['quota_exceeded'] })
    await addOneShot(store, id, { size: 10 }, 100)
    await expectFault(addOneShot(store, id, { size: 1 }, 100), 'quota_exceeded')
    expect(await counters(store, id)).toEqual([100, 0])
    await addOneShot(store, null, { size: 1000 }, 100)
    await expectCleanLedgers(store)
  })

  test('a folder that is gone, trashed or another account’s becomes the root', async () => {
    const { store } = stage()
    const ann = await addAccount(store, 'Ann')
    const bob = await addAccount(store, 'Bob')
    const mine = await store.folders.create(newFolder(ann.id, 'mine'))
    const theirs = await store.folders.create(newFolder(bob.id, 'theirs'))
    const trashed = await store.folders.create(newFolder(ann.id, 'gone'))
    await store.folders.trash(ann.id, trashed.id, NOON)
    expect((await addOneShot(store, ann.id, { folderId: mine.id })).folderId).toBe(mine.id)
    for (const folderId of [theirs.id, trashed.id, 9999]) {
      expect((await addOneShot(store, ann.id, { folderId })).folderId).toBeNull()
    }
  })

  test('unless numbers are asked for, two files of a folder may have one name', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    for (const key of ['one', 'two']) {
      await store.objects.announce(key, NOON)
      const file = await store.files.add(newFile(id, { name: 'same.txt' }), newObject(key), NO_LIMIT)
      expect(file.name).toBe('same.txt')
    }
  })

  test('a slice of a folder is taken by name, and what is in the folder is counted', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const folder = await store.folders.create(newFolder(id, 'f'))
    for (const folderId of [folder.id, null]) {
      const made: FileRecord[] = []
      for (const name of ['c', 'a', 'b', 'b', 'd', 'e'])
        made.push(await addFile(store, id, { name, folderId, usesLeft: name === 'd' ? 1 : null }))
      await store.files.takeUse(made[4]?.id ?? 0)
      await store.files.trash(id, made[5]?.id ?? 0, at(9))
      const inOrder = await store.files.list(id, folderId)
      expect(inOrder.map(({ id: fileId }) => fileId)).toEqual([1, 2, 3, 0].map((n) => made[n]?.id ?? 0))
      for (const [offset, limit] of [
        [0, 2],
        [1, 2],
        [2, 9],
        [4, 2],
        [9, 9],
        [0, 0],
      ] as const)
        expect(await store.files.list(id, folderId, { offset, limit })).toEqual(
          inOrder.slice(offset, offset + limit),
        )
      expect(await store.files.count(id, folderId)).toBe(4)
      expect(await store.files.count(id + 1, folderId)).toBe(0)
      expect(await store.files.list(id + 1, folderId, { offset: 0, limit: 9 })).toEqual([])
    }
  })

  test('a name that its folder has gets the first free number', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const folder = await store.folders.create(newFolder(id, 'f'))
    const add = async (name: string, folderId: number | null = null) =>
      (await addOneShot(store, id, { name, folderId })).name
    expect(await add('a.tar.gz')).toBe('a.tar.gz')
    expect(await add('a.tar.gz')).toBe('a.tar (1).gz')
    expect(await add('a.tar.gz')).toBe('a.tar (2).gz')
    expect(await add('A.tar.gz')).toBe('A.tar.gz')
    expect(await add('a.tar.gz', folder.id)).toBe('a.tar.gz')
    expect(await add('a.tar (1).gz')).toBe('a.tar (1) (1).gz')
    expect(await add('.bashrc')).toBe('.bashrc')
    expect(await add('.bashrc')).toBe('.bashrc (1)')
    expect(await add('README')).toBe('README')
    expect(await add('README')).toBe('README (1)')
    expect(await add('100%_x.y')).toBe('100%_x.y')
    expect(await add('100zzx.y')).toBe('100zzx.y')
    expect(await add('100%_x.y')).toBe('100%_x (1).y')
  })

  test('a number is free again when its file is renamed, moved or trashed; odd numbers take none', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const made = []
    for (let n = 0; n < 12; n++) made.push(await addOneShot(store, id, { name: 'x.y' }))
    expect(made[11]?.name).toBe('x (11).y')
    const folder = await store.folders.create(newFolder(id, 'f'))
    await store.files.update(id, made[2]?.id ?? 0, { name: 'x (02).y' }, at(5))
    await store.files.update(id, made[5]?.id ?? 0, { folderId: folder.id }, at(5))
    await store.files.trash(id, made[7]?.id ?? 0, at(5))
    const again = []
    for (let n = 0; n < 4; n++) again.push((await addOneShot(store, id, { name: 'x.y' })).name)
    expect(again).toEqual(['x (2).y', 'x (5).y', 'x (7).y', 'x (12).y'])
  })

  test('files of one name that arrive at once get names of their own', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    await Promise.all(Array.from({ length: 20 }, () => addOneShot(store, id, { name: 'same' })))
    expect(new Set(await names(store, id, null)).size).toBe(20)
  })

  test('a numbered name keeps to 255 bytes and whole characters', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const long = [`${'é'.repeat(125)}.jpg`, 'a'.repeat(255), `a.${'b'.repeat(253)}`, '☃'.repeat(85)]
    for (const name of long) {
      const made = new Set<string>()
      for (let n = 0; n < 12; n++) made.add((await addOneShot(store, id, { name })).name)
      expect(made.size).toBe(12)
      for (const each of made) {
        expect(Buffer.byteLength(each)).toBeLessThanOrEqual(255)
        expect(each.isWellFormed()).toBe(true)
        expect(each.endsWith('.jpg')).toBe(name.endsWith('.jpg'))
      }
    }
  })

  test('guests have no folder in which a name could be taken', async () => {
    const { store } = stage()
    for (let n = 0; n < 3; n++) expect((await addOneShot(store, null, { name: 'x' })).name).toBe('x')
  })

  test('the list has active files of one folder by name', async () => {
    const { store } = stage()
    const ann = await addAccount(store, 'Ann')
    const bob = await addAccount(store, 'Bob')
    const folder = await store.folders.create(newFolder(ann.id, 'f'))
    await addOneShot(store, ann.id, { name: 'b' })
    const a = await addOneShot(store, ann.id, { name: 'a' })
    const gone = await addOneShot(store, ann.id, { name: 'c' })
    await addOneShot(store, ann.id, { name: 'inner', folderId: folder.id })
    await addOneShot(store, bob.id, { name: 'theirs' })
    await store.files.trash(ann.id, gone.id, at(5))
    expect(await names(store, ann.id, null)).toEqual(['a', 'b'])
    expect((await store.files.list(ann.id, null))[0]).toEqual(a)
    expect(await names(store, ann.id, folder.id)).toEqual(['inner'])
    expect(await names(store, bob.id, folder.id)).toEqual([])
  })

  test('an update changes what it names; a move takes size and downloads along', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const [a, b] = [
      await store.folders.create(newFolder(id, 'a')),
      await store.folders.create(newFolder(id, 'b')),
    ]
    const file = await addFile(store, id, { folderId: a.id })
    await countDownload(store, file.id, at(4))
    const change = { name: 'New.TXT', mimeType: 'text/plain' }
    const renamed = await store.files.update(id, file.id, change, at(5))
    expect(renamed).toEqual({
      ...file,
      ...change,
      downloads: 1,
      lastDownloadedAt: at(4),
      updatedAt: at(5),
    })
    expect(await store.files.update(id, file.id, { folderId: b.id }, at(6))).toMatchObject({ folderId: b.id })
    expect([await held(store, a.id), await held(store, b.id)]).toEqual([
      [0, 0, 0, 0],
      [25, 1, 1, 0],
    ])
    await store.files.update(id, file.id, { folderId: b.id }, at(7))
    await store.files.update(id, file.id, { folderId: null }, at(8))
    expect(await held(store, b.id)).toEqual([0, 0, 0, 0])
    await expectCleanLedgers(store)
  })

  test('another account’s, a trashed, a guest’s and a missing file are not found', async () => {
    const { store } = stage()
    const ann = await addAccount(store, 'Ann')
    const bob = await addAccount(store, 'Bob')
    const trashed = await addFile(store, ann.id)
    await store.files.trash(ann.id, trashed.id, at(4))
    const others = [(await addFile(store, bob.id)).id, (await addFile(store, null)).id, 9999]
    for (const id of [...others, trashed.id]) {
      await expectFault(store.files.update(ann.id, id, { name: 'x' }, at(5)), 'file_not_found')
      await expectFault(store.files.copy(ann.id, id, newCopy(), NO_LIMIT), 'file_not_found')
    }
    for (const id of others) await expectFault(store.files.trash(ann.id, id, at(5)), 'file_not_found')
    await expectCleanLedgers(store)
  })

  test('a destination must be there, active and the same account’s', async () => {
    const { store } = stage()
    const ann = await addAccount(store, 'Ann')
    const bob = await addAccount(store, 'Bob')
    const file = await addFile(store, ann.id)
    const theirs = await store.folders.create(newFolder(bob.id, 'theirs'))
    for (const folderId of [theirs.id, 9999]) {
      await expectFault(store.files.update(ann.id, file.id, { folderId }, at(5)), 'destination_not_found')
      const copy = store.files.copy(ann.id, file.id, newCopy(folderId), NO_LIMIT)
      await expectFault(copy, 'destination_not_found')
    }
    expect(await store.files.find(file.id)).toEqual(file)
    expect(await counters(store, ann.id)).toEqual([25, 0])
  })

  test('a copy shares the object, is charged, and begins its own life', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const folder = await store.folders.create(newFolder(id, 'f'))
    const file = await addFile(store, id, { name: 'a.b', mimeType: 'text/plain', visibility: 2 })
    await countDownload(store, file.id, at(4))
    const beside = newCopy()
    const copy = await store.files.copy(id, file.id, beside, NO_LIMIT)
    expect(copy).toEqual({
      ...file,
      ...beside,
      id: copy.id,
      name: 'a (1).b',
      updatedAt: beside.createdAt,
    })
    expect((await store.files.copy(id, file.id, newCopy(folder.id), NO_LIMIT)).name).toBe('a.b')
    expect(await held(store, folder.id)).toEqual([25, 0, 1, 0])
    expect(await counters(store, id)).toEqual([75, 0])
    await expectFault(store.files.copy(id, file.id, newCopy(), { maxStorageBytes: 99 }), 'quota_exceeded')
    const taken = { ...newCopy(), slug: copy.slug }
    await expectFault(store.files.copy(id, file.id, taken, NO_LIMIT), 'conflict')
    await expectCleanLedgers(store)
  })
}

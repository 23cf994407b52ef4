import { expect, test } from 'bun:test'
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
} from './records.ts'

const NO_LIMIT = { maxStorageBytes: 0 }
const LONG_AGO = new Date(1000)

export function fileExpiryCases(stage: Stage): void {
  test('a file that expires later is there, and keeps the moment', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const file = await addOneShot(store, id, { expiresAt: at(60) })
    expect(file.expiresAt).toEqual(at(60))
    expect(await store.files.find(file.id)).toEqual(file)
    expect(await store.files.listAll(id)).toEqual([file])
    const copy = await store.files.copy(id, file.id, newCopy(), NO_LIMIT)
    expect(copy.expiresAt).toEqual(at(60))
    expect((await store.files.update(id, file.id, { expiresAt: null }, at(5))).expiresAt).toBeNull()
  })

  test('a file that has expired is in nothing that is read', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const folder = await store.folders.create(newFolder(id, 'f', { visibility: 2 }))
    const kept = await addOneShot(store, id, { visibility: 2, folderId: folder.id })
    const gone = await addOneShot(store, id, { visibility: 2, folderId: folder.id })
    await store.files.update(id, gone.id, { expiresAt: LONG_AGO }, at(5))
    expect(await store.files.find(gone.id)).toBeNull()
    expect(await store.files.findBySlug(gone.slug)).toBeNull()
    expect(await store.files.findWithObject(gone.id)).toBeNull()
    expect((await store.files.list(id, folder.id)).map((file) => file.id)).toEqual([kept.id])
    expect((await store.files.list(id, folder.id, { offset: 0, limit: 9 })).map((file) => file.id)).toEqual([
      kept.id,
    ])
    expect(await store.files.count(id, folder.id)).toBe(1)
    expect((await store.files.listAll(id)).map((file) => file.id)).toEqual([kept.id])
    const page = await store.files.page(id, { offset: 0, limit: 9 })
    expect([page.total, page.items.map(({ file }) => file.id)]).toEqual([1, [kept.id]])
    const found = await store.files.search('archive', { limit: 9, beforeId: null })
    expect(found.map((file) => file.id)).toEqual([kept.id])
  })

  test('a file can be changed up to the moment of its expiry, and not from then on', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const file = await addOneShot(store, id, { expiresAt: at(60) })
    const guests = await addOneShot(store, null, { expiresAt: at(60) })
    await store.files.update(id, file.id, { name: 'x' }, at(59))
    const share = { fileId: file.id, token: 'a'.repeat(32), expiresAt: null }
    await store.shares.put({ ...share, createdAt: at(59) })
    for (const late of [60, 61]) {
      await expectFault(store.files.update(id, file.id, { name: 'y' }, at(late)), 'file_not_found')
      await expectFault(
        store.files.copy(id, file.id, { ...newCopy(), createdAt: at(late) }, NO_LIMIT),
        'file_not_found',
      )
      await expectFault(store.files.trash(id, file.id, at(late)), 'file_not_found')
      await expectFault(store.files.claim(guests.id, id, NO_LIMIT, at(late)), 'file_not_found')
      await expectFault(store.shares.put({ ...share, createdAt: at(late) }), 'file_not_found')
    }
    await store.files.claim(guests.id, id, NO_LIMIT, at(59))
    await store.files.update(id, file.id, { expiresAt: LONG_AGO }, at(59))
    await expectFault(store.files.remove(id, file.id), 'file_not_found')
  })

  test('expired files are purged, trashed ones too: owners discharged, folders lighter, objects free', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const folder = await store.folders.create(newFolder(id, 'f'))
    const later = await addOneShot(store, id, { folderId: folder.id, expiresAt: at(200) })
    const expired = [
      await addOneShot(store, id, { folderId: folder.id, expiresAt: at(100) }),
      await addOneShot(store, null, { expiresAt: at(90) }),
      await addOneShot(store, id, { folderId: folder.id, expiresAt: at(80) }),
    ]
    await store.files.trash(id, expired[2]?.id ?? 0, at(20))
    expect(await store.files.purgeExpired(at(79), 10)).toBe(0)
    expect(await store.files.purgeExpired(at(100), 2)).toBe(2)
    expect(await store.files.purgeExpired(at(100), 10)).toBe(1)
    for (const file of expired) expect(await store.files.find(file.id)).toBeNull()
    expect(await store.files.find(later.id)).not.toBeNull()
    expect(await counters(store, id)).toEqual([25, 0])
    expect(await held(store, folder.id)).toEqual([25, 0, 1, 0])
    const free = await store.objects.claimUnreferenced(10)
    expect(free.map((object) => object.id)).toEqual(expired.map((file) => file.objectId))
    await expectCleanLedgers(store)
  })
}

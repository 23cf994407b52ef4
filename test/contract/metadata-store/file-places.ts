import { expect, test } from 'bun:test'
import type { FilePlace } from '../../../src/core/metadata.ts'
import type { FileRecord } from '../../../src/core/model.ts'
import type { OpenedStore, Stage } from '../metadata-store.contract.ts'
import {
  addAccount,
  addFile,
  addOneShot,
  addUpload,
  at,
  expectCleanLedgers,
  expectFault,
  fill,
  held,
  newFile,
  newFolder,
  newObject,
} from './records.ts'

type Store = OpenedStore['store']
type Coming = Parameters<typeof newFile>[1]

/** Both ways in which a file comes into being, with what becomes of those that are there. */
const WAYS: Record<
  string,
  (store: Store, accountId: number, coming: Coming, place: FilePlace) => Promise<FileRecord>
> = {
  async 'an upload in parts'(store, accountId, coming, place) {
    const { id } = await addUpload(store, accountId)
    await fill(store, id)
    await store.uploads.beginComplete(id, at(3))
    const result = { sha256: 'f'.repeat(64), file: newFile(accountId, coming), ...place }
    return (await store.uploads.finish(id, result, at(3))).file
  },
  async 'an upload in one piece'(store, accountId, coming, place) {
    const file = newFile(accountId, coming)
    const key = `in/place/${file.slug}`
    await store.objects.announce(key, at(3))
    return store.files.add(file, newObject(key, file.size), { maxStorageBytes: 0, ...place })
  },
}

export function filePlaceCases(stage: Stage): void {
  for (const [way, come] of Object.entries(WAYS)) {
    test(`${way} replaces a file of its account, which is in the trash from that moment on`, async () => {
      const { store } = stage()
      const { id } = await addAccount(store)
      const folder = await store.folders.create(newFolder(id, 'f'))
      const old = await addFile(store, id, { name: 'plan.txt', folderId: folder.id })
      const coming = { name: 'plan.txt', folderId: folder.id }
      const file = await come(store, id, coming, { replaces: old.id, numbered: true })
      expect([file.name, file.folderId]).toEqual(['plan.txt', folder.id])
      expect((await store.files.find(old.id))?.status).toBe('trashed')
      expect(await held(store, folder.id)).toEqual([file.size, 0, 1, 0])
      expect((await store.files.restore(id, old.id, 'back', at(4))).folderId).toBe(folder.id)
      await expectCleanLedgers(store)
    })

    test(`${way} replaces nothing that is gone, in the trash, or somebody else’s`, async () => {
      const { store } = stage()
      const { id } = await addAccount(store, 'Ann')
      const bob = await addAccount(store, 'Bob')
      const theirs = await addFile(store, bob.id)
      const guests = await addOneShot(store, null)
      const trashed = await addFile(store, id)
      await store.files.trash(id, trashed.id, at(2))
      for (const replaces of [theirs.id, guests.id, trashed.id, 9999])
        expect((await come(store, id, {}, { replaces })).status).toBe('active')
      expect(await store.files.find(theirs.id)).toEqual(theirs)
      expect(await store.files.find(guests.id)).toEqual(guests)
      expect((await store.files.find(trashed.id))?.trashedAt).toEqual(at(2))
      await expectCleanLedgers(store)
    })

    test(`of ten of one name that are ${way} each has a name of its own`, async () => {
      const { store } = stage()
      const { id } = await addAccount(store)
      const all = Array.from({ length: 10 }, () => come(store, id, { name: 'plan.txt' }, { numbered: true }))
      const names = (await Promise.all(all)).map(({ name }) => name)
      const numbers = Array.from({ length: 9 }, (_, index) => `plan (${index + 1}).txt`)
      expect(names.toSorted()).toEqual([...numbers, 'plan.txt'].toSorted())
    })
  }

  test('what does not come replaces nothing', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const old = await addFile(store, id)
    const session = await addUpload(store, id)
    const result = { sha256: null, file: newFile(id), replaces: old.id }
    await expectFault(store.uploads.finish(session.id, result, at(3)), 'complete_closed')
    const taken = { ...newFile(id), slug: old.slug }
    await store.objects.announce('not/to/come', at(3))
    const object = newObject('not/to/come', taken.size)
    const place = { maxStorageBytes: 0, replaces: old.id }
    await expectFault(store.files.add(taken, object, place), 'conflict')
    expect(await store.files.find(old.id)).toEqual(old)
  })
}

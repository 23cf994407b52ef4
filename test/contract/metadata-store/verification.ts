import { expect, test } from 'bun:test'
import type { MetadataStore } from '../../../src/core/metadata.ts'
import type { Stage } from '../metadata-store.contract.ts'
import {
  addAccount,
  addOneShot,
  addUpload,
  at,
  counters,
  expectCleanLedgers,
  fill,
  newCopy,
  newFile,
} from './records.ts'

const PROMISED = 'a'.repeat(64)

/** A completed upload whose bytes are still to be verified. */
async function addUnverified(store: MetadataStore, accountId: number) {
  const { id } = await addUpload(store, accountId, { checksumSha256: 'b'.repeat(64) })
  await fill(store, id)
  await store.uploads.beginComplete(id, at(3))
  const file = newFile(accountId, { contentState: 'processing' })
  return store.uploads.finish(
    id,
    { sha256: null, crc32: 7, storedName: 'x', expectedSha256: PROMISED, file },
    at(3),
  )
}

export function verificationCases(stage: Stage): void {
  test('what is to be verified comes in order, with the checksum that was promised last', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    expect(await store.objects.nextUnverified(0)).toBeNull()
    await addOneShot(store, id)
    const [first, second] = [await addUnverified(store, id), await addUnverified(store, id)]
    expect(first.session.checksumSha256).toBe(PROMISED)
    const next = await store.objects.nextUnverified(0)
    expect(next).toMatchObject({
      object: { id: first.file.objectId, sha256: null, crc32: 7, storedName: 'x' },
      expected: PROMISED,
    })
    expect((await store.objects.nextUnverified(first.file.objectId))?.object.id).toBe(second.file.objectId)
    expect(await store.objects.nextUnverified(second.file.objectId)).toBeNull()
  })

  test('the promise is kept as long as it is needed', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const { file, session } = await addUnverified(store, id)
    expect(await store.uploads.purge(at(100))).toBe(0)
    await store.objects.judge(file.objectId, { sha256: PROMISED, ok: true }, at(50))
    expect(await store.uploads.purge(at(100))).toBe(1)
    expect(await store.uploads.find(session.id)).toBeNull()
  })

  test('a verdict holds for all files of the object, and for those that were not judged before', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const { file } = await addUnverified(store, id)
    const copy = await store.files.copy(id, file.id, newCopy(), { maxStorageBytes: 0 })
    expect(copy.contentState).toBe('processing')
    await store.objects.judge(file.objectId, { sha256: PROMISED, ok: true }, at(50))
    await store.objects.judge(file.objectId, { sha256: 'c'.repeat(64), ok: false }, at(60))
    for (const { id: fileId } of [file, copy])
      expect(await store.files.findWithObject(fileId)).toMatchObject({
        file: { contentState: 'ready', updatedAt: at(50) },
        object: { sha256: PROMISED },
      })
    expect(await store.objects.nextUnverified(0)).toBeNull()
  })

  test('what failed is purged a while after it did, and its owner is discharged', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const { file } = await addUnverified(store, id)
    const other = await addOneShot(store, id)
    await store.objects.judge(file.objectId, { sha256: 'c'.repeat(64), ok: false }, at(50))
    expect(await store.files.findWithObject(file.id)).toMatchObject({
      file: { contentState: 'failed' },
      object: { sha256: null },
    })
    expect(await store.files.purgeFailed(at(50), 10)).toBe(0)
    expect(await store.files.purgeFailed(at(51), 10)).toBe(1)
    expect((await store.files.listAll(id)).map((left) => left.id)).toEqual([other.id])
    expect(await counters(store, id)).toEqual([25, 0])
    await expectCleanLedgers(store)
  })

  test('what a store was told of an object is noted, and what its files are called is known', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const file = await addOneShot(store, id, { name: 'first.txt', mimeType: 'text/plain' })
    await store.files.copy(id, file.id, newCopy(), { maxStorageBytes: 0 })
    expect(await store.objects.describe(file.objectId)).toEqual({ name: 'first.txt', mimeType: 'text/plain' })
    expect(await store.objects.describe(9999)).toBeNull()
    await store.objects.noteStoredName(file.objectId, 'first.txt')
    expect((await store.files.findWithObject(file.id))?.object.storedName).toBe('first.txt')
    await store.objects.noteStoredName(file.objectId, null)
    expect((await store.files.findWithObject(file.id))?.object.storedName).toBeNull()
  })
}

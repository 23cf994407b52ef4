/** Uploads in parts: sessions of core as multipart uploads of the store. */
import { Fault } from '../../core/fault.ts'
import type { ByteSource, StorageDriver, StoredPart, UploadRef } from '../../core/storage.ts'
import { isObjectKey } from '../object-key.ts'
import { partOffset } from '../part-plan.ts'
import { completeUpload } from './completion.ts'
import { named, sendSpooled } from './ingest.ts'
import { abortMultipart, createMultipart, listMultiparts } from './multipart.ts'
import { asFaults, checkKey } from './objects.ts'
import { streamPart } from './part-body.ts'
import { Spooled } from './spool.ts'
import type { Store } from './store.ts'
import { isMissingUpload } from './store-error.ts'

export type Uploads = Pick<
  StorageDriver,
  'createUpload' | 'putPart' | 'completeUpload' | 'abortUpload' | 'listUploads'
>

const notFound = (): Fault => new Fault('upload_not_found')

/** An empty id would make another request of it; stores know best what else is one of theirs. */
const isUploadId = (upload: string): boolean => /^[\x21-\x7e]{1,1024}$/.test(upload)

/** Like asFaults, and an upload that the store does not know is upload_not_found. */
export function onUpload<T>(store: Store, ref: Pick<UploadRef, 'key' | 'upload'>, work: () => Promise<T>) {
  return asFaults(store, async () => {
    checkKey(ref.key)
    if (!isUploadId(ref.upload)) throw notFound()
    try {
      return await work()
    } catch (error) {
      throw isMissingUpload(error) ? notFound() : error
    }
  })
}

/** The part whole on our disk before any of it is sent, so that the store can check it and a repeat is possible. */
async function spoolPart(
  store: Store,
  ref: UploadRef,
  { number, size }: { number: number; size: number },
  body: ByteSource,
): Promise<StoredPart> {
  const spooled = new Spooled(store.settings.spoolDir, store.settings.ids)
  const hasher = new Bun.CryptoHasher('md5')
  try {
    for await (const chunk of named(body)) {
      if (spooled.size + chunk.byteLength > size) throw new Fault('part_too_large')
      hasher.update(chunk)
      await spooled.write(chunk)
    }
    if (spooled.size < size) throw new Fault('part_too_small')
    const md5 = hasher.digest('hex')
    const query = { partNumber: String(number), uploadId: ref.upload }
    await sendSpooled(store, { operation: 'UploadPart', key: ref.key, query, spooled, md5 })
    return { number, etag: md5, size }
  } finally {
    await spooled.discard()
  }
}

async function* listUploads(store: Store): ReturnType<StorageDriver['listUploads']> {
  const uploads = listMultiparts(store)[Symbol.asyncIterator]()
  for (;;) {
    const { value, done } = await asFaults(store, () => uploads.next())
    if (done) return
    const { key, upload, initiated } = value
    if (isObjectKey(key) && !store.ingesting.has(upload)) yield { key, upload, modifiedAt: initiated }
  }
}

/** The upload half of the driver. Faults of all: unavailable. */
export function s3Uploads(store: Store): Uploads {
  return {
    async createUpload(key, _plan, description) {
      checkKey(key)
      return asFaults(store, () => createMultipart(store, key, description))
    },
    async putPart(ref, part, body) {
      partOffset(ref, part)
      return onUpload(store, ref, async () => {
        store.availability.check()
        return store.settings.partChecksums
          ? spoolPart(store, ref, part, body)
          : streamPart(store, { key: ref.key, upload: ref.upload, ...part }, body)
      })
    },
    completeUpload: (ref, parts, expected) =>
      onUpload(store, ref, () => completeUpload(store, ref, parts, expected?.sha256)),
    async abortUpload(ref) {
      if (!isUploadId(ref.upload)) return
      checkKey(ref.key)
      await asFaults(store, () => abortMultipart(store, ref))
    },
    listUploads: () => listUploads(store),
  }
}

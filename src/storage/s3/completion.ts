/** The end of an upload in parts: what the store says it has is the truth, what was reported is compared with it. */
import { Crc32 } from '../../core/crc32.ts'
import { Fault } from '../../core/fault.ts'
import type { HashedObject, StoredPart, UploadRef } from '../../core/storage.ts'
import { checkCovered } from '../part-plan.ts'
import { sendBytes } from './bytes.ts'
import { joinParts, listParts } from './multipart.ts'
import { removeObject, sizeOf } from './objects.ts'
import { readObject } from './reading.ts'
import type { Store } from './store.ts'
import { isMissingUpload } from './store-error.ts'

/** All parts the store has, null when it does not know the upload. */
async function storedParts(store: Store, ref: UploadRef): Promise<StoredPart[] | null> {
  try {
    return await Array.fromAsync(listParts(store, ref))
  } catch (error) {
    if (isMissingUpload(error)) return null
    throw error
  }
}

/** Faults: part_mismatch when the store lacks a part or has other bytes; size_mismatch when sizes do not fit. */
function compare(ref: UploadRef, reported: StoredPart[], stored: StoredPart[]): void {
  const etags = new Map(stored.map(({ number, etag }) => [number, etag]))
  for (const { number, etag } of reported)
    if (etags.get(number) !== etag.toLowerCase()) throw new Fault('part_mismatch')
  checkCovered(ref, stored)
}

/** S3 joins one part at least, also for an empty file. */
async function emptyPart(store: Store, { key, upload }: UploadRef): Promise<StoredPart[]> {
  const query = { partNumber: '1', uploadId: upload }
  const body = new Uint8Array(0)
  const sent = { operation: 'UploadPart', key, query, size: 0, body }
  const etag = await store.retried(() => store.inSlot(() => sendBytes(store, sent)))
  return [{ number: 1, etag, size: 0 }]
}

/** The upload is gone: it was completed by a caller that died before it could tell, or aborted. */
async function checkCompleted(store: Store, ref: UploadRef): Promise<void> {
  if ((await sizeOf(store, ref.key)) !== ref.size) throw new Fault('upload_not_found')
}

async function join(store: Store, ref: UploadRef, parts: StoredPart[]): Promise<void> {
  await joinParts(store, ref, parts.length === 0 ? await emptyPart(store, ref) : parts)
  const size = await sizeOf(store, ref.key)
  if (size === ref.size) return
  if (size === null) throw new Fault('upload_not_found')
  await removeObject(store, ref.key)
  throw new Fault('size_mismatch')
}

async function digestOf(store: Store, key: string): Promise<{ sha256: string; crc32: number }> {
  const hasher = new Bun.CryptoHasher('sha256')
  const crc32 = new Crc32()
  for await (const chunk of await readObject(store, key)) {
    hasher.update(chunk)
    crc32.update(chunk)
  }
  return { sha256: hasher.digest('hex'), crc32: crc32.value }
}

/** Reads the object back. Fault: checksum_mismatch; then there is no object any more. */
async function verify(store: Store, { key, size }: UploadRef, sha256: string): Promise<HashedObject> {
  const found = await digestOf(store, key)
  if (found.sha256 === sha256.toLowerCase()) return { size, ...found }
  await removeObject(store, key)
  throw new Fault('checksum_mismatch')
}

/**
 * Joins the parts and looks at the result. Repeating it is fine: when the upload is gone the object decides.
 * Throws StoreError. Faults: upload_not_found, size_mismatch, part_mismatch, checksum_mismatch.
 */
export async function completeUpload(
  store: Store,
  ref: UploadRef,
  reported: StoredPart[],
  sha256: string | undefined,
): Promise<HashedObject> {
  checkCovered(ref, reported)
  const stored = await storedParts(store, ref)
  if (stored) {
    compare(ref, reported, stored)
    await join(store, ref, stored)
  } else await checkCompleted(store, ref)
  const readable = sha256 !== undefined && ref.size <= store.settings.verifyInline
  return readable ? verify(store, ref, sha256) : { size: ref.size, sha256: null }
}

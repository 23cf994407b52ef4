/** Multipart uploads as the store has them: one control request or one listing each. All throw StoreError. */
import type { ListMultipartUploadsCommandOutput, ListPartsCommandOutput } from '@aws-sdk/client-s3'
import type { ObjectDescription, StoredPart } from '../../core/storage.ts'
import { unquoted } from './bytes.ts'
import { describing } from './objects.ts'
import { pauseBefore } from './retries.ts'
import type { Store } from './store.ts'
import { isMissingUpload, StoreError } from './store-error.ts'

export interface Multipart {
  key: string
  upload: string
}

/** Parts that were racing an abort may outlive it, and then need another. */
const MOST_ABORTS = 6
const PARTS_PER_PATIENCE = 500

/** Starts an upload; returns its id. */
export async function createMultipart(
  store: Store,
  key: string,
  description: ObjectDescription | undefined,
): Promise<string> {
  const command = { ...store.bucket, Key: key, ...describing(description) }
  const { UploadId } = await store.send('CreateMultipartUpload', ({ client, sdk }, options) =>
    client.send(new sdk.CreateMultipartUploadCommand(command), options),
  )
  if (!UploadId) throw new StoreError('CreateMultipartUpload', 'MissingUploadId', 502)
  return UploadId
}

/** Parts the store has, by number, from the one after `after` on. */
export async function* listParts(
  store: Store,
  { key, upload }: Multipart,
  after = 0,
  pageSize = 1000,
): AsyncIterable<StoredPart> {
  let marker: string | undefined = String(after)
  do {
    const command = {
      ...store.bucket,
      Key: key,
      UploadId: upload,
      PartNumberMarker: marker,
      MaxParts: pageSize,
    }
    const page: ListPartsCommandOutput = await store.send('ListParts', ({ client, sdk }, options) =>
      client.send(new sdk.ListPartsCommand(command), options),
    )
    for (const { PartNumber, ETag, Size } of page.Parts ?? [])
      if (PartNumber !== undefined && Size !== undefined)
        yield { number: PartNumber, etag: unquoted(ETag ?? ''), size: Size }
    marker = page.IsTruncated ? page.NextPartNumberMarker : undefined
  } while (marker !== undefined)
}

/**
 * Has the store join the parts, which must be all it has, in order. An upload that is no more was joined by a
 * request whose answer was lost, or aborted: the caller looks at the object in any case, for stores leave out of
 * their answer what it would tell.
 */
export async function joinParts(
  store: Store,
  { key, upload }: Multipart,
  parts: StoredPart[],
): Promise<void> {
  const Parts = parts.map(({ number, etag }) => ({ PartNumber: number, ETag: `"${etag}"` }))
  const command = { ...store.bucket, Key: key, UploadId: upload, MultipartUpload: { Parts } }
  try {
    await store.send(
      'CompleteMultipartUpload',
      ({ client, sdk }, options) => client.send(new sdk.CompleteMultipartUploadCommand(command), options),
      // Stores may take minutes for thousands of parts.
      1 + parts.length / PARTS_PER_PATIENCE,
    )
  } catch (error) {
    if (!isMissingUpload(error)) throw error
  }
}

async function abortOnce(store: Store, { key, upload }: Multipart): Promise<void> {
  try {
    await store.send('AbortMultipartUpload', ({ client, sdk }, options) =>
      client.send(
        new sdk.AbortMultipartUploadCommand({ ...store.bucket, Key: key, UploadId: upload }),
        options,
      ),
    )
  } catch (error) {
    if (!isMissingUpload(error)) throw error
  }
}

async function isGone(store: Store, upload: Multipart): Promise<boolean> {
  try {
    for await (const _ of listParts(store, upload, 0, 1)) return false
    return true
  } catch (error) {
    if (isMissingUpload(error)) return true
    throw error
  }
}

/** Removes an upload with all its parts, also those that were on their way in. Repeating it is fine. */
export async function abortMultipart(store: Store, upload: Multipart): Promise<void> {
  for (let attempt = 0; attempt < MOST_ABORTS; attempt++) {
    await abortOnce(store, upload)
    if (await isGone(store, upload)) return
    await Bun.sleep(pauseBefore(attempt, store.settings.ids))
  }
  throw new StoreError('AbortMultipartUpload', 'PartsRemain', 503)
}

/** All uploads of the bucket. */
export async function* listMultiparts(store: Store): AsyncIterable<Multipart & { initiated: Date }> {
  let next: { KeyMarker?: string; UploadIdMarker?: string } | undefined = {}
  do {
    const command = { ...store.bucket, ...next }
    const page: ListMultipartUploadsCommandOutput = await store.send(
      'ListMultipartUploads',
      ({ client, sdk }, options) => client.send(new sdk.ListMultipartUploadsCommand(command), options),
    )
    for (const { Key, UploadId, Initiated } of page.Uploads ?? [])
      if (Key && UploadId) yield { key: Key, upload: UploadId, initiated: Initiated ?? new Date(0) }
    next = page.IsTruncated
      ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
      : undefined
  } while (next)
}

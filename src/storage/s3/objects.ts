/** Whole objects of the bucket. Keys of others in it are not seen. */
import { contentDisposition } from '../../core/disposition.ts'
import { invalid } from '../../core/fault.ts'
import { cleanMimeType } from '../../core/filename.ts'
import type { ObjectDescription, ObjectInfo, StorageDriver } from '../../core/storage.ts'
import { isObjectKey } from '../object-key.ts'
import { readObject } from './reading.ts'
import type { Store } from './store.ts'
import { faultOf, isMissingObject, StoreError } from './store-error.ts'

/** Fault: invalid unless it is the key of an object. */
export function checkKey(key: string): void {
  if (!isObjectKey(key)) throw invalid('key', 'The object key is not valid.')
}

/** Runs work on the store; what fails is the Fault that faultOf says. */
export async function asFaults<T>(store: Store, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw faultOf(error, store.settings.log)
  }
}

/** How the bytes are kept for those who read the bucket without us: never shown in the bucket's own origin. */
export function describing(description: ObjectDescription | undefined): {
  ContentType: string
  ContentDisposition: string
} {
  const { mimeType, name } = description ?? { mimeType: null, name: '' }
  return {
    ContentType: cleanMimeType(mimeType),
    ContentDisposition: description ? contentDisposition('attachment', name) : 'attachment',
  }
}

/** Size of an object, null when there is none. Throws StoreError. */
export async function sizeOf(store: Store, key: string): Promise<number | null> {
  try {
    const { ContentLength } = await store.send('HeadObject', ({ client, sdk }, options) =>
      client.send(new sdk.HeadObjectCommand({ ...store.bucket, Key: key }), options),
    )
    if (ContentLength === undefined) throw new StoreError('HeadObject', 'MissingContentLength', 502)
    return ContentLength
  } catch (error) {
    if (isMissingObject(error)) return null
    throw error
  }
}

/** Throws StoreError; a missing object is fine. */
export async function removeObject(store: Store, key: string): Promise<void> {
  try {
    await store.send('DeleteObject', ({ client, sdk }, options) =>
      client.send(new sdk.DeleteObjectCommand({ ...store.bucket, Key: key }), options),
    )
  } catch (error) {
    if (!isMissingObject(error)) throw error
  }
}

async function* listObjects(store: Store): AsyncIterable<ObjectInfo> {
  let token: string | undefined
  do {
    const page = await asFaults(store, () =>
      store.send('ListObjectsV2', ({ client, sdk }, options) =>
        client.send(new sdk.ListObjectsV2Command({ ...store.bucket, ContinuationToken: token }), options),
      ),
    )
    for (const { Key, Size } of page.Contents ?? [])
      if (Key !== undefined && Size !== undefined && isObjectKey(Key)) yield { key: Key, size: Size }
    token = page.IsTruncated ? page.NextContinuationToken : undefined
  } while (token !== undefined)
}

/** The object half of the driver, but for put. Faults of all: unavailable. */
export function s3Objects(store: Store): Pick<StorageDriver, 'open' | 'head' | 'delete' | 'list'> {
  return {
    async open(key, range) {
      checkKey(key)
      return readObject(store, key, range)
    },
    async head(key) {
      checkKey(key)
      const size = await asFaults(store, () => sizeOf(store, key))
      return size === null ? null : { key, size }
    },
    async delete(key) {
      checkKey(key)
      await asFaults(store, () => removeObject(store, key))
    },
    list: () => listObjects(store),
  }
}

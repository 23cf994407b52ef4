/** A real object through every way there is, so that nothing is found out by the first user. */
import type { UploadRef } from '../../core/storage.ts'
import { refusal, sendBytes, unquoted } from './bytes.ts'
import { directAccess } from './direct.ts'
import { abortMultipart, createMultipart, joinParts, listParts } from './multipart.ts'
import { removeObject, sizeOf } from './objects.ts'
import { readObject } from './reading.ts'
import type { Store } from './store.ts'
import { StoreError, storeError } from './store-error.ts'

const SIZE = 1000
const EXPIRY_SECONDS = 60
const NAME = { name: 'kist probe.txt', mimeType: 'text/plain' }

const contentOf = (key: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(key.padEnd(SIZE, '.')))

/** An answer that is a success by its status only. */
const wrong = (operation: string, what: string): StoreError => new StoreError(operation, what, 200)

/** Sends one object and reads a range of it. Throws StoreError. */
export async function probeObject(store: Store, key: string): Promise<void> {
  const body = contentOf(key)
  const headers = { 'content-type': NAME.mimeType }
  const etag = await sendBytes(store, { operation: 'PutObject', key, headers, size: SIZE, body })
  if (etag !== new Bun.CryptoHasher('md5').update(body).digest('hex'))
    throw wrong('PutObject', 'ETagIsNotMD5')
  if ((await sizeOf(store, key)) !== SIZE) throw wrong('HeadObject', 'WrongSize')
  const read = await new Response(await readObject(store, key, { start: 10, end: 19 })).bytes()
  if (!Buffer.from(read).equals(body.subarray(10, 20))) throw wrong('GetObject', 'WrongBytes')
}

async function fetched(operation: string, store: Store, url: string, init: RequestInit): Promise<Response> {
  try {
    const signal = AbortSignal.timeout(store.settings.timeouts.request)
    const response = await fetch(url, { ...init, redirect: 'manual', signal })
    if (!response.ok) throw await refusal(store, operation, response)
    return response
  } catch (error) {
    throw storeError(operation, error)
  }
}

/** Sends a part by a signed URL, as clients do, and joins it. Throws StoreError. */
export async function probeParts(store: Store, key: string): Promise<void> {
  const upload = await createMultipart(store, key, NAME)
  const ref: UploadRef = { key, upload, size: SIZE, partSize: SIZE }
  try {
    const url = await directAccess(store).signPart(ref, { number: 1, size: SIZE }, EXPIRY_SECONDS)
    const { headers } = await fetched('UploadPart', store, url, { method: 'PUT', body: contentOf(key) })
    const parts = await Array.fromAsync(listParts(store, ref))
    const [part] = parts
    if (parts.length !== 1 || part?.size !== SIZE) throw wrong('ListParts', 'WrongParts')
    if (part.etag !== unquoted(headers.get('etag') ?? '')) throw wrong('ListParts', 'WrongETag')
    await joinParts(store, ref, parts)
    if ((await sizeOf(store, key)) !== SIZE) throw wrong('CompleteMultipartUpload', 'WrongSize')
  } finally {
    await abortMultipart(store, ref)
  }
}

/** Fetches by a signed URL, as browsers do. Throws StoreError. */
export async function probeDownload(store: Store, key: string): Promise<void> {
  const url = await directAccess(store).signObject(key, NAME, EXPIRY_SECONDS)
  const response = await fetched('GetObject', store, url, {})
  const bytes = await response.bytes()
  if (!Buffer.from(bytes).equals(contentOf(key))) throw wrong('GetObject', 'WrongBytes')
  if (!response.headers.get('content-disposition')?.startsWith('attachment;'))
    throw wrong('GetObject', 'NoContentDisposition')
}

/** Removes the object of the probe. Throws StoreError. */
export async function probeDelete(store: Store, key: string): Promise<void> {
  await removeObject(store, key)
  if ((await sizeOf(store, key)) !== null) throw wrong('DeleteObject', 'StillThere')
}

/** Asks as the browser of a page of that origin would before it sends a part. Throws StoreError. */
export async function probeCors(store: Store, key: string, origin: string): Promise<void> {
  const ref: UploadRef = { key, upload: 'probe', size: SIZE, partSize: SIZE }
  const url = await directAccess(store).signPart(ref, { number: 1, size: SIZE }, EXPIRY_SECONDS)
  const { headers } = await fetched('preflight', store, url, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'content-type',
    },
  })
  const allowed = headers.get('access-control-allow-origin')
  if (allowed !== '*' && allowed !== origin) throw wrong('preflight', 'OriginNotAllowed')
  const signed = await directAccess(store).signObject(key, NAME, EXPIRY_SECONDS)
  const answer = await fetched('GetObject', store, signed, { headers: { origin } })
  await answer.body?.cancel()
  const exposed = (answer.headers.get('access-control-expose-headers') ?? '').toLowerCase()
  if (!exposed.split(/\s*,\s*/).some((name) => name === 'etag' || name === '*'))
    throw wrong('GetObject', 'ETagNotExposed')
}

/** Bytes to and from the store by `fetch`: half the memory and a fifth of the time the SDK takes for them. */
import type { ByteRange } from '../../core/storage.ts'
import type { SignableRequest } from './presigner.ts'
import type { Store } from './store.ts'
import { StoreError, storeError } from './store-error.ts'

/** For our own requests, which begin at once. */
const OWN_EXPIRY_SECONDS = 15 * 60
/** A store that takes bytes more slowly is as good as down. */
const SLOWEST_BYTES_PER_MS = 64
const LONGEST_REFUSAL = 64 * 1024

export interface SentBytes {
  operation: string
  key: string
  query?: Record<string, string>
  /** Signed and sent beside the length. Names in lower case. */
  headers?: Record<string, string>
  size: number
  body: Uint8Array<ArrayBuffer> | Blob | ReadableStream<Uint8Array>
}

/** Error code of an XML answer, null when there is none. */
const codeIn = (xml: string): string | null => /<Code>([^<]{1,100})<\/Code>/.exec(xml)?.[1] ?? null

/** The answer that is no success as StoreError; the store's time is taken over when ours was wrong. */
export async function refusal(store: Store, operation: string, response: Response): Promise<StoreError> {
  const xml = (await response.text()).slice(0, LONGEST_REFUSAL)
  const code = codeIn(xml) ?? (response.status === 404 ? 'NotFound' : `HTTP${response.status}`)
  const date = Date.parse(response.headers.get('date') ?? '')
  if (code === 'RequestTimeTooSkewed' && !Number.isNaN(date)) store.sawTime(new Date(date))
  return new StoreError(operation, code, response.status)
}

/**
 * PUTs the bytes once and resolves with the ETag, without quotes. Throws StoreError. `signal` ends it early, beside
 * a time limit by size for bodies whose progress cannot be seen.
 */
export async function sendBytes(store: Store, sent: SentBytes, signal?: AbortSignal): Promise<string> {
  const { operation, key, query, size, body } = sent
  const headers = { ...sent.headers, 'content-length': String(size) }
  const request: SignableRequest = { method: 'PUT', key, query, headers, expiresIn: OWN_EXPIRY_SECONDS }
  const limit = store.settings.timeouts.idle + size / SLOWEST_BYTES_PER_MS
  try {
    const response = await fetch(store.presign(request), {
      method: 'PUT',
      headers,
      body,
      redirect: 'manual',
      signal: signal ?? AbortSignal.timeout(limit),
    })
    if (!response.ok) throw await refusal(store, operation, response)
    await response.arrayBuffer()
    return unquoted(response.headers.get('etag') ?? '')
  } catch (error) {
    throw storeError(operation, error)
  }
}

export const unquoted = (etag: string): string => etag.replace(/^"|"$/g, '').toLowerCase()

/** The answer to a GET once its first byte is due. Throws StoreError. `signal` ends the body too. */
export async function requestBytes(
  store: Store,
  key: string,
  wanted: { range?: ByteRange; ifMatch?: string },
  signal: AbortSignal,
): Promise<Response> {
  const { range, ifMatch } = wanted
  const headers = {
    ...(range && { range: `bytes=${range.start}-${range.end}` }),
    ...(ifMatch && { 'if-match': ifMatch }),
  }
  try {
    const url = store.presign({ method: 'GET', key, headers, expiresIn: OWN_EXPIRY_SECONDS })
    const response = await fetch(url, { headers, redirect: 'manual', decompress: false, signal })
    if (!response.ok) throw await refusal(store, 'GetObject', response)
    return response
  } catch (error) {
    throw storeError('GetObject', error)
  }
}

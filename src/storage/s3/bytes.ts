/** Bytes to and from the store by `fetch`: half the memory and a fifth of the time the SDK takes for them. */
import type { ByteRange } from '../../core/storage.ts'
import type { SignableRequest } from './presigner.ts'
import type { Store } from './store.ts'
import { StoreError, storeError } from './store-error.ts'

/** For our own requests, which begin at once. */
const OWN_EXPIRY_SECONDS = 15 * 60
const LONGEST_REFUSAL = 64 * 1024
const TOLERATED_SKEW_MS = 60_000

export interface SentBytes {
  operation: string
  key: string
  query?: Record<string, string>
  /** Signed and sent beside the length. Names in lower case. */
  headers?: Record<string, string>
  size: number
  body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>
}

/** Error code of an XML answer, null when there is none. */
const codeIn = (xml: string): string | null => /<Code>([^<]{1,100})<\/Code>/.exec(xml)?.[1] ?? null

/**
 * Takes over the store's time when ours is wrong, which a refusal is then put down to: for signed URLs stores say
 * nothing clearer than AccessDenied.
 */
function isSkewed(store: Store, response: Response): boolean {
  const date = Date.parse(response.headers.get('date') ?? '')
  if (response.status !== 403 || !(Math.abs(date - store.now().getTime()) > TOLERATED_SKEW_MS)) return false
  store.sawTime(new Date(date))
  return true
}

/** The answer that is no success as StoreError. */
export async function refusal(store: Store, operation: string, response: Response): Promise<StoreError> {
  const xml = (await response.text()).slice(0, LONGEST_REFUSAL)
  const said = codeIn(xml) ?? (response.status === 404 ? 'NotFound' : `HTTP${response.status}`)
  const code = isSkewed(store, response) ? 'RequestTimeTooSkewed' : said
  return new StoreError(operation, code, response.status)
}

/**
 * PUTs the bytes once and resolves with the ETag, without quotes. Throws StoreError. `signal` ends it early; without
 * one it is given the time the store may pause.
 */
export async function sendBytes(store: Store, sent: SentBytes, signal?: AbortSignal): Promise<string> {
  const { operation, key, query, size, body } = sent
  const headers = { ...sent.headers, 'content-length': String(size) }
  const request: SignableRequest = { method: 'PUT', key, query, headers, expiresIn: OWN_EXPIRY_SECONDS }
  try {
    const response = await fetch(store.presign(request), {
      method: 'PUT',
      headers,
      body,
      redirect: 'manual',
      // A stream cannot be sent again, so it does not go over an old connection that the store may have given up.
      keepalive: !(body instanceof ReadableStream),
      signal: signal ?? AbortSignal.timeout(store.settings.timeouts.idle),
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

/** What the headers of an answer say. */
import type { IncomingMessage } from 'node:http'
import { RemoteError, type RemoteFile, type RemoteRequest } from '../core/remote.ts'
import { dispositionNames } from './content-disposition.ts'

/** What is known before the first byte. */
export type AnsweredFile = Omit<RemoteFile, 'body'> & {
  /** Bytes this answer announces, null when it does not. */
  length: number | null
}

type Headers = IncomingMessage['headers']

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** Where the source sends us, null when it does not. RemoteError when it does not say where. */
export function redirectOf({ statusCode = 0, headers }: IncomingMessage): string | null {
  if (!REDIRECTS.has(statusCode)) return null
  if (headers.location) return utf8(headers.location)
  throw new RemoteError('The source redirects to nowhere.', { retryable: false })
}

/**
 * RemoteError for anything but the bytes asked for, retryable when the source may do better later. `urls` may
 * give it a name, best first.
 */
export function readAnswer(response: IncomingMessage, urls: URL[], request: RemoteRequest): AnsweredFile {
  const { statusCode = 0, headers } = response
  const range = statusCode === 206 && request.offset > 0 ? readContentRange(headers['content-range']) : null
  const isWhole = statusCode === 200 || statusCode === 203
  if (!isWhole && range?.start !== request.offset) throw statusError(response)
  const length = contentLength(headers)
  return {
    offset: range?.start ?? 0,
    size: range ? range.size : length,
    names: [...dispositionNames(headers['content-disposition'] ?? ''), ...urls.map(lastSegment)],
    mimeType: headers['content-type'] ?? null,
    validator: validatorOf(headers),
    length,
  }
}

/** Chunks end by themselves, whatever a length beside them says. */
const contentLength = (headers: Headers): number | null => {
  const value = headers['content-length'] ?? ''
  const isCounted = headers['transfer-encoding'] === undefined && /^\d+$/.test(value)
  return isCounted && Number.isSafeInteger(Number(value)) ? Number(value) : null
}

/** RFC 9110 section 14.4: `bytes 5-9/10`, or `*` for an unknown size. */
function readContentRange(value: string | undefined): { start: number; size: number | null } | null {
  const [, start, size] = /^bytes (\d+)-\d+\/(\d+|\*)$/i.exec(value?.trim() ?? '') ?? []
  if (start === undefined) return null
  return { start: Number(start), size: size === '*' ? null : Number(size) }
}

/** 408, 425 and 429 pass, as what is wrong with the server does; 416 means that the file got shorter. */
const PASSING: ReadonlySet<number> = new Set([408, 416, 425, 429])

function statusError(response: IncomingMessage): RemoteError {
  const status = response.statusCode ?? 0
  const retryable = PASSING.has(status) || status >= 500
  return new RemoteError(`The source answered with status ${status}.`, {
    retryable,
    retryAfter: retryable ? retryAfter(response.headers) : null,
  })
}

/** Seconds. A date counts from the source's own clock. */
function retryAfter(headers: Headers): number | null {
  const value = headers['retry-after']?.trim() ?? ''
  if (/^\d{1,9}$/.test(value)) return Number(value)
  const seconds = (Date.parse(value) - Date.parse(headers.date ?? '')) / 1000
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null
}

/**
 * What If-Range may name (RFC 9110 section 13.1.5): a strong ETag, or a date so long before the answer that
 * two versions can not share it.
 */
function validatorOf(headers: Headers): string | null {
  if (headers['accept-ranges']?.trim().toLowerCase() === 'none') return null
  const etag = headers.etag?.trim() ?? ''
  if (etag !== '') return /^"[\x21\x23-\x7e\x80-\xff]*"$/.test(etag) ? etag : null
  const modified = headers['last-modified'] ?? ''
  const age = Date.parse(headers.date ?? '') - Date.parse(modified)
  return age >= 1000 ? modified : null
}

function lastSegment({ pathname }: URL): string {
  const segment = pathname.slice(pathname.lastIndexOf('/') + 1)
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

/** Header bytes arrive one character each; URLs in them are often UTF-8 all the same. */
const utf8 = (value: string): string => Buffer.from(value, 'latin1').toString('utf8')

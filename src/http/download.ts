/** Every answer that carries the bytes of a file. */
import type { Grant } from '../core/downloads.ts'
import type { ByteRange } from '../core/storage.ts'
import { evaluate, rangeApplies, type Validators } from './conditional.ts'
import { contentDisposition } from './disposition.ts'
import { exchangeOf } from './exchange.ts'
import { parseRange } from './range.ts'
import { allowSlowReader, type ReaderServer } from './slow-readers.ts'

export interface SentFile {
  name: string
  size: number
  /** Strong, without quotes: it names these bytes and no others. */
  etag: string
  lastModified: Date
  mimeType: string
  /** Shown in the browser, in a sandbox, instead of saved. */
  inline?: boolean
  cacheControl: string
}

/** What a link hands out: a file to be saved, kept by no cache. */
export const attachmentOf = ({ file, object }: Grant): SentFile => ({
  name: file.name,
  size: object.size,
  etag: object.sha256,
  lastModified: file.createdAt,
  mimeType: file.mimeType,
  cacheControl: 'no-store',
})

/** The bytes, whole or one range. Called once, and only when they will be sent. */
export type OpenFile = (range?: ByteRange) => Promise<Blob | ReadableStream<Uint8Array>>

/**
 * Answers 200, 206, 304, 412 or 416 (RFC 9110), always as an explicit Response: left to themselves the
 * framework and Bun ignore If-Range and put Content-Range on a 200. HEAD is answered before anything is
 * opened and counts nothing. `onFirstByte` is called once, for a GET that starts at byte 0, before it is
 * answered. A stream is sent without Content-Length, a Blob with it.
 */
export async function sendFile(
  request: Request,
  server: ReaderServer,
  file: SentFile,
  open: OpenFile,
  onFirstByte?: () => void | Promise<void>,
): Promise<Response> {
  const stored: Validators = { etag: `"${file.etag}"`, lastModified: file.lastModified }
  const outcome = evaluate(request.method, request.headers, stored)
  if (outcome === 'precondition_failed') return empty(412, validatorHeaders(file, stored))
  if (outcome === 'not_modified') return empty(304, validatorHeaders(file, stored))
  const headers = fileHeaders(file, stored)
  if (request.method === 'HEAD') return answerHead(request, headers)
  const range = rangeApplies(request.headers, stored)
    ? parseRange(request.headers.get('range'), file.size)
    : parseRange(null, file.size)
  if (range.kind === 'unsatisfiable') return unsatisfiable(file)
  if (range.kind === 'full') return send(request, server, { status: 200, headers, open, onFirstByte })
  headers['content-length'] = String(range.end - range.start + 1)
  headers['content-range'] = `bytes ${range.start}-${range.end}/${file.size}`
  const { start, end } = range
  const counted = start === 0 ? onFirstByte : undefined
  return send(request, server, { status: 206, headers, open, range: { start, end }, onFirstByte: counted })
}

interface Sending {
  status: number
  headers: Record<string, string>
  open: OpenFile
  range?: ByteRange
  onFirstByte?: () => void | Promise<void>
}

async function send(request: Request, server: ReaderServer, sending: Sending): Promise<Response> {
  const { status, headers } = sending
  const size = Number(headers['content-length'])
  // Bun turns a Blob without bytes into an answer of its own making.
  const body = size === 0 ? '' : await sending.open(sending.range)
  try {
    await sending.onFirstByte?.()
  } catch (error) {
    if (body instanceof ReadableStream) await body.cancel()
    throw error
  }
  allowSlowReader(request, server, size)
  exchangeOf(request).bytesOut = size
  return new Response(body, { status, headers })
}

/** The router would read a body to find the length of a HEAD answer, so the length is kept aside for it. */
function answerHead(request: Request, headers: Record<string, string>): Response {
  exchangeOf(request).head = { status: 200, headers: new Headers(headers) }
  return new Response(null, { status: 200, headers })
}

const empty = (status: number, headers: Record<string, string>): Response =>
  new Response(null, { status, headers })

const unsatisfiable = (file: SentFile): Response =>
  new Response('The requested range is outside the file.', {
    status: 416,
    headers: {
      'content-range': `bytes */${file.size}`,
      'accept-ranges': 'bytes',
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
    },
  })

const validatorHeaders = (file: SentFile, stored: Validators): Record<string, string> => ({
  etag: stored.etag,
  'last-modified': stored.lastModified.toUTCString(),
  'accept-ranges': 'bytes',
  'cache-control': file.cacheControl,
})

/** What a browser may do with files of strangers: nothing, inline ones run in a sandbox without an origin. */
function fileHeaders(file: SentFile, stored: Validators): Record<string, string> {
  const inline = file.inline === true
  const headers: Record<string, string> = {
    ...validatorHeaders(file, stored),
    'content-type': safeMimeType(file.mimeType),
    'content-length': String(file.size),
    'content-disposition': contentDisposition(inline ? 'inline' : 'attachment', file.name),
    'x-content-type-options': 'nosniff',
  }
  if (inline) headers['content-security-policy'] = "default-src 'none'; sandbox"
  return headers
}

const MIME = /^[\w!#$&^.+-]{1,100}\/[\w!#$&^.+-]{1,100}(; ?charset=[\w-]{1,40})?$/

/** A type that could break a header line is no type. */
const safeMimeType = (type: string): string => (MIME.test(type) ? type : 'application/octet-stream')

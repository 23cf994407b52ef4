/** Every answer that carries the bytes of a file. */
import type { Grant } from '../core/downloads.ts'
import { isFault } from '../core/fault.ts'
import { entityTagOf } from '../core/model.ts'
import type { ByteRange } from '../core/storage.ts'
import { evaluate, rangeApplies, type Validators } from './conditional.ts'
import { contentDisposition } from './disposition.ts'
import { exchangeOf } from './exchange.ts'
import { type HandOff, OWN_CONDITIONS } from './hand-off.ts'
import { sendMeasured } from './measured-answer.ts'
import type { PacedServer, Pacer } from './pacing.ts'
import { parseRange } from './range.ts'

export interface SentFile {
  name: string
  size: number
  /** Strong, without quotes: it names these bytes and no others. */
  etag: string
  /** Null where no date tells one version from another. */
  lastModified: Date | null
  mimeType: string
  /** Shown in the browser, in a sandbox, instead of saved. */
  inline?: boolean
  /** Content-Security-Policy of an inline one that is for a viewer no sandbox can hold. */
  policy?: string
  cacheControl: string
}

/** What a link hands out: a file to be saved, kept by no cache. */
export const attachmentOf = ({ file, object }: Grant): SentFile => ({
  name: file.name,
  size: object.size,
  etag: entityTagOf(object),
  lastModified: file.createdAt,
  mimeType: file.mimeType,
  cacheControl: 'no-store',
})

/**
 * Answers 200, 206, 304, 412 or 416 (RFC 9110), always as an explicit Response: left to themselves the
 * framework and Bun ignore If-Range and put Content-Range on a 200. HEAD is answered before anything is begun
 * and counts nothing. Faults: those of Grant.begin.
 */
export type SendFile = (
  request: Request,
  server: PacedServer,
  file: SentFile,
  grant: SentGrant,
) => Promise<Response>

/** Without `object` the bytes come from nowhere that a web server could read. */
type SentGrant = Pick<Grant, 'begin'> &
  Partial<Pick<Grant, 'beginElsewhere'>> & { object?: Pick<Grant['object'], 'key'> }

type Sender = Pick<Pacer, 'send' | 'settle'> & Partial<Pick<Pacer, 'connection'>>

/** The one way in which bytes of files leave, for all routes; handed off where that is possible. */
export const fileSender =
  (pacer: Sender, handOff: HandOff | null = null): SendFile =>
  async (request, server, file, grant) => {
    const stored: Validators = { etag: `"${file.etag}"`, lastModified: file.lastModified }
    const outcome = evaluate(request.method, request.headers, stored)
    if (outcome === 'precondition_failed') return empty(412, validatorHeaders(file, stored))
    if (outcome === 'not_modified') return empty(304, validatorHeaders(file, stored))
    const headers = fileHeaders(file, stored)
    if (request.method === 'HEAD') return answerHead(request, headers)
    const asked = rangeApplies(request.headers, stored) ? request.headers.get('range') : null
    const range = parseRange(asked, file.size)
    if (range.kind === 'unsatisfiable') return unsatisfiable(file)
    const span = range.kind === 'full' ? undefined : { start: range.start, end: range.end }
    const elsewhere = hasOwnConditions(request.headers, stored)
      ? null
      : await sendElsewhere(pacer, file, grant, span)
    if (elsewhere) return elsewhere
    const sent = { pacer, handOff, request, server, grant }
    if (!span) return send(sent, { status: 200, headers })
    const { start, end } = span
    headers['content-length'] = String(end - start + 1)
    headers['content-range'] = `bytes ${start}-${end}/${file.size}`
    return send(sent, { status: 206, headers, range: span })
  }

/** Whether it holds by our own tag or date, which the store does not know: it has others. */
const hasOwnConditions = (headers: Headers, stored: Validators): boolean =>
  OWN_CONDITIONS.some((name) => headers.has(name)) ||
  (headers.has('if-range') && rangeApplies(headers, stored))

/**
 * The client is sent to where the bytes are; nobody tells what becomes of its transfer, so it has ended then. Not
 * for what a browser shows: there it has to be in a sandbox of ours.
 */
async function sendElsewhere(
  pacer: Sender,
  file: SentFile,
  grant: SentGrant,
  range: ByteRange | undefined,
): Promise<Response | null> {
  if (file.inline || !grant.beginElsewhere || file.size === 0) return null
  const begun = await begin(pacer, () => grant.beginElsewhere?.(range) ?? Promise.resolve(null))
  if (!begun) return null
  const size = range ? range.end - range.start + 1 : file.size
  begun.transfer.end({ bytes: size, completed: true })
  return new Response(null, { status: 302, headers: { location: begun.url, 'cache-control': 'no-store' } })
}

interface Sent {
  pacer: Sender
  handOff: HandOff | null
  request: Request
  server: PacedServer
  grant: SentGrant
}

interface Answer {
  status: number
  headers: Record<string, string>
  range?: ByteRange
}

async function send(
  { pacer, handOff, request, server, grant }: Sent,
  { status, headers, range }: Answer,
): Promise<Response> {
  // The speed of a handed-off answer stays what it is at its beginning: nothing that is over may count.
  if (handOff) pacer.settle()
  const { body, transfer } = await begin(pacer, () => grant.begin(range))
  const size = Number(headers['content-length'])
  exchangeOf(request).bytesOut = size
  const key = grant.object?.key
  const handed = key === undefined ? null : handOff?.(request, server, { key, headers, size, transfer })
  if (handed) {
    // A file of the disk is open by now, and would stay so.
    if (body instanceof ReadableStream) await body.cancel()
    return handed
  }
  const paced = pacer.send(request, server, body, size, transfer)
  if (body instanceof ReadableStream && size > 0) measure(pacer, request, server, size)
  // Bun turns a Blob without bytes into an answer of its own making.
  return new Response(size === 0 ? '' : paced, { status, headers })
}

/** Has the answer keep its length, where the connection can be had. */
function measure(pacer: Sender, request: Request, server: PacedServer, size: number): void {
  const [socket, second] = [pacer.connection?.(request, server), pacer.connection?.(request, server)]
  if (!socket || !second) {
    socket?.release()
    return
  }
  exchangeOf(request).send = async (response) => {
    const { status, headers } = response
    try {
      await sendMeasured({ fd: socket.take(), response, size, signal: request.signal, held: second })
    } finally {
      second.release()
    }
    // Never reaches anybody: the connection has ended.
    return new Response(null, { status, headers })
  }
}

/** A slot may have come free a moment ago, when the client got its last byte. */
async function begin<Begun>(pacer: Pick<Pacer, 'settle'>, attempt: () => Promise<Begun>): Promise<Begun> {
  try {
    return await attempt()
  } catch (error) {
    if (!isFault(error, 'too_many_downloads')) throw error
    pacer.settle()
    return attempt()
  }
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
  ...(stored.lastModified && { 'last-modified': stored.lastModified.toUTCString() }),
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
  if (inline) headers['content-security-policy'] = file.policy ?? "default-src 'none'; sandbox"
  return headers
}

const MIME = /^[\w!#$&^.+-]{1,100}\/[\w!#$&^.+-]{1,100}(; ?charset=[\w-]{1,40})?$/

/** A type that could break a header line is no type. */
const safeMimeType = (type: string): string => (MIME.test(type) ? type : 'application/octet-stream')

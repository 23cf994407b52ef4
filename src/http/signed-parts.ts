/** The dialect of our own signed part URLs: what S3 says to a PUT of a part, for storage without URLs. */
import { Elysia } from 'elysia'
import { Fault, type FaultCode } from '../core/fault.ts'
import type { Dialect, Reply } from './dialect.ts'
import { queryOf } from './dialect.ts'
import { partNumber, sessionId } from './path-ids.ts'
import { declaredLength, type WatchOptions, watchedBody } from './upload-body.ts'

/** The part of the core that takes a part whose signature is its only credential. */
export interface SignedPartReceiver {
  /** Judges signature, session and length before the first byte of `body` is asked for. */
  putSignedPart(input: {
    session: string
    number: number
    /** Unix seconds. */
    expires: number
    signature: string
    /** Declared length, null when the client did not say. */
    length: number | null
    body: AsyncIterable<Uint8Array>
  }): Promise<{ etag: string; size: number }>
}

type XmlError = [status: number, code: string]

const REFUSED: XmlError = [403, 'AccessDenied']
const NO_UPLOAD: XmlError = [404, 'NoSuchUpload']
const BAD_REQUEST: XmlError = [400, 'InvalidRequest']
const ARGUMENT: XmlError = [400, 'InvalidArgument']
const CONFLICT: XmlError = [409, 'OperationAborted']
const FULL: XmlError = [507, 'InsufficientStorage']
const SLOW_DOWN: XmlError = [503, 'SlowDown']
const OURS: XmlError = [500, 'InternalError']

/** Codes of S3 where S3 has one, so that its clients know what to do. */
const XML_ERRORS = {
  unauthenticated: REFUSED,
  bad_credentials: REFUSED,
  insufficient_scope: REFUSED,
  csrf_invalid: REFUSED,
  proof_required: REFUSED,
  forbidden: REFUSED,
  route_not_found: [404, 'NoSuchKey'],
  method_not_allowed: [405, 'MethodNotAllowed'],
  host_refused: [421, 'InvalidRequest'],
  file_not_found: [404, 'NoSuchKey'],
  folder_not_found: [404, 'NoSuchKey'],
  upload_not_found: NO_UPLOAD,
  account_not_found: NO_UPLOAD,
  package_not_found: NO_UPLOAD,
  token_not_found: REFUSED,
  report_not_found: REFUSED,
  invalid: ARGUMENT,
  file_unavailable: [404, 'NoSuchKey'],
  file_removed: [404, 'NoSuchKey'],
  not_public: REFUSED,
  destination_not_found: [404, 'NoSuchKey'],
  folder_cycle: CONFLICT,
  password_required: REFUSED,
  password_wrong: REFUSED,
  import_not_found: [404, 'NoSuchKey'],
  imports_disabled: REFUSED,
  too_many_imports: SLOW_DOWN,
  url_refused: ARGUMENT,
  empty_file: [400, 'EntityTooSmall'],
  not_yet: REFUSED,
  download_too_large: REFUSED,
  too_many_downloads: SLOW_DOWN,
  download_pause: SLOW_DOWN,
  downloads_used_up: SLOW_DOWN,
  traffic_used_up: SLOW_DOWN,
  email_taken: CONFLICT,
  credential_missing: REFUSED,
  credential_malformed: REFUSED,
  credential_unreadable: REFUSED,
  credential_unknown: REFUSED,
  credential_expired: REFUSED,
  wrong_password: REFUSED,
  second_factor_required: REFUSED,
  second_factor_wrong: REFUSED,
  insufficient_tier: REFUSED,
  missing: ARGUMENT,
  delete_key_wrong: REFUSED,
  json_malformed: ARGUMENT,
  file_missing: ARGUMENT,
  guest_allowance_used: REFUSED,
  name_taken: CONFLICT,
  conflict: CONFLICT,
  request_in_flight: CONFLICT,
  idempotency_mismatch: BAD_REQUEST,
  body_too_large: [400, 'EntityTooLarge'],
  file_too_large: [400, 'EntityTooLarge'],
  quota_exceeded: REFUSED,
  too_many_uploads: SLOW_DOWN,
  no_space: FULL,
  storage_full: FULL,
  upload_refused: REFUSED,
  api_refused: REFUSED,
  extension_refused: REFUSED,
  part_number_invalid: ARGUMENT,
  part_too_large: [400, 'EntityTooLarge'],
  part_too_small: [400, 'EntityTooSmall'],
  part_busy: CONFLICT,
  part_mismatch: [400, 'InvalidPart'],
  no_parts_reported: [400, 'InvalidPart'],
  size_mismatch: [400, 'IncompleteBody'],
  checksum_mismatch: [400, 'BadDigest'],
  sign_closed: NO_UPLOAD,
  parts_closed: NO_UPLOAD,
  complete_closed: NO_UPLOAD,
  already_completed: NO_UPLOAD,
  abort_closed: NO_UPLOAD,
  uploads_disabled: [503, 'ServiceUnavailable'],
  signature_invalid: [403, 'SignatureDoesNotMatch'],
  signature_expired: REFUSED,
  link_invalid: REFUSED,
  link_ended: REFUSED,
  too_many_links: REFUSED,
  range_not_satisfiable: [416, 'InvalidRange'],
  rate_limited: SLOW_DOWN,
  upload_stalled: [408, 'RequestTimeout'],
  client_gone: [400, 'IncompleteBody'],
  object_missing: OURS,
  unavailable: [503, 'ServiceUnavailable'],
  internal: OURS,
} as const satisfies Record<FaultCode, XmlError>

/** Clients sign anew on exactly the message of signature_expired, so messages go out as they are. */
function renderXml(fault: Fault): Reply {
  const [status, code] = XML_ERRORS[fault.code]
  return {
    status,
    headers: { 'content-type': 'application/xml', 'cache-control': 'no-store' },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${escapeXml(fault.message)}</Message></Error>`,
  }
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** Control characters have no place in XML at all, not even escaped. */
const escapeXml = (text: string): string =>
  text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? '').replace(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, '')

/**
 * `PUT /storage/parts/{session}?partNumber=&expires=&signature=`: 200, empty, with the ETag. Any content
 * type. A refusal leaves the connection open, else a client that is still sending would not see it.
 */
export function signedParts(uploads: SignedPartReceiver, watch: WatchOptions = {}): Dialect {
  const routes = new Elysia().put(
    '/storage/parts/:session',
    async ({ request, params, server }) => {
      const query = new URLSearchParams(queryOf(request))
      const part = await uploads.putSignedPart({
        session: sessionId(params.session),
        number: partNumber(query.get('partNumber')),
        expires: unixSeconds(query.get('expires')),
        signature: hexSignature(query.get('signature')),
        length: declaredLength(request),
        body: watchedBody(request, server, watch),
      })
      return new Response(null, { status: 200, headers: { etag: `"${part.etag}"` } })
    },
    { parse: 'none', detail: SIGNED_PART_DETAIL },
  )
  return { name: 'parts', prefix: '/storage/parts', renderFault: renderXml, routes }
}

function unixSeconds(raw: string | null): number {
  if (raw === null || !/^\d{1,12}$/.test(raw)) throw new Fault('signature_invalid')
  return Number(raw)
}

function hexSignature(raw: string | null): string {
  if (raw === null || !/^[0-9a-f]{64}$/i.test(raw)) throw new Fault('signature_invalid')
  return raw
}

const parameter = (name: string, description: string, schema: object) => ({
  name,
  in: 'query' as const,
  required: true,
  description,
  schema,
})

const SIGNED_PART_DETAIL = {
  tags: ['parts'],
  summary: 'Send the bytes of one part to its signed URL',
  description: 'The URL comes from the API that opened the upload session. It needs no other credential.',
  security: [],
  parameters: [
    { name: 'session', in: 'path' as const, required: true, schema: { type: 'string' as const } },
    parameter('partNumber', 'Number of the part.', { type: 'integer', minimum: 1, maximum: 10000 }),
    parameter('expires', 'Unix time at which the URL ends.', { type: 'integer' }),
    parameter('signature', 'HMAC-SHA256, 64 hex digits.', { type: 'string' }),
  ],
  requestBody: {
    required: true,
    content: { 'application/octet-stream': { schema: { type: 'string' as const, format: 'binary' } } },
  },
  responses: {
    200: {
      description: 'The part is stored.',
      headers: { ETag: { description: 'MD5 of the part, in quotes.', schema: { type: 'string' as const } } },
    },
    400: { description: 'Wrong part number, or not the exact length: EntityTooLarge, EntityTooSmall.' },
    403: { description: 'AccessDenied (expired) or SignatureDoesNotMatch.' },
    404: { description: 'NoSuchUpload: the session takes no parts (any more).' },
    408: { description: 'RequestTimeout: no progress.' },
    409: { description: 'OperationAborted: the part is being sent by another request.' },
    507: { description: 'The storage is full.' },
  },
}

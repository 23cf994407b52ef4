/** What the API documentation says of nating's routes. Errors are worded by the dialect itself. */
import { t } from 'elysia'
import type { FaultCode } from '../../core/fault.ts'
import {
  bytesBody,
  bytesResponse,
  DOWNLOAD_LIMITS,
  faultResponses,
  jsonBody,
  pathParameter,
  queryParameter,
} from '../../http/openapi.ts'
import { renderFault } from './faults.ts'

const TAGS = ['nating']
/** Any one of them. */
const SECURITY: Array<Record<string, string[]>> = [{ bearer: [] }, { apiToken: [] }, { cookie: [] }]
/** Guests may upload where the site allows it. */
const UPLOAD_SECURITY: Array<Record<string, string[]>> = [...SECURITY, {}]

const ALWAYS: FaultCode[] = [
  'bad_credentials',
  'unauthenticated',
  'insufficient_scope',
  'csrf_invalid',
  'api_refused',
  'rate_limited',
]
const UPLOAD: FaultCode[] = [...ALWAYS, 'uploads_disabled']
const IDEMPOTENT: FaultCode[] = ['request_in_flight', 'idempotency_mismatch', 'body_too_large']
const BEGIN: FaultCode[] = [
  'extension_refused',
  'upload_refused',
  'file_too_large',
  'too_many_uploads',
  'quota_exceeded',
  'guest_allowance_used',
  'no_space',
  'storage_full',
]

const failures = (...codes: FaultCode[]) => faultResponses(renderFault, [...new Set(codes)])

/** The sentences a 422 can carry beside those that stand under a code of their own. */
const refusals = (...messages: string[]) =>
  `Field errors (422): ${messages.map((message) => `"${message}"`).join(', ')}.`

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header' as const,
  required: false,
  description:
    'Makes a retry safe: the same key with the same payload replays the first answer for 24 hours, marked with Idempotency-Replayed. At most 128 characters; X-Idempotency-Key does the same.',
  schema: { type: 'string' as const },
  example: 'desktop-upload-001',
}
const SESSION = pathParameter('id', 'public_id of the session', 'ups_ab12cd34ef56ab12cd34')
const FILE = pathParameter('id', 'Numeric id or 10-character slug', '123')

const uploadFields = {
  filename: t.String(),
  size: t.Integer({ minimum: 1, description: 'bytes' }),
  mime_type: t.Optional(t.String({ default: 'application/octet-stream' })),
  folder_id: t.Optional(t.Integer({ description: 'Root when absent' })),
  checksum_sha256: t.Optional(t.String({ description: '64 hex digits, verified when the upload completes' })),
}
const upload = {
  filename: 'archive.iso',
  size: 10737418240,
  mime_type: 'application/octet-stream',
  folder_id: 123,
}
const numbers = t.Array(t.Integer({ minimum: 1, maximum: 10000 }), { maxItems: 10000 })
const lifetime = t.Optional(t.Integer({ default: 3600, minimum: 1, maximum: 604800, description: 'seconds' }))
const UPLOAD_REFUSALS = refusals(
  'A filename is required.',
  'Upload size must be greater than zero.',
  'Guests cannot upload into private folders.',
  'Folder not found.',
)

export const docs = {
  createSession: {
    tags: TAGS,
    summary: 'Open an upload session',
    description: `Reserves the quota. ${UPLOAD_REFUSALS}`,
    security: UPLOAD_SECURITY,
    parameters: [idempotencyKey],
    requestBody: jsonBody(t.Object(uploadFields), upload),
    responses: failures(...UPLOAD, ...IDEMPOTENT, ...BEGIN, 'invalid'),
  },
  createManaged: {
    tags: TAGS,
    summary: 'Open an upload session and sign its first part URLs',
    description: `Part numbers the file does not have are left out. ${UPLOAD_REFUSALS}`,
    security: UPLOAD_SECURITY,
    parameters: [idempotencyKey],
    requestBody: jsonBody(
      t.Object({ ...uploadFields, part_numbers: t.Optional(numbers), expires_in: lifetime }),
      { ...upload, part_numbers: [1, 2, 3], expires_in: 3600 },
    ),
    responses: failures(...UPLOAD, ...IDEMPOTENT, ...BEGIN, 'part_number_invalid', 'invalid'),
  },
  getSession: {
    tags: TAGS,
    summary: 'Look at an upload session, to resume it',
    security: UPLOAD_SECURITY,
    parameters: [SESSION],
    responses: failures(...UPLOAD, 'upload_not_found'),
  },
  sign: {
    tags: TAGS,
    summary: 'Sign URLs for parts',
    description: `Every part has exactly part_size_bytes, the last one the remainder. ${refusals('At least one part number is required.')}`,
    security: UPLOAD_SECURITY,
    parameters: [SESSION],
    requestBody: jsonBody(t.Object({ part_numbers: numbers, expires_in: lifetime }), {
      part_numbers: [4, 5, 6],
      expires_in: 3600,
    }),
    responses: failures(
      ...UPLOAD,
      'body_too_large',
      'upload_not_found',
      'sign_closed',
      'part_number_invalid',
      'invalid',
    ),
  },
  uploadPart: {
    tags: TAGS,
    summary: 'Send the bytes of a part with your credential',
    description: 'For clients that cannot use signed URLs. The part must still be reported.',
    security: UPLOAD_SECURITY,
    parameters: [SESSION, pathParameter('part', 'Number of the part', '1')],
    requestBody: bytesBody('The part and nothing else.'),
    responses: failures(
      ...UPLOAD,
      'upload_not_found',
      'parts_closed',
      'part_number_invalid',
      'part_too_large',
      'part_too_small',
      'part_busy',
      'upload_stalled',
      'storage_full',
    ),
  },
  report: {
    tags: TAGS,
    summary: 'Confirm a part',
    description: 'Reporting a part again is harmless.',
    security: UPLOAD_SECURITY,
    parameters: [SESSION],
    requestBody: jsonBody(
      t.Object({
        part_number: t.Integer({ minimum: 1 }),
        etag: t.String({ description: 'As the answer to the PUT had it; quotes do not matter' }),
        part_size: t.Integer({ minimum: 0 }),
        checksum_sha256: t.Optional(t.String()),
      }),
      { part_number: 1, etag: '"8b1a9953c4611296a827abf8c47804d7"', part_size: 67108864 },
    ),
    responses: failures(
      ...UPLOAD,
      'body_too_large',
      'upload_not_found',
      'parts_closed',
      'part_number_invalid',
      'part_mismatch',
    ),
  },
  complete: {
    tags: TAGS,
    summary: 'Make the file',
    description:
      'Missing parts leave the session open; a wrong checksum ends it. A checksum that is not 64 hex digits is ignored.',
    security: UPLOAD_SECURITY,
    parameters: [SESSION, idempotencyKey],
    requestBody: {
      ...jsonBody(t.Object({ checksum_sha256: t.Optional(t.String()) }), {
        checksum_sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
      }),
      required: false,
    },
    responses: failures(
      ...UPLOAD,
      ...IDEMPOTENT,
      'upload_not_found',
      'no_parts_reported',
      'size_mismatch',
      'checksum_mismatch',
      'complete_closed',
      'already_completed',
      'upload_refused',
      'file_too_large',
      'conflict',
      'storage_full',
    ),
  },
  abort: {
    tags: TAGS,
    summary: 'Give an upload up',
    description: 'Removes the parts and frees the quota. Giving it up again is harmless.',
    security: UPLOAD_SECURITY,
    parameters: [SESSION],
    responses: failures(...UPLOAD, 'upload_not_found', 'abort_closed'),
  },
  getFile: {
    tags: TAGS,
    summary: 'Metadata of one of your files',
    security: SECURITY,
    parameters: [FILE],
    responses: failures(...ALWAYS, 'file_not_found'),
  },
  downloadLink: {
    tags: TAGS,
    summary: 'A signed download link',
    description: 'Works from any address, any number of times, until it expires.',
    security: SECURITY,
    parameters: [FILE, queryParameter('expires_in', 'Seconds, 1 to 604800', 3600)],
    responses: failures(...ALWAYS, 'file_not_found'),
  },
  listFolders: {
    tags: TAGS,
    summary: 'Your folders in one folder',
    security: SECURITY,
    parameters: [queryParameter('parent_id', 'Root when absent', 12)],
    responses: failures(...ALWAYS, 'folder_not_found'),
  },
  createFolder: {
    tags: TAGS,
    summary: 'Make a folder',
    description: `Needs the scope files.write. ${refusals('Folder name is required.')}`,
    security: SECURITY,
    requestBody: jsonBody(t.Object({ name: t.String(), parent_id: t.Optional(t.Integer()) }), {
      name: 'Backups',
      parent_id: 12,
    }),
    responses: failures(...ALWAYS, 'body_too_large', 'folder_not_found', 'invalid'),
  },
  download: {
    tags: TAGS,
    summary: 'The bytes a download link leads to',
    description: 'Ranges, If-Range, If-None-Match and If-Modified-Since work as HTTP says.',
    security: [],
    parameters: [
      pathParameter('id', 'Numeric id', '123'),
      queryParameter('token', 'Of the link', 'a1b2…'),
      queryParameter('expires', 'Of the link, Unix seconds', 1795312800),
    ],
    responses: {
      200: bytesResponse('The file'),
      206: bytesResponse('One range of it'),
      304: { description: 'Not modified' },
      ...DOWNLOAD_LIMITS,
      403: {
        description:
          'Error: Download link expired or invalid; or the package does not allow files of that size',
      },
      404: { description: 'File not found' },
      416: { description: 'The range is outside the file' },
    },
  },
}

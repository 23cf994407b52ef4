/** What the API documentation says of flamenet's routes. Errors are worded by the dialect itself. */
import { t } from 'elysia'
import type { FaultCode } from '../../core/fault.ts'
import {
  bytesResponse,
  DOWNLOAD_LIMITS,
  faultResponses,
  fileForm,
  jsonBody,
  pathParameter,
  queryParameter,
} from '../../http/openapi.ts'
import { renderFault } from './faults.ts'

const TAGS = ['flamenet']
const SECURITY: Array<Record<string, string[]>> = [{ flamenetKey: [] }, { flamenetQuery: [] }]
const ALWAYS: FaultCode[] = ['unauthenticated', 'bad_credentials', 'insufficient_tier', 'rate_limited']

const failures = (...codes: FaultCode[]) => faultResponses(renderFault, [...ALWAYS, ...codes])

const FILE = pathParameter('id', 'Id of the file', 42)
const about = (summary: string, description: string, codes: FaultCode[]) => ({
  tags: TAGS,
  summary,
  ...(description && { description }),
  security: SECURITY,
  parameters: [FILE],
  responses: failures('file_not_found', ...codes),
})

export const docs = {
  list: {
    tags: TAGS,
    summary: 'Your files, newest first',
    security: SECURITY,
    parameters: [queryParameter('page', 'From 1 on', 1), queryParameter('per_page', '1 to 100', 20)],
    responses: failures('invalid'),
  },
  upload: {
    tags: TAGS,
    summary: 'Upload a file',
    description: 'A form with the file in `file`.',
    security: SECURITY,
    requestBody: fileForm('file'),
    responses: failures('file_missing', 'extension_refused', 'file_too_large', 'quota_exceeded'),
  },
  get: about('One of your files', '', []),
  remove: about('Delete a file for good', 'Its links die with it.', []),
  rename: {
    ...about('Rename a file', 'Links stay as they are.', ['missing', 'invalid', 'json_malformed']),
    requestBody: jsonBody(t.Object({ name: t.String() }), { name: 'final-report.pdf' }),
  },
  share: {
    ...about('A new public link', 'The link before it is dead.', ['invalid', 'json_malformed']),
    requestBody: {
      ...jsonBody(t.Object({ expires: t.Optional(t.String({ description: 'YYYY-MM-DD' })) }), {
        expires: '2026-04-01',
      }),
      required: false,
    },
  },
  unshare: about('Take the public link back', '', []),
  download: about('A download URL for five minutes', 'Needs no key.', []),
  shared: {
    tags: TAGS,
    summary: 'The bytes behind a public link',
    security: [],
    parameters: [
      {
        name: 'fnf_share',
        in: 'query' as const,
        required: true,
        description: 'Token of the link',
        schema: { type: 'string' as const },
      },
    ],
    responses: {
      200: bytesResponse('The file'),
      206: bytesResponse('One range of it'),
      ...DOWNLOAD_LIMITS,
      404: { description: 'Unknown, revoked or expired' },
    },
  },
  presigned: {
    tags: TAGS,
    summary: 'The bytes behind a download URL',
    security: [],
    parameters: [
      FILE,
      { name: 'expires', in: 'query' as const, required: true, schema: { type: 'integer' as const } },
      { name: 'signature', in: 'query' as const, required: true, schema: { type: 'string' as const } },
    ],
    responses: {
      200: bytesResponse('The file'),
      206: bytesResponse('One range of it'),
      ...DOWNLOAD_LIMITS,
      403: { description: 'Expired or not ours; or the package does not allow files of that size' },
    },
  },
}

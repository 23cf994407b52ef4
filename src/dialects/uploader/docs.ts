/** What the API documentation says of the uploader's routes. Errors are worded by the dialect itself. */
import { t } from 'elysia'
import { Fault, type FaultCode } from '../../core/fault.ts'
import { REGISTRATION_CLOSED } from '../../core/login-tokens.ts'
import {
  bytesResponse,
  DOWNLOAD_LIMITS,
  type DocumentedResponses,
  faultResponses,
  fileForm,
  jsonBody,
  pathParameter,
  queryParameter,
} from '../../http/openapi.ts'
import { renderFault } from './faults.ts'

const TAGS = ['uploader']
const AUTH: FaultCode[] = [
  'credential_missing',
  'credential_malformed',
  'credential_unreadable',
  'credential_unknown',
  'credential_expired',
]
const SIGNED_IN: Array<Record<string, string[]>> = [{ uploaderToken: [] }]

const failures = (...codes: FaultCode[]): DocumentedResponses => faultResponses(renderFault, codes)

/** For what a code alone does not say. */
const refusals = (...faults: Fault[]): string =>
  `\n\n${faults.map((fault) => `- ${renderFault(fault).status}: ${fault.message}`).join('\n')}`

const fileUrl = pathParameter('fileUrl', 'file_url of the upload', '4ynA8yjhsu')
const credentials = jsonBody(t.Object({ username: t.String(), password: t.String() }), {
  username: 'My cool username',
  password: 'My cool password',
})
const bot = queryParameter('bot', 'true: the token lives half a year', 'false')
const missing = (message: string, field: string) => new Fault('missing', message, { field })

export const docs = {
  greeting: {
    tags: TAGS,
    summary: 'Is it there',
    security: [],
    responses: { 200: { description: 'A greeting, with the address of the documentation' } },
  },
  upload: {
    tags: TAGS,
    summary: 'Upload a file, with an account or without',
    description: `A missing or bad token does not keep the file from being taken: \`synced\` is then false and \`auth_error\` says why.${refusals(missing('No file uploaded', 'file'), new Fault('invalid', 'Invalid max_uses parameter', { field: 'max_uses' }))}`,
    security: [...SIGNED_IN, {}],
    parameters: [
      queryParameter('include_ext', 'true: the extension becomes part of the URL', 'false'),
      queryParameter('max_uses', 'The file is gone after so many fetches, 1 to 10000', '5'),
    ],
    requestBody: fileForm('file'),
    responses: failures(
      'extension_refused',
      'file_too_large',
      'quota_exceeded',
      'guest_allowance_used',
      'rate_limited',
    ),
  },
  register: {
    tags: TAGS,
    summary: 'Make an account',
    description: refusals(
      missing('No username/password provided', 'username'),
      new Fault('forbidden', REGISTRATION_CLOSED),
    ).trim(),
    security: [],
    parameters: [bot],
    requestBody: credentials,
    responses: failures('name_taken', 'rate_limited'),
  },
  login: {
    tags: TAGS,
    summary: 'Sign in',
    description: refusals(missing('No username/password provided', 'username')).trim(),
    security: [],
    parameters: [bot],
    requestBody: credentials,
    responses: failures('wrong_password', 'account_not_found', 'rate_limited'),
  },
  refresh: {
    tags: TAGS,
    summary: 'A new token for an old one',
    description: refusals(missing('No access token provided', 'accessToken')).trim(),
    security: [],
    requestBody: jsonBody(t.Object({ accessToken: t.String() }), { accessToken: 'eyJhbGciOi…' }),
    responses: failures('credential_unreadable', 'credential_unknown', 'credential_expired', 'rate_limited'),
  },
  logout: {
    tags: TAGS,
    summary: 'Sign out',
    security: SIGNED_IN,
    responses: failures(...AUTH, 'rate_limited'),
  },
  list: {
    tags: TAGS,
    summary: 'All files of the account',
    security: SIGNED_IN,
    responses: failures(...AUTH),
  },
  remove: {
    tags: TAGS,
    summary: 'Delete a file for good by its key',
    description: 'Works as DELETE too.',
    security: [],
    parameters: [fileUrl, queryParameter('key', 'Deletion key', '6b9a1c1b-5594-4cb9-8d49-99a4c28782a1')],
    responses: failures('file_not_found', 'delete_key_wrong'),
  },
  transfer: {
    tags: TAGS,
    summary: 'Take anonymous files over into the account',
    description: 'What could not be taken over is listed in `unsuccess`.',
    security: SIGNED_IN,
    requestBody: jsonBody(t.Object({ data: t.Array(t.Object({ file_url: t.String(), key: t.String() })) }), {
      data: [{ file_url: '4ynA8yjhsu', key: '6b9a1c1b-5594-4cb9-8d49-99a4c28782a1' }],
    }),
    responses: failures(...AUTH),
  },
  serve: {
    tags: TAGS,
    summary: 'The bytes of a file',
    description: 'Known kinds are shown in a sandbox, others saved. Ranges work. `/f/…` is the same.',
    security: [],
    parameters: [fileUrl],
    responses: {
      200: bytesResponse('The file'),
      206: bytesResponse('One range of it'),
      ...DOWNLOAD_LIMITS,
      304: { description: 'Not modified' },
      404: { description: 'File not found' },
      416: { description: 'The range is outside the file' },
    },
  },
}

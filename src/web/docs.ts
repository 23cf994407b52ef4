/** What the API documentation says of the one address here that programs use. */
import type { FaultCode } from '../core/fault.ts'
import { bytesResponse, faultResponses } from '../http/openapi.ts'
import { plainReply } from '../http/plain.ts'

const FAULTS: FaultCode[] = [
  'file_not_found',
  'file_removed',
  'not_public',
  'link_invalid',
  'not_yet',
  'download_too_large',
  'too_many_downloads',
  'download_pause',
  'downloads_used_up',
  'traffic_used_up',
  'range_not_satisfiable',
]

const TEXT = { type: 'string' } as const

export const fileDocs = {
  tags: ['yetishare'],
  summary: 'Download a file by its link',
  description:
    'What `download_url` of `/api/v2/file/download` leads to. The link works from any address, any number of times, until its token expires; a download is counted when it starts at byte 0. Without `download_token` the answer is the page of the file. Failures are pages too, JSON when `Accept` prefers it.',
  security: [],
  parameters: [
    {
      name: 'slug',
      in: 'path',
      required: true,
      description: 'The `short_url` of the file',
      schema: TEXT,
    },
    {
      name: 'download_token',
      in: 'query',
      required: false,
      description: '64 hex digits; a new one with each call, good for 24 hours',
      schema: { ...TEXT, pattern: '^[0-9a-f]{64}$' },
    },
    {
      name: 'Range',
      in: 'header',
      required: false,
      description: 'One range of bytes',
      schema: TEXT,
    },
  ],
  responses: {
    200: {
      description: 'The whole file, as an attachment; or its page when there is no token',
      content: {
        ...bytesResponse('').content,
        'text/html': { schema: TEXT },
      },
    },
    206: bytesResponse('The range that was asked for'),
    ...faultResponses(plainReply, FAULTS),
  },
}

/**
 * YetiShare's wording. Every error of an endpoint is HTTP 200 and says so twice, since its clients look at
 * either `status` or `_status`; a key `data` would be taken for success.
 */
import type { Fault, FaultCode } from '../../core/fault.ts'
import { pathOf, type Reply } from '../../http/dialect.ts'
import { toDate } from './wire.ts'

export const REAUTHENTICATE =
  'Could not validate access_token and account_id, please reauthenticate or try again.'

interface Wording {
  status?: number
  message?: string
}

const SERVER_ERROR: Wording = { status: 500 }

/** What stands empty is HTTP 200 with the core's own sentence. */
const WORDING = {
  unauthenticated: { message: REAUTHENTICATE },
  bad_credentials: { message: REAUTHENTICATE },
  insufficient_scope: {},
  csrf_invalid: {},
  proof_required: {},
  forbidden: {},
  api_refused: {
    message:
      'Your account level does not have access to the file upload API. Please contact site support for more information.',
  },
  route_not_found: { status: 404 },
  method_not_allowed: { status: 405, message: 'Invalid Method' },
  host_refused: { status: 421 },
  file_not_found: { message: 'Could not find file based on file_id.' },
  folder_not_found: { message: 'Could not find folder based on folder_id.' },
  upload_not_found: {},
  account_not_found: { message: 'Failed loading a user account with the supplied account_id.' },
  package_not_found: {},
  token_not_found: {},
  report_not_found: {},
  invalid: {},
  file_unavailable: { message: 'Could not generate download url.' },
  file_removed: {},
  not_public: {},
  destination_not_found: {},
  folder_cycle: { message: 'Param folder_id can not match new_parent_folder_id.' },
  password_required: {},
  password_wrong: {},
  import_not_found: { message: 'Could not find the scheduled item based on scheduled_item_id.' },
  imports_disabled: {},
  too_many_imports: {},
  url_refused: {},
  empty_file: {},
  not_yet: {},
  download_too_large: {},
  too_many_downloads: { status: 429 },
  download_pause: { status: 429 },
  downloads_used_up: { status: 429 },
  traffic_used_up: { status: 429 },
  credential_missing: {},
  credential_malformed: {},
  credential_unreadable: {},
  credential_unknown: {},
  credential_expired: {},
  wrong_password: {},
  second_factor_required: {},
  second_factor_wrong: {},
  insufficient_tier: {},
  missing: {},
  delete_key_wrong: {},
  json_malformed: {},
  file_missing: {},
  guest_allowance_used: {},
  name_taken: { message: 'Username already exists on another account' },
  email_taken: { message: 'Email address already exists on another account' },
  conflict: {},
  request_in_flight: {},
  idempotency_mismatch: {},
  body_too_large: { status: 413 },
  upload_refused: {},
  file_too_large: { message: 'File received is larger than permitted.' },
  quota_exceeded: {},
  too_many_uploads: {},
  no_space: {},
  storage_full: {},
  extension_refused: {
    message: 'File could not be uploaded due to that file type being banned by the site admin',
  },
  part_number_invalid: {},
  part_too_large: {},
  part_too_small: {},
  part_busy: {},
  part_mismatch: {},
  no_parts_reported: {},
  size_mismatch: {},
  checksum_mismatch: {},
  sign_closed: {},
  parts_closed: {},
  complete_closed: {},
  already_completed: {},
  abort_closed: {},
  uploads_disabled: { message: 'Uploading is currently disabled on the site, please try again later.' },
  signature_invalid: {},
  signature_expired: {},
  link_invalid: {},
  link_ended: {},
  too_many_links: {},
  range_not_satisfiable: { status: 416 },
  rate_limited: { status: 429, message: 'Maximum API request limit reached.' },
  upload_stalled: { status: 408 },
  client_gone: { status: 499 },
  object_missing: SERVER_ERROR,
  unavailable: { status: 503 },
  internal: SERVER_ERROR,
} satisfies Record<FaultCode, Wording>

/** A folder below itself is no destination; of the moved folder itself its own sentence speaks. */
const INTO_BELOW = 'Could not find the destination folder id defined by new_parent_folder_id.'

function messageOf(fault: Fault, wording: Wording, request: Request): string {
  if (fault.code === 'folder_cycle' && /\/folder\/move\/?$/i.test(pathOf(request)) && !fault.field)
    return INTO_BELOW
  if (fault.code === 'file_too_large' && fault.limit !== undefined)
    return `${wording.message} (max ${fault.limit})`
  return wording.message ?? fault.message
}

/** `now` fills `_datetime`. */
export const renderFault =
  (now: () => Date) =>
  (fault: Fault, request: Request): Reply => {
    const wording: Wording = WORDING[fault.code]
    return {
      status: wording.status ?? 200,
      body: {
        response: messageOf(fault, wording, request),
        status: 'error',
        _status: 'error',
        _datetime: toDate(now()),
      },
    }
  }

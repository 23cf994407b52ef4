/** nating's statuses. The wording is the core's own, which is nating's; only what differs stands here. */
import type { Fault, FaultCode } from '../../core/fault.ts'
import type { Reply } from '../../http/dialect.ts'

export const STATUS = {
  unauthenticated: 401,
  bad_credentials: 401,
  insufficient_scope: 403,
  csrf_invalid: 403,
  forbidden: 403,
  api_refused: 403,
  route_not_found: 404,
  method_not_allowed: 405,
  host_refused: 421,
  file_not_found: 404,
  folder_not_found: 404,
  upload_not_found: 404,
  account_not_found: 404,
  package_not_found: 422,
  token_not_found: 404,
  invalid: 422,
  name_taken: 422,
  conflict: 409,
  request_in_flight: 409,
  idempotency_mismatch: 422,
  body_too_large: 413,
  upload_refused: 422,
  file_too_large: 422,
  quota_exceeded: 422,
  too_many_uploads: 422,
  no_space: 422,
  storage_full: 507,
  extension_refused: 422,
  part_number_invalid: 422,
  part_too_large: 422,
  part_too_small: 422,
  part_busy: 409,
  part_mismatch: 422,
  no_parts_reported: 422,
  size_mismatch: 422,
  checksum_mismatch: 422,
  sign_closed: 422,
  parts_closed: 422,
  complete_closed: 422,
  already_completed: 422,
  abort_closed: 422,
  uploads_disabled: 503,
  signature_invalid: 403,
  signature_expired: 403,
  link_invalid: 403,
  range_not_satisfiable: 416,
  rate_limited: 429,
  upload_stalled: 408,
  client_gone: 499,
  object_missing: 500,
  unavailable: 503,
  internal: 500,
} as const satisfies Record<FaultCode, number>

const MESSAGES: Partial<Record<FaultCode, string>> = {
  package_not_found: 'Upload package not found.',
}

/** `{"error": message}` and nothing else. */
export const renderFault = (fault: Fault): Reply => ({
  status: STATUS[fault.code],
  body: { error: MESSAGES[fault.code] ?? fault.message },
})

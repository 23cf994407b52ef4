/** The only error of the product. A dialect turns each code into its own status and wording. */

/** Every situation a caller can meet, with the sentence that describes it when nobody has a better one. */
export const FAULT_MESSAGES = {
  unauthenticated: 'Authentication required.',
  bad_credentials: 'Authentication failed.',
  credential_missing: 'No Authorization header provided',
  credential_malformed: 'Authorization header must have Bearer <token> format',
  credential_unreadable: 'Invalid access token',
  credential_unknown: 'Token not found',
  credential_expired: 'Access token expired',
  wrong_password: 'Wrong password',
  proof_required: 'Your password is asked for again before that.',
  second_factor_required: 'A code of your authenticator is needed, too.',
  second_factor_wrong: 'That code is not right, or it has been used.',
  insufficient_tier: 'This API needs a Silver or Gold API key.',
  insufficient_scope: 'This token does not have permission for that action.',
  csrf_invalid: 'CSRF token invalid.',
  forbidden: 'You are not allowed to do that.',
  route_not_found: 'Endpoint not found.',
  method_not_allowed: 'Method not allowed.',
  host_refused: 'This server does not answer for that host name.',
  file_not_found: 'File not found.',
  folder_not_found: 'Folder not found.',
  upload_not_found: 'Upload session not found.',
  account_not_found: 'Account not found.',
  package_not_found: 'Package not found.',
  token_not_found: 'Token not found.',
  report_not_found: 'Report not found.',
  invalid: 'The request is not valid.',
  file_unavailable: 'The file is not available.',
  file_removed: 'File has been removed.',
  not_public: 'File is not publicly available.',
  destination_not_found: 'The destination folder was not found.',
  folder_cycle: 'A folder can not be moved into itself or into a folder below it.',
  password_required: 'This folder needs a password.',
  password_wrong: 'That is not the password of this folder.',
  import_not_found: 'Import not found.',
  imports_disabled: 'Remote URL downloading is disabled.',
  too_many_imports: 'You already have the maximum number of remote URL downloads for your package.',
  url_refused: 'That URL can not be downloaded.',
  empty_file: 'Filesize received was zero.',
  not_yet: 'The download is not ready yet.',
  download_too_large: 'This file is larger than your package lets you download.',
  too_many_downloads: 'You already have the maximum number of downloads at the same time for your package.',
  download_pause: 'Your package asks for a pause between two downloads.',
  downloads_used_up: 'You have reached the number of downloads your package has for 24 hours.',
  traffic_used_up: 'You have downloaded as much as your package has for 24 hours.',
  email_taken: 'That e-mail address is already in use.',
  missing: 'A required field is missing.',
  delete_key_wrong: 'Invalid unique key',
  json_malformed: 'Invalid JSON body passed.',
  file_missing: 'No file was sent.',
  guest_allowance_used: 'Your address has uploaded as much as it may without an account today.',
  name_taken: 'That name is already in use.',
  conflict: 'Something else changed this at the same moment. Try again.',
  request_in_flight: 'This idempotent request is still being processed. Retry shortly.',
  idempotency_mismatch: 'Idempotency key was reused with a different request payload.',
  body_too_large: 'The request body is too large.',
  too_many_links: 'You have as many links as an account can have.',
  upload_refused: 'Your package does not allow uploads.',
  api_refused: 'Your package does not include API access.',
  file_too_large: 'File exceeds your package upload limit.',
  quota_exceeded: 'This upload would exceed your storage quota.',
  too_many_uploads: 'You already have the maximum number of active uploads for your package.',
  no_space: 'The selected storage node does not have enough free capacity.',
  storage_full: 'The storage is full. Nothing of this request was kept.',
  extension_refused: 'Security Error: file type is not allowed.',
  part_number_invalid: 'Invalid part number.',
  part_too_large: 'Uploaded part exceeds the allowed size for this upload session.',
  part_too_small: 'Uploaded part is smaller than the size this upload session expects.',
  part_busy: 'This part is being uploaded by another request. Retry shortly.',
  part_mismatch: 'Uploaded part metadata did not match storage provider state.',
  no_parts_reported: 'No uploaded parts were reported for this session.',
  size_mismatch: 'Completed upload size did not match the requested upload size.',
  checksum_mismatch: 'Completed upload checksum did not match the supplied checksum.',
  sign_closed: 'This upload session can no longer accept part signing requests.',
  parts_closed: 'This upload session can no longer accept uploaded parts.',
  complete_closed: 'This upload session can no longer be completed.',
  already_completed: 'This upload session has already been completed.',
  abort_closed: 'This upload session can no longer be aborted.',
  uploads_disabled: 'Chunked browser uploads are currently disabled by the administrator.',
  signature_invalid: 'The signature does not match.',
  signature_expired: 'Request has expired',
  link_invalid: 'Error: Download link expired or invalid.',
  link_ended: 'This link has ended.',
  range_not_satisfiable: 'The requested range is outside the file.',
  rate_limited: 'Too many requests. Try again later.',
  upload_stalled: 'The upload made no progress and was stopped.',
  client_gone: 'The client went away.',
  object_missing: 'The stored bytes of this file are missing.',
  unavailable: 'The service is busy. Try again shortly.',
  internal: 'Internal error.',
} as const

export type FaultCode = keyof typeof FAULT_MESSAGES
export const FAULT_CODES = Object.keys(FAULT_MESSAGES) as FaultCode[]

export interface FaultDetails {
  /** The field of the request that is wrong, in core words. */
  field?: string
  /** Seconds after which a repeat may succeed. */
  retryAfter?: number
  /** The largest value that would have been fine, in bytes. */
  limit?: number
  /** What really happened; for the log, never for the client. */
  cause?: unknown
}

export class Fault extends Error {
  readonly code: FaultCode
  readonly field: string | undefined
  readonly retryAfter: number | undefined
  readonly limit: number | undefined

  /** `message` is shown to the client as it is: no path, no secret, no SQL. */
  constructor(code: FaultCode, message: string = FAULT_MESSAGES[code], details: FaultDetails = {}) {
    super(message, { cause: details.cause })
    this.name = 'Fault'
    this.code = code
    this.field = details.field
    this.retryAfter = details.retryAfter
    this.limit = details.limit
  }
}

/** A value the caller sent is wrong: `field` names it. */
export const invalid = (field: string, message: string): Fault => new Fault('invalid', message, { field })

/** True for a Fault of one of the given codes. */
export const isFault = (error: unknown, ...codes: FaultCode[]): error is Fault =>
  error instanceof Fault && (codes.length === 0 || codes.includes(error.code))

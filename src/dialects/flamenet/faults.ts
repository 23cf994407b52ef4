/** Flamenet's wording: the error shape of a WordPress REST API. */
import type { Fault, FaultCode } from '../../core/fault.ts'
import type { Reply } from '../../http/dialect.ts'
import { FAULT_STATUS } from '../../http/plain.ts'

interface Wording {
  status: number
  code: string
  message?: string
  reason?: string
}

const NO_ROUTE: Wording = {
  status: 404,
  code: 'rest_no_route',
  message: 'No route was found matching the URL and request method.',
}

/** What is not here has the usual status and the fault's own name. */
const WORDING: Partial<Record<FaultCode, Wording>> = {
  unauthenticated: { status: 401, code: 'missing_api_key', message: 'An API key is required.' },
  bad_credentials: { status: 401, code: 'invalid_api_key', message: 'The API key is not valid.' },
  insufficient_tier: { status: 403, code: 'insufficient_tier' },
  route_not_found: NO_ROUTE,
  method_not_allowed: NO_ROUTE,
  file_not_found: { status: 404, code: 'not_found' },
  file_removed: { status: 404, code: 'not_found' },
  missing: { status: 400, code: 'rest_missing_callback_param' },
  invalid: { status: 400, code: 'rest_invalid_param' },
  json_malformed: { status: 400, code: 'rest_invalid_json' },
  file_missing: { status: 400, code: 'no_file' },
  extension_refused: { status: 400, code: 'rest_invalid_param' },
  file_too_large: { status: 413, code: 'quota_exceeded', reason: 'file_too_large' },
  quota_exceeded: { status: 413, code: 'quota_exceeded', reason: 'storage_quota' },
  rate_limited: { status: 429, code: 'rate_limited' },
}

export function renderFault(fault: Fault): Reply {
  const wording = WORDING[fault.code] ?? { status: FAULT_STATUS[fault.code], code: fault.code }
  const { status, code, reason } = wording
  const params = fault.field === undefined ? {} : { params: [fault.field] }
  return {
    status,
    body: {
      code,
      message: wording.message ?? fault.message,
      data: { status, ...(reason && { reason }), ...params },
    },
  }
}

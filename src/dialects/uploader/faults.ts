/** The uploader's wording: real statuses, and for what is wrong with a credential a shape of its own. */
import type { Fault, FaultCode } from '../../core/fault.ts'
import type { Reply } from '../../http/dialect.ts'
import { FAULT_STATUS } from '../../http/plain.ts'

/** Always 401. */
const AUTH_ERRORS: Partial<Record<FaultCode, number>> = {
  credential_missing: -1,
  credential_malformed: -2,
  credential_expired: -3,
  credential_unreadable: -4,
  credential_unknown: -5,
}

interface AuthError {
  message: string
  errorId: number
}

/** What stands in the answer to an upload whose credential was no good; null for other faults. */
export function authErrorOf(fault: Fault): AuthError | null {
  const errorId = AUTH_ERRORS[fault.code]
  return errorId === undefined ? null : { message: fault.message, errorId }
}

interface Wording {
  status?: number
  message?: string
  errorId?: number
}

/** What is not here has the usual status and the core's own sentence. */
const WORDING: Partial<Record<FaultCode, Wording>> = {
  route_not_found: { message: 'Not found' },
  method_not_allowed: { message: 'Method not allowed' },
  name_taken: { status: 400, message: 'An account with this name is already registered', errorId: 1 },
  wrong_password: { status: 400, errorId: 3 },
  account_not_found: { status: 404, message: 'User not found', errorId: 4 },
  file_not_found: { status: 404, message: 'File not found' },
  file_removed: { status: 404, message: 'File not found' },
  extension_refused: { status: 400, message: 'Bad file extension' },
  upload_refused: { status: 403 },
  quota_exceeded: { status: 413, message: 'Storage quota exceeded' },
  no_space: { status: 507 },
}

/** Fields whose absence has a number. */
const MISSING_IDS: Record<string, number> = { username: 2, accessToken: 5 }

const MiB = 1024 * 1024

function messageOf(fault: Fault, wording: Wording): string {
  if (fault.code === 'file_too_large' && fault.limit !== undefined) {
    return `File size exceeds the limit (${Math.floor((fault.limit / MiB) * 100) / 100}MB)`
  }
  return wording.message ?? fault.message
}

export function renderFault(fault: Fault): Reply {
  const authError = authErrorOf(fault)
  if (authError)
    return { status: 401, body: { status: 'error', message: 'Auth error', auth_error: authError } }
  const wording = WORDING[fault.code] ?? {}
  const message = messageOf(fault, wording)
  const errorId = fault.code === 'missing' ? MISSING_IDS[fault.field ?? ''] : wording.errorId
  return {
    status: wording.status ?? FAULT_STATUS[fault.code],
    body: {
      status: 'error',
      message,
      ...(errorId !== undefined && { errorId }),
      ...(fault.code === 'rate_limited' && { error: message }),
    },
  }
}

/** What the store or the way to it says when something fails, told apart by codes. */
import { Fault } from '../../core/fault.ts'
import type { Log } from '../../core/log.ts'

/**
 * A failed request, without anything secret: the errors of `fetch` carry the signed URL, and those of the SDK the
 * whole answer, so neither is kept.
 */
export class StoreError extends Error {
  readonly operation: string
  /** The store's code, or the system's for a connection that failed. */
  readonly code: string
  /** HTTP status, 0 when there was no answer. */
  readonly status: number

  constructor(operation: string, code: string, status = 0) {
    super(`${operation}: ${code}${status === 0 ? '' : ` (${status})`}`)
    this.name = 'StoreError'
    this.operation = operation
    this.code = code
    this.status = status
  }
}

const TRANSIENT = new Set([
  'SlowDown',
  'InternalError',
  'ServiceUnavailable',
  'RequestTimeout',
  'RequestTimeTooSkewed',
  'OperationAborted',
  'Throttling',
  'ThrottlingException',
  'TooManyRequests',
  'BadDigest',
  'IncompleteBody',
])
const FULL = new Set([
  'QuotaExceeded',
  'InsufficientCapacity',
  'InsufficientStorage',
  'XMinioStorageFull',
  'NoSpaceLeft',
])
/** The operator's mistakes: nothing a repeat would change. */
const REFUSED = new Set([
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'AccessDenied',
  'Forbidden',
  'InvalidBucketName',
  'NoSuchBucket',
  'PermanentRedirect',
  'AuthorizationHeaderMalformed',
  'AuthorizationQueryParametersError',
  'InvalidToken',
  'ExpiredToken',
])
const RETRY_AFTER_SECONDS = 10

export const isStoreError = (error: unknown, ...codes: string[]): error is StoreError =>
  error instanceof StoreError && (codes.length === 0 || codes.includes(error.code))

const isFull = ({ code, status }: StoreError): boolean => FULL.has(code) || status === 507

/** No object of that key. HEAD has no body, so its code is the status. */
export const isMissingObject = (error: unknown): boolean => isStoreError(error, 'NoSuchKey', 'NotFound')

/** Some stores say NoSuchKey of an upload that is no more. */
export const isMissingUpload = (error: unknown): boolean =>
  isStoreError(error, 'NoSuchUpload', 'NoSuchKey', 'NotFound')

/** True when the same request may well succeed later. */
export function isTransient(error: unknown): boolean {
  if (!isStoreError(error) || isFull(error)) return false
  // An answer of success that could not be read, or none.
  if (error.status < 300 || TRANSIENT.has(error.code)) return true
  return error.status === 429 || (error.status >= 500 && error.status !== 501)
}

const field = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

/** The HTTP status of an SDK error; one that could not be read for lack of a valid answer still has it. */
function statusOf(error: unknown): number {
  const status =
    field(field(error, '$metadata'), 'httpStatusCode') ?? field(field(error, '$response'), 'statusCode')
  return typeof status === 'number' ? status : 0
}

/** An error of the SDK or of `fetch` as a StoreError; one that is neither (a defect) stays as it is. */
export function storeError(operation: string, error: unknown): unknown {
  if (error instanceof Fault || error instanceof StoreError) return error
  const status = statusOf(error)
  const name = text(field(error, 'name')) ?? 'Error'
  if (status > 0) return new StoreError(operation, text(field(error, 'Code')) ?? name, status)
  if (name === 'TimeoutError' || name === 'AbortError') return new StoreError(operation, 'Timeout')
  const code = text(field(error, 'code'))
  return code === null ? error : new StoreError(operation, code)
}

/**
 * What the caller hears. Faults: storage_full, unavailable (the store is down, or refuses us: the operator finds
 * that in the log). A refusal that only a defect of ours explains stays an error.
 */
export function faultOf(error: unknown, log: Log): unknown {
  if (!isStoreError(error)) return error
  const { operation, code, status } = error
  if (isFull(error)) return new Fault('storage_full', undefined, { cause: error })
  const unavailable = isTransient(error)
  if (!unavailable && !REFUSED.has(code) && status !== 401 && status !== 403) return error
  if (unavailable) log.warn('storage.s3_unavailable', { operation, code, status })
  else log.error('storage.s3_refused', { operation, code, status })
  return new Fault('unavailable', undefined, { retryAfter: RETRY_AFTER_SECONDS, cause: error })
}

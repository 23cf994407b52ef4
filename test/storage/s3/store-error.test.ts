import { describe, expect, test } from 'bun:test'
import { Fault, type FaultCode } from '../../../src/core/fault.ts'
import { silentLog } from '../../../src/core/log.ts'
import { faultOf, isTransient, StoreError, storeError } from '../../../src/storage/s3/store-error.ts'

/** Code, status; whether a repeat may help; what the caller hears, null for an error that is none of his. */
const TABLE: Array<[string, number, boolean, FaultCode | null]> = [
  ['SlowDown', 503, true, 'unavailable'],
  ['InternalError', 500, true, 'unavailable'],
  ['InternalError', 200, true, 'unavailable'],
  ['RequestTimeout', 400, true, 'unavailable'],
  ['RequestTimeTooSkewed', 403, true, 'unavailable'],
  ['BadDigest', 400, true, 'unavailable'],
  ['HTTP429', 429, true, 'unavailable'],
  ['HTTP502', 502, true, 'unavailable'],
  ['ECONNREFUSED', 0, true, 'unavailable'],
  ['Timeout', 0, true, 'unavailable'],
  ['SyntaxError', 200, true, 'unavailable'],
  ['AccessDenied', 403, false, 'unavailable'],
  ['SignatureDoesNotMatch', 403, false, 'unavailable'],
  ['NoSuchBucket', 404, false, 'unavailable'],
  ['PermanentRedirect', 301, false, 'unavailable'],
  ['HTTP401', 401, false, 'unavailable'],
  ['QuotaExceeded', 403, false, 'storage_full'],
  ['InsufficientCapacity', 503, false, 'storage_full'],
  ['XMinioStorageFull', 507, false, 'storage_full'],
  ['MalformedXML', 400, false, null],
  ['EntityTooSmall', 400, false, null],
  ['NotImplemented', 501, false, null],
]

describe('what the store says', () => {
  for (const [code, status, transient, fault] of TABLE)
    test(`${code} with ${status} is ${fault ?? 'a defect'}${transient ? ', after repeats' : ''}`, () => {
      const error = new StoreError('PutObject', code, status)
      expect(isTransient(error)).toBe(transient)
      const heard = faultOf(error, silentLog)
      if (fault === null) expect(heard).toBe(error)
      else expect(heard).toMatchObject({ code: fault, cause: error })
      if (fault === 'unavailable') expect(heard).toMatchObject({ retryAfter: expect.any(Number) })
    })

  test('an error of the SDK keeps code and status, and nothing of the answer', () => {
    const thrown = Object.assign(new Error('text of the store'), {
      name: 'S3ServiceException',
      Code: 'QuotaExceeded',
      $metadata: { httpStatusCode: 403 },
      $response: { headers: { secret: 'hidden' } },
    })
    const error = storeError('PutObject', thrown)
    expect(error).toMatchObject({ operation: 'PutObject', code: 'QuotaExceeded', status: 403 })
    expect(Bun.inspect(error)).not.toContain('hidden')
  })

  test('an error of fetch keeps its code, and nothing of the signed address', () => {
    const thrown = Object.assign(new TypeError('Unable to connect'), {
      code: 'ConnectionRefused',
      path: 'http://store/key?X-Amz-Signature=secret',
    })
    const error = storeError('GetObject', thrown)
    expect(error).toMatchObject({ code: 'ConnectionRefused', status: 0 })
    expect(Bun.inspect(error)).not.toContain('X-Amz-Signature')
  })

  test('time limits are Timeout, Faults and defects stay what they are', () => {
    expect(storeError('x', new DOMException('slow', 'TimeoutError'))).toMatchObject({ code: 'Timeout' })
    const fault = new Fault('client_gone')
    expect(storeError('x', fault)).toBe(fault)
    const defect = new TypeError('undefined is not a function')
    expect(storeError('x', defect)).toBe(defect)
    expect(faultOf(defect, silentLog)).toBe(defect)
  })
})

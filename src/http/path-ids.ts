/**
 * Ids in paths. A router decodes path parameters after it matched them, so `..%2f..%2fetc` arrives as
 * `../../etc`: only what matches an allow-list becomes an id. Anything else is what is not found.
 */
import { Fault, type FaultCode } from '../core/fault.ts'

const matching =
  (pattern: RegExp, code: FaultCode) =>
  (raw: unknown): string => {
    if (typeof raw !== 'string' || !pattern.test(raw)) throw new Fault(code)
    return raw
  }

/** Fault: upload_not_found. */
export const sessionId = matching(/^ups_[0-9a-f]{20}$/, 'upload_not_found')
/** Fault: token_not_found. */
export const tokenId = matching(/^atk_[0-9a-f]{16}$/, 'token_not_found')
/** Fault: file_not_found. */
export const fileSlug = matching(/^[0-9A-Za-z]{10}$/, 'file_not_found')

const numberOf = (code: FaultCode) => {
  const digits = matching(/^[1-9]\d{0,14}$/, code)
  return (raw: unknown): number => Number(digits(raw))
}

/** Fault: file_not_found. */
export const fileId = numberOf('file_not_found')
/** Fault: folder_not_found. */
export const folderId = numberOf('folder_not_found')
/** Fault: part_number_invalid. */
export const partNumber = numberOf('part_number_invalid')

/**
 * Ids in paths. A router decodes path parameters after it matched them, so `..%2f..%2fetc` arrives as
 * `../../etc`: only what matches an allow-list becomes an id. Anything else is what is not found.
 */
import { Fault, type FaultCode } from '../core/fault.ts'

const matching =
  (pattern: RegExp, code: FaultCode, message?: string) =>
  (raw: unknown): string => {
    if (typeof raw !== 'string' || !pattern.test(raw)) throw new Fault(code, message)
    return raw
  }

/** Fault: upload_not_found. */
export const sessionId = matching(/^ups_[0-9a-f]{20}$/, 'upload_not_found')
/** Fault: token_not_found. */
export const tokenId = matching(/^atk_[0-9a-f]{16}$/, 'token_not_found')
/** Fault: file_not_found. */
export const fileSlug = matching(/^[0-9A-Za-z]{10}$/, 'file_not_found')

const numberOf = (code: FaultCode, message?: string) => {
  const digits = matching(/^[1-9]\d{0,14}$/, code, message)
  return (raw: unknown): number => Number(digits(raw))
}

/** Fault: file_not_found. */
export const fileId = numberOf('file_not_found')
/** Fault: folder_not_found. */
export const folderId = numberOf('folder_not_found')
/** Of a share link or a file request. Fault: link_invalid. */
export const linkId = numberOf('link_invalid', 'There is no such link.')
/** Fault: import_not_found. */
export const importId = numberOf('import_not_found')
/** Fault: report_not_found. */
export const reportId = numberOf('report_not_found')
/** Fault: account_not_found. */
export const accountId = numberOf('account_not_found')
/** Fault: package_not_found. */
export const packageId = numberOf('package_not_found')
/** Of a browser that has signed in. Fault: token_not_found. */
export const webSessionId = numberOf('token_not_found', 'That device is not signed in.')
/** Fault: part_number_invalid. */
export const partNumber = numberOf('part_number_invalid')

/** What an address that begins with a slug shows: the file itself, or its page for info, statistics, deletion. */
export type FilePage = '' | 'i' | 's' | 'd'

/** The ending that old links have does not count. */
const FILE_PAGE = /^([0-9A-Za-z]{10})(?:\.html?)?(?:~([isd]))?$/

/** How such an address looks before it is decoded, as a pattern; only deletion is sent anything. */
export const slugPattern = (method: string): string =>
  `[0-9A-Za-z]{10}(?:\\.html?)?${method === 'GET' ? '(?:(?:~|%7[Ee])[isd])?' : '(?:~|%7[Ee])d'}`

/** Fault: route_not_found, because no literal route is as long as a slug. */
export function filePage(raw: unknown): { slug: string; page: FilePage } {
  const [, slug, page = ''] = FILE_PAGE.exec(typeof raw === 'string' ? raw : '') ?? []
  if (slug === undefined) throw new Fault('route_not_found')
  return { slug, page: page as FilePage }
}

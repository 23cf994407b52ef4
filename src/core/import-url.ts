/** The URL of an import as programs send it: in base64, since it has a query of its own. */
import { invalid } from './fault.ts'

/** Characters of the longest URL that is kept. */
const MAX_URL_LENGTH = 2048

/**
 * The URL in its normal form. Standard and URL-safe base64, with and without padding, are read; a `+` that a
 * form turned into a space too. Fault: invalid, in the words YetiShare has for it, for anything that is not
 * base64 of an http or https URL of at most 2048 characters.
 */
export function readImportUrl(base64: string): string {
  const text = decodeBase64(base64)
  const url = text !== null && text.length <= MAX_URL_LENGTH ? URL.parse(text) : null
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw unreadable()
  url.hash = ''
  if (url.href.length > MAX_URL_LENGTH) throw unreadable()
  return url.href
}

const unreadable = () =>
  invalid('url', "Could not parse the file_url_base64 parameter. Ensure it's base64 encoded.")

/** Null for what is not base64 of UTF-8. */
function decodeBase64(value: string): string | null {
  const digits = value
    .trim()
    .replace(/[ -]/g, '+')
    .replaceAll('_', '/')
    .replace(/={1,2}$/, '')
  if (!/^[A-Za-z0-9+/]+$/.test(digits) || digits.length % 4 === 1) return null
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(digits, 'base64')).trim()
  } catch {
    return null
  }
}

/**
 * Names out of Content-Disposition: RFC 6266 as it should be, and the forms that servers really send, which
 * browsers understand too.
 */

/** Best first: `filename*`, then `filename`. Values only, not cleaned. */
export function dispositionNames(header: string): string[] {
  const parameters = readParameters(header)
  const extended = parameters.get('filename*')
  const plain = parameters.get('filename')
  return [
    ...(extended === undefined ? [] : readExtended(extended)),
    ...(plain === undefined ? [] : [readPlain(plain)]),
  ].filter((name) => name.trim() !== '')
}

/** The first of two that have one name counts. A missing quote at the end is forgiven. */
function readParameters(header: string): Map<string, string> {
  const found = new Map<string, string>()
  const pattern = /(?:^|;)\s*([\w*-]+)\s*=\s*(?:"((?:\\.|[^"\\])*)(?:"|$)|([^;]*))/g
  for (const [, key = '', quoted, bare = ''] of header.matchAll(pattern)) {
    const value = quoted === undefined ? bare.trim() : unquoted(quoted)
    if (!found.has(key.toLowerCase())) found.set(key.toLowerCase(), value)
  }
  return found
}

/** Only quotes and backslashes are escaped: other backslashes are of paths that Windows programs send. */
const unquoted = (quoted: string): string => quoted.replace(/\\(["\\])/g, '$1')

/** RFC 8187: `charset'language'percent-encoded`. Without the two quotes it is taken as UTF-8. */
function readExtended(value: string): string[] {
  const [, charset = 'utf-8', encoded = value] = /^([\w-]*)'[^']*'(.*)$/s.exec(value) ?? []
  const bytes = Buffer.from(
    encoded.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )
  const name = decode(bytes, charset || 'utf-8')
  return name === null ? [] : [name]
}

/** Raw UTF-8, which arrives one character a byte, or words encoded as in mail (RFC 2047). */
function readPlain(value: string): string {
  const word = /=\?([\w-]+)\?([bq])\?([^?]*)\?=(?:\s+(?==\?))?/gi
  const decoded = value.replace(word, (whole, charset: string, how: string, text: string) => {
    const bytes = how.toLowerCase() === 'b' ? Buffer.from(text, 'base64') : quotedPrintable(text)
    return decode(bytes, charset) ?? whole
  })
  return decoded === value ? (decode(Buffer.from(value, 'latin1'), 'utf-8') ?? value) : decoded
}

const quotedPrintable = (text: string): Buffer =>
  Buffer.from(
    text
      .replaceAll('_', ' ')
      .replace(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )

/** Null when the bytes are not of that character set, or nobody knows it. */
function decode(bytes: Uint8Array, charset: string): string | null {
  try {
    // The types list the labels that are known; an unknown one throws.
    return new TextDecoder(charset as 'utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

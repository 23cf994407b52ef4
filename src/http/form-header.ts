/** The header lines of a form's parts, as browsers, scripts and old programs write them. */
import { invalid } from '../core/fault.ts'

/** A header value with its parameters: `form-data; name="a"; filename="b"`. */
export interface HeaderValue {
  /** The text before the first semicolon, trimmed, in lower case. */
  value: string
  /** By name in lower case. Of two with one name the first counts. */
  parameters: Map<string, string>
}

/**
 * Reads what is there and never fails. In quotes `\"` and `\\` stand for a quote and a backslash; any other
 * backslash is itself, because old browsers send whole Windows paths. A quote that is not followed by a
 * semicolon or the end is part of the text. Percent signs are left as they are.
 */
export function parseHeaderValue(header: string): HeaderValue {
  const semicolon = header.indexOf(';')
  const value = (semicolon < 0 ? header : header.slice(0, semicolon)).trim().toLowerCase()
  const parameters = new Map<string, string>()
  let at = semicolon < 0 ? header.length : semicolon + 1
  while (at < header.length) {
    const parameter = readParameter(header, at)
    if (parameter.name !== '' && !parameters.has(parameter.name))
      parameters.set(parameter.name, parameter.text)
    at = parameter.next
  }
  return { value, parameters }
}

function readParameter(header: string, at: number): { name: string; text: string; next: number } {
  const name = /[^=;]*/y
  name.lastIndex = at
  const raw = name.exec(header)?.[0] ?? ''
  const end = at + raw.length
  if (header[end] !== '=') return { name: '', text: '', next: end + 1 }
  const { text, next } = readText(header, end + 1)
  return { name: raw.trim().toLowerCase(), text, next }
}

function readText(header: string, at: number): { text: string; next: number } {
  let start = at
  while (header[start] === ' ' || header[start] === '\t') start += 1
  if (header[start] === '"') return readQuoted(header, start + 1)
  const semicolon = header.indexOf(';', start)
  const end = semicolon < 0 ? header.length : semicolon
  return { text: header.slice(start, end).trim(), next: end + 1 }
}

function readQuoted(header: string, start: number): { text: string; next: number } {
  let text = ''
  for (let at = start; at < header.length; at += 1) {
    const char = header[at] ?? ''
    const following = header[at + 1]
    if (char === '\\' && (following === '"' || following === '\\')) {
      text += following
      at += 1
    } else if (char === '"') {
      const end = endOfQuotes(header, at + 1)
      if (end !== null) return { text, next: end + 1 }
      text += char
    } else text += char
  }
  return { text, next: header.length }
}

/** Offset of the semicolon or the end when only blanks stand before it, else null. */
function endOfQuotes(header: string, at: number): number | null {
  let end = at
  while (header[end] === ' ' || header[end] === '\t') end += 1
  return end === header.length || header[end] === ';' ? end : null
}

/** Longer boundaries than any program makes. */
const MAX_BOUNDARY = 200

/** Null when the Content-Type is not that of a multipart form. Fault: invalid (its boundary is missing). */
export function boundaryOf(contentType: string | null): string | null {
  const { value, parameters } = parseHeaderValue(contentType ?? '')
  if (value !== 'multipart/form-data') return null
  const boundary = parameters.get('boundary') ?? ''
  if (boundary === '' || boundary.length > MAX_BOUNDARY || /[\r\n]/.test(boundary))
    throw invalid('body', 'The form names no boundary.')
  return boundary
}

/** The text of `filename*=UTF-8''…` (RFC 5987), null when it is malformed or its character set unknown. */
export function decodeExtended(text: string): string | null {
  const [charset, , ...rest] = text.split("'")
  const encoded = rest.join("'")
  if (charset === undefined || rest.length === 0 || /%(?![0-9a-f]{2})/i.test(encoded)) return null
  const latin1 = encoded.replace(/%([0-9a-f]{2})/gi, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  // Bytes above 127 that came raw were decoded already; they have no place in this form.
  if (/[^\x00-\xff]/.test(latin1)) return null
  return decodeStrictly(Buffer.from(latin1, 'latin1'), charset)
}

/** Null for a character set nobody knows, and for bytes that are not of it. */
function decodeStrictly(bytes: Uint8Array, charset: string): string | null {
  try {
    return new TextDecoder(charset.trim() as Bun.Encoding, { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

/** A header line as text: UTF-8, or Latin-1 when it is not that, as old programs send names. */
export const decodeHeader = (bytes: Uint8Array): string =>
  decodeStrictly(bytes, 'utf-8') ?? Buffer.from(bytes).toString('latin1')

/** A field's value in the character set its part names, UTF-8 without one; what is wrong becomes U+FFFD. */
export function decodeField(bytes: Uint8Array, charset: string | undefined): string {
  const declared = charset === undefined ? null : decodeStrictly(bytes, charset)
  return declared ?? new TextDecoder().decode(bytes)
}

/** Content-Disposition for names strangers chose (RFC 6266, RFC 8187). */

export type DispositionType = 'attachment' | 'inline'

/** Controls, line separators, and marks that turn the direction of text and so disguise an extension. */
const INVISIBLE = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu

/**
 * Both forms of the name: ASCII for old clients, UTF-8 for the rest. Whatever the name, the value is plain
 * ASCII on one line, so that no name can add a header or make a Response throw.
 */
export function contentDisposition(type: DispositionType, name: string): string {
  const safe = presentable(name)
  return `${type}; filename="${asciiName(safe)}"; filename*=UTF-8''${extended(safe)}`
}

/** The name as a client may save it: one path segment, visible characters, never empty. */
function presentable(name: string): string {
  const visible = name.toWellFormed().replace(INVISIBLE, '_').replace(/[/\\]/g, '_').trim()
  if (visible === '') return 'download'
  return /^\.{1,2}$/.test(visible) ? visible.replaceAll('.', '_') : visible
}

/** `%` is replaced too: some clients decode it inside the quoted form. */
const asciiName = (name: string): string => name.replace(/[^\x20-\x7e]/gu, '_').replace(/["%]/g, '_')

/** encodeURIComponent leaves four characters that RFC 8187 does not allow bare. */
const extended = (name: string): string =>
  encodeURIComponent(name).replace(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

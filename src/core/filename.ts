/** Names that users give to files: what is kept of them, and which kinds are refused. */
import { Fault, invalid } from './fault.ts'

const MAX_BYTES = 255
/** Longer endings are no extension worth keeping when a name is cut. */
const MAX_EXTENSION_BYTES = 32
export const byteLength = (text: string): number => Buffer.byteLength(text)

/**
 * The text without control characters and those that turn the direction of writing, which make a name look
 * like another one; lone surrogates become U+FFFD.
 */
export const printable = (text: string): string =>
  text.toWellFormed().replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, '')

/**
 * The last segment of a path, without control and direction characters, at most 255 bytes with the
 * extension kept. Fault: invalid when nothing is left.
 */
export function cleanFilename(value: string): string {
  const segment = value.slice(Math.max(value.lastIndexOf('/'), value.lastIndexOf('\\')) + 1)
  const name = printable(segment).trim()
  if (name === '' || name === '.' || name === '..') throw invalid('filename', 'A filename is required.')
  return byteLength(name) <= MAX_BYTES ? name : shorten(name)
}

function shorten(name: string): string {
  const dot = name.lastIndexOf('.')
  const ending = dot > 0 ? name.slice(dot) : ''
  const suffix = byteLength(ending) <= MAX_EXTENSION_BYTES + 1 ? ending : ''
  const stem = name.slice(0, name.length - suffix.length)
  return cutToBytes(stem, MAX_BYTES - byteLength(suffix)).trimEnd() + suffix
}

/** The first `bytes` bytes at most, cut between two characters. */
export function cutToBytes(text: string, bytes: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(bytes))
  return text.slice(0, read)
}

/**
 * Fault: extension_refused. `blocked` are lower-case extensions without the dot. Dots and spaces at the end
 * do not hide an extension, as some systems drop them, and a name that is only an extension counts as one.
 */
export function refuseBlocked(name: string, blocked: ReadonlySet<string>): void {
  const visible = name.replace(/[. ]+$/, '')
  const extension = visible.slice(visible.lastIndexOf('.') + 1).toLowerCase()
  if (!visible.includes('.') || !blocked.has(extension)) return
  throw new Fault('extension_refused', `Security Error: file type (.${extension}) is not allowed.`)
}

/** A media type fit for a header, without parameters; application/octet-stream for anything else. */
export function cleanMimeType(value: string | null): string {
  const type = value?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  return /^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,127}$/.test(type)
    ? type
    : 'application/octet-stream'
}

/** Lower case, without the dot; empty for a name without one, for `.bashrc` and for `x.`. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.')
  return dot <= 0 ? '' : name.slice(dot + 1).toLowerCase()
}

/** Names that users give to files: what is kept of them, and which kinds are refused. */
import { Fault, invalid } from './fault.ts'

const MAX_BYTES = 255
const byteLength = (text: string): number => new TextEncoder().encode(text).length

/**
 * The last segment of a path, without control and direction characters, at most 255 bytes with the
 * extension kept. Fault: invalid when nothing is left.
 */
export function cleanFilename(value: string): string {
  const segment = value.toWellFormed().split(/[/\\]/).at(-1) ?? ''
  const name = segment.replace(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '').trim()
  if (name === '' || name === '.' || name === '..') throw invalid('filename', 'A filename is required.')
  return shorten(name)
}

function shorten(name: string): string {
  if (byteLength(name) <= MAX_BYTES) return name
  const extension = extensionOf(name)
  const suffix = extension !== '' && byteLength(extension) <= 32 ? `.${name.slice(-extension.length)}` : ''
  let stem = name.slice(0, name.length - suffix.length)
  while (byteLength(stem + suffix) > MAX_BYTES) stem = [...stem].slice(0, -1).join('')
  return stem + suffix
}

/** Lower-case, without the dot; empty when there is none. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.')
  return dot <= 0 ? '' : name.slice(dot + 1).toLowerCase()
}

/** Fault: extension_refused. `blocked` are lower-case extensions without the dot. */
export function refuseBlocked(name: string, blocked: ReadonlySet<string>): void {
  const extension = extensionOf(name)
  if (!blocked.has(extension)) return
  throw new Fault('extension_refused', `Security Error: file type (.${extension}) is not allowed.`)
}

/** A media type fit for a header, without parameters; application/octet-stream for anything else. */
export function cleanMimeType(value: string | null): string {
  const type = value?.split(';')[0]?.trim().toLowerCase() ?? ''
  return /^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,127}$/.test(type)
    ? type
    : 'application/octet-stream'
}

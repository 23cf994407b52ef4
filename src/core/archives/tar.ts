/** The headers of a tar archive (POSIX ustar and pax, GNU long names); what lies between them is skipped. */
import { type ArchiveEntry, MOST_ENTRIES, pathOf, timeOf, UnreadableArchive } from './listing.ts'

/** Bytes one behind the other, of which most are skipped. */
export interface TarSource {
  /** Fewer at the end. Null: more than may be read for a listing. */
  take(length: number): Promise<Uint8Array | null>
  skip(length: number): void
}

const BLOCK = 512
/** Of a long name or a pax header. */
const MOST_SPECIAL = 64 * 1024
const utf8 = new TextDecoder()

const textOf = (bytes: Uint8Array): Uint8Array => {
  const end = bytes.indexOf(0)
  return end < 0 ? bytes : bytes.subarray(0, end)
}

/** Octal digits, or GNU's base 256; null for neither. */
function numberOf(field: Uint8Array): number | null {
  if (((field[0] ?? 0) & 0x80) !== 0) {
    let value = (field[0] ?? 0) & 0x3f
    for (const byte of field.subarray(1)) value = value * 256 + byte
    return Number.isSafeInteger(value) && ((field[0] ?? 0) & 0x40) === 0 ? value : null
  }
  const digits = utf8.decode(field).replace(/\0.*$/s, '').trim()
  return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || '0', 8) : null
}

/** Whether the bytes are a header of tar, by its checksum. */
export function isTarHeader(block: Uint8Array): boolean {
  if (block.length < BLOCK) return false
  let sum = 8 * 32
  for (let at = 0; at < BLOCK; at++) if (at < 148 || at >= 156) sum += block[at] ?? 0
  return block[0] !== 0 && numberOf(block.subarray(148, 156)) === sum
}

/** What headers before an entry say of it. */
interface Special {
  path?: Uint8Array
  size?: number
  modified?: number
}

/** Throws UnreadableArchive when it does not begin with a header. */
export async function listTar(source: TarSource): Promise<{ entries: ArchiveEntry[]; truncated: boolean }> {
  const entries: ArchiveEntry[] = []
  let special: Special = {}
  // Names that belong to no entry are entries of nothing, and bounded all the same.
  for (let headers = 0; headers < 2 * MOST_ENTRIES; headers++) {
    const header = await source.take(BLOCK)
    if (header === null) return { entries, truncated: true }
    if (header.length < BLOCK || header.every((byte) => byte === 0))
      return { entries, truncated: header.length !== 0 && header.length < BLOCK }
    const size = isTarHeader(header) ? (special.size ?? numberOf(header.subarray(124, 136))) : null
    if (size === null || size < 0) {
      if (entries.length === 0) throw new UnreadableArchive('no header')
      return { entries, truncated: true }
    }
    const type = String.fromCharCode(header[156] ?? 0)
    if ('Lx'.includes(type)) {
      const read = await readSpecial(source, type, size)
      if (read === null) return { entries, truncated: true }
      special = { ...special, ...read }
      continue
    }
    const isLink = '12'.includes(type)
    if (!'Kg'.includes(type)) {
      if (entries.length >= MOST_ENTRIES) return { entries, truncated: true }
      entries.push(entryOf(header, type, size, special))
      special = {}
    }
    if (!isLink && type !== '5') source.skip(padded(size))
  }
  return { entries, truncated: true }
}

const padded = (size: number): number => Math.ceil(size / BLOCK) * BLOCK

/** Null when it is longer than any name. */
async function readSpecial(source: TarSource, type: string, size: number): Promise<Special | null> {
  if (size > MOST_SPECIAL) return null
  const bytes = await source.take(padded(size))
  if (bytes === null || bytes.length < size) return null
  return type === 'L' ? { path: textOf(bytes.subarray(0, size)) } : readPax(bytes.subarray(0, size))
}

/** Lines of `LENGTH key=value\n`. */
function readPax(bytes: Uint8Array): Special {
  const found: Special = {}
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(32, at)
    const length = Number(utf8.decode(bytes.subarray(at, space)))
    if (space < 0 || !Number.isInteger(length) || length <= space - at || at + length > bytes.length) break
    const line = bytes.subarray(space + 1, at + length - 1)
    const equals = line.indexOf(61)
    const [key, value] = [utf8.decode(line.subarray(0, equals)), line.subarray(equals + 1)]
    const number = Number(utf8.decode(value))
    if (key === 'path') found.path = value
    if (key === 'size' && Number.isSafeInteger(number) && number >= 0) found.size = number
    if (key === 'mtime' && Number.isFinite(number)) found.modified = Math.floor(number)
    at += length
  }
  return found
}

function entryOf(header: Uint8Array, type: string, size: number, special: Special): ArchiveEntry {
  const isUstar = utf8.decode(header.subarray(257, 262)) === 'ustar'
  const name = textOf(header.subarray(0, 100))
  // GNU keeps times where POSIX keeps the beginning of a long path.
  const prefix = isUstar && header[262] === 0 ? textOf(header.subarray(345, 500)) : new Uint8Array(0)
  const plain = prefix.length > 0 ? Buffer.concat([prefix, Buffer.from('/'), name]) : name
  const path = pathOf(special.path ?? plain)
  const modified = special.modified ?? numberOf(header.subarray(136, 148))
  return {
    path,
    size: '12'.includes(type) || type === '5' ? 0 : size,
    modified: modified === null ? null : timeOf(modified),
    isFolder: type === '5' || path.endsWith('/'),
  }
}

/**
 * The records of a ZIP archive whose entries are stored as they are (PKWARE APPNOTE 6.3.10, sections 4.3 and 4.5).
 * Sizes and CRC-32 stand before the bytes, so there are no data descriptors and every length is known beforehand.
 */

export interface EntryFacts {
  /** Length of the path in UTF-8, with the slash at the end of a folder's. */
  pathBytes: number
  size: number
  crc32: number
  /** Unix seconds. */
  modified: number
  isFolder: boolean
}

/** The value that says: see the ZIP64 field. */
const SEE_ZIP64 = 0xffff_ffff
const MANY = 0xffff
const LOCAL_HEADER = 30
const CENTRAL_HEADER = 46
const TIMESTAMP = 9
const ZIP64_LOCAL = 20
const ZIP64_END = 56
const ZIP64_LOCATOR = 20
const END = 22

const VERSION = 20
const VERSION_ZIP64 = 45
/** Names are UTF-8. */
const UTF8_FLAG = 0x0800
const MADE_BY_UNIX = 3 << 8
const FILE_MODE = 0o100644
const FOLDER_MODE = 0o40755
const DOS_FOLDER = 0x10

const isLarge = (value: number): boolean => value >= SEE_ZIP64

export const localHeaderSize = ({ pathBytes, size }: EntryFacts): number =>
  LOCAL_HEADER + pathBytes + TIMESTAMP + (isLarge(size) ? ZIP64_LOCAL : 0)

const zip64CentralSize = (size: number, offset: number): number => {
  const bytes = (isLarge(size) ? 16 : 0) + (isLarge(offset) ? 8 : 0)
  return bytes === 0 ? 0 : 4 + bytes
}

export const centralHeaderSize = ({ pathBytes, size }: EntryFacts, offset: number): number =>
  CENTRAL_HEADER + pathBytes + TIMESTAMP + zip64CentralSize(size, offset)

export interface Directory {
  entries: number
  /** Where the central directory begins, and its length. */
  offset: number
  size: number
}

const needsZip64 = ({ entries, offset, size }: Directory): boolean =>
  entries >= MANY || isLarge(offset) || isLarge(size)

export const endSize = (directory: Directory): number =>
  (needsZip64(directory) ? ZIP64_END + ZIP64_LOCATOR : 0) + END

/** Writes little-endian numbers one behind the other. */
class Writer {
  readonly bytes: Uint8Array
  #view: DataView
  #at = 0

  constructor(length: number) {
    this.bytes = new Uint8Array(length)
    this.#view = new DataView(this.bytes.buffer)
  }

  u16(...values: number[]): this {
    for (const value of values) this.#view.setUint16(this.#move(2), value, true)
    return this
  }

  u32(...values: number[]): this {
    for (const value of values) this.#view.setUint32(this.#move(4), value, true)
    return this
  }

  u64(...values: number[]): this {
    for (const value of values) this.#view.setBigUint64(this.#move(8), BigInt(value), true)
    return this
  }

  text(value: Uint8Array): this {
    this.bytes.set(value, this.#move(value.length))
    return this
  }

  #move(by: number): number {
    this.#at += by
    return this.#at - by
  }
}

const EARLIEST = Date.UTC(1980, 0, 1) / 1000
const LATEST = Date.UTC(2107, 11, 31, 23, 59, 58) / 1000

/** Time and date as DOS counts them, two seconds at a time; UTC, so that every server gives the same bytes. */
function dosTime(modified: number): [time: number, date: number] {
  const at = new Date(Math.min(Math.max(modified, EARLIEST), LATEST) * 1000)
  const time = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1)
  const date = ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate()
  return [time, date]
}

/** The extended timestamp of Info-ZIP, which knows the zone. */
const timestamp = (writer: Writer, modified: number): Writer =>
  writer
    .u16(0x5455, 5)
    .text(Uint8Array.of(1))
    .u32(Math.min(Math.max(modified, 0), 0x7fff_ffff))

export function localHeader(entry: EntryFacts, path: Uint8Array): Uint8Array {
  const large = isLarge(entry.size)
  const size = large ? SEE_ZIP64 : entry.size
  const writer = new Writer(localHeaderSize(entry))
    .u32(0x0403_4b50)
    .u16(large ? VERSION_ZIP64 : VERSION, UTF8_FLAG, 0, ...dosTime(entry.modified))
    .u32(entry.crc32, size, size)
    .u16(path.length, TIMESTAMP + (large ? ZIP64_LOCAL : 0))
    .text(path)
  timestamp(writer, entry.modified)
  if (large) writer.u16(1, 16).u64(entry.size, entry.size)
  return writer.bytes
}

export function centralHeader(entry: EntryFacts, path: Uint8Array, offset: number): Uint8Array {
  const zip64 = zip64CentralSize(entry.size, offset)
  const version = zip64 > 0 ? VERSION_ZIP64 : VERSION
  const size = isLarge(entry.size) ? SEE_ZIP64 : entry.size
  const writer = new Writer(centralHeaderSize(entry, offset))
    .u32(0x0201_4b50)
    .u16(MADE_BY_UNIX | version, version, UTF8_FLAG, 0, ...dosTime(entry.modified))
    .u32(entry.crc32, size, size)
    .u16(path.length, TIMESTAMP + zip64, 0, 0, 0)
    .u32(attributes(entry.isFolder), isLarge(offset) ? SEE_ZIP64 : offset)
    .text(path)
  timestamp(writer, entry.modified)
  if (zip64 > 0) writer.u16(1, zip64 - 4)
  if (isLarge(entry.size)) writer.u64(entry.size, entry.size)
  if (isLarge(offset)) writer.u64(offset)
  return writer.bytes
}

/** Unix permissions above, what DOS knows below. */
const attributes = (isFolder: boolean): number =>
  (((isFolder ? FOLDER_MODE : FILE_MODE) << 16) | (isFolder ? DOS_FOLDER : 0)) >>> 0

/** What follows the central directory. */
export function endOfArchive(directory: Directory): Uint8Array {
  const { entries, offset, size } = directory
  const writer = new Writer(endSize(directory))
  if (needsZip64(directory))
    writer
      .u32(0x0606_4b50)
      .u64(ZIP64_END - 12)
      .u16(MADE_BY_UNIX | VERSION_ZIP64, VERSION_ZIP64)
      .u32(0, 0)
      .u64(entries, entries, size, offset)
      .u32(0x0706_4b50, 0)
      .u64(offset + size)
      .u32(1)
  const count = Math.min(entries, MANY)
  return writer
    .u32(0x0605_4b50)
    .u16(0, 0, count, count)
    .u32(Math.min(size, SEE_ZIP64), Math.min(offset, SEE_ZIP64))
    .u16(0).bytes
}

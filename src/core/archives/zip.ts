/** The central directory of a ZIP archive (PKWARE APPNOTE 4.3): only the end of the file is read. */
import type { ByteRangeReader } from './byte-range-reader.ts'
import {
  type ArchiveEntry,
  type ArchiveListing,
  MOST_ENTRIES,
  pathOf,
  timeOf,
  UnreadableArchive,
} from './listing.ts'

const END = 22
const LONGEST_COMMENT = 0xffff
const LOCATOR = 20
const HEADER = 46
const MOST_DIRECTORY = 1024 * 1024

interface Directory {
  entries: number
  size: number
  /** As the archive claims. */
  offset: number
  /** Where its end lies in the file. */
  end: number
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Throws UnreadableArchive when there is no directory where one should be. */
export async function listZip(reader: ByteRangeReader): Promise<ArchiveListing> {
  const directory = await findDirectory(reader)
  const bytes = await readDirectory(reader, directory)
  const entries: ArchiveEntry[] = []
  const view = viewOf(bytes)
  let encrypted = false
  let at = 0
  while (entries.length < MOST_ENTRIES && at + HEADER <= bytes.length) {
    if (view.getUint32(at, true) !== 0x0201_4b50) break
    const length =
      HEADER + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
    if (at + length > bytes.length) break
    encrypted ||= (view.getUint16(at + 8, true) & 1) === 1
    entries.push(readEntry(bytes.subarray(at, at + length)))
    at += length
  }
  if (entries.length === 0 && directory.entries > 0) throw new UnreadableArchive('no entries')
  return {
    kind: 'zip',
    entries,
    truncated: entries.length < directory.entries || at < directory.size,
    encrypted,
  }
}

async function findDirectory(reader: ByteRangeReader): Promise<Directory> {
  const start = Math.max(0, reader.size - END - LONGEST_COMMENT - LOCATOR)
  const tail = await reader.read(start, reader.size - start)
  const view = viewOf(tail)
  for (let at = tail.length - END; at >= 0; at--) {
    if (view.getUint32(at, true) !== 0x0605_4b50) continue
    if (at + END + view.getUint16(at + 20, true) > tail.length) continue
    const large = at >= LOCATOR && view.getUint32(at - LOCATOR, true) === 0x0706_4b50
    if (large) return findLargeDirectory(reader, number64(view, at - LOCATOR + 8))
    return {
      entries: view.getUint16(at + 10, true),
      size: view.getUint32(at + 12, true),
      offset: view.getUint32(at + 16, true),
      end: start + at,
    }
  }
  throw new UnreadableArchive('no end of the directory')
}

async function findLargeDirectory(reader: ByteRangeReader, at: number): Promise<Directory> {
  const bytes = await reader.read(at, 56)
  const view = viewOf(bytes)
  if (bytes.length < 56 || view.getUint32(0, true) !== 0x0606_4b50)
    throw new UnreadableArchive('no ZIP64 end of the directory')
  return { entries: number64(view, 32), size: number64(view, 40), offset: number64(view, 48), end: at }
}

/** What stands before an archive, such as a program that unpacks it, moves it; so it is looked for from its end. */
async function readDirectory(
  reader: ByteRangeReader,
  { size, offset, end, entries }: Directory,
): Promise<Uint8Array> {
  const length = Math.min(size, MOST_DIRECTORY)
  for (const start of new Set([end - size, offset])) {
    const bytes = await reader.read(start, length)
    if (entries === 0 || (bytes.length >= HEADER && viewOf(bytes).getUint32(0, true) === 0x0201_4b50))
      return bytes
  }
  throw new UnreadableArchive('no directory')
}

/** What a double can not hold exactly is no size of anything. */
const number64 = (view: DataView, at: number): number => {
  const value = view.getBigUint64(at, true)
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value)
}

function readEntry(bytes: Uint8Array): ArchiveEntry {
  const view = viewOf(bytes)
  const nameEnd = HEADER + view.getUint16(28, true)
  const path = pathOf(bytes.subarray(HEADER, nameEnd))
  const extra = readExtra(bytes.subarray(nameEnd, nameEnd + view.getUint16(30, true)))
  const size = view.getUint32(24, true)
  const isLarge = size === 0xffff_ffff
  return {
    path,
    size: isLarge ? extra.size : size,
    modified: extra.modified ?? dosTime(view.getUint16(12, true), view.getUint16(14, true)),
    isFolder: path.endsWith('/'),
  }
}

/** The first ZIP64 value is the size when the header has none; a time is Info-ZIP's, in seconds. */
function readExtra(bytes: Uint8Array): { size: number | null; modified: Date | null } {
  const view = viewOf(bytes)
  const found: { size: number | null; modified: Date | null } = { size: null, modified: null }
  for (let at = 0; at + 4 <= bytes.length; ) {
    const [kind, length] = [view.getUint16(at, true), view.getUint16(at + 2, true)]
    if (at + 4 + length > bytes.length) break
    if (kind === 1 && length >= 8) found.size = number64(view, at + 4)
    if (kind === 0x5455 && length >= 5 && ((bytes[at + 4] ?? 0) & 1) === 1)
      found.modified = timeOf(view.getInt32(at + 5, true))
    at += 4 + length
  }
  return found
}

/** Without a zone, so taken for UTC. */
function dosTime(time: number, date: number): Date | null {
  const [month, day] = [(date >> 5) & 15, date & 31]
  if (month < 1 || month > 12 || day < 1) return null
  const clock = [time >> 11, (time >> 5) & 63, (time & 31) * 2] as const
  return timeOf(Date.UTC(1980 + (date >> 9), month - 1, day, ...clock) / 1000)
}

/** Lists archives without unpacking them. */
import type { StoredObject } from '../model.ts'
import type { StorageDriver } from '../storage.ts'
import { turns } from '../turns.ts'
import { type ByteRangeReader, byteRangeReader } from './byte-range-reader.ts'
import { listGzip } from './gzip.ts'
import { type ArchiveListing, UnreadableArchive } from './listing.ts'
import { isTarHeader, listTar, type TarSource } from './tar.ts'
import { listZip } from './zip.ts'

export type { ArchiveEntry, ArchiveKind, ArchiveListing } from './listing.ts'

export interface ArchiveService {
  /**
   * What is in a zip, tar, tar.gz or gz, found out by its bytes and not by its name; null when it is none of these
   * or broken. Whatever the archive claims, a listing has at most 10,000 entries, reads at most 64 MiB and takes about
   * two seconds. Faults: object_missing, unavailable (too many at this moment).
   */
  list(object: Pick<StoredObject, 'key' | 'size'>): Promise<ArchiveListing | null>
}

const AT_ONCE = 2
const MOST_WAITING = 20
const RETRY_SECONDS = 5
const WINDOW = 64 * 1024

export function createArchives({ storage }: { storage: Pick<StorageDriver, 'open'> }): ArchiveService {
  const inTurn = turns(AT_ONCE, MOST_WAITING, RETRY_SECONDS)
  return {
    list: (object) => inTurn(() => listSafely(byteRangeReader(storage, object))),
  }
}

async function listSafely(reader: ByteRangeReader): Promise<ArchiveListing | null> {
  try {
    return await listAny(reader)
  } catch (error) {
    // A RangeError: a length in the archive points behind its end.
    if (error instanceof UnreadableArchive || error instanceof RangeError) return null
    throw error
  }
}

async function listAny(reader: ByteRangeReader): Promise<ArchiveListing | null> {
  const head = await reader.read(0, 512)
  const [first, second] = head
  if (first === 0x1f && second === 0x8b) return listGzip(reader)
  if (first === 0x50 && second === 0x4b) return listZip(reader)
  if (!isTarHeader(head)) return null
  return { kind: 'tar', ...(await listTar(windowed(reader))), encrypted: false }
}

/** Headers of small files lie close together: they come in one read. */
function windowed(reader: ByteRangeReader): TarSource {
  let position = 0
  let start = 0
  let window: Uint8Array = new Uint8Array(0)
  return {
    async take(length) {
      if (position < start || position + length > start + window.length) {
        start = position
        try {
          window = await reader.read(start, Math.max(WINDOW, length))
        } catch (error) {
          if (error instanceof UnreadableArchive) return null
          throw error
        }
      }
      const taken = window.subarray(position - start, position - start + length)
      position += taken.length
      return taken
    },
    skip(length) {
      position += length
    },
  }
}

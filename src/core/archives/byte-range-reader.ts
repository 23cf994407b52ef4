/** Random access to the bytes of an object, with an end to how much is read for one listing. */
import { readPieces } from '../object-pieces.ts'
import type { StorageDriver } from '../storage.ts'
import { UnreadableArchive } from './listing.ts'

export interface ByteRangeReader {
  readonly size: number
  /** Fewer bytes at the end of the object, none behind it. Faults: object_missing. */
  read(start: number, length: number): Promise<Uint8Array>
  /** All bytes from the first on. */
  stream(): AsyncGenerator<Uint8Array, void>
}

/** Each is a request to a store on the network. */
const MOST_READS = 500
const MOST_BYTES = 64 * 1024 * 1024

export function byteRangeReader(
  storage: Pick<StorageDriver, 'open'>,
  { key, size }: { key: string; size: number },
): ByteRangeReader {
  let reads = 0
  let bytes = 0
  return {
    size,
    async read(start, length) {
      const end = Math.min(start + length, size) - 1
      if (start < 0 || end < start) return new Uint8Array(0)
      reads += 1
      bytes += end - start + 1
      if (reads > MOST_READS || bytes > MOST_BYTES) throw new UnreadableArchive('too much to read')
      return Buffer.concat(await Array.fromAsync(readPieces(storage, key, { start, end })))
    },
    async *stream() {
      if (size > 0) yield* readPieces(storage, key, { start: 0, end: size - 1 })
    },
  }
}

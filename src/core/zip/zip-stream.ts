/** The bytes of a planned ZIP archive, any range of them, read from the storage as they are needed. */
import { readPieces } from '../object-pieces.ts'
import type { ByteRange, StorageDriver } from '../storage.ts'
import { centralHeaderOf, endOf, localHeaderOf, type ZipEntry, type ZipPlan } from './zip-plan.ts'

export interface ZipSource {
  storage: Pick<StorageDriver, 'open'>
  /** Called for each file whose first byte is about to be sent. */
  begun(entry: ZipEntry): void
  /** Called when no more of its bytes are sent: how many were, and whether that was all of it. */
  sent(entry: ZipEntry, bytes: number, isWhole: boolean): void
}

/** Small records travel together. */
const GATHERED = 64 * 1024

/**
 * Exactly the bytes of `range`, holding about a mebibyte at a time. Ends with a Fault when an object is gone or
 * shorter than it was: what was sent until then is right, and nothing else is sent.
 */
export function zipStream(plan: ZipPlan, range: ByteRange, source: ZipSource): ReadableStream<Uint8Array> {
  const pieces = gathered(piecesOf(plan, range, source))
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await pieces.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel: async () => void (await pieces.return(undefined)),
    },
    { highWaterMark: 0 },
  )
}

async function* piecesOf(
  plan: ZipPlan,
  { start, end }: ByteRange,
  source: ZipSource,
): AsyncGenerator<Uint8Array, void> {
  const { entries, offsets, central } = plan
  for (let index = lastAtOrBefore(offsets, start); index < entries.length; index++) {
    const [from = 0, entry] = [offsets[index], entries[index]]
    if (from > end || !entry) break
    yield* entryPieces(entry, { start: start - from, end: end - from }, source)
  }
  for (let index = lastAtOrBefore(central, start); index < entries.length; index++) {
    const from = central[index] ?? 0
    if (from > end) return
    yield cut(centralHeaderOf(plan, index), start - from, end - from)
  }
  const last = central[entries.length] ?? 0
  if (last <= end) yield cut(endOf(plan), start - last, end - last)
}

/** Header and bytes of one entry; the range is relative to it and may begin before and end behind. */
async function* entryPieces(
  entry: ZipEntry,
  { start, end }: ByteRange,
  { storage, begun, sent }: ZipSource,
): AsyncGenerator<Uint8Array, void> {
  const header = localHeaderOf(entry)
  yield cut(header, start, end)
  const first = Math.max(0, start - header.length)
  const last = Math.min(entry.size - 1, end - header.length)
  if (entry.key === null || (last < first && entry.size > 0)) return
  if (first === 0 && end >= header.length) begun(entry)
  let bytes = 0
  try {
    if (last < first) return
    for await (const piece of readPieces(storage, entry.key, { start: first, end: last })) {
      yield piece
      bytes += piece.length
    }
  } finally {
    sent(entry, bytes, bytes === entry.size)
  }
}

/** The part of `bytes` within the range, which may begin before and end behind. */
const cut = (bytes: Uint8Array, start: number, end: number): Uint8Array =>
  bytes.subarray(Math.max(0, start), Math.max(0, end + 1))

/** Index of the last place that is not behind `position`; 0 when all are. */
function lastAtOrBefore(places: Float64Array, position: number): number {
  let [low, high] = [0, places.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((places[middle] ?? 0) <= position) low = middle
    else high = middle - 1
  }
  return low
}

/** The same bytes with the small pieces put together. */
async function* gathered(pieces: AsyncGenerator<Uint8Array, void>): AsyncGenerator<Uint8Array, void> {
  let waiting: Uint8Array[] = []
  let length = 0
  for await (const piece of pieces) {
    if (length > 0 && length + piece.length > GATHERED) {
      yield Buffer.concat(waiting)
      waiting = []
      length = 0
    }
    if (piece.length >= GATHERED) yield piece
    else if (piece.length > 0) length += waiting[waiting.push(piece) - 1]?.length ?? 0
  }
  if (length > 0) yield Buffer.concat(waiting)
}

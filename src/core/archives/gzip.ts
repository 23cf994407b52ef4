/** A gzip file (RFC 1952): one compressed file, or a tar archive, of which as much is unpacked as its headers need. */
import type { ByteRangeReader } from './byte-range-reader.ts'
import { type ArchiveListing, pathOf, timeOf, UnreadableArchive } from './listing.ts'
import { isTarHeader, listTar, type TarSource } from './tar.ts'

/** What may be spent on one listing. */
export interface GzipBudget {
  inputBytes: number
  outputBytes: number
  milliseconds: number
}

const BUDGET: GzipBudget = { inputBytes: 64 * 2 ** 20, outputBytes: 512 * 2 ** 20, milliseconds: 2000 }
/** So little at once can not become much at once: at most a thousandfold. */
const INPUT_PIECE = 16 * 1024
const BLOCK = 512

/** Throws UnreadableArchive when it can not be unpacked. */
export async function listGzip(reader: ByteRangeReader, budget = BUDGET): Promise<ArchiveListing> {
  const output = unpacked(reader, budget)
  const buffer = sequential(output)
  try {
    const first = await buffer.peek(BLOCK)
    if (first !== null && isTarHeader(first))
      return { kind: 'tar.gz', ...(await listTar(buffer)), encrypted: false }
    return await listSingle(reader)
  } finally {
    await output.return('end')
  }
}

/** The name and the time stand at the beginning, the size at the end, if it is less than 4 GiB. */
async function listSingle(reader: ByteRangeReader): Promise<ArchiveListing> {
  const head = await reader.read(0, 1024)
  const tail = await reader.read(reader.size - 4, 4)
  if (head.length < 18 || tail.length < 4) throw new UnreadableArchive('too short')
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  const claimed = new DataView(tail.buffer, tail.byteOffset, 4).getUint32(0, true)
  const flags = head[3] ?? 0
  let at = 10
  if ((flags & 4) !== 0) at += 2 + view.getUint16(at, true)
  const end = (flags & 8) !== 0 && at < head.length ? head.indexOf(0, at) : at
  const path = end > at ? pathOf(head.subarray(at, end)) : ''
  const seconds = view.getUint32(4, true)
  const entry = {
    path,
    size: reader.size < 4 * 2 ** 20 || claimed > reader.size / 2 ? claimed : null,
    modified: seconds === 0 ? null : timeOf(seconds),
    isFolder: false,
  }
  return { kind: 'gz', entries: [entry], truncated: false, encrypted: false }
}

/** Ends early, with nothing more, when the budget is used up. */
async function* unpacked(
  reader: ByteRangeReader,
  { inputBytes, outputBytes, milliseconds }: GzipBudget,
): AsyncGenerator<Uint8Array, 'end' | 'budget'> {
  const until = performance.now() + milliseconds
  let [input, output] = [0, 0]
  let isSpent = false
  const pieces = small(reader.stream())
  const feed = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        isSpent ||= input > inputBytes || performance.now() > until
        const { done, value } = isSpent ? { done: true, value: undefined } : await pieces.next()
        if (done || !value) return controller.close()
        input += value.byteLength
        controller.enqueue(value)
      },
      cancel: async () => void (await pieces.return(undefined)),
    },
    { highWaterMark: 0 },
  )
  try {
    for await (const piece of feed.pipeThrough(new DecompressionStream('gzip'))) {
      output += piece.byteLength
      yield piece
      if (output > outputBytes || performance.now() > until) return 'budget'
    }
  } catch (cause) {
    if (!isSpent) throw new UnreadableArchive('it can not be unpacked', { cause })
  }
  return isSpent ? 'budget' : 'end'
}

async function* small(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  for await (const piece of pieces)
    for (let at = 0; at < piece.length; at += INPUT_PIECE) yield piece.slice(at, at + INPUT_PIECE)
}

interface Sequential extends TarSource {
  /** As `take`, and they come again. */
  peek(length: number): Promise<Uint8Array | null>
}

function sequential(source: AsyncGenerator<Uint8Array, 'end' | 'budget'>): Sequential {
  let waiting: Uint8Array = new Uint8Array(0)
  let skipping = 0
  let ended: 'end' | 'budget' | null = null

  /** At least so many bytes wait, unless there are no more. */
  async function fill(length: number): Promise<void> {
    const parts = [waiting]
    let have = waiting.length
    while (have < length && ended === null) {
      const next = await source.next()
      if (next.done) ended = next.value
      else {
        const skipped = Math.min(skipping, next.value.length)
        skipping -= skipped
        have += next.value.length - skipped
        parts.push(next.value.subarray(skipped))
      }
    }
    waiting = parts.length === 1 ? waiting : Buffer.concat(parts)
  }
  const peek = async (length: number): Promise<Uint8Array | null> => {
    await fill(length)
    if (waiting.length < length && ended === 'budget') return null
    return waiting.subarray(0, length)
  }
  return {
    peek,
    async take(length) {
      const taken = await peek(length)
      waiting = waiting.subarray(taken?.length ?? 0)
      return taken
    },
    skip(length) {
      const here = Math.min(length, waiting.length)
      waiting = waiting.subarray(here)
      skipping += length - here
    },
  }
}

/** Bodies as clients send them: whole, in pieces, cut, endless. All content is a function of a seed. */
import type { ByteSource } from '../../src/core/storage.ts'

/** Incompressible bytes that are the same for the same seed. */
export function bytesOf(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(length / 4))
  let state = (seed * 0x9e3779b9) >>> 0 || 1
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    words[i] = state >>> 0
  }
  return new Uint8Array(words.buffer, 0, length)
}

export const sha256Of = (bytes: Uint8Array): string =>
  new Bun.CryptoHasher('sha256').update(bytes).digest('hex')
/** Bit by bit, as the standard has it: slow, and not the code that is tested. */
export function crc32Of(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1))
  }
  return (crc ^ 0xffffffff) >>> 0
}
export const md5Of = (bytes: Uint8Array): string => new Bun.CryptoHasher('md5').update(bytes).digest('hex')

/** The bytes in pieces of `piece` bytes, with an empty piece in the middle as some sources give. */
export async function* piecesOf(bytes: Uint8Array, piece = 10_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += piece) {
    yield bytes.subarray(at, at + piece)
    yield new Uint8Array(0)
  }
}

/** The first `sent` bytes, then the error a body throws when its client went away. */
export async function* cutAfter(bytes: Uint8Array, sent: number): AsyncGenerator<Uint8Array> {
  yield* piecesOf(bytes.subarray(0, sent))
  throw new DOMException('The connection was closed.', 'AbortError')
}

/** The first `sent` bytes, then any error. */
export async function* failAfter(
  bytes: Uint8Array,
  sent: number,
  error: unknown,
): AsyncGenerator<Uint8Array> {
  yield* piecesOf(bytes.subarray(0, sent))
  throw error
}

/** A stream that counts the chunks it was asked for and tells whether it was cancelled. */
export function watchedStream(chunk: Uint8Array<ArrayBuffer>, chunks: number) {
  const seen = { pulled: 0, cancelled: false }
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (seen.pulled++ < chunks) controller.enqueue(chunk)
        else controller.close()
      },
      cancel() {
        seen.cancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  return { seen, stream: stream as ByteSource }
}

/** `chunk` again and again until `length` bytes were given. */
export async function* repeated(chunk: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let left = length; left > 0; left -= chunk.length)
    yield chunk.subarray(0, Math.min(left, chunk.length))
}

/** Big incompressible files that are nowhere: made as they are read, the same in every run. */
import { createCipheriv, createHash } from 'node:crypto'

export interface Content {
  size: number
  /** Bytes from `start` (a multiple of 16) up to `end`, in pieces. */
  read(start: number, end: number): Generator<Uint8Array>
  sha256(): string
}

const PIECE = 256 * 1024
const ZEROS = Buffer.alloc(PIECE)

/** AES in counter mode: as fast as memory, and readable from anywhere. */
export function createContent(size: number, seed: string): Content {
  const key = createHash('sha256').update(seed).digest().subarray(0, 16)
  const content: Content = {
    size,
    *read(start, end) {
      const counter = Buffer.alloc(16)
      counter.writeBigUInt64BE(BigInt(start / 16), 8)
      const cipher = createCipheriv('aes-128-ctr', key, counter)
      for (let at = start; at < end; at += PIECE) {
        yield cipher.update(end - at < PIECE ? ZEROS.subarray(0, end - at) : ZEROS)
      }
    },
    sha256() {
      const hash = createHash('sha256')
      for (const piece of content.read(0, size)) hash.update(piece)
      return hash.digest('hex')
    },
  }
  return content
}

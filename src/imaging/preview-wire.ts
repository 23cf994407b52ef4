/** What the server and the process that makes its pictures say to each other. */

import type { PreviewFormat } from '../core/model.ts'
import type { PictureKind } from '../core/picture-kind.ts'

/** One line of JSON. */
export interface PictureRequest {
  path: string
  kind: PictureKind
  /** Longest side in pixels. */
  edge: number
  format: PreviewFormat
  maxPixels: number
}

/** One line of JSON; when it says that there are bytes, they follow. */
export type PictureReply =
  /** Said once, first: the library is loaded, or why it is not. */
  | { state: 'ready' }
  | { state: 'unusable'; reason: string }
  | { state: 'made'; bytes: number; width: number; height: number; spent: boolean }
  | { state: 'impossible'; reason: string; spent: boolean }

/** The word behind `kist` that starts the process; nobody is told of it. */
export const PREVIEW_COMMAND = 'previews-process'

const NEWLINE = 10

/** Reads lines, and bytes between them, from a stream of chunks. */
export class LineReader {
  #chunks: AsyncIterator<Uint8Array>
  #rest: Uint8Array = new Uint8Array()

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** Without its end; null at the end of the stream. */
  async line(): Promise<string | null> {
    for (;;) {
      const end = this.#rest.indexOf(NEWLINE)
      if (end >= 0) {
        const line = new TextDecoder().decode(this.#rest.subarray(0, end))
        this.#rest = this.#rest.subarray(end + 1)
        return line
      }
      if (!(await this.#more())) return null
    }
  }

  /** Null when the stream ends before. */
  async bytes(count: number): Promise<Uint8Array | null> {
    const whole = new Uint8Array(count)
    let filled = 0
    while (filled < count) {
      if (this.#rest.length === 0 && !(await this.#more())) return null
      const piece = this.#rest.subarray(0, count - filled)
      whole.set(piece, filled)
      filled += piece.length
      this.#rest = this.#rest.subarray(piece.length)
    }
    return whole
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#chunks.next()
    if (done) return false
    const joined = new Uint8Array(this.#rest.length + value.length)
    joined.set(this.#rest)
    joined.set(value, this.#rest.length)
    this.#rest = joined
    return true
  }
}

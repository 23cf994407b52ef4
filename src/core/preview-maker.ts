/** What makes pictures smaller. Its implementation may fail, be killed or be missing; the product goes on. */

import type { PreviewFormat } from './model.ts'
import type { PictureKind } from './picture-kind.ts'

/** Where the bytes of a picture are: a file another program of this machine can read, or a stream. */
export type PictureSource = { path: string } | { open(): Promise<AsyncIterable<Uint8Array>> }

export interface PreviewWish {
  kind: PictureKind
  source: PictureSource
  /** Longest side in pixels; smaller pictures keep their size. */
  edge: number
  format: PreviewFormat
}

export interface MadePreview {
  bytes: Uint8Array
  width: number
  height: number
}

/**
 * `impossible`: nothing can be made of it, because it is damaged, has too many pixels or asks for more memory than
 * there is for it. `failed`: it took too long, or whatever was making it died; another time may be better.
 */
export type MakingOutcome = MadePreview | 'impossible' | 'failed'

export interface PreviewMaker {
  /**
   * Moving pictures stay moving in WebP. Fault: unavailable (too many are waiting, or pictures cannot be made on
   * this machine).
   */
  make(wish: PreviewWish): Promise<MakingOutcome>
  /** What waits ends with unavailable, as does what comes later. */
  close(): Promise<void>
}

/** The bytes of an object in pieces, whichever way its storage hands them out. */
import { Fault } from './fault.ts'
import type { ByteRange, StorageDriver } from './storage.ts'

const PIECE = 512 * 1024

/**
 * Exactly the bytes of the range; while one piece is used the next one is read. Fault: object_missing, also when
 * the object turns out to be shorter.
 */
export async function* readPieces(
  storage: Pick<StorageDriver, 'open'>,
  key: string,
  range: ByteRange,
): AsyncGenerator<Uint8Array, void> {
  const wanted = range.end - range.start + 1
  const body = await storage.open(key, range)
  let got = 0
  for await (const piece of body instanceof Blob ? blobPieces(body) : body) {
    got += piece.byteLength
    if (got > wanted) break
    yield piece
  }
  if (got !== wanted) throw new Fault('object_missing')
}

/** Each opened anew, so that nothing is left open whoever stops reading. */
async function* blobPieces(blob: Blob): AsyncGenerator<Uint8Array, void> {
  const read = (at: number): Promise<Uint8Array> => blob.slice(at, at + PIECE).bytes()
  let next: Promise<Uint8Array> | null = read(0)
  for (let at = 0; next; at += PIECE) {
    const piece: Uint8Array = await next
    next = at + PIECE < blob.size ? read(at + PIECE) : null
    // Whoever stops here does not wait for it; whoever goes on meets its error above.
    next?.catch(() => {})
    if (piece.byteLength > 0) yield piece
  }
}

/** The beginning of a file as text, whatever it is encoded in. */
import type { StoredObject } from './model.ts'
import { readPieces } from './object-pieces.ts'
import type { StorageDriver } from './storage.ts'

export interface TextExcerpt {
  text: string
  encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'latin1'
  /** The file is longer. */
  truncated: boolean
}

export interface TextExcerptService {
  /** Null for what is no text. Fault: object_missing. */
  of(object: Pick<StoredObject, 'key' | 'size'>): Promise<TextExcerpt | null>
}

export const MOST_TEXT_BYTES = 256 * 1024

export const createTextExcerpts = ({
  storage,
}: {
  storage: Pick<StorageDriver, 'open'>
}): TextExcerptService => ({
  async of({ key, size }) {
    if (size === 0) return { text: '', encoding: 'utf-8', truncated: false }
    const range = { start: 0, end: Math.min(size, MOST_TEXT_BYTES) - 1 }
    const bytes = Buffer.concat(await Array.fromAsync(readPieces(storage, key, range)))
    const decoded = decodeText(bytes)
    return decoded && { ...decoded, truncated: size > bytes.length }
  },
})

/**
 * By the byte order mark, else UTF-8, else Latin-1, in which everything has a meaning; null for what has bytes that no
 * text has. The end may be in the middle of a character, of which nothing is shown then.
 */
export function decodeText(bytes: Uint8Array): Omit<TextExcerpt, 'truncated'> | null {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return decoded('utf-16le', bytes)
  if (first === 0xfe && second === 0xff) return decoded('utf-16be', bytes)
  if (isBinary(bytes)) return null
  try {
    return decoded('utf-8', bytes)
  } catch (error) {
    if (error instanceof TypeError) return decoded('latin1', bytes)
    throw error
  }
}

/** Throws TypeError for what is no UTF-8. */
function decoded(encoding: TextExcerpt['encoding'], bytes: Uint8Array): Omit<TextExcerpt, 'truncated'> {
  const decoder = new TextDecoder(encoding, { fatal: encoding === 'utf-8' })
  const text = decoder.decode(bytes, { stream: true })
  return { encoding, text: text.replaceAll('\0', '\ufffd').toWellFormed() }
}

/** Controls that stand in no text; more than a few of the others do not either. */
function isBinary(bytes: Uint8Array): boolean {
  let odd = 0
  for (const byte of bytes) {
    if (byte === 0) return true
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13 && byte !== 27) odd += 1
  }
  return odd > bytes.length / 100
}

/**
 * Takes a form apart while it arrives. Written by hand: the streaming parsers there are end a file that was
 * cut off like a whole one, cut a file at a line that only begins like the boundary, and lose without a word
 * what comes with bare line feeds, blanks behind the boundary or long headers.
 */
import { invalid } from '../core/fault.ts'
import { delimiterOf, findDelimiter, type Search } from './form-delimiter.ts'
import { decodeHeader } from './form-header.ts'

export interface FormParts {
  /**
   * Header lines of the next part, names in lower case, the first of each name; null behind the last part.
   * What was not read of the part before is skipped.
   */
  next(): Promise<Map<string, string> | null>
  /**
   * The bytes of this part, once, chunk by chunk as they arrive; throws when the form breaks off in it. Chunks
   * are views into what was received and are never written to again.
   */
  data(): AsyncGenerator<Uint8Array, void, undefined>
  /** Lets go of the source. It may be called at any time and needs no waiting. */
  close(): void
}

/** Text before the first delimiter, which is for people, ends here at the latest. */
const MAX_PREAMBLE = 16 * 1024
const [LF, CR] = [10, 13]

const noBoundary = () => invalid('body', 'The form does not begin with its boundary.')
const cutOff = () => invalid('body', 'The form ends before its closing boundary.')

/**
 * Reads `source` only as far as it is asked to. A body without any byte is a form without parts. Faults:
 * invalid (no boundary where one must be, headers without end or above `headerBytes`, the closing boundary is
 * missing), and whatever the source throws, again at every later call.
 */
export function formParts(
  source: AsyncIterator<Uint8Array, unknown, undefined>,
  boundary: string,
  headerBytes: number,
): FormParts {
  const delimiter = delimiterOf(boundary)
  // A delimiter follows a line end; the first may be at the very beginning.
  let bytes: Buffer = Buffer.from('\r\n')
  /** Bytes at the beginning that are a line end before the data and not data. */
  let lead = 2
  let state: 'preamble' | 'headers' | 'data' | 'over' = 'preamble'
  let strict = false
  let ended = false
  let received = 0
  let failure: { error: unknown } | null = null
  let part = 0

  const isInside = (): boolean => state === 'data' || state === 'preamble'

  const append = (chunk: Uint8Array): void => {
    bytes = bytes.length === 0 ? asBuffer(chunk) : Buffer.concat([bytes, chunk])
    received += chunk.byteLength
  }

  /** Waits for more bytes. False when there are none. */
  const fill = async (): Promise<boolean> => {
    if (failure) throw failure.error
    try {
      const chunk = await source.next()
      if (chunk.done) ended = true
      else append(chunk.value)
    } catch (error) {
      failure = { error }
      throw error
    }
    return !ended
  }

  /** Takes what was found off the beginning; returns the data in it. */
  const take = ({ start, line }: Search): Buffer => {
    const data = bytes.subarray(lead, Math.max(lead, start))
    if (line) {
      if (state === 'preamble') strict = line.hasCr
      state = line.isLast ? 'over' : 'headers'
      bytes = bytes.subarray(line.next)
      lead = 0
    } else if (start >= lead) {
      bytes = bytes.subarray(start)
      lead = 0
    }
    return data
  }

  /** The next data of part `mine`; null when the delimiter behind it was taken. */
  const piece = async (mine: number): Promise<Buffer | null> => {
    for (;;) {
      if (mine !== part) throw new Error('the form has gone on without the reader of this part')
      if (!isInside()) return null
      const data = take(findDelimiter(bytes, delimiter, strict, ended))
      if (data.length > 0) return data
      if (!isInside()) return null
      if (!ended) await fill()
      else if (state === 'data') throw cutOff()
      else if (received > 0) throw noBoundary()
      else state = 'over'
    }
  }

  const skipPreamble = async (): Promise<void> => {
    let size = 0
    for (let text = await piece(part); text !== null; text = await piece(part)) {
      size += text.length
      if (size > MAX_PREAMBLE) throw noBoundary()
    }
  }

  /** The header line that begins at `from`, with the offset behind it. */
  const readLine = async (from: number): Promise<{ line: Buffer; next: number }> => {
    for (;;) {
      const end = bytes.indexOf(LF, from)
      if ((end < 0 ? bytes.length : end) > headerBytes)
        throw invalid('body', 'The headers of a part of the form are too long.')
      if (end >= 0) {
        const hasCr = end > from && bytes[end - 1] === CR
        return { line: bytes.subarray(from, hasCr ? end - 1 : end), next: end + 1 }
      }
      if (!(await fill())) throw cutOff()
    }
  }

  const readHeaders = async (): Promise<Map<string, string>> => {
    const lines: string[] = []
    let from = 0
    for (let { line, next } = await readLine(from); line.length > 0; { line, next } = await readLine(from)) {
      if (line.subarray(0, delimiter.length - 1).equals(delimiter.subarray(1)))
        throw invalid('body', 'A part of the form has no end of its headers.')
      lines.push(decodeHeader(line))
      from = next
    }
    // The empty line may be the line end before the delimiter as well: a part without a byte.
    lead = bytes.indexOf(LF, from) + 1 - from
    bytes = bytes.subarray(from)
    state = 'data'
    return toHeaders(lines)
  }

  /** A generator begins only when it is first asked: the part it is for is known before. */
  async function* read(mine: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let chunk = await piece(mine); chunk !== null; chunk = await piece(mine)) yield chunk
  }

  return {
    async next() {
      part += 1
      if (state === 'preamble') await skipPreamble()
      while ((await piece(part)) !== null);
      return state === 'over' ? null : readHeaders()
    },
    data: () => read(part),
    close() {
      // A read that is under way tells its own reader what became of it.
      source.return?.().catch(() => undefined)
    },
  }
}

const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength)

/** A line that begins with a blank continues the one before; a line without a colon says nothing. */
function toHeaders(lines: string[]): Map<string, string> {
  const unfolded: string[] = []
  for (const line of lines) {
    const last = unfolded.length - 1
    if (/^[ \t]/.test(line) && last >= 0) unfolded[last] += ` ${line.trim()}`
    else unfolded.push(line)
  }
  const headers = new Map<string, string>()
  for (const line of unfolded) {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase()
    if (name !== '' && !headers.has(name)) headers.set(name, line.slice(colon + 1).trim())
  }
  return headers
}

/** Finds the lines between the parts of a form: two dashes and the boundary, nothing else (RFC 2046, 5.1.1). */

export interface DelimiterLine {
  /** Offset behind the line. */
  next: number
  /** It was the closing one. */
  isLast: boolean
  /** The line ends with CR LF; true for the closing one, whose end may be missing. */
  hasCr: boolean
}

export interface Search {
  /** Bytes before this offset are surely data. */
  start: number
  /** The delimiter that follows them, null when more bytes are needed to tell. */
  line: DelimiterLine | null
}

const [TAB, LF, CR, SPACE, DASH] = [9, 10, 13, 32, 45]
/** Blanks that may stand behind a boundary. */
const MAX_PADDING = 64

/** What the search looks for: the end of a line and the beginning of the delimiter. */
export const delimiterOf = (boundary: string): Buffer => Buffer.from(`\n--${boundary}`, 'latin1')

/**
 * The first delimiter in `bytes`. With `strict` it stands between CR LF and CR LF, as the standard says;
 * without, bare LF will do, for clients that end all their lines so. Behind the closing one that may always
 * be. Lines that only begin like the delimiter are data. `ended` tells that nothing follows.
 */
export function findDelimiter(bytes: Buffer, delimiter: Buffer, strict: boolean, ended: boolean): Search {
  let from = 0
  for (;;) {
    const found = bytes.indexOf(delimiter, from)
    if (found < 0) return { start: surelyData(bytes, delimiter), line: null }
    const hasCr = bytes[found - 1] === CR
    const line = hasCr || !strict ? readLine(bytes, found + delimiter.length, strict, ended) : 'data'
    if (line !== 'data') return { start: hasCr ? found - 1 : found, line: line === 'unknown' ? null : line }
    from = found + 1
  }
}

/** A delimiter has one LF, its first byte: only what follows the last LF can be the beginning of one. */
function surelyData(bytes: Buffer, delimiter: Buffer): number {
  const tail = bytes.subarray(-delimiter.length)
  const inTail = tail.lastIndexOf(LF)
  if (inTail < 0 || !tail.subarray(inTail).equals(delimiter.subarray(0, tail.length - inTail)))
    return bytes[bytes.length - 1] === CR ? bytes.length - 1 : bytes.length
  const at = bytes.length - tail.length + inTail
  return bytes[at - 1] === CR ? at - 1 : at
}

/** What stands behind the boundary: nothing but blanks and a line end, or two dashes first. */
function readLine(
  bytes: Buffer,
  at: number,
  strict: boolean,
  ended: boolean,
): DelimiterLine | 'data' | 'unknown' {
  if (bytes[at] === DASH) return readClosing(bytes, at, ended)
  let end = at
  while (bytes[end] === SPACE || bytes[end] === TAB) end += 1
  if (end - at > MAX_PADDING) return 'data'
  const hasCr = bytes[end] === CR
  const last = bytes[hasCr ? end + 1 : end]
  if (last === undefined) return 'unknown'
  return last === LF && (hasCr || !strict) ? { next: end + (hasCr ? 2 : 1), isLast: false, hasCr } : 'data'
}

function readClosing(bytes: Buffer, at: number, ended: boolean): DelimiterLine | 'data' | 'unknown' {
  const [second, after] = [bytes[at + 1], bytes[at + 2]]
  if (second === undefined) return 'unknown'
  if (second !== DASH) return 'data'
  if (after === undefined && !ended) return 'unknown'
  const isLine = after === undefined || after === CR || after === LF || after === SPACE || after === TAB
  return isLine ? { next: at + 2, isLast: true, hasCr: true } : 'data'
}

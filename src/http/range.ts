/** The Range header against a size (RFC 9110 section 14). Pure. */
import type { ByteRange } from '../core/storage.ts'

export type RangeOutcome = { kind: 'full' } | ({ kind: 'range' } & ByteRange) | { kind: 'unsatisfiable' }

const FULL: RangeOutcome = { kind: 'full' }
const UNSATISFIABLE: RangeOutcome = { kind: 'unsatisfiable' }

/**
 * One satisfiable range is a range, clamped to the size. Anything that is no valid range, another unit, and
 * several ranges (which a server may answer whole) are `full`. An empty file is given whole to a range that
 * starts at its beginning, because clients put `bytes=0-` on every request.
 */
export function parseRange(header: string | null, size: number): RangeOutcome {
  const spec = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header ?? '')
  const [first = '', last = ''] = spec?.slice(1) ?? []
  if (first === '') return last === '' ? FULL : suffix(Number(last), size)
  // A number too long for a double is Infinity or rounded, in both cases far beyond any size.
  const start = Number(first)
  const end = last === '' ? Number.POSITIVE_INFINITY : Number(last)
  if (end < start) return FULL
  if (start >= size) return size === 0 && start === 0 ? FULL : UNSATISFIABLE
  return { kind: 'range', start, end: Math.min(end, size - 1) }
}

function suffix(length: number, size: number): RangeOutcome {
  if (length === 0) return UNSATISFIABLE
  if (size === 0) return FULL
  return { kind: 'range', start: Math.max(0, size - length), end: size - 1 }
}

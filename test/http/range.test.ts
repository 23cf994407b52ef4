import { describe, expect, test } from 'bun:test'
import { parseRange, type RangeOutcome } from '../../src/http/range.ts'

const full: RangeOutcome = { kind: 'full' }
const unsatisfiable: RangeOutcome = { kind: 'unsatisfiable' }
const range = (start: number, end: number): RangeOutcome => ({ kind: 'range', start, end })
const huge = '9'.repeat(40)
const absurd = '9'.repeat(400)

const rows: Array<[name: string, header: string | null, size: number, outcome: RangeOutcome]> = [
  ['no header is the whole file', null, 100, full],
  ['an empty header is the whole file', '', 100, full],
  ['the first byte', 'bytes=0-0', 100, range(0, 0)],
  ['the last byte by position', 'bytes=99-99', 100, range(99, 99)],
  ['the last byte by suffix', 'bytes=-1', 100, range(99, 99)],
  ['a middle piece', 'bytes=10-19', 100, range(10, 19)],
  ['everything by positions', 'bytes=0-99', 100, range(0, 99)],
  ['an open end', 'bytes=50-', 100, range(50, 99)],
  ['an open end from the beginning', 'bytes=0-', 100, range(0, 99)],
  ['an open end at the last byte', 'bytes=99-', 100, range(99, 99)],
  ['an end beyond the file is clamped', 'bytes=90-200', 100, range(90, 99)],
  ['an end of forty digits is clamped', `bytes=0-${huge}`, 100, range(0, 99)],
  ['an end of four hundred digits is clamped', `bytes=5-${absurd}`, 100, range(5, 99)],
  ['a suffix longer than the file is the file', 'bytes=-1000', 100, range(0, 99)],
  ['a suffix as long as the file', 'bytes=-100', 100, range(0, 99)],
  ['a suffix of forty digits', `bytes=-${huge}`, 100, range(0, 99)],
  ['a suffix of four hundred digits', `bytes=-${absurd}`, 100, range(0, 99)],
  ['a start at the size', 'bytes=100-', 100, unsatisfiable],
  ['a start beyond the size', 'bytes=500-600', 100, unsatisfiable],
  ['a start of forty digits', `bytes=${huge}-`, 100, unsatisfiable],
  ['a start and an end of four hundred digits', `bytes=${absurd}-${absurd}`, 100, unsatisfiable],
  ['a suffix of nothing', 'bytes=-0', 100, unsatisfiable],
  ['an end before the start is no range', 'bytes=50-40', 100, full],
  ['an end before a start beyond the file is no range', 'bytes=200-150', 100, full],
  ['two ranges are answered whole', 'bytes=0-0,5-6', 100, full],
  ['two overlapping ranges are answered whole', 'bytes=0-10001, 0-0', 100, full],
  ['a list with one empty entry is answered whole', 'bytes=0-5,', 100, full],
  ['another unit', 'items=0-5', 100, full],
  ['no unit', '0-5', 100, full],
  ['no equals sign', 'bytes 0-5', 100, full],
  ['neither start nor end', 'bytes=-', 100, full],
  ['nothing after the equals sign', 'bytes=', 100, full],
  ['letters', 'bytes=a-b', 100, full],
  ['a hexadecimal number', 'bytes=0x0-5', 100, full],
  ['a negative end', 'bytes=0--5', 100, full],
  ['a fraction', 'bytes=0.5-5', 100, full],
  ['an exponent', 'bytes=1e1-5', 100, full],
  ['digits of another script', 'bytes=٠-٥', 100, full],
  ['the unit in capitals', 'BYTES=0-5', 100, range(0, 5)],
  ['spaces around', ' bytes = 0 - 5 ', 100, range(0, 5)],
  ['leading zeros', 'bytes=000-005', 100, range(0, 5)],
  ['one byte, whole', 'bytes=0-', 1, range(0, 0)],
  ['one byte, beyond', 'bytes=1-', 1, unsatisfiable],
  ['an empty file from its beginning is given whole', 'bytes=0-', 0, full],
  ['an empty file to some end is given whole', 'bytes=0-99', 0, full],
  ['an empty file by suffix is given whole', 'bytes=-5', 0, full],
  ['an empty file from byte one', 'bytes=1-', 0, unsatisfiable],
  ['a start beyond 4 GiB', 'bytes=5000000000-5000000009', 10_000_000_000, range(5e9, 5e9 + 9)],
  ['the last byte of 8 PiB', 'bytes=-1', Number.MAX_SAFE_INTEGER, range(2 ** 53 - 2, 2 ** 53 - 2)],
]

describe('a Range header', () => {
  test.each(rows)('%s', (_name, header, size, outcome) => {
    expect(parseRange(header, size)).toEqual(outcome)
  })
})

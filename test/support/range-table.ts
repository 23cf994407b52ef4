/**
 * Range and conditional requests (RFC 9110) on a file of 1000 bytes, and what they give on every route that
 * sends files.
 */

export const TABLE_SIZE = 1000

/** Entity tag with its quotes, and the dates around the one of the file. */
export interface TableFile {
  etag: string
  date: string
  earlier: string
  later: string
}

export interface TableRow {
  name: string
  method: 'GET' | 'HEAD'
  headers: Record<string, string>
  status: number
  /** First and last byte of the body; null when there is none of the file in it. */
  bytes: [first: number, last: number] | null
}

export const tableFile = (etag: string, lastModified: Date): TableFile => {
  const moved = (seconds: number) => new Date(lastModified.getTime() + seconds * 1000).toUTCString()
  return { etag, date: moved(0), earlier: moved(-10), later: moved(10) }
}

const WHOLE: [number, number] = [0, TABLE_SIZE - 1]

const ranges: Array<[range: string, first: number, last: number]> = [
  ['bytes=0-', 0, 999],
  ['bytes=0-0', 0, 0],
  ['bytes=0-1', 0, 1],
  ['bytes=1-1', 1, 1],
  ['bytes=0-999', 0, 999],
  ['bytes=0-1000', 0, 999],
  ['bytes=999-', 999, 999],
  ['bytes=998-2000', 998, 999],
  ['bytes=500-99999999999999999999', 500, 999],
  ['bytes=-1', 999, 999],
  ['bytes=-999', 1, 999],
  ['bytes=-1000', 0, 999],
  ['bytes=-99999999999999999999', 0, 999],
  ['BYTES=10-19', 10, 19],
  [' bytes = 10 - 19 ', 10, 19],
  ['bytes=00010-0019', 10, 19],
]

/** No valid range, or one that a server may answer whole. */
const ignored = [
  'bytes=',
  'bytes=-',
  'bytes=abc',
  'bytes=1',
  'bytes=19-10',
  'bytes=1-2,5-6',
  'bytes=0-0,-1',
  'bytes=0-999,1000-',
  'bytes=-1-5',
  'bytes 0-5',
  'bits=0-5',
  'lines=0-5',
  'bytes=0x1-5',
  'bytes=1.5-7',
  'none',
]

const unsatisfiable = ['bytes=1000-', 'bytes=1000-1001', 'bytes=99999999999999999999-', 'bytes=-0']

/** The headers, and what a GET with them gives. */
function conditions(file: TableFile): Array<[headers: Record<string, string>, status: number]> {
  const { etag, date, earlier, later } = file
  return [
    [{ 'if-none-match': etag }, 304],
    [{ 'if-none-match': `W/${etag}` }, 304],
    [{ 'if-none-match': `"a", ${etag}, "b"` }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': '"a"' }, 200],
    [{ 'if-none-match': etag.slice(1, -1) }, 200],
    [{ 'if-none-match': etag, range: 'bytes=0-9' }, 304],
    [{ 'if-none-match': '"a"', range: 'bytes=0-9' }, 206],
    [{ 'if-none-match': '"a"', 'if-modified-since': later }, 200],
    [{ 'if-none-match': etag, 'if-modified-since': earlier }, 304],
    [{ 'if-modified-since': date }, 304],
    [{ 'if-modified-since': later }, 304],
    [{ 'if-modified-since': earlier }, 200],
    [{ 'if-modified-since': 'yesterday' }, 200],
    [{ 'if-modified-since': later, range: 'bytes=0-9' }, 304],
    [{ 'if-match': etag }, 200],
    [{ 'if-match': '*' }, 200],
    [{ 'if-match': `"a", ${etag}` }, 200],
    [{ 'if-match': '"a"' }, 412],
    [{ 'if-match': `W/${etag}` }, 412],
    [{ 'if-match': '"a"', 'if-none-match': etag }, 412],
    [{ 'if-match': etag, range: 'bytes=0-9' }, 206],
    [{ 'if-unmodified-since': date }, 200],
    [{ 'if-unmodified-since': later }, 200],
    [{ 'if-unmodified-since': earlier }, 412],
    [{ 'if-unmodified-since': 'x' }, 200],
    [{ 'if-match': etag, 'if-unmodified-since': earlier }, 200],
    [{ range: 'bytes=0-9', 'if-range': etag }, 206],
    [{ range: 'bytes=0-9', 'if-range': date }, 206],
    [{ range: 'bytes=0-9', 'if-range': `W/${etag}` }, 200],
    [{ range: 'bytes=0-9', 'if-range': '"a"' }, 200],
    [{ range: 'bytes=0-9', 'if-range': earlier }, 200],
    [{ range: 'bytes=0-9', 'if-range': later }, 200],
    [{ range: 'bytes=0-9', 'if-range': 'x' }, 200],
    [{ range: 'bytes=1000-', 'if-range': '"a"' }, 200],
    [{ range: 'bytes=1000-', 'if-range': etag }, 416],
    [{ 'if-range': etag }, 200],
  ]
}

const row = (
  method: 'GET' | 'HEAD',
  headers: Record<string, string>,
  status: number,
  bytes: TableRow['bytes'],
): TableRow => ({ name: `${method} ${JSON.stringify(headers)}`, method, headers, status, bytes })

const BODIES: Record<number, TableRow['bytes']> = { 200: WHOLE, 206: [0, 9] }

/** HEAD has no range (RFC 9110, 14.2), but the same conditions. */
function headRow(headers: Record<string, string>, status: number): TableRow {
  return row('HEAD', headers, status === 206 || status === 416 ? 200 : status, null)
}

export const rangeTable = (file: TableFile): TableRow[] => [
  row('GET', {}, 200, WHOLE),
  ...ranges.map(([range, first, last]) => row('GET', { range }, 206, [first, last])),
  ...ignored.map((range) => row('GET', { range }, 200, WHOLE)),
  ...unsatisfiable.map((range) => row('GET', { range }, 416, null)),
  ...conditions(file).map(([headers, status]) => row('GET', headers, status, BODIES[status] ?? null)),
  headRow({}, 200),
  headRow({ range: 'bytes=0-9' }, 206),
  headRow({ range: 'bytes=1000-' }, 416),
  ...conditions(file)
    .filter(([, status]) => status !== 200)
    .map(([headers, status]) => headRow(headers, status)),
]

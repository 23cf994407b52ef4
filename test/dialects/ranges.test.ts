/** Range and conditional requests on every route that sends bytes. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Account, FileRecord } from '../../src/core/model.ts'
import { createTestApp, type TestApp } from '../support/app.ts'
import { BYTE_ROUTES } from '../support/byte-routes.ts'
import { rangeTable, TABLE_SIZE, type TableRow, tableFile } from '../support/range-table.ts'
import { sampleBytes, sha256 } from '../support/upload.ts'
import { siteOf } from '../web/site.ts'

const DATA = sampleBytes(TABLE_SIZE)
const ETAG = `"${sha256(DATA)}"`
const FILE = tableFile(ETAG, new Date('2030-01-01T00:00:00Z'))
const ROWS = rangeTable(FILE)

let app: TestApp
let owner: Account

beforeAll(async () => {
  app = await createTestApp()
  owner = (await app.account('ann')).account
})

afterAll(async () => {
  expect(await app.problems()).toEqual([])
  await app.close()
})

test('the table has a case for everything that may be asked', () => {
  expect(ROWS.length).toBeGreaterThanOrEqual(60)
  expect(new Set(ROWS.map(({ name }) => name)).size).toBe(ROWS.length)
  expect(new Set(ROWS.map(({ status }) => status))).toEqual(new Set([200, 206, 304, 412, 416]))
})

const downloads = async ({ id }: FileRecord): Promise<number> =>
  (await app.metadata.files.find(id))?.downloads ?? -1

async function check(path: string, file: FileRecord, { method, headers, status, bytes }: TableRow) {
  const before = await downloads(file)
  const answer = await app.request(method, path, { headers })
  expect(answer.status).toBe(status)
  const expected = bytes ? DATA.subarray(bytes[0], bytes[1] + 1) : null
  if (expected) expect(answer.bytes).toEqual(new Uint8Array(expected))
  if (status === 200 || status === 206) {
    const length = expected?.length ?? TABLE_SIZE
    expect(answer.headers.get('content-length')).toBe(String(length))
    expect(answer.headers.get('accept-ranges')).toBe('bytes')
    expect(answer.headers.get('content-disposition')).toContain('report.pdf')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  }
  const [first, last] = bytes ?? []
  const contentRange = status === 206 ? `bytes ${first}-${last}/1000` : status === 416 ? 'bytes */1000' : null
  expect(answer.headers.get('content-range')).toBe(contentRange)
  if (status !== 416) {
    expect(answer.headers.get('etag')).toBe(ETAG)
    expect(answer.headers.get('last-modified')).toBe(FILE.date)
  }
  if (status === 304 || method === 'HEAD') expect(answer.bytes).toHaveLength(0)
  const counts = method === 'GET' && (await downloads(file)) - before
  if (method === 'HEAD' || !bytes || bytes[0] > 0) expect(Number(counts)).toBe(0)
  else if (expected?.length === TABLE_SIZE) expect(counts).toBe(1)
}

for (const route of BYTE_ROUTES) {
  describe(route.name, () => {
    let file: FileRecord
    let path: string
    beforeAll(async () => {
      file = await siteOf(app, owner, owner).file({ bytes: DATA })
      path = await route.path(app, owner, file)
    })
    test.each(ROWS.map((row) => [row.name, row] as const))('%s', async (_name, row) => {
      await check(path, file, row)
    })
  })
}

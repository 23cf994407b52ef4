import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Elysia } from 'elysia'
import { Fault } from '../../src/core/fault.ts'
import type { ByteRange } from '../../src/core/storage.ts'
import type { SentFile } from '../../src/http/download.ts'
import { grantOf, sendFile } from './sending.ts'
import { exchangeRaw, type Running, serve } from './server-under-test.ts'

const bytes = new Uint8Array(1000).map((_, index) => index % 251)
const file: SentFile = {
  name: '文件 "1".txt',
  size: 1000,
  etag: 'abc',
  lastModified: new Date('2026-05-04T10:20:30Z'),
  mimeType: 'text/plain',
  cacheControl: 'private, no-cache',
}
const begun: Array<ByteRange | undefined> = []
let running: Running
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kist-download-'))
  await Bun.write(join(folder, 'object'), bytes)
  const blob = (range?: ByteRange) => {
    const whole = Bun.file(join(folder, 'object'))
    return range ? whole.slice(range.start, range.end + 1) : whole
  }
  const plain = grantOf(blob, (range) => void begun.push(range))
  let refusals = 0
  running = serve(
    new Elysia()
      .get('/file', ({ request, server }) => sendFile(request, server, file, plain))
      .get('/inline/:id', ({ request, server }) =>
        sendFile(request, server, { ...file, inline: true, mimeType: 'image/svg+xml' }, plain),
      )
      .get('/hostile', ({ request, server }) =>
        sendFile(request, server, { ...file, mimeType: 'text/html\r\nx: y', name: 'a\r\nx: y' }, plain),
      )
      .get('/empty', ({ request, server }) => sendFile(request, server, { ...file, size: 0 }, plain))
      .get('/stream', ({ request, server }) =>
        sendFile(
          request,
          server,
          file,
          grantOf((range) => blob(range).stream().pipeThrough(new TransformStream())),
        ),
      )
      .get('/broken', ({ request, server }) =>
        sendFile(request, server, file, { begin: () => Promise.reject(new Error('no database')) }),
      )
      .get('/busy/:times', ({ request, server, params }) =>
        sendFile(request, server, file, {
          async begin(range) {
            refusals++
            if (refusals <= Number(params.times))
              throw new Fault('too_many_downloads', undefined, { retryAfter: 7 })
            refusals = 0
            return plain.begin(range)
          },
        }),
      ),
  )
})

afterAll(async () => {
  await running.close()
  await rm(folder, { recursive: true })
})

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${running.base}${path}`, { headers, method })

/** Runs `action`; how often sending was begun meanwhile. */
async function beginnings(action: () => Promise<unknown>): Promise<number> {
  const before = begun.length
  await action()
  return begun.length - before
}

describe('a download', () => {
  test('has every header of a whole file', async () => {
    const response = await get('/file')
    expect(response.status).toBe(200)
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-length': '1000',
      'content-type': 'text/plain',
      'accept-ranges': 'bytes',
      etag: '"abc"',
      'last-modified': 'Mon, 04 May 2026 10:20:30 GMT',
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-cache',
      'content-disposition': `attachment; filename="__ _1_.txt"; filename*=UTF-8''%E6%96%87%E4%BB%B6%20%221%22.txt`,
    })
    expect(response.headers.get('content-security-policy')).toBeNull()
  })

  const ranges: Array<[range: string, status: number, contentRange: string | null, length: number]> = [
    ['bytes=0-9', 206, 'bytes 0-9/1000', 10],
    ['bytes=990-', 206, 'bytes 990-999/1000', 10],
    ['bytes=-10', 206, 'bytes 990-999/1000', 10],
    ['bytes=0-99999999999999999999999', 206, 'bytes 0-999/1000', 1000],
    ['bytes=0-0,5-6', 200, null, 1000],
    ['bytes=50-40', 200, null, 1000],
    ['bytes=1000-', 416, 'bytes */1000', 40],
    ['bytes=-0', 416, 'bytes */1000', 40],
  ]
  test.each(ranges)('of %s', async (range, status, contentRange, length) => {
    const response = await get('/file', { range })
    const body = new Uint8Array(await response.arrayBuffer())
    expect([response.status, response.headers.get('content-range')]).toEqual([status, contentRange])
    expect(body.byteLength).toBe(length)
    expect(response.headers.get('content-length')).toBe(String(length))
    const first = Number(/bytes (\d+)-/.exec(contentRange ?? '')?.[1] ?? 0)
    if (status !== 416) expect(body).toEqual(bytes.slice(first, first + length))
  })

  test('of a changed file does not continue the old one: If-Range', async () => {
    expect((await get('/file', { range: 'bytes=5-9', 'if-range': '"old"' })).status).toBe(200)
    expect((await get('/file', { range: 'bytes=5-9', 'if-range': '"abc"' })).status).toBe(206)
    expect(
      (await get('/file', { range: 'bytes=5-9', 'if-range': 'Mon, 04 May 2026 10:20:30 GMT' })).status,
    ).toBe(206)
  })

  test('that is known already is 304 with its validators and no length', async () => {
    const response = await get('/file', { 'if-none-match': 'W/"abc"' })
    expect([response.status, await response.text()]).toEqual([304, ''])
    expect(response.headers.get('etag')).toBe('"abc"')
    expect(response.headers.get('content-type')).toBeNull()
    expect((await get('/file', { 'if-modified-since': 'Mon, 04 May 2026 10:20:30 GMT' })).status).toBe(304)
  })

  test('of another version than asked for is 412', async () => {
    expect((await get('/file', { 'if-match': '"old"' })).status).toBe(412)
  })

  test('shown inline runs in a sandbox', async () => {
    const { headers } = await get('/inline/1')
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
    expect(headers.get('content-disposition')).toStartWith('inline; ')
    expect(headers.get('content-type')).toBe('image/svg+xml')
  })

  test('with a hostile name and type has one of each header', async () => {
    const text = await exchangeRaw(
      running.port,
      'GET /hostile HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    )
    expect(text).toStartWith('HTTP/1.1 200')
    expect(text.match(/^content-disposition:/gim)?.length).toBe(1)
    expect(text).toMatch(/^content-type: application\/octet-stream\r$/im)
    expect(text).not.toMatch(/^x: y/im)
  })

  test('of an empty file is 200 with length 0 and is begun', async () => {
    let response = new Response()
    const seen = await beginnings(async () => {
      response = await get('/empty', { range: 'bytes=0-' })
    })
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([
      200,
      '0',
      '',
    ])
    expect(response.headers.get('content-type')).toBe('text/plain')
    expect(seen).toBe(1)
  })

  test('from a stream has the right bytes', async () => {
    const response = await get('/stream', { range: 'bytes=100-199' })
    expect(response.status).toBe(206)
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes.slice(100, 200))
  })

  test('that cannot be counted is an error and not an uncounted download', async () => {
    expect((await get('/broken')).status).toBe(500)
  })

  test('that finds no slot is tried once more, since one may have come free a moment ago', async () => {
    expect((await get('/busy/1')).status).toBe(200)
    const refused = await get('/busy/2')
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '7'])
  })
})

describe('what is begun', () => {
  const whole = undefined
  const rows: Array<
    [name: string, method: string, headers: Record<string, string>, began: Array<ByteRange | undefined>]
  > = [
    ['a whole file', 'GET', {}, [whole]],
    ['a range', 'GET', { range: 'bytes=0-0' }, [{ start: 0, end: 0 }]],
    ['a range from elsewhere', 'GET', { range: 'bytes=1-' }, [{ start: 1, end: 999 }]],
    ['a suffix that is the whole file', 'GET', { range: 'bytes=-5000' }, [{ start: 0, end: 999 }]],
    ['a range of another version', 'GET', { range: 'bytes=1-', 'if-range': '"x"' }, [whole]],
    ['304: nothing', 'GET', { 'if-none-match': '"abc"' }, []],
    ['412: nothing', 'GET', { 'if-match': '"x"' }, []],
    ['416: nothing', 'GET', { range: 'bytes=1000-' }, []],
    ['HEAD: nothing', 'HEAD', {}, []],
    ['HEAD with a range: nothing', 'HEAD', { range: 'bytes=0-0' }, []],
  ]
  test.each(rows)('%s', async (_name, method, headers, began) => {
    const before = begun.length
    await (await get('/file', headers, method)).arrayBuffer()
    expect(begun.slice(before)).toEqual(began)
  })
})

describe('HEAD', () => {
  test('has the headers of GET, over the network and in process, static and dynamic paths alike', async () => {
    for (const path of ['/file', '/inline/1', '/stream']) {
      const got = Object.fromEntries((await get(path)).headers)
      const asked = Object.fromEntries((await get(path, {}, 'HEAD')).headers)
      const inProcess = await running.app.handle(new Request(`http://localhost${path}`, { method: 'HEAD' }))
      expect(asked['content-length']).toBe('1000')
      expect(inProcess.headers.get('content-length')).toBe('1000')
      const { date: _d, connection: _c, ...rest } = got
      expect(asked).toMatchObject(rest)
    }
  })

  test('answers conditions', async () => {
    expect((await get('/file', { 'if-none-match': '"abc"' }, 'HEAD')).status).toBe(304)
    expect((await get('/file', { 'if-match': '"x"' }, 'HEAD')).status).toBe(412)
  })
})

/** What comes back from other people's servers. */
import { describe, expect, test } from 'bun:test'
import { gzipSync } from 'node:zlib'
import { answer, failure, fetchAll, open } from './fetching.ts'
import { pattern, readAll, sentHeader, sourcesUnderTest } from './sources.ts'

const sources = sourcesUnderTest()

describe('an answer', () => {
  test('tells size, name, type and what its content can be known by', async () => {
    const url = sources.serve(
      () =>
        new Response('hello', {
          headers: {
            'content-type': 'text/plain; charset=utf-8',
            'content-disposition': 'attachment; filename="a b.txt"',
            etag: '"v1"',
          },
        }),
    )
    const file = await open(new URL('/path/raw%20name.bin?x=1', url))
    const { body: _, ...known } = file
    expect(known).toEqual({
      offset: 0,
      size: 5,
      names: ['a b.txt', 'raw name.bin', 'raw name.bin'],
      mimeType: 'text/plain; charset=utf-8',
      validator: '"v1"',
    })
    expect(Buffer.from(await readAll(file)).toString()).toBe('hello')
  })

  test('without length is as long as it is', async () => {
    const source = await sources.raw((socket) => socket.end(`${answer('HTTP/1.1 200 OK')}hello`))
    const file = await open(source.url)
    expect(file.size).toBeNull()
    expect(Buffer.from(await readAll(file)).toString()).toBe('hello')
  })

  test('without length that has ended long before it is read is there all the same', async () => {
    const bytes = pattern(5_000_000)
    const source = await sources.raw((socket) => {
      socket.write(answer('HTTP/1.1 200 OK'))
      socket.end(bytes)
    })
    const file = await open(source.url)
    await Bun.sleep(100)
    let received = 0
    for await (const chunk of file.body) {
      received += chunk.byteLength
      if (received < 1_000_000) await Bun.sleep(1)
    }
    expect(received).toBe(bytes.length)
  })

  test('in chunks is read whole', async () => {
    const source = await sources.raw((socket) =>
      socket.end(`${answer('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}5\r\nhello\r\n0\r\n\r\n`),
    )
    expect(Buffer.from(await fetchAll(source.url)).toString()).toBe('hello')
  })

  test('after interim answers is the one that counts', async () => {
    const source = await sources.raw((socket) =>
      socket.end(
        `${answer('HTTP/1.1 103 Early Hints', 'Link: </x>')}${answer('HTTP/1.1 200 OK', 'Content-Length: 2')}ok`,
      ),
    )
    expect(Buffer.from(await fetchAll(source.url)).toString()).toBe('ok')
  })

  test('that is longer than it says ends where it says', async () => {
    const bytes = pattern(3_000_000)
    const source = await sources.raw((socket) => {
      socket.write(answer('HTTP/1.1 200 OK', `Content-Length: ${bytes.length}`))
      socket.write(bytes)
      socket.end('and more that nobody announced')
    })
    expect(Bun.SHA256.hash(await fetchAll(source.url), 'hex')).toBe(Bun.SHA256.hash(bytes, 'hex'))
  })

  test('in gzip stays as it came, so that no bomb goes off', async () => {
    const packed = gzipSync(Buffer.alloc(50_000_000))
    const url = sources.serve(() => new Response(packed, { headers: { 'content-encoding': 'gzip' } }))
    expect(await fetchAll(url)).toEqual(new Uint8Array(packed))
  })

  test('is asked for plainly, with nothing of ours', async () => {
    const source = await sources.raw((socket) => socket.end(answer('HTTP/1.1 200 OK', 'Content-Length: 0')))
    await fetchAll(`${source.url}/a%20b?q=%C3%A9#fragment`, {}, { userAgent: 'Kist/1.0' })
    const lines = source.requests[0]?.trim().split('\r\n') ?? []
    expect(lines[0]).toBe('GET /a%20b?q=%C3%A9 HTTP/1.1')
    expect(lines.slice(1).sort()).toEqual([
      'accept-encoding: identity',
      'accept: */*',
      'connection: close',
      `host: 127.0.0.1:${source.port}`,
      'user-agent: Kist/1.0',
    ])
  })
})

describe('a range', () => {
  const at5 = { offset: 5, ifRange: '"v1"' }

  test('is asked for with the validator of the earlier bytes', async () => {
    const source = await sources.raw((socket) =>
      socket.end(
        `${answer('HTTP/1.1 206 Partial Content', 'Content-Range: bytes 5-9/10', 'Content-Length: 5', 'ETag: "v1"')}56789`,
      ),
    )
    const file = await open(source.url, at5)
    expect(sentHeader(source.requests[0] ?? '', 'range')).toBe('bytes=5-')
    expect(sentHeader(source.requests[0] ?? '', 'if-range')).toBe('"v1"')
    expect([file.offset, file.size, file.validator]).toEqual([5, 10, '"v1"'])
    expect(Buffer.from(await readAll(file)).toString()).toBe('56789')
  })

  test('that the source does not do begins at the beginning', async () => {
    const url = sources.serve(() => new Response('0123456789'))
    const file = await open(url, at5)
    expect([file.offset, file.size]).toEqual([0, 10])
  })

  test.each([
    ['another range', 'HTTP/1.1 206 Partial Content', 'Content-Range: bytes 4-9/10'],
    ['no range', 'HTTP/1.1 206 Partial Content', 'Content-Type: multipart/byteranges; boundary=x'],
    ['a range of other things', 'HTTP/1.1 206 Partial Content', 'Content-Range: lines 5-9/10'],
  ])('answered with %s is refused', async (_, status, header) => {
    const source = await sources.raw((socket) => socket.end(answer(status, header, 'Content-Length: 0')))
    expect(await failure(open(source.url, at5))).toMatchObject({ retryable: false })
  })

  test('nobody asked for is refused', async () => {
    const source = await sources.raw((socket) =>
      socket.end(answer('HTTP/1.1 206 Partial Content', 'Content-Range: bytes 0-4/10', 'Content-Length: 0')),
    )
    expect((await failure(open(source.url))).message).toBe('The source answered with status 206.')
  })

  test.each([
    ['a strong ETag', ['ETag: "a"'], '"a"'],
    ['no weak ETag', ['ETag: W/"a"'], null],
    ['no ETag without quotes', ['ETag: a'], null],
    [
      'a date long enough ago',
      ['Last-Modified: Tue, 01 Jan 2030 00:00:00 GMT', 'Date: Tue, 01 Jan 2030 00:01:00 GMT'],
      'Tue, 01 Jan 2030 00:00:00 GMT',
    ],
    [
      'no date of this very second',
      ['Last-Modified: Tue, 01 Jan 2030 00:00:00 GMT', 'Date: Tue, 01 Jan 2030 00:00:00 GMT'],
      null,
    ],
    ['no date without a clock to compare with', ['Last-Modified: Tue, 01 Jan 2030 00:00:00 GMT'], null],
    ['nothing when ranges are declined', ['ETag: "a"', 'Accept-Ranges: none'], null],
  ])('can be asked for by %s', async (_, headers, validator) => {
    const source = await sources.raw((socket) =>
      socket.end(answer('HTTP/1.1 200 OK', 'Content-Length: 0', ...headers)),
    )
    expect((await open(source.url)).validator).toBe(validator)
  })
})

describe('a status', () => {
  test.each([204, 205, 300, 304, 400, 401, 403, 404, 410, 451, 407])('%i is final', async (status) => {
    const source = await sources.raw((socket) =>
      socket.end(answer(`HTTP/1.1 ${status} X`, 'Content-Length: 0')),
    )
    const error = await failure(open(source.url))
    expect(error).toMatchObject({ retryable: false, message: `The source answered with status ${status}.` })
  })

  test.each([408, 416, 425, 429, 500, 502, 503, 504, 599])('%i may pass', async (status) => {
    const source = await sources.raw((socket) =>
      socket.end(answer(`HTTP/1.1 ${status} X`, 'Content-Length: 0')),
    )
    expect(await failure(open(source.url))).toMatchObject({ retryable: true, retryAfter: null })
  })

  test.each([
    ['seconds', ['Retry-After: 120'], 120],
    ['a date', ['Date: Tue, 01 Jan 2030 00:00:00 GMT', 'Retry-After: Tue, 01 Jan 2030 00:00:30 GMT'], 30],
    [
      'a date in the past',
      ['Date: Tue, 01 Jan 2030 00:00:00 GMT', 'Retry-After: Mon, 31 Dec 2029 00:00:00 GMT'],
      0,
    ],
    ['nonsense', ['Retry-After: soon'], null],
  ])('may say when to come back: %s', async (_, headers, seconds) => {
    const source = await sources.raw((socket) =>
      socket.end(answer('HTTP/1.1 503 Service Unavailable', 'Content-Length: 0', ...headers)),
    )
    expect(await failure(open(source.url))).toMatchObject({ retryable: true, retryAfter: seconds })
  })
})

/** What comes back from other people's servers, proper ones and others. */
import { describe, expect, test } from 'bun:test'
import { gzipSync } from 'node:zlib'
import { isFault } from '../../src/core/fault.ts'
import { RemoteError, type RemoteRequest } from '../../src/core/remote.ts'
import { type HttpFetcherOptions, httpFetcher } from '../../src/remote/http-fetcher.ts'
import { certificate, key } from './certificate.ts'
import { pattern, readAll, sentHeader, sourcesUnderTest } from './sources.ts'

const sources = sourcesUnderTest()
const fetcher = (options: Partial<HttpFetcherOptions> = {}) =>
  httpFetcher({ allowPrivateAddresses: true, ...options })

const open = (
  url: string | URL,
  request: Partial<RemoteRequest> = {},
  options?: Partial<HttpFetcherOptions>,
) =>
  fetcher(options).open(String(url), {
    offset: 0,
    ifRange: null,
    signal: new AbortController().signal,
    ...request,
  })

/** The RemoteError that an attempt ends with. */
async function failure(attempt: Promise<unknown>): Promise<RemoteError> {
  try {
    await attempt
  } catch (error) {
    if (error instanceof RemoteError) return error
    throw error
  }
  throw new Error('It did not fail.')
}

const answer = (...lines: string[]): string => `${lines.join('\r\n')}\r\n\r\n`
const fetchAll = async (...request: Parameters<typeof open>) => readAll(await open(...request))

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

describe('redirects', () => {
  const chain = (length: number, status: number) =>
    sources.raw((socket, request, count) => {
      const step = count <= length
      const head = step
        ? answer(`HTTP/1.1 ${status} X`, `Location: ../hop/${count}`, 'Content-Length: 0')
        : `${answer('HTTP/1.1 200 OK', 'Content-Length: 2')}ok`
      expect(request).not.toMatch(/authorization|cookie|referer/i)
      socket.end(head)
    })

  test.each([301, 302, 303, 307, 308])('with %i are followed five times', async (status) => {
    const source = await chain(5, status)
    const file = await open(`${source.url}/first/name.bin`)
    expect(Buffer.from(await readAll(file)).toString()).toBe('ok')
    expect(source.requests.map((request) => request.split(' ')[1])).toEqual([
      '/first/name.bin',
      ...[1, 2, 3, 4, 5].map((hop) => `/hop/${hop}`),
    ])
    expect(file.names).toEqual(['5', 'name.bin'])
  })

  test('are followed no sixth time, and so never round and round', async () => {
    const source = await chain(6, 302)
    expect(await failure(open(`${source.url}/first/name.bin`))).toMatchObject({
      retryable: false,
      message: 'The source redirects too often.',
    })
    expect(source.requests).toHaveLength(6)
  })

  test('to nowhere are final', async () => {
    const source = await sources.raw((socket) => socket.end(answer('HTTP/1.1 302 X', 'Content-Length: 0')))
    expect(await failure(open(source.url))).toMatchObject({ retryable: false })
  })

  test('to a URL in raw UTF-8 arrive', async () => {
    const source = await sources.raw((socket, _, count) =>
      socket.end(
        count === 1
          ? Buffer.from(answer('HTTP/1.1 302 X', 'Location: /größe.txt', 'Content-Length: 0'))
          : answer('HTTP/1.1 200 OK', 'Content-Length: 0'),
      ),
    )
    expect((await open(source.url)).names[0]).toBe('größe.txt')
  })

  test('to another scheme are refused', async () => {
    const source = await sources.raw((socket) =>
      socket.end(answer('HTTP/1.1 302 X', 'Location: file:///etc/hostname', 'Content-Length: 0')),
    )
    expect(isFault(await open(source.url).catch((error: unknown) => error), 'url_refused')).toBe(true)
  })

  test('from encrypted to plain are followed', async () => {
    const plain = sources.serve(() => new Response('ok'))
    const encrypted = sources.serve(() => Response.redirect(String(plain)), { key, cert: certificate })
    const url = `https://source.test:${encrypted.port}/`
    const options = { authorities: certificate, resolver: async () => ['127.0.0.1'] }
    expect(Buffer.from(await fetchAll(url, {}, options)).toString()).toBe('ok')
  })
})

describe('a connection that breaks', () => {
  const cutShort: Array<[string, string]> = [
    ['before the announced length', `${answer('HTTP/1.1 200 OK', 'Content-Length: 100')}short`],
    ['between two chunks', `${answer('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}5\r\nhello\r\n`],
    ['in a chunk', `${answer('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked')}50\r\nhello`],
  ]

  test.each(cutShort)('%s is noticed when it is closed', async (_, bytes) => {
    const source = await sources.raw((socket) => socket.end(bytes))
    expect(await failure(fetchAll(source.url))).toMatchObject({ retryable: true })
  })

  test.each([...cutShort, ['in an answer without length', `${answer('HTTP/1.1 200 OK')}hello`]])(
    '%s is noticed when it is reset',
    async (_, bytes) => {
      const source = await sources.raw((socket) => socket.write(bytes, () => socket.resetAndDestroy()))
      expect(await failure(fetchAll(source.url))).toMatchObject({
        retryable: true,
        message: 'The connection to the source broke.',
      })
    },
  )

  test('gives all bytes that arrived before it broke', async () => {
    const source = await sources.raw((socket) => {
      socket.write(answer('HTTP/1.1 200 OK', 'Content-Length: 300000'))
      socket.end(pattern(100_000))
    })
    const file = await open(source.url)
    await Bun.sleep(30)
    let received = 0
    const reading = (async () => {
      for await (const chunk of file.body) received += chunk.byteLength
    })()
    expect(await failure(reading)).toMatchObject({ retryable: true })
    expect(received).toBe(100_000)
  })

  test('before the answer may be tried again', async () => {
    const source = await sources.raw((socket) => socket.destroy())
    expect(await failure(open(source.url))).toMatchObject({ retryable: true })
  })

  test('at once, because nobody listens, may be tried again', async () => {
    const source = await sources.raw(() => {})
    const gone = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } })
    gone.stop(true)
    expect(source.port).not.toBe(gone.port)
    expect(await failure(open(`http://127.0.0.1:${gone.port}/`))).toMatchObject({
      retryable: true,
      message: 'The source refused the connection.',
    })
  })
})

describe('a source that does not speak HTTP', () => {
  test.each([
    ['garbage', 'SSH-2.0-OpenSSH_9.9\r\n'],
    ['two lengths', `${answer('HTTP/1.1 200 OK', 'Content-Length: 5', 'Content-Length: 6')}hello!`],
    ['a negative length', `${answer('HTTP/1.1 200 OK', 'Content-Length: -5')}hello`],
    ['a length with a plus', `${answer('HTTP/1.1 200 OK', 'Content-Length: +5')}hello`],
  ])('is given up: %s', async (_, bytes) => {
    const source = await sources.raw((socket) => socket.end(bytes))
    expect(await failure(fetchAll(source.url))).toMatchObject({
      retryable: false,
      message: 'The source did not answer in proper HTTP.',
    })
  })

  test.each([
    ['many', `X-A: ${'a'.repeat(1000)}\r\n`],
    ['long', 'a'.repeat(10_000)],
  ])('but only %s headers is cut off before they fill the memory', async (_, piece) => {
    let sent = 0
    const source = await sources.raw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nX-B: ')
      const flood = (): void => {
        if (socket.destroyed || sent > 50_000_000) return
        sent += piece.length
        socket.write(piece, flood)
      }
      flood()
    })
    expect(await failure(open(source.url))).toMatchObject({
      retryable: false,
      message: 'The headers of the source are too large.',
    })
    expect(sent).toBeLessThan(20_000_000)
  })
})

describe('patience', () => {
  test('ends with a source that takes the request and says nothing', async () => {
    const source = await sources.raw(() => {})
    expect(await failure(open(source.url, {}, { timeouts: { answer: 0.05 } }))).toMatchObject({
      retryable: true,
      message: 'The source did not answer in time.',
    })
  })

  test('ends with a source that never ends its headers', async () => {
    const source = await sources.raw((socket) => {
      const drip = setInterval(() => socket.write('X-A: b\r\n'), 5)
      socket.write('HTTP/1.1 200 OK\r\n')
      socket.on('close', () => clearInterval(drip))
    })
    const error = await failure(open(source.url, {}, { timeouts: { answer: 0.1 } }))
    expect(error.message).toBe('The source did not answer in time.')
  })

  test('ends with a source that stops in the middle', async () => {
    const source = await sources.raw((socket) =>
      socket.write(`${answer('HTTP/1.1 200 OK', 'Content-Length: 100')}half`),
    )
    expect(await failure(fetchAll(source.url, {}, { timeouts: { idle: 0.05 } }))).toMatchObject({
      retryable: true,
      message: 'The source sent no more bytes.',
    })
  })

  test('ends with a source that only keeps the connection warm', async () => {
    const source = await sources.raw((socket) => {
      const drip = setInterval(() => socket.write('x'), 5)
      socket.write(answer('HTTP/1.1 200 OK'))
      socket.on('close', () => clearInterval(drip))
    })
    const error = await failure(fetchAll(source.url, {}, { timeouts: { idle: 0.2 } }))
    expect(error.message).toBe('The source sent no more bytes.')
  })

  test('is kept with a slow source, and with a slow reader', async () => {
    const bytes = pattern(20 * 1024)
    const source = await sources.raw((socket) => {
      let at = 0
      socket.write(answer('HTTP/1.1 200 OK', `Content-Length: ${bytes.length}`))
      const drip = setInterval(() => {
        socket.write(bytes.subarray(at, at + 1024))
        at += 1024
        if (at >= bytes.length) clearInterval(drip)
      }, 10)
    })
    const file = await open(source.url, {}, { timeouts: { idle: 0.1 } })
    const chunks: Uint8Array[] = []
    for await (const chunk of file.body) {
      if (chunks.length === 0) await Bun.sleep(150)
      chunks.push(chunk)
    }
    expect(Buffer.concat(chunks)).toEqual(Buffer.from(bytes))
  })

  test('ends with a name server that does not answer', async () => {
    const resolver = () => new Promise<string[]>(() => {})
    const error = await failure(open('http://slow.test/', {}, { resolver, timeouts: { resolve: 0.05 } }))
    expect(error).toMatchObject({ retryable: true })
  })

  test('with an unknown name is none, and some with a name server in trouble', async () => {
    const failing = (code: string) => async () => {
      throw Object.assign(new Error(code), { code })
    }
    const unknown = await failure(open('http://nobody.test/', {}, { resolver: failing('ENOTFOUND') }))
    const trouble = await failure(open('http://nobody.test/', {}, { resolver: failing('EAI_AGAIN') }))
    expect([unknown.retryable, trouble.retryable]).toEqual([false, true])
  })

  test('brings us to the address that works', async () => {
    const source = await sources.raw((socket) => socket.end(`${answer('HTTP/1.1 200 OK')}ok`), '127.0.0.3')
    const resolver = async () => ['127.0.0.9', '127.0.0.3']
    const bytes = await fetchAll(`http://two.test:${source.port}/`, {}, { resolver })
    expect(Buffer.from(bytes).toString()).toBe('ok')
  })
})

describe('the signal', () => {
  const states: Array<[string, string | null, number]> = [
    ['while it waits for the answer', null, 0],
    ['while it reads', `${answer('HTTP/1.1 200 OK', 'Content-Length: 100')}half`, 4],
    ['while it reads an answer without length', `${answer('HTTP/1.1 200 OK')}half`, 4],
  ]

  test.each(states)('ends a request %s and closes its connection', async (_, bytes, expected) => {
    const closed = Promise.withResolvers<void>()
    const source = await sources.raw((socket) => {
      socket.on('close', () => closed.resolve())
      if (bytes === null) abort.abort(new Error('enough'))
      else socket.write(bytes)
    })
    const abort = new AbortController()
    let received = 0
    const reading = (async () => {
      const file = await open(source.url, { signal: abort.signal })
      for await (const chunk of file.body) {
        received += chunk.byteLength
        abort.abort(new Error('enough'))
      }
    })()
    await expect(reading).rejects.toBeInstanceOf(Error)
    await closed.promise
    expect(received).toBe(expected)
  })

  test('closes the connection of a body that nobody read', async () => {
    const closed = Promise.withResolvers<void>()
    const source = await sources.raw((socket) => {
      socket.on('close', () => closed.resolve())
      socket.write(`${answer('HTTP/1.1 200 OK', 'Content-Length: 100')}half`)
    })
    const abort = new AbortController()
    await open(source.url, { signal: abort.signal })
    abort.abort()
    await closed.promise
  })

  test('aborted before asks nobody', async () => {
    const source = await sources.raw(() => {})
    await expect(open(source.url, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toBeInstanceOf(
      Error,
    )
    expect(source.connections()).toBe(0)
  })
})

test('an endless source is read no faster than it is stored', async () => {
  let sent = 0
  const source = await sources.raw((socket) => {
    socket.write(answer('HTTP/1.1 200 OK'))
    const piece = Buffer.alloc(65_536)
    const flood = (): void => {
      while (!socket.destroyed && socket.write(piece)) sent += piece.length
    }
    socket.on('drain', flood)
    flood()
  })
  const abort = new AbortController()
  const file = await open(source.url, { signal: abort.signal })
  const bytes = file.body[Symbol.asyncIterator]()
  await bytes.next()
  await Bun.sleep(200)
  const before = sent
  await Bun.sleep(200)
  expect(sent).toBe(before)
  expect(sent).toBeLessThan(32 * 1024 ** 2)
  await bytes.return?.()
  abort.abort()
})

describe('the certificate', () => {
  const secure = () =>
    sources.serve((request) => new Response(request.headers.get('host')), { key, cert: certificate })
  const resolver = async () => ['127.0.0.1']
  const trusting = { resolver, authorities: certificate }
  const REFUSED = { retryable: false, message: 'The certificate of the source is not valid.' }

  test('is accepted for its own name, though we connect to an address', async () => {
    const { port } = secure()
    const bytes = await fetchAll(`https://source.test:${port}/`, {}, trusting)
    expect(Buffer.from(bytes).toString()).toBe(`source.test:${port}`)
    await fetchAll(`https://SOURCE.test.:${port}/`, {}, trusting)
  })

  test('is refused for another name', async () => {
    const { port } = secure()
    expect(await failure(open(`https://other.test:${port}/`, {}, trusting))).toMatchObject(REFUSED)
  })

  test('is refused for the bare address', async () => {
    const { port } = secure()
    expect(await failure(open(`https://127.0.0.1:${port}/`, {}, trusting))).toMatchObject(REFUSED)
  })

  test('is refused when nobody we trust signed it, whatever the environment says', async () => {
    const { port } = secure()
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    try {
      expect(await failure(open(`https://source.test:${port}/`, {}, { resolver }))).toMatchObject(REFUSED)
    } finally {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before
    }
  })

  test('is missing where plain HTTP answers', async () => {
    const source = await sources.raw((socket) => socket.end(answer('HTTP/1.1 200 OK')))
    const plain = await failure(open(`https://127.0.0.1:${source.port}/`, {}, { timeouts: { connect: 0.2 } }))
    expect(plain.message).not.toContain('127.0.0.1')
  })
})

/** Sources that break, lie or can not be trusted. */
import { describe, expect, test } from 'bun:test'
import { certificate, key } from './certificate.ts'
import { answer, failure, fetchAll, open } from './fetching.ts'
import { pattern, sourcesUnderTest } from './sources.ts'

const sources = sourcesUnderTest()

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

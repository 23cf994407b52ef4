/** How long a source is waited for, and how the waiting ends. */
import { describe, expect, test } from 'bun:test'
import { answer, failure, fetchAll, open } from './fetching.ts'
import { pattern, sourcesUnderTest } from './sources.ts'

const sources = sourcesUnderTest()

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

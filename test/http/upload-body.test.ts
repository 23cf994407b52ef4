import { afterEach, describe, expect, test } from 'bun:test'
import { Elysia } from 'elysia'
import { exchangeOf } from '../../src/http/exchange.ts'
import { type WatchOptions, watchedBody } from '../../src/http/upload-body.ts'
import { connect, type Running, serve } from './server-under-test.ts'

let running: Running | null = null
afterEach(async () => {
  await running?.close()
  running = null
})

const outcomes: string[] = []

/** Counts what arrives; `stopAfter` bytes it refuses to go on, as a part that is too large does. */
function counting(watch: WatchOptions): Running {
  outcomes.length = 0
  running = serve(
    new Elysia()
      .put(
        '/up',
        async ({ request, server }) => {
          let size = 0
          try {
            for await (const chunk of watchedBody(request, server, watch)) size += chunk.byteLength
          } catch (error) {
            outcomes.push((error as { code?: string }).code ?? String(error))
            throw error
          }
          outcomes.push('done')
          return { size }
        },
        { parse: 'none' },
      )
      .get('/ping', () => 'pong'),
  )
  return running
}

const head = (length: number) => `PUT /up HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\n`

describe('the body of an upload', () => {
  test('arrives whole', async () => {
    const { base } = counting({})
    const body = new Uint8Array(3_000_000)
    expect(await (await fetch(`${base}/up`, { method: 'PUT', body })).json()).toEqual({ size: 3_000_000 })
  })

  test('may be empty: a request without a body has a null body', async () => {
    const { base } = counting({})
    expect(await (await fetch(`${base}/up`, { method: 'PUT' })).json()).toEqual({ size: 0 })
  })

  test('may come in chunks of unknown number', async () => {
    const { port } = counting({})
    const client = await connect(port)
    client.send('PUT /up HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n')
    client.send('0\r\n\r\n')
    expect(await client.until('"size":5')).toContain('200 OK')
    client.end()
  })

  test('that stalls is answered 408 with Connection: close, and the socket is really closed', async () => {
    const { port } = counting({ stallSeconds: 0.2 })
    const client = await connect(port)
    client.send(head(1000))
    client.send('x'.repeat(10))
    const answer = await client.closed
    expect(answer).toStartWith('HTTP/1.1 408')
    expect(answer.toLowerCase()).toContain('connection: close')
    expect(answer).toContain('The upload made no progress and was stopped.')
    expect(outcomes).toEqual(['upload_stalled'])
  })

  test('that never begins is stopped too', async () => {
    const { port } = counting({ stallSeconds: 0.1 })
    const client = await connect(port)
    client.send(head(1000))
    expect(await client.closed).toStartWith('HTTP/1.1 408')
  })

  test('that trickles below the least rate is stopped', async () => {
    const { port } = counting({ stallSeconds: 0.4, leastBytes: 1000 })
    const client = await connect(port)
    client.send(head(1000))
    const trickle = setInterval(() => client.send('x'), 30)
    const answer = await client.closed
    clearInterval(trickle)
    expect(answer).toStartWith('HTTP/1.1 408')
  })

  test('lives as long as it makes progress, far longer than one window', async () => {
    const { port } = counting({ stallSeconds: 0.15, leastBytes: 100 })
    const client = await connect(port)
    client.send(head(2000))
    let sent = 0
    const steady = setInterval(() => {
      client.send('x'.repeat(100))
      sent += 100
      if (sent === 2000) clearInterval(steady)
    }, 40)
    expect(await client.until('"size":2000')).toContain('200 OK')
    client.end()
  })

  test('is not blamed for the time a slow reader takes', async () => {
    const chunks = [new Uint8Array(10), new Uint8Array(10)]
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const next = chunks.shift()
        if (next) controller.enqueue(next)
        else controller.close()
      },
    })
    const request = new Request('http://localhost/', { method: 'PUT', body })
    let size = 0
    for await (const chunk of watchedBody(request, null, { stallSeconds: 0.05 })) {
      size += chunk.byteLength
      await Bun.sleep(80)
    }
    expect(size).toBe(20)
  })

  test('of a client that leaves ends as client_gone, never as a whole body', async () => {
    const { port } = counting({})
    const client = await connect(port)
    client.send(head(1000))
    client.send('x'.repeat(10))
    client.end()
    await client.closed
    while (outcomes.length === 0) await Bun.sleep(1)
    expect(outcomes).toEqual(['client_gone'])
    expect(running?.metrics.unhandledErrors()).toBe(0)
  })

  test('switches the idle time off while it is read and back on afterwards', async () => {
    const set: number[] = []
    const server = { timeout: (_request: Request, seconds: number) => void set.push(seconds) }
    const request = new Request('http://localhost/', { method: 'PUT', body: 'abc' })
    const body = watchedBody(request, server)
    expect(set).toEqual([])
    for await (const _ of body) expect(set).toEqual([0])
    expect(set).toEqual([0, 30])
  })

  test('restores the idle time when the reader stops half-way', async () => {
    const set: number[] = []
    const server = { timeout: (_request: Request, seconds: number) => void set.push(seconds) }
    const request = new Request('http://localhost/', { method: 'PUT', body: 'abc' })
    for await (const _ of watchedBody(request, server)) break
    expect(set).toEqual([0, 30])
  })

  test('is counted', async () => {
    const request = new Request('http://localhost/', { method: 'PUT', body: 'abc' })
    for await (const _ of watchedBody(request, null));
    expect(exchangeOf(request).bytesIn).toBe(3)
  })
})

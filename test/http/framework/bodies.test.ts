/** Facts of Bun and Elysia about bodies of requests. */
import { describe, expect, test } from 'bun:test'
import { Elysia } from 'elysia'
import { Fault } from '../../../src/core/fault.ts'
import { readBody } from '../../../src/http/body.ts'
import { watchedBody } from '../../../src/http/upload-body.ts'
import { connect, exchangeRaw } from '../server-under-test.ts'
import { get, serversUnderTest } from './servers-under-test.ts'

const MEBIBYTE = 1024 * 1024
const { bare, closing, start } = serversUnderTest()

describe('a request body', () => {
  test('is left unread by parse none', async () => {
    const routes = new Elysia().post(
      '/x',
      ({ request, body }) => ({ used: request.bodyUsed, body: typeof body }),
      {
        parse: 'none',
      },
    )
    for (const type of ['application/octet-stream', 'multipart/form-data; boundary=x', 'application/json']) {
      const answer = await fetch(`${start(routes).base}/x`, {
        method: 'POST',
        body: '{}',
        headers: { 'content-type': type },
      })
      expect(await answer.json()).toEqual({ used: false, body: 'undefined' })
    }
  })

  test('streams through us in far less memory than its size', async () => {
    const routes = new Elysia().put(
      '/x',
      async ({ request, server }) => {
        let size = 0
        for await (const chunk of watchedBody(request, server)) size += chunk.byteLength
        return { size }
      },
      { parse: 'none' },
    )
    const { base } = start(routes)
    const chunk = new Uint8Array(MEBIBYTE)
    let left = 300
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (left-- > 0) controller.enqueue(chunk)
        else controller.close()
      },
    })
    const before = process.memoryUsage.rss()
    const answer = await fetch(`${base}/x`, { method: 'PUT', body })
    expect(await answer.json()).toEqual({ size: 300 * MEBIBYTE })
    // Sender and receiver share this process, and what both dropped may not be collected yet.
    Bun.gc(true)
    expect(process.memoryUsage.rss() - before).toBeLessThan(150 * MEBIBYTE)
  })

  test('is null when there is none, and that is an empty file and not a crash', async () => {
    const routes = new Elysia().put(
      '/x',
      async ({ request, server }) => {
        let size = 0
        for await (const chunk of watchedBody(request, server)) size += chunk.byteLength
        return { isNull: request.body === null, size }
      },
      { parse: 'none' },
    )
    const answer = await fetch(`${start(routes).base}/x`, {
      method: 'PUT',
      headers: { 'content-length': '0' },
    })
    expect(await answer.json()).toEqual({ isNull: true, size: 0 })
  })

  test("above Bun's own limit is refused without a body, which is why ours is far above every other", async () => {
    const server = bare({ fetch: () => new Response('handler'), maxRequestBodySize: 10 })
    const theirs = await exchangeRaw(
      server.port ?? 0,
      'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\n\r\n',
    )
    expect(theirs).toStartWith('HTTP/1.1 413')
    expect(theirs.split('\r\n\r\n')[1]).toBe('')

    const routes = new Elysia().post('/x', ({ request }) => readBody(request, 100), { parse: 'none' })
    const client = await connect(start(routes).port)
    client.send(`POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${200 * 1024 ** 4}\r\n\r\n`)
    const ours = await client.until('The request body is too large.')
    expect(ours).toStartWith('HTTP/1.1 413')
    client.end()
  })

  test('of a client that pauses is cut by Bun at its idle time, but not while we watch it', async () => {
    const drain = async (body: AsyncIterable<Uint8Array>) => {
      let size = 0
      for await (const chunk of body) size += chunk.byteLength
      return Response.json({ size })
    }
    const theirs = bare({ idleTimeout: 1, fetch: (request) => drain(request.body ?? new Blob([]).stream()) })
    const ours = bare({ idleTimeout: 1, fetch: (request) => drain(watchedBody(request, ours)) })
    const pausing = async (port: number) => {
      const client = await connect(port)
      client.send('PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n\r\n0123456789')
      return client
    }
    const [cut, watched] = [await pausing(theirs.port ?? 0), await pausing(ours.port ?? 0)]
    expect(await cut.closed).toBe('')
    watched.send('0123456789')
    expect(await watched.until('"size":20')).toStartWith('HTTP/1.1 200')
    watched.end()
  }, 20_000)

  test('of a client that leaves ends with an error and an aborted signal, and nothing is left unhandled', async () => {
    const ends: Array<{ aborted: boolean; code: string | undefined }> = []
    const routes = new Elysia().put(
      '/x',
      async ({ request, server }) => {
        try {
          for await (const _ of watchedBody(request, server));
          ends.push({ aborted: request.signal.aborted, code: 'whole' })
        } catch (error) {
          ends.push({ aborted: request.signal.aborted, code: (error as Fault).code })
          throw error
        }
      },
      { parse: 'none' },
    )
    const unhandled: unknown[] = []
    const note = (error: unknown) => unhandled.push(error)
    process.on('unhandledRejection', note)
    closing.push(() => process.off('unhandledRejection', note))
    const { port, metrics } = start(routes)
    for (const framing of ['Content-Length: 1000', 'Transfer-Encoding: chunked']) {
      const client = await connect(port)
      client.send(`PUT /x HTTP/1.1\r\nHost: localhost\r\n${framing}\r\n\r\n`)
      client.send(framing.startsWith('T') ? '5\r\nhello\r\n' : 'hello')
      client.end()
      await client.closed
    }
    while (ends.length < 2) await Bun.sleep(1)
    expect(ends).toEqual(Array(2).fill({ aborted: true, code: 'client_gone' }))
    expect([unhandled, metrics.unhandledErrors()]).toEqual([[], 0])
  })

  test('may be left unread: an early refusal reaches the client and the connection goes on', async () => {
    const routes = new Elysia()
      .put('/x', () => {
        throw new Fault('quota_exceeded')
      })
      .get('/y', () => 'still here')
    const client = await connect(start(routes).port)
    client.send(`PUT /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${MEBIBYTE}\r\n\r\n`)
    const answer = await client.until('storage quota')
    expect(answer.toLowerCase()).not.toContain('connection: close')
    const rest = new Uint8Array(MEBIBYTE)
    for (let sent = 0; sent < MEBIBYTE; sent += 65536) {
      client.send(rest.subarray(sent, sent + 65536))
      await Bun.sleep(0)
    }
    client.send(get('/y'))
    expect(await client.closed).toContain('still here')
  })
})

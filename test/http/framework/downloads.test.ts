/** Facts of Bun and Elysia about downloads. */
import { describe, expect, test } from 'bun:test'
import { Elysia } from 'elysia'
import { grantOf, sendFile } from '../sending.ts'
import { connect } from '../server-under-test.ts'
import { serversUnderTest } from './servers-under-test.ts'

const { start } = serversUnderTest()

describe('a download', () => {
  test('to a reader who stops is cancelled, and the stream knows', async () => {
    const cancelled = Promise.withResolvers<void>()
    const file = {
      name: 'a',
      size: 2 ** 30,
      etag: 'e',
      lastModified: new Date(0),
      mimeType: 'text/plain',
      cacheControl: '',
    }
    let pulled = 0
    const open = () =>
      new ReadableStream<Uint8Array>(
        {
          pull(controller) {
            pulled += 1
            controller.enqueue(new Uint8Array(65536))
          },
          cancel: () => cancelled.resolve(),
        },
        { highWaterMark: 0 },
      )
    const routes = new Elysia().get('/x', ({ request, server }) =>
      sendFile(request, server, file, grantOf(open)),
    )
    const client = await connect(start(routes).port)
    client.send('GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await client.until('200 OK')
    client.end()
    await cancelled.promise
    expect(pulled).toBeLessThan(2 ** 30 / 65536)
  })

  test('gives its reader the longest idle time Bun has, for the kernel buffers megabytes', async () => {
    const set: number[] = []
    const server = {
      timeout: (_request: Request, seconds: number) => void set.push(seconds),
      requestIP: () => ({ address: '127.0.0.1', port: 1 }),
    }
    const file = {
      name: 'a',
      size: 3,
      etag: 'e',
      lastModified: new Date(0),
      mimeType: 'text/plain',
      cacheControl: '',
    }
    await sendFile(
      new Request('http://localhost/'),
      server,
      file,
      grantOf(() => new Blob(['abc'])),
    )
    expect(set).toEqual([255])
  })

  test('asked for by HEAD runs the GET handler of the framework and still begins nothing', async () => {
    const calls: string[] = []
    const file = {
      name: 'a',
      size: 3,
      etag: 'e',
      lastModified: new Date(0),
      mimeType: 'text/plain',
      cacheControl: '',
    }
    const grant = grantOf(
      () => new Blob(['abc']),
      () => void calls.push('begun'),
    )
    const routes = new Elysia().get('/x/:id', ({ request, server }) => {
      calls.push(request.method)
      return sendFile(request, server, file, grant)
    })
    const response = await fetch(`${start(routes).base}/x/1`, { method: 'HEAD' })
    expect([response.status, response.headers.get('content-length')]).toEqual([200, '3'])
    expect(calls).toEqual(['HEAD'])
  })
})

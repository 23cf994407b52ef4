/** Where the kernel cannot pace: other systems, other C libraries, Unix sockets, requests in process. */
import { afterEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPacer } from '../../src/http/pacing.ts'
import type { HeldSocket, Sockets } from '../../src/http/sockets.ts'
import { connectRaw } from '../support/socket.ts'
import { type PacedTestServer, servePaced, stubTransfer, until } from './paced-server.ts'

const KB = 1000
const MB = 1000 * KB
let server: PacedTestServer | null = null

afterEach(async () => {
  await server?.close()
  server = null
})

function serve(options: Parameters<typeof servePaced>[0]): PacedTestServer {
  server = servePaced(options)
  return server
}

async function timed(url: string, init: BunFetchRequestInit = {}) {
  const begun = performance.now()
  const response = await fetch(url, init)
  const body = new Uint8Array(await response.arrayBuffer())
  return { response, body, seconds: (performance.now() - begun) / 1000 }
}

const failing: Array<[name: string, sockets: () => Sockets | null]> = [
  ['there are no sockets to be paced', () => null],
  ['a connection cannot be found', () => ({ hold: () => null, walks: 0 })],
  ['the kernel does not count', () => ({ hold: () => refusing({ sent: () => null }), walks: 0 })],
  ['the kernel does not pace', () => ({ hold: () => refusing({ pace: () => false }), walks: 0 })],
]

const refusing = (how: Partial<HeldSocket>): HeldSocket => ({
  sent: () => ({ acked: 0, queued: 0, isClosed: false }),
  pace: () => true,
  cut() {},
  release() {},
  take: () => -1,
  ...how,
})

describe.each(failing)('where %s', (_name, sockets) => {
  test('a limited download is a stream with its speed and its bytes', async () => {
    const { url, transfers, bytes } = serve({ sockets })
    const { response, body, seconds } = await timed(url(450 * KB, MB))
    expect(response.status).toBe(200)
    expect(Bun.hash(body)).toBe(Bun.hash(bytes.subarray(0, 450 * KB)))
    expect(seconds).toBeWithin(0.3, 3)
    expect(await transfers[0]?.ended).toEqual({ bytes: 450 * KB, completed: true })
    expect(transfers[0]?.listeners()).toBe(0)
  })

  test('an unlimited one stays a file with its Content-Length', async () => {
    const { url, transfers } = serve({ sockets })
    const { response } = await timed(url(5 * MB, 0))
    expect(response.headers.get('content-length')).toBe(String(5 * MB))
    expect(await transfers[0]?.ended).toEqual({ bytes: 5 * MB, completed: true })
  })
})

describe('a stream in place of a file', () => {
  const sockets = () => null

  test('follows the speed', async () => {
    const { url, transfers } = serve({ sockets })
    const done = timed(url(4 * MB, 10 * KB))
    await until(() => (transfers[0]?.counts.at(-1) ?? 0) > 0, 2000)
    transfers[0]?.change(20 * MB)
    expect((await done).seconds).toBeLessThan(4)
    expect(transfers[0]?.counts).toEqual([...(transfers[0]?.counts ?? [])].sort((a, b) => a - b))
  })

  test('ends with its client, also in the middle of a pause', async () => {
    const { url, transfers, pacer } = serve({ sockets })
    const client = await connectRaw(url(0, 0))
    await client.send(`GET /${MB}/1000 HTTP/1.1\r\nHost: localhost\r\n\r\n`)
    await client.until(/\r\n\r\n/)
    await until(() => transfers.length === 1)
    client.cut()
    const outcome = await transfers[0]?.ended
    expect(outcome?.completed).toBe(false)
    expect(outcome?.bytes).toBeLessThan(10 * KB)
    await until(() => pacer.active === 0)
    expect(transfers[0]?.listeners()).toBe(0)
  })

  test('of an unlimited download ends with its client too', async () => {
    const { url, transfers } = serve({ sockets })
    const client = await connectRaw(url(0, 0))
    client.pause()
    await client.send(`GET /${20 * MB}/0 HTTP/1.1\r\nHost: localhost\r\n\r\n`)
    await until(() => transfers.length === 1)
    client.cut()
    expect(await transfers[0]?.ended).toEqual({ bytes: 0, completed: false })
  })

  test('gives up a reader that takes nothing, and cuts it', async () => {
    // As if what the kernel may hide were over: 256 seconds.
    const { url, transfers } = serve({ sockets, stallSeconds: -255.5 })
    const client = await connectRaw(url(0, 0))
    client.pause()
    await client.send(`GET /${20 * MB}/${200 * MB} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
    await until(() => transfers.length === 1)
    expect((await transfers[0]?.ended)?.completed).toBe(false)
    client.resume()
    expect((await client.closed).length).toBeLessThan(20 * MB)
  }, 15_000)

  test('is what a limited stream becomes, in slices of its chunks', async () => {
    const { url, transfers, bytes } = serve({ sockets, asStream: true })
    const { body } = await timed(url(300 * KB, MB))
    expect(Bun.hash(body)).toBe(Bun.hash(bytes.subarray(0, 300 * KB)))
    expect(await transfers[0]?.ended).toEqual({ bytes: 300 * KB, completed: true })
  })

  test('that cannot be read is no completed transfer, and its source is told of a reader that leaves', async () => {
    const failed = stubTransfer(MB)
    const pacer = createPacer()
    const source = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error('no disk')),
    })
    const body = pacer.send(new Request('http://localhost/'), null, source, 10, failed)
    expect(new Response(body).text()).rejects.toThrow('no disk')
    expect(await failed.ended).toEqual({ bytes: 0, completed: false })

    const left = stubTransfer(MB)
    const cancelled = Promise.withResolvers<unknown>()
    const endless = new ReadableStream<Uint8Array>({ cancel: cancelled.resolve })
    const sent = pacer.send(new Request('http://localhost/'), null, endless, 10, left)
    await (sent as ReadableStream<Uint8Array>).cancel('enough')
    expect(await cancelled.promise).toBe('enough')
    expect(await left.ended).toEqual({ bytes: 0, completed: false })
  })

  test('that is shorter than it should be is no completed transfer', async () => {
    const transfer = stubTransfer(0)
    const source = new Response('abc').body as ReadableStream<Uint8Array>
    const body = createPacer().send(new Request('http://localhost/'), null, source, 10, transfer)
    expect(await new Response(body).text()).toBe('abc')
    expect(await transfer.ended).toEqual({ bytes: 3, completed: false })
  })
})

describe('over a Unix socket', () => {
  for (const speed of [0, MB])
    test(`a download of speed ${speed} has all bytes and an end`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'kist-unix-'))
      const { url, transfers, bytes } = serve({ unix: join(folder, 'socket') })
      const { body } = await timed(url(300 * KB, speed), { unix: join(folder, 'socket') })
      expect(Bun.hash(body)).toBe(Bun.hash(bytes.subarray(0, 300 * KB)))
      expect(await transfers[0]?.ended).toEqual({ bytes: 300 * KB, completed: true })
      rmSync(folder, { recursive: true })
    })
})

describe.skipIf(process.platform !== 'linux')('a stream over a TCP connection', () => {
  test('is paced by the kernel and ends like a file', async () => {
    const { url, transfers, bytes } = serve({ asStream: true })
    const { body, seconds } = await timed(url(1.2 * MB, MB))
    expect(Bun.hash(body)).toBe(Bun.hash(bytes.subarray(0, 1.2 * MB)))
    expect(seconds).toBeWithin(0.4, 4)
    expect(await transfers[0]?.ended).toEqual({ bytes: 1.2 * MB, completed: true })
  })
})

import { afterEach, describe, expect, test } from 'bun:test'
import { readdirSync } from 'node:fs'
import { openSocketCalls } from '../../src/http/socket-calls.ts'
import { openSockets, type Sockets, socketsOnDemand } from '../../src/http/sockets.ts'
import { connectRaw, type RawClient } from '../support/socket.ts'
import { until } from './paced-server.ts'

interface Seen {
  address: string
  port: number
}

const closing: Array<() => unknown> = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A server that notes who called, and answers. */
function listen(hostname: string): { port: number; seen: Seen[] } {
  const seen: Seen[] = []
  const server = Bun.serve({
    port: 0,
    hostname,
    fetch(request, current) {
      const peer = current.requestIP(request)
      if (peer) seen.push({ address: peer.address, port: peer.port })
      return new Response('ok')
    },
  })
  closing.push(() => server.stop(true))
  return { port: server.port ?? 0, seen }
}

async function call(url: string): Promise<RawClient> {
  const client = await connectRaw(url)
  closing.push(() => client.cut())
  await client.send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await client.until(/ok$/)
  return client
}

const held = (sockets: Sockets, peer: Seen, port: number) => {
  const socket = sockets.hold(peer, port)
  if (socket) closing.push(() => socket.release())
  return socket
}

describe.skipIf(process.platform !== 'linux')('the socket of a request', () => {
  const addresses: Array<[listening: string, calling: string]> = [
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '[::1]'],
    ['::', '127.0.0.1'],
    ['::', '[::1]'],
    ['0.0.0.0', '127.0.0.1'],
  ]
  test.each(addresses)('that came to %s through %s is found', async (listening, calling) => {
    const { port, seen } = listen(listening)
    await call(`http://${calling}:${port}`)
    const socket = held(openSockets(openSocketCalls()), seen[0] as Seen, port)
    const sent = socket?.sent()
    expect(sent?.acked).toBeGreaterThan(50)
    expect(sent?.isClosed).toBe(false)
  })

  test('is not that of another address, port or server', async () => {
    const { port, seen } = listen('127.0.0.1')
    await call(`http://127.0.0.1:${port}`)
    const sockets = openSockets(openSocketCalls())
    const peer = seen[0] as Seen
    expect(sockets.hold({ ...peer, address: '127.0.0.2' }, port)).toBeNull()
    expect(sockets.hold({ ...peer, port: peer.port ^ 1 }, port)).toBeNull()
    expect(sockets.hold(peer, port ^ 1)).toBeNull()
    expect(held(sockets, peer, port)).not.toBeNull()
  })

  test('is found among 200 new ones without looking through all of them each time', async () => {
    const { port, seen } = listen('127.0.0.1')
    await Promise.all(Array.from({ length: 200 }, () => call(`http://127.0.0.1:${port}`)))
    expect(seen.length).toBe(200)
    const sockets = openSockets(openSocketCalls())
    for (const peer of seen) expect(held(sockets, peer, port)).not.toBeNull()
    expect(sockets.walks).toBeLessThan(5)
  })

  test('is the right one when descriptors and ports have changed hands', async () => {
    const { port, seen } = listen('127.0.0.1')
    const sockets = openSockets(openSocketCalls())
    for (let round = 0; round < 30; round++) {
      const client = await call(`http://127.0.0.1:${port}`)
      const socket = sockets.hold(seen.at(-1) as Seen, port)
      expect(socket?.sent()?.acked).toBeWithin(50, 400)
      socket?.release()
      client.cut()
    }
  })

  test('stays itself, and tells how it ended, when both sides have left', async () => {
    const { port, seen } = listen('127.0.0.1')
    const client = await call(`http://127.0.0.1:${port}`)
    const socket = held(openSockets(openSocketCalls()), seen[0] as Seen, port)
    const before = socket?.sent()?.acked ?? 0
    client.cut()
    await Bun.sleep(50)
    expect(socket?.sent()?.acked).toBeGreaterThanOrEqual(before)
    expect(socket?.sent()?.queued).toBe(0)
  })

  test('that is released leaves no descriptor behind', async () => {
    const { port, seen } = listen('127.0.0.1')
    await call(`http://127.0.0.1:${port}`)
    const sockets = openSockets(openSocketCalls())
    const count = () => readdirSync('/proc/self/fd').length
    const before = count()
    for (let round = 0; round < 50; round++) sockets.hold(seen[0] as Seen, port)?.release()
    expect(count()).toBe(before)
  })

  test('can be cut: the client sees the end', async () => {
    const { port, seen } = listen('127.0.0.1')
    const client = await call(`http://127.0.0.1:${port}`)
    held(openSockets(openSocketCalls()), seen[0] as Seen, port)?.cut()
    await until(() => !client.isOpen())
  })

  test('is not looked for before somebody asks, and then opened once', () => {
    const failures: unknown[] = []
    const ask = socketsOnDemand((cause) => failures.push(cause))
    expect(ask()).toBe(ask())
    expect(ask()).not.toBeNull()
    expect(failures).toEqual([])
  })
})

import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { connectRaw, headerOf } from '../support/socket.ts'
import { type PacedTestServer, type StubTransfer, servePaced, until } from './paced-server.ts'

const KB = 1000
const MB = 1000 * KB
let server: PacedTestServer

beforeAll(() => {
  server = servePaced({ stallSeconds: 0.4 })
})
afterAll(() => server.close())

const last = () => server.transfers[server.transfers.length - 1] as StubTransfer

/** What `action` returns, and the transfer that it makes the server begin. */
async function begun<T>(action: () => T | Promise<T>): Promise<{ got: T; transfer: StubTransfer }> {
  const before = server.transfers.length
  const got = await action()
  await until(() => server.transfers.length > before)
  return { got, transfer: last() }
}

const counting = ({ counts }: StubTransfer) => until(() => (counts.at(-1) ?? 0) > 0)

/** Body and seconds of one GET. */
async function timed(url: string, init: RequestInit = {}) {
  const begun = performance.now()
  const response = await fetch(url, init)
  const body = new Uint8Array(await response.arrayBuffer())
  return { response, body, seconds: (performance.now() - begun) / 1000 }
}

const request = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`

describe.skipIf(process.platform !== 'linux')('a limited download', () => {
  test('keeps its speed, its Content-Length and its bytes, and is told complete', async () => {
    const { response, body, seconds } = await timed(server.url(1.5 * MB, MB))
    expect(response.headers.get('content-length')).toBe(String(1.5 * MB))
    expect(Bun.hash(body)).toBe(Bun.hash(server.bytes.subarray(0, 1.5 * MB)))
    expect(seconds).toBeWithin(0.7, 4)
    expect(await last().ended).toEqual({ bytes: 1.5 * MB, completed: true })
    expect(last().listeners()).toBe(0)
  })

  test('counts what has arrived, never less than before and never more than there is', async () => {
    await timed(server.url(900 * KB, MB))
    await last().ended
    const { counts } = last()
    expect(counts.length).toBeGreaterThan(2)
    expect(counts).toEqual([...counts].sort((a, b) => a - b))
    // Until the end the headers of the answer are taken for longer than they can be.
    expect(counts.at(-1)).toBeWithin(899 * KB - 100, 900 * KB + 1)
  })

  test('makes up for the burst the kernel begins with', async () => {
    const client = await connectRaw(server.url(MB, 100 * KB))
    const { transfer } = await begun(() => client.send(request(`/${MB}/${200 * KB}`)))
    await Bun.sleep(2500)
    // 500 KB are due; the burst alone was about 500 KB, and at full speed as much again would have followed.
    expect(client.received().length).toBeLessThan(830 * KB)
    client.cut()
    expect((await transfer.ended).completed).toBe(false)
  })

  test('is as fast as the new speed as soon as that changes', async () => {
    const { got, transfer } = await begun(() => [timed(server.url(6 * MB, 300 * KB))])
    await counting(transfer)
    transfer.change(20 * MB)
    expect((await got[0])?.seconds).toBeLessThan(4)
    expect(await transfer.ended).toEqual({ bytes: 6 * MB, completed: true })
  })

  test('may become unlimited, and an unlimited one limited', async () => {
    const { got, transfer: first } = await begun(() => [timed(server.url(6 * MB, 300 * KB))])
    await counting(first)
    first.change(0)
    expect((await got[0])?.seconds).toBeLessThan(4)

    const client = await connectRaw(server.url(20 * MB, 0))
    client.pause()
    const { transfer } = await begun(() => client.send(request(`/${20 * MB}/0`)))
    await counting(transfer)
    transfer.change(100 * KB)
    client.resume()
    await Bun.sleep(600)
    expect(client.received().length).toBeLessThan(19 * MB)
    client.cut()
    expect((await transfer.ended).completed).toBe(false)
  })

  test('leaves the connection as fast as it was, whatever comes next on it', async () => {
    const client = await connectRaw(server.url(0, 0))
    const get = async (size: number, speed: number): Promise<number> => {
      const begun = performance.now()
      const before = client.received().length
      await client.send(request(`/${size}/${speed}`))
      await until(() => client.received().length - before > size, 10_000)
      return (performance.now() - begun) / 1000
    }
    expect(await get(1.2 * MB, MB)).toBeGreaterThan(0.4)
    expect(await get(20 * MB, 0)).toBeLessThan(2)
    // This time the ten segments that are not paced have been used up.
    expect(await get(600 * KB, MB)).toBeGreaterThan(0.3)
    await until(() => server.pacer.active === 0)
    const three = server.transfers.slice(-3).map(({ outcomes }) => outcomes)
    expect(three).toEqual([
      [{ bytes: 1.2 * MB, completed: true }],
      [{ bytes: 20 * MB, completed: true }],
      [{ bytes: 600 * KB, completed: true }],
    ])
    client.cut()
  }, 20_000)
})

describe.skipIf(process.platform !== 'linux')('the end of a download', () => {
  for (const speed of [0, 500 * KB]) {
    const kind = speed === 0 ? 'an unlimited' : 'a limited'
    test(`of ${kind} one comes at once when the client leaves, with what it got`, async () => {
      const client = await connectRaw(server.url(20 * MB, speed))
      client.pause()
      const { transfer } = await begun(() => client.send(request(`/${20 * MB}/${speed}`)))
      await counting(transfer)
      client.cut()
      const { bytes, completed } = await transfer.ended
      expect(completed).toBe(false)
      expect(bytes).toBeWithin(1, 20 * MB)
      await until(() => server.pacer.active === 0)
    })

    test(`of ${kind} one is seen although the client closes with the last byte`, async () => {
      await timed(server.url(700 * KB, speed), { headers: { connection: 'close' } })
      expect(await last().ended).toEqual({ bytes: 700 * KB, completed: true })
    })

    test(`of ${kind} one comes when the client takes nothing any more, and so does that of the connection`, async () => {
      const client = await connectRaw(server.url(20 * MB, speed))
      client.pause()
      const path = `/${20 * MB}/${speed === 0 ? 0 : 20 * MB}`
      const { transfer } = await begun(() => client.send(request(path)))
      const { bytes, completed } = await transfer.ended
      expect(completed).toBe(false)
      expect(bytes).toBeLessThan(20 * MB)
      client.resume()
      expect((await client.closed).length).toBeLessThan(20 * MB)
    })
  }

  test('comes for a reader that is slow but reads only when it has everything', async () => {
    const client = await connectRaw(server.url(8 * MB, 0))
    client.pause()
    const { transfer } = await begun(() => client.send(request(`/${8 * MB}/0`)))
    for (let turn = 0; turn < 12 && client.received().length < 8 * MB; turn++) {
      await Bun.sleep(100)
      client.resume()
      await Bun.sleep(2)
      client.pause()
    }
    client.resume()
    await until(() => client.received().length > 8 * MB)
    expect(headerOf(client.received(), 'content-length')).toBe(String(8 * MB))
    expect(await transfer.ended).toEqual({ bytes: 8 * MB, completed: true })
    client.cut()
  })

  test('comes when the client left before there was an answer', async () => {
    const thinking = servePaced({ thinks: 60 })
    for (const speed of [0, MB]) {
      const client = await connectRaw(thinking.url(0, 0))
      await client.send(request(`/${8 * MB}/${speed}`))
      await Bun.sleep(20)
      client.cut()
    }
    await until(() => thinking.transfers.length === 2)
    await until(() => thinking.pacer.active === 0)
    expect(thinking.transfers.map(({ outcomes }) => outcomes)).toEqual([
      [{ bytes: 0, completed: false }],
      [{ bytes: 0, completed: false }],
    ])
    await thinking.close()
  })

  test('is found by settle without waiting for the next look', async () => {
    const slow = servePaced({ tickMilliseconds: 60_000 })
    await timed(slow.url(700 * KB, 0))
    await timed(slow.url(10, 0))
    await until(() => {
      slow.pacer.settle()
      return slow.pacer.active === 0
    }, 500)
    expect(slow.transfers.map(({ outcomes }) => outcomes[0]?.completed)).toEqual([true, true])
    await slow.close()
  })

  test('comes to all when the pacer is closed, once', async () => {
    const closing = servePaced()
    const clients = await Promise.all([connectRaw(closing.url(0, 0)), connectRaw(closing.url(0, 0))])
    for (const client of clients) await client.send(request(`/${20 * MB}/${10 * KB}`))
    await until(() => closing.transfers.length === 2)
    await closing.close()
    expect(closing.transfers.map(({ outcomes }) => outcomes.map(({ completed }) => completed))).toEqual([
      [false],
      [false],
    ])
    for (const client of clients) client.cut()
  })

  test('of nothing comes at once', () => {
    expect(server.pacer.active).toBe(0)
    return timed(server.url(0, MB)).then(async () => {
      expect(last().outcomes).toEqual([{ bytes: 0, completed: true }])
    })
  })
})

describe('a small unlimited download', () => {
  test('is complete when the kernel has it', async () => {
    await timed(server.url(1000, 0))
    expect(await last().ended).toEqual({ bytes: 1000, completed: true })
    expect(last().counts).toEqual([])
  })
})

test('holds nothing back: no transfer is left over', () => until(() => server.pacer.active === 0))

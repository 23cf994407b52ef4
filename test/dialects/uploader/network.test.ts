/** The limit of 100 MiB over the network, with a server in a process of its own. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createContent } from '../../support/content.ts'
import { type RunningServer, startServer, watchMemory } from '../../support/server-process.ts'
import { connectRaw, type RawClient, statusOf } from '../../support/socket.ts'
import { storedBytes } from './scenario.ts'

const MiB = 2 ** 20
const LIMIT = 104_857_600
const HEADROOM_MIB = 100
const HEAD = '--BB\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
const END = '\r\n--BB--\r\n'
const TOO_LARGE = '"message":"File size exceeds the limit (100MB)"'

describe('over the network', () => {
  const dir = mkdtempSync(join(tmpdir(), 'kist-network-'))
  let server: RunningServer

  beforeAll(async () => {
    const entry = join(import.meta.dir, '../../../src/main.ts')
    server = await startServer([process.execPath, entry, 'serve'], {
      cwd: dir,
      env: {
        PATH: process.env.PATH ?? '',
        KIST_SERVER_HOST: '127.0.0.1',
        KIST_SERVER_PORT: '0',
        KIST_DATA_DIR: dir,
        KIST_DATA_MIN_FREE: '0',
        KIST_LIMITS_RATE_LIMITS: 'false',
      },
    })
  })
  afterAll(async () => {
    await server?.end('SIGTERM')
    rmSync(dir, { recursive: true, force: true })
  })

  const begin = async (...headers: string[]): Promise<RawClient> => {
    const client = await connectRaw(server.url)
    const lines = ['POST /api/upload HTTP/1.1', `Host: ${new URL(server.url).host}`, ...headers]
    await client.send(`${lines.join('\r\n')}\r\nContent-Type: multipart/form-data; boundary=BB\r\n\r\n`)
    return client
  }
  /** Sends a file of this size, for as long as the connection lets it; what was answered. */
  const send = async (client: RawClient, size: number, chunked = false): Promise<string> => {
    const frame = (piece: string | Uint8Array): string => `${Buffer.byteLength(piece).toString(16)}\r\n`
    for (const piece of [HEAD, ...createContent(size, 'network').read(0, size), END]) {
      if (!client.isOpen()) break
      if (chunked) await client.send(frame(piece))
      await client.send(piece)
      if (chunked) await client.send('\r\n')
    }
    if (chunked) await client.send('0\r\n\r\n')
    const received = await client.until(/\r\n\r\n[\s\S]*\}/)
    client.cut()
    return received
  }
  const lengthOf = (size: number): string => `Content-Length: ${HEAD.length + size + END.length}`
  const jsonOf = (received: string) => JSON.parse(received.slice(received.indexOf('\r\n\r\n') + 4))
  const stored = (): number => storedBytes({ dir })

  test('exactly 100 MiB is taken in little memory and comes back whole; one byte more is refused', async () => {
    const { anonymous: idle } = server.memory()
    const watch = watchMemory(server.pid)
    const received = await send(await begin(lengthOf(LIMIT)), LIMIT)
    expect(statusOf(received)).toBe(200)
    const { size, file_url } = jsonOf(received)
    expect([size, stored()]).toEqual(['100MB', LIMIT])
    const hash = createHash('sha256')
    const response = await fetch(`${server.url}/file/${file_url}`)
    for await (const chunk of response.body ?? []) hash.update(chunk)
    expect(hash.digest('hex')).toBe(createContent(LIMIT, 'network').sha256())

    const refused = await send(await begin(lengthOf(LIMIT + 1)), LIMIT + 1)
    expect([statusOf(refused), refused.includes(TOO_LARGE)]).toEqual([413, true])
    expect(stored()).toBe(LIMIT)
    const grown = watch.stop().anonymous - idle
    expect(grown).toBeLessThan(HEADROOM_MIB)
    process.stdout.write(`100 MiB by form: memory above idle at most ${grown.toFixed(0)} MiB\n`)
  }, 60_000)

  test('one byte more in chunks, of a length nobody declared, is refused and leaves nothing', async () => {
    const before = stored()
    const received = await send(await begin('Transfer-Encoding: chunked'), LIMIT + 1, true)
    expect([statusOf(received), received.includes(TOO_LARGE)]).toEqual([413, true])
    expect(stored()).toBe(before)
  }, 60_000)

  test('what is declared far too large is refused before it is sent', async () => {
    const before = stored()
    const client = await begin(lengthOf(300 * MiB))
    await client.send(HEAD)
    const received = await client.until(/\}/)
    client.cut()
    expect([statusOf(received), received.includes(TOO_LARGE)]).toEqual([413, true])
    expect(stored()).toBe(before)
  }, 30_000)

  test('a length that promises more than comes, or less, leaves nothing', async () => {
    const before = stored()
    const short = await begin(lengthOf(5 * MiB))
    await short.send(HEAD)
    await short.send(new Uint8Array(2 * MiB))
    short.cut()

    const long = await begin(`Content-Length: ${HEAD.length + 1000}`)
    await long.send(HEAD + 'x'.repeat(5000) + END)
    expect(statusOf(await long.until(/\}/))).toBe(400)
    long.cut()

    const small = await send(await begin(lengthOf(10)), 10)
    expect(statusOf(small)).toBe(200)
    for (let tries = 0; tries < 100 && stored() !== before + 10; tries++) await Bun.sleep(20)
    expect(stored()).toBe(before + 10)
  }, 30_000)
})

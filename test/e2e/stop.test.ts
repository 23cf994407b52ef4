/** SIGTERM: what is under way finishes, nothing new begins, the exit code is 0. */
import { describe, expect, test } from 'bun:test'
import { createPlace } from '../support/binary.ts'
import { createContent } from '../support/content.ts'
import type { RunningServer } from '../support/server-process.ts'
import { connectRaw, statusOf } from '../support/socket.ts'
import {
  beginPut,
  type Client,
  createClient,
  downloadLink,
  keepsPart,
  openUpload,
  signPart,
  type Upload,
  uploadContent,
} from '../support/upload-client.ts'

const MiB = 2 ** 20
const file = createContent(24 * MiB, 'slow download')
const part = createContent(2 * MiB, 'part under way')

/** A part of which half is sent. */
async function halfAPart(
  client: Client,
): Promise<{ upload: Upload; finish(): Promise<string>; closed: Promise<string> }> {
  const upload = await openUpload(client, part)
  const socket = await beginPut(await signPart(client, upload, 1), part.size)
  for (const piece of part.read(0, MiB)) await socket.send(piece)
  return {
    upload,
    closed: socket.closed,
    async finish() {
      for (const piece of part.read(MiB, part.size)) await socket.send(piece)
      return socket.closed
    },
  }
}

/** A download of which nothing but the head was read: the server waits for its client. */
async function stuckDownload(client: Client, fileId: number) {
  const { pathname, search, host } = new URL(await downloadLink(client, fileId))
  const socket = await connectRaw(client.url)
  await socket.send(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
  await socket.until(/\r\n\r\n/)
  socket.pause()
  return socket
}

async function refusesConnections(server: RunningServer): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const socket = await connectRaw(server.url).catch(() => null)
    if (!socket) return
    socket.cut()
    await Bun.sleep(10)
  }
  throw new Error('new connections are still accepted')
}

const sha256 = (text: string): string =>
  new Bun.CryptoHasher('sha256').update(Buffer.from(text, 'latin1')).digest('hex')

describe('a server that is told to stop', () => {
  test('finishes a part and a slow download, takes no new connection, and ends with 0', async () => {
    await using place = createPlace()
    const server = await place.serve()
    const client = createClient(server.url, await place.token('ann'))
    const fileId = await uploadContent(client, file)
    const download = await stuckDownload(client, fileId)
    const sending = await halfAPart(client)
    server.signal('SIGTERM')
    await refusesConnections(server)

    expect(statusOf(await sending.finish())).toBe(200)
    download.resume()
    const received = await download.closed
    expect(statusOf(received)).toBe(200)
    expect(sha256(received.slice(received.indexOf('\r\n\r\n') + 4))).toBe(file.sha256())
    expect(await server.ended).toBe(0)
    expect(server.logged('requests_cut')).toEqual([])
    expect(server.logged('stopped')).toHaveLength(1)
    expect(await place.run(['check'])).toMatchObject({ code: 0, stdout: '' })
  }, 30_000)

  test('cuts what is not done at the deadline, keeps nothing of it, and ends with 0', async () => {
    await using place = createPlace({ settings: '[server]\nshutdown_deadline = "1s"\n' })
    const server = await place.serve()
    const token = await place.token('ann')
    const client = createClient(server.url, token)
    const sending = await halfAPart(client)
    const begun = performance.now()
    expect(await server.end('SIGTERM')).toBe(0)
    expect(performance.now() - begun).toBeWithin(900, 5000)
    expect(statusOf(await sending.closed)).not.toBe(200)
    expect(server.logged('requests_cut')).toMatchObject([{ level: 'warn', count: 1 }])

    const next = await place.serve()
    expect(await keepsPart(createClient(next.url, token), sending.upload, 1)).toBe(false)
    expect(await place.run(['check'])).toMatchObject({ code: 0, stdout: '' })
    expect(await next.end('SIGINT')).toBe(0)
  }, 30_000)

  test('and told again ends at once with 130, and starts again as if nothing had been', async () => {
    await using place = createPlace()
    const server = await place.serve()
    const client = createClient(server.url, await place.token('ann'))
    const sending = await halfAPart(client)
    server.signal('SIGTERM')
    await refusesConnections(server)
    expect(await server.end('SIGTERM')).toBe(130)
    await sending.closed
    const next = await place.serve()
    expect(await next.end('SIGTERM')).toBe(0)
    expect(await place.run(['check'])).toMatchObject({ code: 0, stdout: '' })
  }, 30_000)
})

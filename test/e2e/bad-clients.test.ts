/** Clients on raw sockets: slow, dead, odd and hostile ones, all on one server that must not mind. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createPlace, type Place } from '../support/binary.ts'
import { createContent } from '../support/content.ts'
import { brokenRequest, createDice, type Target } from '../support/request-fuzz.ts'
import type { RunningServer } from '../support/server-process.ts'
import { connectRaw, statusOf } from '../support/socket.ts'
import {
  beginPut,
  type Client,
  completeUpload,
  createClient,
  downloadLink,
  keepsPart,
  must,
  openUpload,
  reportPart,
  signPart,
  uploadContent,
} from '../support/upload-client.ts'

const MiB = 2 ** 20
/** Longer than the 60 seconds after which a client that sends nothing is given up. */
const SLOW_SECONDS = 62
const BYTES_PER_SECOND = 2048

let place: Place
let server: RunningServer
let client: Client
let token = ''

beforeAll(async () => {
  place = createPlace({ settings: '[limits]\nrate_limits = false\n[uploads]\npart_size = "8MiB"\n' })
  server = await place.serve()
  token = await place.token('ann')
  client = createClient(server.url, token)
})
afterAll(() => place.remove())

const slow = {
  content: createContent(SLOW_SECONDS * BYTES_PER_SECOND, 'slow'),
  file: createContent(24 * MiB, 'file'),
}

/** 2 KB a second, as long as it takes. */
async function slowUpload(): Promise<void> {
  const upload = await openUpload(client, slow.content)
  const socket = await beginPut(await signPart(client, upload, 1), slow.content.size)
  for (const bytes of slow.content.read(0, slow.content.size)) {
    for (let at = 0; at < bytes.length; at += BYTES_PER_SECOND / 2) {
      await socket.send(bytes.subarray(at, at + BYTES_PER_SECOND / 2))
      if (!socket.isOpen()) break
      await Bun.sleep(500)
    }
  }
  const received = await socket.closed
  expect(statusOf(received)).toBe(200)
  const etag = /etag: (\S+)/i.exec(received)?.[1] ?? ''
  await must(200, reportPart(client, upload, 1, etag))
  const { json } = await must(201, completeUpload(client, upload))
  expect(json.checksum_sha256).toBe(slow.content.sha256())
}

/** Sends half of a part, then nothing, and never hangs up. */
async function deadUpload(): Promise<void> {
  const upload = await openUpload(client, createContent(MiB, 'dead'))
  const socket = await beginPut(await signPart(client, upload, 1), MiB)
  for (const piece of upload.content.read(0, MiB / 2)) await socket.send(piece)
  const begun = performance.now()
  const received = await socket.closed
  expect((performance.now() - begun) / 1000).toBeWithin(55, 75)
  expect(statusOf(received)).toBe(408)
  expect(received).toContain('<Code>RequestTimeout</Code>')
  expect(await keepsPart(client, upload, 1)).toBe(false)
}

/** Takes the beginning of a download, then nothing for twice as long as an idle connection may live. */
async function slowDownload(): Promise<void> {
  const { pathname, search, host } = new URL(
    await downloadLink(client, await uploadContent(client, slow.file)),
  )
  const socket = await connectRaw(server.url)
  await socket.send(`GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
  await socket.until(/\r\n\r\n/)
  socket.pause()
  await Bun.sleep((SLOW_SECONDS - 2) * 1000)
  socket.resume()
  const received = await socket.closed
  const bytes = Buffer.from(received.slice(received.indexOf('\r\n\r\n') + 4), 'latin1')
  expect(new Bun.CryptoHasher('sha256').update(bytes).digest('hex')).toBe(slow.file.sha256())
}

/** Opens a connection, says half a head, and waits. */
async function halfAHead(): Promise<void> {
  const socket = await connectRaw(server.url)
  const begun = performance.now()
  await socket.send('GET / HTTP/1.1\r\nHost: loc')
  await socket.closed
  expect((performance.now() - begun) / 1000).toBeLessThan(60)
}

const once = async (request: string, patience = 5000): Promise<string> => {
  const socket = await connectRaw(server.url)
  const late = setTimeout(() => socket.cut(), patience)
  await socket.send(Buffer.from(request, 'latin1'))
  const received = await socket.until(/\r\n\r\n/)
  clearTimeout(late)
  socket.cut()
  return received
}

const metric = async (name: string): Promise<number> => {
  const text = await (await fetch(`${server.url}/metrics`)).text()
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN)
}

describe('on one server', () => {
  const slowOnes: Array<Promise<void>> = []

  test('slow clients begin', () => {
    slowOnes.push(slowUpload(), deadUpload(), slowDownload(), halfAHead())
    for (const one of slowOnes) one.catch(() => {}) // each is looked at in the last test
  })

  test('a host of one letter reaches the same routes as a long one', async () => {
    const get = (path: string, host: string) =>
      once(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nX-API-Token: ${token}\r\nConnection: close\r\n\r\n`)
    for (const host of ['x', 'a:1', 'kist.example.com', 'localhost:8080', '127.0.0.1', '[::1]:80']) {
      expect(statusOf(await get('/api/v1/files/999', host))).toBe(404)
      expect(await get('/zz/api/v1/files/999', host)).not.toContain('File not found')
      expect(statusOf(await get('/healthz', host))).toBe(200)
      expect(statusOf(await get('/zz/healthz', host))).toBe(404)
    }
  })

  test('two Host headers, none, and those that are no host are refused', async () => {
    for (const hosts of [
      'Host: a\r\nHost: b',
      'Host: a b',
      'Host: a?b',
      'Host: user@a',
      'Host: a/b',
      'Host:',
      'X: y',
    ]) {
      const received = await once(`GET /api/v1/files/1 HTTP/1.1\r\n${hosts}\r\nConnection: close\r\n\r\n`)
      // Some are Bun's own refusals, some are worded by the API.
      expect([hosts, [400, 422].includes(statusOf(received))]).toEqual([hosts, true])
    }
  })

  test('500 broken requests get no answer that is our own failure', async () => {
    const dice = createDice(20_261_124)
    const link = new URL(
      await downloadLink(client, 1).catch(() => `${server.url}/download/1?token=a&expires=1`),
    )
    const upload = await openUpload(client, createContent(100, 'fuzz'))
    const signed = new URL(await signPart(client, upload, 1))
    const targets: Target[] = [
      ...[
        '/',
        '/setup?token=a',
        '/swagger',
        '/swagger/json',
        '/healthz',
        '/readyz',
        '/metrics',
        '/web/session',
      ].map((path) => ({ method: 'GET', path })),
      ...['/api/v1/files/1', '/api/v1/folders?parent_id=1', '/api/v1/downloads/1/link?expires_in=5'].map(
        (path) => ({ method: 'GET', path }),
      ),
      ...[
        '/web/session',
        '/setup',
        '/api/v1/folders',
        '/api/v1/uploads/sessions',
        '/api/v1/uploads/managed',
      ].map((path) => ({ method: 'POST', path })),
      ...['parts/sign', 'parts/report', 'parts/upload/1', 'complete', 'abort'].map((name) => ({
        method: 'POST',
        path: `/api/v1/uploads/sessions/${upload.id}/${name}`,
      })),
      { method: 'GET', path: `/api/v1/uploads/sessions/${upload.id}` },
      { method: 'GET', path: link.pathname + link.search },
      { method: 'PUT', path: signed.pathname + signed.search },
    ]
    const headers = [
      'Host: 127.0.0.1',
      `Authorization: Bearer ${token}`,
      'Content-Type: application/json',
      'Connection: close',
    ]
    const statuses = new Map<number, number>()
    const failures: string[] = []
    const attack = async (): Promise<void> => {
      for (let count = 0; count < 125; count++) {
        const request = brokenRequest(dice, targets, headers)
        const received = await once(request, 250)
        const status = statusOf(received)
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
        // 505 is the right answer to a version of HTTP that does not exist.
        if (status >= 500 && status !== 505) failures.push(`${status} to ${request.slice(0, 300)}`)
        if (/at .*\.[jt]s:\d|\/\$bunfs|node_modules|SQLITE_/.test(received))
          failures.push(`inside out: ${received}`)
      }
    }
    await Promise.all([attack(), attack(), attack(), attack()])
    expect(failures).toEqual([])
    // They were not all turned away at the door.
    for (const status of [200, 400, 404, 422]) expect(statuses.get(status) ?? 0).toBeGreaterThan(0)
    expect(statuses.get(0) ?? 0).toBeLessThan(100)
  }, 60_000)

  test('slow clients were served, dead ones cut, and nothing unexpected happened', async () => {
    const outcomes = await Promise.allSettled(slowOnes)
    expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([])
    expect(await metric('kist_unhandled_errors_total')).toBe(0)
    expect(server.logged('not_a_log_line')).toEqual([])
    expect(server.logged('internal_error')).toEqual([])
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
    expect(await metric('kist_requests_in_flight')).toBe(1) // this one
    expect(server.stderr()).not.toContain(token)
    expect(await place.run(['check'])).toMatchObject({ code: 0, stdout: '' })
    expect(await server.end('SIGTERM')).toBe(0)
  }, 100_000)
})

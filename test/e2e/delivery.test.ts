/** Downloads and uploads of the compiled binary: direct, behind a real nginx or Apache, and handed off to it. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { APACHE, openToApache, startApache } from '../support/apache.ts'
import { createPlace, type Place } from '../support/binary.ts'
import { createContent } from '../support/content.ts'
import { NGINX, startNginx } from '../support/nginx.ts'
import type { RunningServer } from '../support/server-process.ts'
import { headerOf, statusOf } from '../support/socket.ts'
import {
  beginPut,
  type Client,
  completeUpload,
  createClient,
  downloadLink,
  must,
  openUpload,
  outOfOrder,
  reportPart,
  sendParts,
  signPart,
  uploadContent,
} from '../support/upload-client.ts'
import type { WebServer } from '../support/web-server.ts'

const MB = 1_000_000
const SIZE = 3 * MB
/** What the web server calls from, and the only address Kist trusts: a client that calls directly is none. */
const PROXY = '127.0.0.2'

if (NGINX === null) console.warn('There is no nginx here: tests behind one are skipped.')
if (APACHE === null) console.warn('There is no Apache here: tests behind one are skipped.')

interface Site {
  place: Place
  server: RunningServer
  front: WebServer | null
  /** Where clients go. */
  url: string
  client: Client
  link: string
  bytes: Buffer
  stop(): Promise<void>
}

type Mode = 'direct' | `${'behind' | 'handed off to'} ${'nginx' | 'Apache'}`

const deliveryOf = (mode: Mode): string =>
  mode === 'handed off to nginx'
    ? 'nginx_accel'
    : mode === 'handed off to Apache'
      ? 'apache_xsendfile'
      : 'app'

async function startFront(mode: Mode, place: Place, upstream: string): Promise<WebServer | null> {
  if (mode === 'direct') return null
  const options = { dir: join(place.dir, 'front'), upstream, dataDir: place.dataDir, from: PROXY }
  return mode.endsWith('nginx') ? startNginx(options) : startApache(options)
}

async function open(mode: Mode): Promise<Site> {
  const settings = `[server]\ntrusted_proxies = ["${PROXY}"]\n[downloads]\ndelivery = "${deliveryOf(mode)}"\n`
  const place = createPlace({ settings })
  await place.lines(['package', 'add', 'Slow', `download_speed=${MB}`])
  const token = await place.token('ann')
  const server = await place.serve()
  const front = await startFront(mode, place, server.url)
  const url = front?.url ?? server.url
  const client = createClient(url, token)
  const content = createContent(SIZE, 'delivery')
  const link = await downloadLink(client, await uploadContent(client, content, 'Übung 1.bin'))
  if (mode === 'handed off to Apache') openToApache(place.dir, place.dataDir)
  const stop = async (): Promise<void> => {
    await front?.stop()
    await place.remove()
  }
  return { place, server, front, url, client, link, bytes: Buffer.concat([...content.read(0, SIZE)]), stop }
}

/** Of many, to the one file; made as the browser makes it. */
async function shareLink({ place, server, link }: Site, input: object): Promise<string> {
  const password = 'correct horse battery'
  await place.lines(['user', 'set', 'ann', '--password-stdin'], { input: password })
  const post = async (path: string, body: object, signedIn: Record<string, string> = {}) => {
    const headers = { 'content-type': 'application/json', origin: server.url, ...signedIn }
    const answer = await fetch(server.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
    return answer
  }
  const session = await post('/web/session', { username: 'ann', password })
  const cookie = session.headers.get('set-cookie')?.split(';')[0] ?? ''
  const { csrf_token } = (await session.json()) as { csrf_token: string }
  const fileId = Number(/\/download\/(\d+)/.exec(link)?.[1])
  const made = (await (
    await post('/web/shares', { fileId, ...input }, { cookie, 'x-csrf-token': csrf_token })
  ).json()) as { url: string }
  return `${new URL(link).origin}${new URL(made.url).pathname}/download`
}

const etagOf = (bytes: Uint8Array): string => `"${createHash('sha256').update(bytes).digest('hex')}"`

const modes: Mode[] = [
  'direct',
  ...(NGINX === null ? [] : (['behind nginx', 'handed off to nginx'] as const)),
  ...(APACHE === null ? [] : (['behind Apache', 'handed off to Apache'] as const)),
]

describe.each(modes)('delivery %s', (mode) => {
  let site: Site
  const get = (headers: Record<string, string> = {}, method = 'GET') => fetch(site.link, { headers, method })

  beforeAll(async () => {
    site = await open(mode)
  })
  afterAll(() => site.stop())

  test('gives a whole file with every header', async () => {
    const response = await get()
    const body = Buffer.from(await response.arrayBuffer())
    expect(body.equals(site.bytes)).toBe(true)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-length': String(SIZE),
      'accept-ranges': 'bytes',
      etag: etagOf(site.bytes),
      'content-disposition': `attachment; filename="_bung 1.bin"; filename*=UTF-8''%C3%9Cbung%201.bin`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'access-control-allow-origin': '*',
    })
    expect(Date.parse(response.headers.get('last-modified') ?? '')).toBeGreaterThan(0)
  })

  test('shows nobody where the file is', async () => {
    const { headers } = await get()
    const names = [...headers.keys()]
    expect(names.filter((name) => /^x-(accel|sendfile|litespeed)/.test(name))).toEqual([])
    expect((await fetch(`${site.url}/_kist/objects/`)).status).toBe(404)
  })

  const ranges: Array<[range: string, status: number, start: number, end: number]> = [
    ['bytes=0-0', 206, 0, 0],
    ['bytes=0-', 206, 0, SIZE - 1],
    ['bytes=1000-1999', 206, 1000, 1999],
    ['bytes=-10', 206, SIZE - 10, SIZE - 1],
    [`bytes=${SIZE - 1}-`, 206, SIZE - 1, SIZE - 1],
    ['bytes=5-99999999999', 206, 5, SIZE - 1],
    ['bytes=0-0,5-6', 200, 0, SIZE - 1],
    [`bytes=${SIZE}-`, 416, 0, -1],
    ['lines=1-2', 200, 0, SIZE - 1],
  ]
  test.each(ranges)('of %s', async (range, status, start, end) => {
    const response = await get({ range })
    const body = Buffer.from(await response.arrayBuffer())
    expect(response.status).toBe(status)
    const contentRange = response.headers.get('content-range')
    if (status === 416) return expect(contentRange).toBe(`bytes */${SIZE}`)
    expect(contentRange).toBe(status === 206 ? `bytes ${start}-${end}/${SIZE}` : null)
    expect(response.headers.get('content-length')).toBe(String(end - start + 1))
    expect(body.equals(site.bytes.subarray(start, end + 1))).toBe(true)
  })

  const conditions: Array<
    [name: string, headers: (own: string, date: string) => Record<string, string>, status: number]
  > = [
    ['If-None-Match of this file', (own) => ({ 'if-none-match': own }), 304],
    ['If-None-Match of another', () => ({ 'if-none-match': '"other"' }), 200],
    ['If-Modified-Since its date', (_own, date) => ({ 'if-modified-since': date }), 304],
    ['If-Modified-Since long ago', () => ({ 'if-modified-since': 'Mon, 04 May 2020 10:20:30 GMT' }), 200],
    ['If-Match of this file', (own) => ({ 'if-match': own }), 200],
    ['If-Match of another', () => ({ 'if-match': '"other"' }), 412],
    ['If-Unmodified-Since its date', (_own, date) => ({ 'if-unmodified-since': date }), 200],
    ['If-Unmodified-Since long ago', () => ({ 'if-unmodified-since': 'Mon, 04 May 2020 10:20:30 GMT' }), 412],
    ['If-Range of this file', (own) => ({ range: 'bytes=5-9', 'if-range': own }), 206],
    ['If-Range of another', () => ({ range: 'bytes=5-9', 'if-range': '"other"' }), 200],
    ['If-Range of its date', (_own, date) => ({ range: 'bytes=5-9', 'if-range': date }), 206],
  ]
  test.each(conditions)('with %s', async (name, headers, wanted) => {
    // To Apache the date of a file is no strong validator before a minute has passed: RFC 9110 section 8.8.2.2.
    const isTooYoung = mode === 'handed off to Apache' && name === 'If-Range of its date'
    const status = isTooYoung ? 200 : wanted
    const { headers: known } = await get({}, 'HEAD')
    const response = await get(headers(known.get('etag') ?? '', known.get('last-modified') ?? ''))
    expect(response.status).toBe(status)
    const body = Buffer.from(await response.arrayBuffer())
    if (status === 206) expect(body.equals(site.bytes.subarray(5, 10))).toBe(true)
    if (status === 200) expect(body.equals(site.bytes)).toBe(true)
  })

  test('answers HEAD with the headers of GET and no body', async () => {
    const [asked, got] = [await get({}, 'HEAD'), await get()]
    expect(await asked.text()).toBe('')
    for (const name of ['content-length', 'etag', 'last-modified', 'content-type', 'content-disposition'])
      expect([name, asked.headers.get(name)]).toEqual([name, got.headers.get(name)])
    await got.arrayBuffer()
  })

  test('by a link with 3 downloads gives 3 to 12 who come at once, and nothing to the next', async () => {
    const link = await shareLink(site, { downloadsLeft: 3 })
    const answers = await Promise.all(Array.from({ length: 12 }, () => fetch(link)))
    const bodies = await Promise.all(
      answers.map(async (answer) => ({ answer, bytes: Buffer.from(await answer.arrayBuffer()) })),
    )
    const given = bodies.filter(({ answer }) => answer.status === 200)
    expect(given.map(({ bytes }) => bytes.equals(site.bytes))).toEqual([true, true, true])
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(9)
    expect((await fetch(link)).status).toBe(404)
  })

  test('by a link without such a number gives as many as are asked for', async () => {
    const link = await shareLink(site, {})
    for (let time = 0; time < 4; time++)
      expect(Buffer.from(await (await fetch(link)).arrayBuffer()).equals(site.bytes)).toBe(true)
  })

  test('refuses a link that is not good', async () => {
    const response = await fetch(site.link.replace(/token=..../, 'token=0000'))
    expect(response.status).toBeWithin(400, 405)
    expect((await response.text()).length).toBeLessThan(200)
  })

  test('keeps a speed limit, and the Content-Length with it', async () => {
    await site.place.lines(['user', 'set', 'ann', '--package', 'Slow'])
    const begun = performance.now()
    const response = await get()
    expect(response.headers.get('content-length')).toBe(String(SIZE))
    expect(Buffer.from(await response.arrayBuffer()).equals(site.bytes)).toBe(true)
    expect((performance.now() - begun) / 1000).toBeWithin(1.4, 6)
    await site.place.lines(['user', 'set', 'ann', '--package', 'Admin'])
  }, 20_000)

  test('knows the address of the client and the name it called, whatever the client says', async () => {
    const { json } = await must(
      200,
      site.client.call(
        'GET',
        `/api/v1/downloads/${/\/download\/(\d+)/.exec(site.link)?.[1]}/link?who=forged`,
        undefined,
        {
          'x-forwarded-for': '203.0.113.9',
          'x-forwarded-host': 'evil.example',
          'x-forwarded-proto': 'https',
        },
      ),
    )
    expect(json.url).toStartWith(`${site.url}/download/`)
    const seen = site.server.logged('request').filter(({ path }) => String(path).includes('who=forged'))
    expect(seen.map(({ ip }) => ip)).toEqual(['127.0.0.1'])
    expect(json.delivery).toBe(deliveryOf(mode))
  })

  test('takes 100 MB, unbuffered on the way', async () => {
    const content = createContent(100 * MB, mode)
    const upload = await openUpload(site.client, content)
    await sendParts(site.client, upload, outOfOrder(upload))
    const { json } = await must(201, completeUpload(site.client, upload))
    expect(json.checksum_sha256).toBe(content.sha256())
    expect(site.front?.errors() ?? '').not.toMatch(/buffered to a temporary file/)
  }, 60_000)

  test('takes an upload of 8 KB/s', async () => {
    const content = createContent(16_000, 'slow')
    const upload = await openUpload(site.client, content)
    const socket = await beginPut(await signPart(site.client, upload, 1), content.size)
    const bytes = Buffer.concat([...content.read(0, content.size)])
    for (let at = 0; at < bytes.length; at += 800) {
      await socket.send(bytes.subarray(at, at + 800))
      await Bun.sleep(100)
    }
    const received = await socket.closed
    expect(statusOf(received)).toBe(200)
    await must(200, reportPart(site.client, upload, 1, headerOf(received, 'etag') ?? ''))
    await must(201, completeUpload(site.client, upload))
    expect(site.front?.errors() ?? '').toBe('')
  }, 15_000)

  if (mode.startsWith('handed off'))
    test('gives the bytes itself to who is no web server of ours', async () => {
      const direct = await fetch(site.link.replace(site.url, site.server.url))
      expect([...direct.headers.keys()].filter((name) => /^x-(accel|sendfile)/.test(name))).toEqual([])
      expect(Buffer.from(await direct.arrayBuffer()).equals(site.bytes)).toBe(true)
    })

  if (mode.startsWith('handed off'))
    test.each([{}, { downloadsLeft: 5 }])(
      'leaves the bytes of a link of many to the web server, with %j',
      async (input) => {
        const { pathname } = new URL(await shareLink(site, input))
        const asProxy = ['curl', '-s', '-D', '-', '--interface', PROXY, site.server.url + pathname]
        const { stdout } = Bun.spawnSync(asProxy)
        expect(String(stdout)).toMatch(/^x-(accel-redirect|sendfile): /im)
      },
    )

  if (mode !== 'direct')
    test('keeps what opens files out of the log of the web server', async () => {
      await (await get()).arrayBuffer()
      const log = site.front?.accessLog() ?? ''
      expect(log).toContain('GET /download/')
      expect(log).not.toContain('token=')
    })
})

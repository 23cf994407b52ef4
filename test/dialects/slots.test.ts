/** Downloads over real connections: slots that come free, what an admin sees of them, what is left in the records. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { FileRecord } from '../../src/core/model.ts'
import { createTestApp, type TestApp } from '../support/app.ts'
import { connectRaw, type RawClient } from '../support/socket.ts'
import { sampleBytes } from '../support/upload.ts'
import { type Site, siteOf } from '../web/site.ts'

/** More than the kernel keeps for a client that does not read. */
const SIZE = 24 * 2 ** 20

let app: TestApp
let site: Site
let file: FileRecord
let port: number
let clients: RawClient[]

beforeEach(async () => {
  app = await createTestApp()
  const ann = (await app.account('ann')).account
  site = siteOf(app, ann, (await app.account('bob')).account)
  file = await site.file({ bytes: sampleBytes(SIZE) })
  app.http.listen({ port: 0, hostname: '127.0.0.1' })
  port = app.http.server?.port ?? 0
  clients = []
})

afterEach(async () => {
  for (const client of clients) client.cut()
  expect(await app.problems()).toEqual([])
  await app.http.stop(true)
  await app.close()
})

/** Asks for the file and reads nothing but the head of the answer. */
async function open(range?: string): Promise<{ client: RawClient; status: number }> {
  const client = await connectRaw(`http://127.0.0.1:${port}`)
  clients.push(client)
  const ranged = range ? `Range: ${range}\r\n` : ''
  await client.send(`GET /file/${file.slug} HTTP/1.1\r\nHost: localhost\r\n${ranged}\r\n`)
  const head = await client.until(/\r\n\r\n/)
  client.pause()
  return { client, status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]) }
}

/** Waits for what the server notices in its own time. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 8000
  while (!(await condition())) {
    if (performance.now() > end) throw new Error('it did not come about')
    await Bun.sleep(20)
  }
}

describe('two slots', () => {
  test('are never three for fifty who open at once, and one is free again when its client leaves', async () => {
    await app.core.packages.set('Guest', { concurrent_downloads: '2' })
    const opened = await Promise.all(Array.from({ length: 50 }, () => open()))
    expect(opened.filter(({ status }) => status === 200)).toHaveLength(2)
    expect(opened.filter(({ status }) => status === 429)).toHaveLength(48)
    expect(app.core.traffic.live()).toHaveLength(2)
    expect((await open('bytes=1000-')).status).toBe(206)
    opened.find(({ status }) => status === 200)?.client.cut()
    await until(async () => (await open()).status === 200)
    expect(new Set(app.core.traffic.live().map(({ start }) => start))).toEqual(new Set([0, 1000]))
  })

  test('are free the moment an answer was read to its end', async () => {
    await app.core.packages.set('Guest', { concurrent_downloads: '1' })
    for (let times = 0; times < 5; times++) {
      const response = await fetch(`http://127.0.0.1:${port}/file/${file.slug}`)
      expect(response.status).toBe(200)
      expect((await response.arrayBuffer()).byteLength).toBe(SIZE)
    }
    expect((await site.now(file))?.downloads).toBe(5)
  })
})

describe('an admin', () => {
  test('sees what is under way, and nobody else does', async () => {
    await app.core.accounts.create({ name: 'root', password: 'correct horse battery', isAdmin: true })
    const { cookie } = await site.signIn('root')
    const list = async () => (await site.get('/web/admin/downloads', { cookie })).json
    expect(await list()).toEqual({ status: 'ok', downloads: [] })
    await app.core.packages.set('Guest', { download_speed: '50000' })
    const { client } = await open('bytes=500-')
    await until(async () => (await list()).downloads[0]?.bytes > 0)
    expect((await list()).downloads).toEqual([
      {
        file: file.id,
        slug: file.slug,
        name: 'report.pdf',
        downloader: null,
        ip: '127.0.0.1',
        offset: 500,
        bytes: expect.any(Number),
        size: SIZE - 500,
        speed: 0,
        speed_limit: 50_000,
        started: '2030-01-01 00:00:00',
      },
    ])
    client.cut()
    await until(async () => (await list()).downloads.length === 0)
    const bob = await site.signIn('bob')
    expect((await site.get('/web/admin/downloads', { cookie: bob.cookie })).status).toBe(403)
    const nobody = await site.get('/web/admin/downloads')
    expect([nobody.status, nobody.json]).toEqual([
      401,
      { status: 'error', message: 'Authentication required.' },
    ])
  })

  test('sees the name of an account, and the number of one that is gone', async () => {
    await app.core.accounts.create({ name: 'root', password: 'correct horse battery', isAdmin: true })
    const { cookie } = await site.signIn('root')
    const as = { accountId: site.bob.id, packageId: site.bob.packageId, ip: '192.0.2.1' }
    const { transfer } = await app.core.traffic.begin(as, file, { start: 0, length: SIZE }, async () => null)
    transfer.delivered(3000)
    app.clock.advance(2)
    const seen = async () => (await site.get('/web/admin/downloads', { cookie })).json.downloads[0]
    expect(await seen()).toMatchObject({ downloader: 'bob', bytes: 3000, speed: 1500, speed_limit: 0 })
    await app.core.accounts.delete('bob')
    expect((await seen()).downloader).toBe(`account ${site.bob.id}`)
    transfer.end({ bytes: 3000, completed: false })
  })
})

test('a client that leaves in the middle leaves what it got in the records', async () => {
  const { client } = await open()
  client.cut()
  await until(async () => app.core.traffic.live().length === 0)
  const [day, ...more] = await app.core.traffic.statistics(file.id)
  expect(more).toEqual([])
  expect(day).toMatchObject({ downloads: 1, completed: 0 })
  expect(day?.bytes).toBeWithin(1, SIZE)
})

/** A folder as one ZIP archive: in process, and over a real connection with its length, cut and resumed. */
import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FileRecord, Folder } from '../../src/core/model.ts'
import { connectRaw, headerOf } from '../support/socket.ts'
import { md5, sampleBytes } from '../support/upload.ts'
import { type Site, site, wordsOf } from './site.ts'

const given = site()
const dir = mkdtempSync(join(tmpdir(), 'kist-zip-'))
afterAll(() => rmSync(dir, { recursive: true }))
const MD5 = md5(new TextEncoder().encode('open sesame'))
const UNZIP = Bun.which('unzip') ?? ''

const zipPath = ({ id }: Folder): string => `/folder/${id}/~zip/x.zip`

/** What unzip makes of it: paths with the bytes of files, null for folders. */
function unpacked(bytes: Uint8Array): Map<string, Uint8Array | null> {
  const place = mkdtempSync(join(dir, 'out-'))
  writeFileSync(join(place, 'a.zip'), bytes)
  const files = join(place, 'files/')
  const done = Bun.spawnSync([UNZIP, '-q', join(place, 'a.zip'), '-d', files], { stderr: 'pipe' })
  expect([done.exitCode, done.stderr.toString()]).toEqual([0, ''])
  const found = readdirSync(files, { recursive: true, withFileTypes: true })
  return new Map(
    found.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [path.slice(files.length), entry.isFile() ? new Uint8Array(readFileSync(path)) : null]
    }),
  )
}

const pathsIn = (bytes: Uint8Array): string[] => [...unpacked(bytes).keys()].sort()

async function tree() {
  const folder = await given.folder({ name: 'Holiday' })
  const inner = await given.folder({ name: 'Beach', parentId: folder.id })
  await given.folder({ name: 'Empty', parentId: folder.id })
  const [a, b] = [sampleBytes(70_000), sampleBytes(3)]
  const first = await given.file({ name: 'b.txt', folderId: folder.id, bytes: a })
  const second = await given.file({ name: 'ä ☃.txt', folderId: inner.id, bytes: b })
  return { folder, inner, a, b, first, second }
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await isSo()) return
    await Bun.sleep(10)
  }
  throw new Error(`never: ${isSo}`)
}

const downloadsOf = async (file: FileRecord): Promise<number> => (await given.now(file))?.downloads ?? -1

describe.skipIf(UNZIP === '')('a folder as a ZIP archive', () => {
  test('holds its tree with the bytes of all files, at the length it says', async () => {
    const { folder, a, b } = await tree()
    const answer = await given.get(zipPath(folder))
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-length')).toBe(String(answer.bytes.length))
    expect(answer.headers.get('content-type')).toBe('application/zip')
    expect(answer.headers.get('content-disposition')).toStartWith('attachment; filename="Holiday.zip"')
    expect(answer.headers.get('last-modified')).toBeNull()
    expect([...unpacked(answer.bytes)].sort()).toEqual([
      ['Holiday', null],
      ['Holiday/Beach', null],
      ['Holiday/Beach/ä ☃.txt', b],
      ['Holiday/Empty', null],
      ['Holiday/b.txt', a],
    ])
  })

  test('is the same whenever it is asked for, and in whatever pieces', async () => {
    const { folder } = await tree()
    const whole = await given.get(zipPath(folder))
    const again = await given.get(zipPath(folder))
    expect(Bun.hash(again.bytes)).toBe(Bun.hash(whole.bytes))
    expect(again.headers.get('etag')).toBe(whole.headers.get('etag'))
    const size = whole.bytes.length
    for (let at = 0; at < size; ) {
      const length = Math.min(size - at, 1 + ((at * 7919) % 9973))
      const range = `bytes=${at}-${at + length - 1}`
      const piece = await given.get(zipPath(folder), {
        range,
        'if-range': whole.headers.get('etag') ?? '',
      })
      expect([piece.status, piece.headers.get('content-range')]).toEqual([
        206,
        `${range.replace('=', ' ')}/${size}`,
      ])
      expect(Bun.hash(piece.bytes)).toBe(Bun.hash(whole.bytes.subarray(at, at + length)))
      at += length
    }
    const head = await given.send('HEAD', zipPath(folder))
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(size)])
    const none = await given.get(zipPath(folder), { 'if-none-match': whole.headers.get('etag') ?? '' })
    expect(none.status).toBe(304)
  })

  test('is another one as soon as anything in it changes, and a range of the old one is the whole new one', async () => {
    const { folder, inner, first, second } = await tree()
    const { app, ann } = given
    const changes: Array<() => Promise<unknown>> = [
      () => given.file({ name: 'new.txt', folderId: inner.id }),
      () => app.core.files.change(ann, second.id, { name: 'other.txt' }),
      () => app.core.folders.change(ann, inner.id, { name: 'Sea' }),
      () => app.core.folders.trash(ann, inner.id),
      () => app.metadata.files.trash(ann.id, first.id, app.clock.now()),
    ]
    const tags = new Set<string>()
    for (const change of changes) {
      const etag = (await given.send('HEAD', zipPath(folder))).headers.get('etag') ?? ''
      tags.add(etag)
      await change()
      const resumed = await given.get(zipPath(folder), { range: 'bytes=10-', 'if-range': etag })
      expect(resumed.status).toBe(200)
      pathsIn(resumed.bytes)
    }
    expect(tags.size).toBe(changes.length)
    const dated = await given.get(zipPath(folder), {
      range: 'bytes=10-',
      'if-range': 'Tue, 01 Jan 2030 12:00:00 GMT',
    })
    expect(dated.status).toBe(200)
  })

  test('of an empty folder is an archive with that folder', async () => {
    const folder = await given.folder({ name: 'Nothing' })
    expect(pathsIn((await given.get(zipPath(folder))).bytes)).toEqual(['Nothing'])
  })

  test('has no name that could leave the place where it is unpacked', async () => {
    const folder = await given.folder({ name: '../../evil' })
    const add = async (name: string) => {
      const file = await given.file({ name: 'x', folderId: folder.id })
      await given.app.metadata.files.update(given.ann.id, file.id, { name }, given.app.clock.now())
    }
    const names = ['../up', '/etc/passwd', 'C:\\x', 'con', 'NUL.txt', 'a\nb', '..', '', 'tail. ', 'A', 'a']
    for (const name of names) await add(name)
    const found = pathsIn((await given.get(zipPath(folder))).bytes)
    const inside = [
      '_',
      '__',
      '.._up',
      '_etc_passwd',
      'C__x',
      '_con',
      '_NUL.txt',
      'ab',
      'tail_',
      'A',
      'a (1)',
    ]
    expect(found).toEqual(['....evil', ...inside.map((name) => `....evil/${name}`)].sort())
  })

  test('leaves out what its visitor may not see, what is expired and what has a number of uses', async () => {
    const folder = await given.folder({ name: 'Top' })
    const diary = await given.folder({ name: 'Diary', parentId: folder.id, visibility: 0 })
    const locked = await given.folder({ name: 'Locked', parentId: folder.id, passwordMd5: MD5 })
    await given.file({ name: 'a.txt', folderId: diary.id })
    await given.file({ name: 'b.txt', folderId: locked.id })
    const trashed = await given.file({ name: 'c.txt', folderId: folder.id })
    await given.app.metadata.files.trash(given.ann.id, trashed.id, given.app.clock.now())
    await given.file({ name: 'd.txt', folderId: folder.id })
    const once = { leastSize: 1, mimeType: null, uploadedIp: null, source: 'api', uses: 3 } as const
    await given.app.core.ingest.receive(
      given.ann,
      { ...once, name: 'uses.txt', folderId: folder.id },
      (async function* () {
        yield sampleBytes(1)
      })(),
    )
    expect(pathsIn((await given.get(zipPath(folder))).bytes)).toEqual(['Top', 'Top/d.txt'])
    const { cookie } = await given.signIn('ann')
    expect(pathsIn((await given.get(zipPath(folder), { cookie })).bytes)).toEqual([
      ...['Top', 'Top/Diary', 'Top/Diary/a.txt', 'Top/Locked', 'Top/Locked/b.txt', 'Top/d.txt'],
    ])
  })

  test('is for those who may see the folder', async () => {
    const hidden = await given.folder({ visibility: 0 })
    const locked = await given.folder({ passwordMd5: MD5 })
    const { cookie } = await given.signIn('ann')
    expect((await given.get(zipPath(hidden))).status).toBe(403)
    expect((await given.get(zipPath(hidden), { cookie })).status).toBe(200)
    expect((await given.get(zipPath(locked))).status).toBe(401)
    const opened = await given.post(`/folder/${locked.id}`, { password: 'open sesame' })
    const pass = opened.headers.get('set-cookie')?.split(';')[0] ?? ''
    expect((await given.get(zipPath(locked), { cookie: pass })).status).toBe(200)
    for (const path of ['/folder/999/~zip/x.zip', '/folder/x/~zip/x.zip'])
      expect((await given.get(path)).status).toBe(404)
    await given.app.core.folders.trash(given.ann, hidden.id)
    expect((await given.get(zipPath(hidden), { cookie })).status).toBe(404)
  })

  test('counts for each file in it when its first byte is sent, and for no other', async () => {
    const { folder, inner, first, second } = await tree()
    const size = (await given.get(zipPath(folder))).bytes.length
    await until(async () => (await downloadsOf(first)) === 1)
    expect(await downloadsOf(second)).toBe(1)
    await given.send('HEAD', zipPath(folder))
    await given.get(zipPath(folder), { range: `bytes=${size - 1000}-` })
    await given.get(zipPath(folder), { range: 'bytes=0-9' })
    expect(await Promise.all([first, second].map(downloadsOf))).toEqual([1, 1])
    expect((await given.app.metadata.folders.find(folder.id))?.totalDownloads).toBe(2)
    expect((await given.app.metadata.folders.find(inner.id))?.totalDownloads).toBe(1)
  })
})

describe('the limits of a package', () => {
  const refusal = async (limit: Record<string, string>, bytes: number) => {
    const folder = await given.folder()
    await given.file({ folderId: folder.id, bytes: sampleBytes(bytes) })
    await given.app.core.packages.set('Guest', limit)
    const answers = [await given.get(zipPath(folder)), await given.get(zipPath(folder))]
    return { folder, statuses: answers.map(({ status }) => status), last: answers[1] }
  }

  test('judge the archive as one file', async () => {
    const tooLarge = await refusal({ max_download_filesize_allowed: '3000' }, 3000)
    expect(tooLarge.statuses).toEqual([403, 403])
    expect((await refusal({ max_download_filesize_allowed: '4000' }, 3000)).statuses).toEqual([200, 200])
  })

  test('count it as one download', async () => {
    const { statuses, folder } = await refusal({ downloads_per_24_hours: '1' }, 10)
    expect(statuses).toEqual([200, 429])
    const { cookie } = await given.signIn('ann')
    expect((await given.get(zipPath(folder), { cookie })).status).toBe(200)
  })

  test('have guests wait, by the link of the page or without one; not the owner', async () => {
    const folder = await given.folder()
    await given.file({ folderId: folder.id })
    await given.app.core.packages.set('Guest', { wait_before_download: '30' })
    const linkOf = (text: string): string => /href="(\/folder\/\d+\/~zip\/[^"]+)"/.exec(text)?.[1] ?? ''
    const link = linkOf((await given.get(`/folder/${folder.id}`)).text)
    for (const path of [link, zipPath(folder)]) {
      const early = await given.get(path)
      expect([early.status, early.headers.get('retry-after')]).toEqual([403, '30'])
    }
    const { cookie } = await given.signIn('ann')
    expect((await given.get(zipPath(folder), { cookie })).status).toBe(200)
    given.app.clock.advance(30)
    for (const path of [link, zipPath(folder)]) expect((await given.get(path)).status).toBe(200)
    const other = await given.folder()
    const wrong = link.replace(`/folder/${folder.id}/`, `/folder/${other.id}/`)
    expect((await given.get(wrong)).status).toBe(403)
    expect(wordsOf(await given.get(`/folder/${other.id}`))).not.toContain('ZIP')
  })
})

async function listening(from: Site): Promise<{ url: string; stop(): Promise<void> }> {
  from.app.http.listen({ port: 0, hostname: '127.0.0.1' })
  const { server } = from.app.http
  return {
    url: `http://127.0.0.1:${server?.port}`,
    stop: async () => void (await server?.stop(true)),
  }
}

describe.skipIf(process.platform !== 'linux')('over a connection', () => {
  test('the archive has its length, and pieces of it taken at random make the whole', async () => {
    const { folder } = await tree()
    const { url, stop } = await listening(given)
    try {
      const whole = await fetch(url + zipPath(folder))
      const bytes = await whole.bytes()
      expect(whole.headers.get('content-length')).toBe(String(bytes.length))
      expect(whole.headers.get('transfer-encoding')).toBeNull()
      expect(Bun.hash(bytes)).toBe(Bun.hash((await given.get(zipPath(folder))).bytes))
      for (const at of [0, 1, 29, 60, 5000, bytes.length - 1]) {
        const rest = await fetch(url + zipPath(folder), { headers: { range: `bytes=${at}-` } })
        expect([rest.status, rest.headers.get('content-length')]).toEqual([206, String(bytes.length - at)])
        expect(Bun.hash(await rest.bytes())).toBe(Bun.hash(bytes.subarray(at)))
      }
    } finally {
      await stop()
    }
  })

  test('a client that goes away frees its slot, and goes on where it was cut', async () => {
    const folder = await given.folder()
    const content = sampleBytes(24 * 2 ** 20)
    await given.file({ folderId: folder.id, bytes: content })
    await given.app.core.packages.set('Guest', { concurrent_downloads: '1', download_speed: '20000000' })
    const { url, stop } = await listening(given)
    try {
      const client = await connectRaw(url)
      await client.send(`GET ${zipPath(folder)} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
      await client.until(/\r\n\r\n[\s\S]{100000}/)
      const text = client.received()
      expect(headerOf(text, 'content-length')).toBe(String((await sizeOf(folder)).size))
      client.cut()
      const got = Buffer.from(text.slice(text.indexOf('\r\n\r\n') + 4), 'latin1')
      const rest = await until200(() =>
        fetch(url + zipPath(folder), { headers: { range: `bytes=${got.length}-` } }),
      )
      const { size, hash } = await sizeOf(folder)
      const whole = Buffer.concat([got, await rest.bytes()])
      expect([whole.length, Bun.hash(whole)]).toEqual([size, hash])
    } finally {
      await stop()
    }
  }, 30_000)

  test('an object that vanishes cuts the connection short of its length', async () => {
    const { folder, first } = await tree()
    const found = await given.app.metadata.files.findWithObject(first.id)
    const { url, stop } = await listening(given)
    const key = found?.object.key ?? ''
    const kept = await new Response(await given.app.storage.open(key)).bytes()
    await given.app.storage.delete(key)
    try {
      const client = await connectRaw(url)
      await client.send(`GET ${zipPath(folder)} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
      const text = await client.closed
      const length = Number(headerOf(text, 'content-length') ?? 0)
      expect(text.length - text.indexOf('\r\n\r\n') - 4).toBeLessThan(length)
      expect((await fetch(`${url}/healthz`)).status).toBe(200)
    } finally {
      await stop()
      await given.app.storage.put(
        key,
        (async function* () {
          yield kept
        })(),
      )
    }
  })
})

async function sizeOf(folder: Folder): Promise<{ size: number; hash: number | bigint }> {
  const { cookie } = await given.signIn('ann')
  const { bytes } = await given.get(zipPath(folder), { cookie })
  return { size: bytes.length, hash: Bun.hash(bytes) }
}

/** The server notices in its own time that a client is gone. */
async function until200(ask: () => Promise<Response>): Promise<Response> {
  for (let tries = 0; tries < 100; tries++) {
    const answer = await ask()
    if (answer.ok) return answer
    await answer.arrayBuffer()
    await Bun.sleep(50)
  }
  throw new Error('the slot never came free')
}

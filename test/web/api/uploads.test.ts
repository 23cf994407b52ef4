/** Uploads in parts by calls of our own pages. */
import { beforeEach, describe, expect, spyOn, test } from 'bun:test'
import { sampleBytes } from '../../support/upload.ts'
import { site } from '../site.ts'
import { type Caller, callerOf, refusal } from './calls.ts'

const given = site({ config: { uploads: { blockedExtensions: ['exe'] } } })
const MIB = 1024 * 1024
/** Two parts: whatever the parts of the site are, ours have 16 MiB. */
const BYTES = sampleBytes(17 * MIB)

let ann: Caller
beforeEach(async () => {
  ann = await callerOf(given)
})

const begin = (more: object = {}) =>
  ann.post('/web/uploads', { filename: 'film.mp4', size: BYTES.length, mimeType: 'video/mp4', ...more })

interface Target {
  number: number
  url: string
  size: number
}

async function send({ number, url, size }: Target) {
  const start = (number - 1) * 16 * MIB
  const answer = await given.send('PUT', url, {
    body: BYTES.slice(start, start + size),
    headers: { 'content-length': String(size) },
  })
  expect(answer.status).toBe(200)
  return { number, etag: answer.headers.get('etag') ?? '', size }
}

test('a file goes in by parts, and is the file that was sent', async () => {
  const { id: folderId } = await given.folder()
  const { json } = await begin({ folderId })
  expect(json.upload).toMatchObject({ filename: 'film.mp4', size: 17 * MIB, partSize: 16 * MIB, folderId })
  expect(json.targets.map(({ number, size }: Target) => [number, size])).toEqual([
    [1, 16 * MIB],
    [2, MIB],
  ])
  const parts = await Promise.all(json.targets.map(send))
  const done = await ann.post(`/web/uploads/${json.upload.id}/complete`, { parts })
  const file = await given.app.metadata.files.findBySlug(done.json.slug)
  expect(file).toMatchObject({ id: done.json.fileId, name: 'film.mp4', mimeType: 'video/mp4', folderId })
  const download = await given.get(`/download/${done.json.fileId}`, await cookieOf())
  expect(Bun.SHA256.hash(download.bytes, 'hex')).toBe(Bun.SHA256.hash(BYTES, 'hex'))
  const again = await ann.post(`/web/uploads/${json.upload.id}/complete`, { parts })
  expect(again.json).toEqual(done.json)
})

const cookieOf = async () => ({ cookie: (await given.signIn('ann')).cookie })

test('an upload is gone on with: it is listed with what has arrived, and signed anew', async () => {
  const { json } = await begin()
  const { id } = json.upload
  const first = await send(json.targets[0])
  const listed = await ann.get('/web/uploads')
  expect(listed.json.uploads.map((upload: { id: string }) => upload.id)).toEqual([id])
  const there = await ann.get(`/web/uploads/${id}/parts`)
  expect(there.json.parts).toEqual([{ ...first, etag: first.etag.replaceAll('"', '') }])
  const signed = await ann.post(`/web/uploads/${id}/sign`, { numbers: [2] })
  const second = await send(signed.json.targets[0])
  expect((await ann.post(`/web/uploads/${id}/complete`, { parts: [first, second] })).status).toBe(200)
  expect((await ann.get('/web/uploads')).json.uploads).toEqual([])
})

test('completing again, while the call before comes to its end, gives the same file', async () => {
  const { json } = await begin()
  const parts = await Promise.all(json.targets.map(send))
  const complete = () => ann.post(`/web/uploads/${json.upload.id}/complete`, { parts })
  const { uploads } = given.app.core
  const get = uploads.get.bind(uploads)
  const first: Array<Awaited<ReturnType<typeof complete>>> = []
  const spy = spyOn(uploads, 'get').mockImplementationOnce(async (...which) => {
    const before = await get(...which)
    first.push(await complete())
    return before
  })
  const second = await complete()
  spy.mockRestore()
  expect(second).toMatchObject({ status: 200, json: { fileId: expect.any(Number) } })
  expect(first.map((answer) => answer.json)).toEqual([second.json])
})

test('an upload that is called off leaves nothing', async () => {
  const { json } = await begin()
  await send(json.targets[0])
  expect((await ann.get('/web/me')).json.usage.reserved).toBe(17 * MIB)
  expect((await ann.delete(`/web/uploads/${json.upload.id}`)).status).toBe(200)
  expect((await ann.get('/web/me')).json.usage).toEqual({ stored: 0, reserved: 0 })
  expect((await ann.post(`/web/uploads/${json.upload.id}/sign`, { numbers: [1] })).status).toBe(409)
})

const empty = (more: object = {}) =>
  ann.post('/web/uploads/empty', { filename: '.gitkeep', key: 'k1', folderId: null, ...more })
const inTop = async (): Promise<Array<{ name: string; size: number }>> =>
  (await ann.get('/web/folders/top/entries')).json.entries

describe('a file of no bytes', () => {
  test('is there at once, in its folder, and is downloaded as what it is', async () => {
    const { id: folderId } = await given.folder()
    const { json } = await empty({ filename: '__init__.py', mimeType: 'text/x-python', folderId })
    const file = await given.app.metadata.files.findBySlug(json.slug)
    expect(file).toMatchObject({ id: json.fileId, name: '__init__.py', size: 0, folderId })
    expect(file?.mimeType).toBe('text/x-python')
    const download = await given.get(`/download/${json.fileId}`, await cookieOf())
    expect([download.status, download.bytes.length]).toEqual([200, 0])
    expect((await ann.get('/web/me')).json.usage).toEqual({ stored: 0, reserved: 0 })
  })

  test('is made once by one key, however often and at once the call is made', async () => {
    const first = await empty()
    expect((await empty()).json).toEqual(first.json)
    const answers = await Promise.all(Array.from({ length: 5 }, () => empty({ key: 'k2' })))
    for (const { status } of answers) expect([200, 409]).toContain(status)
    expect((await inTop()).map(({ name }) => name)).toEqual(['.gitkeep', '.gitkeep (1)'])
    expect((await empty({ filename: 'other' })).status).toBe(422)
  })

  test('takes the place of another', async () => {
    const old = await given.file({ name: '.gitkeep' })
    expect((await empty({ replaces: old.id })).status).toBe(200)
    expect(await inTop()).toMatchObject([{ name: '.gitkeep', size: 0 }])
    expect((await given.now(old))?.status).toBe('trashed')
  })

  test.each<[string, object, number, string | undefined]>([
    ['without a name', { filename: '' }, 400, 'filename'],
    ['into a folder that is not there', { folderId: 999 }, 400, 'folderId'],
    ['without a key', { key: '' }, 400, 'key'],
    ['with a key that is too long', { key: 'k'.repeat(65) }, 400, 'key'],
    ['in place of what is none', { replaces: 'x' }, 400, 'replaces'],
  ])('is refused %s', async (_name, more, status, field) => {
    const answer = await empty(more)
    expect([answer.status, answer.json.field]).toEqual([status, field])
    expect(await inTop()).toEqual([])
  })

  test('is refused in a folder of somebody else, of a kind that is blocked, and where there are no uploads', async () => {
    const { id } = await given.app.core.folders.create(given.bob, { name: 'of bob', parentId: null })
    expect((await empty({ folderId: id })).status).toBe(400)
    expect((await empty({ filename: 'virus.exe' })).status).toBe(415)
    await given.app.core.packages.set('Gold', { can_upload: '0' })
    expect((await empty()).status).toBe(403)
  })
})

describe('an upload whose name is taken', () => {
  const upload = async (more: object = {}) => {
    const { json } = await begin()
    const parts = await Promise.all(json.targets.map(send))
    return ann.post(`/web/uploads/${json.upload.id}/complete`, { parts, ...more })
  }

  test('gets a number, and keeps it when its end is told again', async () => {
    await given.file({ name: 'film.mp4' })
    const { json } = await begin()
    const parts = await Promise.all(json.targets.map(send))
    for (const _ of [1, 2]) await ann.post(`/web/uploads/${json.upload.id}/complete`, { parts })
    expect((await inTop()).map(({ name }) => name)).toEqual(['film (1).mp4', 'film.mp4'])
  })

  test('takes the place of the other, which goes to the trash with the same call', async () => {
    const old = await given.file({ name: 'film.mp4' })
    expect((await upload({ replaces: old.id })).status).toBe(200)
    expect(await inTop()).toMatchObject([{ name: 'film.mp4', size: BYTES.length }])
    expect((await given.now(old))?.status).toBe('trashed')
  })

  test('replaces nothing of somebody else, and what is gone is no matter', async () => {
    const bobs = await given.file({ owner: given.bob, name: 'film.mp4' })
    expect((await upload({ replaces: bobs.id })).status).toBe(200)
    expect((await given.now(bobs))?.status).toBe('active')
    expect((await upload({ replaces: 0 })).status).toBe(400)
    await Promise.all(
      (await ann.get('/web/uploads')).json.uploads.map(({ id }: { id: string }) =>
        ann.delete(`/web/uploads/${id}`),
      ),
    )
  })
})

describe('is refused:', () => {
  test.each<[string, object, number]>([
    ['a file without bytes', { size: 0 }, 400],
    ['a size that is none', { size: '5' }, 400],
    ['a file without a name', { filename: '' }, 400],
    ['a folder that is not there', { folderId: 999 }, 400],
  ])('%s', async (_name, more, status) => {
    expect((await begin(more)).status).toBe(status)
  })

  test('more than the quota, in words for people', async () => {
    await given.app.core.packages.set('Gold', { max_storage_bytes: '1000' })
    expect(refusal(await begin())).toEqual([403, 'This upload would exceed your storage quota.'])
  })

  test('completing without all parts, or with what has not arrived', async () => {
    const { json } = await begin()
    const path = `/web/uploads/${json.upload.id}/complete`
    expect((await ann.post(path, { parts: [] })).status).toBe(400)
    const part = await send(json.targets[0])
    expect((await ann.post(path, { parts: [part] })).status).toBe(409)
    expect((await ann.post(path, { parts: [part, { ...part, number: 2 }] })).status).toBe(409)
    expect((await ann.post(path, { parts: 'all' })).status).toBe(400)
    await ann.delete(`/web/uploads/${json.upload.id}`)
  })

  test('another’s upload', async () => {
    const { json } = await begin()
    const bob = await callerOf(given, 'bob')
    const path = `/web/uploads/${json.upload.id}`
    expect((await bob.get(`${path}/parts`)).status).toBe(404)
    expect((await bob.post(`${path}/sign`, { numbers: [1] })).status).toBe(404)
    expect((await bob.post(`${path}/complete`, { parts: [] })).status).toBe(404)
    expect((await bob.delete(path)).status).toBe(404)
    expect((await bob.get('/web/uploads')).json.uploads).toEqual([])
  })

  test.each([
    [{}],
    [{ numbers: [] }],
    [{ numbers: [3] }],
    [{ numbers: ['1'] }],
    [{ numbers: Array(65).fill(1) }],
  ])('signing %j', async (body) => {
    const { json } = await begin()
    expect((await ann.post(`/web/uploads/${json.upload.id}/sign`, body)).status).toBe(400)
  })
})

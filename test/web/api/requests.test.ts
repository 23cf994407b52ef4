/** Links by which strangers send files, and files that the server fetches. */
import { beforeEach, describe, expect, test } from 'bun:test'
import type { Answer } from '../../support/app.ts'
import { formOf } from '../../support/form.ts'
import { site, wordsOf } from '../site.ts'
import { type Caller, callerOf } from './calls.ts'

const given = site()
let ann: Caller
beforeEach(async () => {
  ann = await callerOf(given)
})

const pathOf = ({ json }: Answer): string => new URL(json.url).pathname
const ask = async (more: object = {}) => pathOf(await ann.post('/web/requests', { title: 'Photos', ...more }))
const later = (seconds: number) => new Date(given.app.clock.now().getTime() + seconds * 1000).toISOString()

/** As a browser sends the form. */
function send(path: string, files: Record<string, string>, headers: Record<string, string> = {}) {
  const form = formOf(Object.entries(files).map(([filename, body]) => ({ filename, body })))
  return given.send('POST', `${path}/files`, {
    body: form.body,
    headers: { ...form.headers, accept: 'application/json', ...headers },
  })
}

describe('a file request', () => {
  test('puts what strangers send into the folder, numbered, owned and charged', async () => {
    const { id } = await given.folder()
    const path = await ask({ folderId: id, note: 'All of them,\nplease' })
    const page = await given.get(path)
    expect(wordsOf(page)).toContain('ann asks you for files')
    expect(wordsOf(page)).toContain('All of them, please')
    expect((await send(path, { 'a.jpg': 'one', 'b.jpg': 'two' })).json).toEqual({
      status: 'ok',
      files: ['a.jpg', 'b.jpg'],
    })
    expect((await send(path, { 'a.jpg': 'three' })).json.files).toEqual(['a (1).jpg'])
    const { json } = await ann.get(`/web/folders/${id}/entries`)
    expect(json.entries.map(({ name }: { name: string }) => name)).toEqual(['a (1).jpg', 'a.jpg', 'b.jpg'])
    expect((await ann.get('/web/me')).json.usage.stored).toBe(11)
    const [listed] = (await ann.get('/web/requests')).json.requests
    expect(listed).toMatchObject({
      folderName: 'Holiday',
      filesReceived: 3,
      bytesReceived: 11,
      filesLeft: null,
    })
  })

  test('takes files of no bytes, which count like others', async () => {
    const path = await ask({ filesLeft: 2 })
    expect((await send(path, { '.gitkeep': '', 'a.txt': 'x' })).json.files).toEqual(['.gitkeep', 'a.txt'])
    expect((await send(path, { '__init__.py': '' })).status).toBe(403)
    const { json } = await ann.get('/web/folders/top/entries')
    expect(json.entries).toMatchObject([
      { name: '.gitkeep', size: 0 },
      { name: 'a.txt', size: 1 },
    ])
  })

  test('works without a script', async () => {
    const page = await send(await ask(), { 'a.jpg': 'one' }, { accept: 'text/html' })
    expect([page.status, wordsOf(page)]).toEqual([200, expect.stringContaining('Thank you')])
  })

  test('shows nothing of the folder', async () => {
    const { id } = await given.folder()
    await given.file({ name: 'private-thing.pdf', folderId: id })
    expect((await given.get(await ask({ folderId: id }))).text).not.toContain('private-thing')
  })

  test('for 2 files takes exactly 2, also when 8 come at once', async () => {
    const path = await ask({ filesLeft: 2 })
    const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => send(path, { [`${n}.jpg`]: 'x' })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, ...Array(6).fill(403)])
    expect((await ann.get('/web/folders/top/entries')).json.fileCount).toBe(2)
    expect((await given.get(path)).status).toBe(403)
  })

  test('ends, is closed, opened again and removed', async () => {
    const made = await ann.post('/web/requests', { title: 'x', expires: later(60) })
    const path = pathOf(made)
    await ann.patch(`/web/requests/${made.json.id}`, { closed: true })
    expect((await send(path, { a: 'x' })).status).toBe(403)
    await ann.patch(`/web/requests/${made.json.id}`, { closed: false })
    expect((await send(path, { a: 'x' })).status).toBe(200)
    given.app.clock.advance(60)
    const page = await given.get(path)
    expect([page.status, wordsOf(page)]).toEqual([403, expect.stringContaining('This link does not work')])
    await ann.patch(`/web/requests/${made.json.id}`, { expires: null })
    expect((await given.get(path)).status).toBe(200)
    await ann.delete(`/web/requests/${made.json.id}`)
    expect((await given.get(path)).status).toBe(403)
  })

  test('takes nothing while its folder is in the trash', async () => {
    const { id } = await given.folder()
    const path = await ask({ folderId: id })
    const items = [{ type: 'folder', id }]
    await ann.post('/web/entries/trash', { items })
    expect([(await given.get(path)).status, (await send(path, { a: 'x' })).status]).toEqual([403, 403])
    expect((await ann.get('/web/folders/top/entries')).json.fileCount).toBe(0)
    await ann.post('/web/entries/restore', { items, folderId: null })
    expect((await send(path, { a: 'x' })).status).toBe(200)
    expect((await ann.get(`/web/folders/${id}/entries`)).json.fileCount).toBe(1)
  })

  test('with a password takes nothing without it', async () => {
    const path = await ask({ password: 'sesame' })
    expect((await given.get(path)).status).toBe(401)
    expect((await send(path, { a: 'x' })).status).toBe(401)
    expect((await given.post(path, { password: 'no' })).status).toBe(403)
    const right = await given.post(path, { password: 'sesame' })
    const cookie = right.headers.get('set-cookie')?.split(';')[0] ?? ''
    expect((await send(path, { a: 'x' }, { cookie })).status).toBe(200)
  })

  test('has the limits of its owner', async () => {
    const path = await ask()
    await given.app.core.packages.set('Gold', { max_upload_size: '3' })
    expect((await send(path, { a: 'four' })).status).toBe(413)
    await given.app.core.packages.set('Gold', { max_upload_size: '0', max_storage_bytes: '5' })
    expect((await send(path, { a: 'three' })).status).toBe(200)
    expect((await send(path, { b: 'x' })).json.message).toBe('This upload would exceed your storage quota.')
    expect((await ann.get('/web/folders/top/entries')).json.fileCount).toBe(1)
  })

  test('is not sent to by pages of others, nor without a file', async () => {
    const path = await ask()
    expect((await send(path, { a: 'x' }, { origin: 'https://evil.example' })).status).toBe(403)
    expect((await send(path, {})).status).toBe(400)
    // As a browser sends a form in which no file was chosen.
    expect((await send(path, { '': '' })).status).toBe(400)
    expect((await send('/r/nothing', { a: 'x' })).status).toBe(403)
  })

  test.each<[object, number]>([
    [{ title: '' }, 400],
    [{ title: 5 }, 400],
    [{ title: 'x'.repeat(201) }, 400],
    [{ note: 'x'.repeat(2001) }, 400],
    [{ filesLeft: 0 }, 400],
    [{ expires: '2001-01-01T00:00:00Z' }, 400],
    [{ folderId: 999 }, 404],
  ])('is not made of %j', async (more, status) => {
    expect((await ann.post('/web/requests', { title: 'x', ...more })).status).toBe(status)
  })

  test('of another account can neither be seen, changed nor removed', async () => {
    const { json } = await ann.post('/web/requests', { title: 'x' })
    const bob = await callerOf(given, 'bob')
    const { id } = await given.folder()
    expect((await bob.post('/web/requests', { title: 'x', folderId: id })).status).toBe(404)
    expect((await bob.get('/web/requests')).json.requests).toEqual([])
    expect((await bob.patch(`/web/requests/${json.id}`, { closed: true })).status).toBe(403)
    expect((await bob.delete(`/web/requests/${json.id}`)).status).toBe(403)
  })
})

describe('imports', () => {
  test('are asked for, listed and called off', async () => {
    const { id: folderId } = await given.folder()
    const url = 'https://example.org/film.mp4?part=1'
    const { json } = await ann.post('/web/imports', { url, folderId })
    expect(json).toMatchObject({ url, folderId, status: 'pending', received: 0, total: 0, fileId: null })
    expect((await ann.get('/web/imports')).json.imports).toEqual([json])
    const bob = await callerOf(given, 'bob')
    expect((await bob.delete(`/web/imports/${json.id}`)).status).toBe(404)
    expect((await bob.get('/web/imports')).json.imports).toEqual([])
    expect((await ann.delete(`/web/imports/${json.id}`)).json.status).toBe('cancelled')
    expect((await ann.delete(`/web/imports/${json.id}`)).json.status).toBe('cancelled')
    expect(await given.app.core.imports.runNext(new AbortController().signal)).toBe(false)
  })

  test.each<[object, number]>([
    [{}, 400],
    [{ url: 'ftp://example.org/a' }, 400],
    [{ url: 'no address' }, 400],
    [{ url: 'https://example.org/a', folderId: 999 }, 404],
  ])('are not made of %j', async (body, status) => {
    expect((await ann.post('/web/imports', body)).status).toBe(status)
  })

  test.each(['999', 'x', '0'])('%s is none', async (id) => {
    expect((await ann.delete(`/web/imports/${id}`)).status).toBe(404)
  })
})

/** Whom files have gone to, as the pages of their owner ask for it. */
import { beforeEach, describe, expect, test } from 'bun:test'
import type { FileRecord } from '../../../src/core/model.ts'
import { downloadLink, site } from '../site.ts'
import { type Caller, callerOf, refusal } from './calls.ts'

const given = site()
let ann: Caller
let file: FileRecord
beforeEach(async () => {
  ann = await callerOf(given)
  file = await given.file({ name: 'plans.pdf' })
})

const FIRST = '2030-01-01T00:00:00.000Z'
const fetchPage = async (headers: Record<string, string> = {}) =>
  given.get(downloadLink(await given.get(`/${file.slug}`, headers)), headers)

describe('who downloaded a file', () => {
  test('is told in full: who, by which link, how often, how much and when', async () => {
    const folder = await given.folder({ name: 'Plans' })
    await ann.post('/web/entries/move', { items: [{ type: 'file', id: file.id }], folderId: folder.id })
    const link = (await ann.post('/web/shares', { fileId: file.id })).json
    await given.get(`${new URL(link.url).pathname}/download`)
    given.app.clock.advance(60)
    const bob = await given.signIn('bob')
    await fetchPage({ cookie: bob.cookie })
    await fetchPage({ cookie: bob.cookie, range: 'bytes=0-9' })
    const { json, headers } = await ann.get(`/web/files/${file.id}/downloaders`)
    const known = { ending: link.url.slice(-6), created: FIRST }
    const later = '2030-01-01T00:01:00.000Z'
    const shown = { id: file.id, name: 'plans.pdf', folderId: folder.id, trashed: false }
    expect(json).toEqual({
      downloaders: [
        {
          ...{ id: expect.any(Number), file: shown, by: { kind: 'account', name: 'bob' }, link: null },
          ...{ downloads: 2, completed: 1, bytes: 3010, first: later, last: later },
        },
        {
          ...{ id: expect.any(Number), file: shown, by: { kind: 'guests' }, link: { id: link.id, known } },
          ...{ downloads: 1, completed: 1, bytes: 3000, first: FIRST, last: FIRST },
        },
      ],
      before: null,
    })
    expect(headers.get('cache-control')).toBe('no-store')
    expect((await ann.get('/web/downloads')).json).toEqual(json)
    expect((await ann.get(`/web/shares/${link.id}/downloaders`)).json.downloaders).toEqual([
      json.downloaders[1],
    ])
    await ann.delete(`/web/shares/${link.id}`)
    expect((await ann.get('/web/downloads')).json.downloaders[1].link).toEqual({ id: link.id, known: null })
  })

  test('is not asked by looking: the page, its preview, a HEAD', async () => {
    const text = await given.file({ name: 'notes.txt', bytes: new TextEncoder().encode('hello') })
    const page = await given.get(`/${text.slug}`)
    await given.send('HEAD', downloadLink(page))
    await ann.get(`/web/files/${text.id}`)
    expect((await ann.get('/web/downloads')).json).toEqual({ downloaders: [], before: null })
  })

  test('is the account itself', async () => {
    await fetchPage({ cookie: (await given.signIn('ann')).cookie })
    expect((await ann.get('/web/downloads')).json.downloaders).toMatchObject([{ by: { kind: 'owner' } }])
  })

  test('stays known in the trash, and is forgotten with the file', async () => {
    await fetchPage()
    await ann.post('/web/entries/trash', { items: [{ type: 'file', id: file.id }] })
    const trashed = { file: { id: file.id, trashed: true } }
    expect((await ann.get('/web/downloads')).json.downloaders).toMatchObject([trashed])
    expect((await ann.get(`/web/files/${file.id}/downloaders`)).json.downloaders).toMatchObject([trashed])
    await ann.delete('/web/trash')
    expect((await ann.get('/web/downloads')).json.downloaders).toEqual([])
    expect((await ann.get(`/web/files/${file.id}/downloaders`)).status).toBe(404)
  })

  test('is nobody else business', async () => {
    const link = (await ann.post('/web/shares', { fileId: file.id })).json
    await fetchPage()
    const bob = await callerOf(given, 'bob')
    for (const id of [file.id, 999, 'x', '-1', '0'])
      expect([id, (await bob.get(`/web/files/${id}/downloaders`)).status]).toEqual([id, 404])
    for (const id of [link.id, 999, 'x', '0'])
      expect(refusal(await bob.get(`/web/shares/${id}/downloaders`))).toEqual([403, 'There is no such link.'])
    expect((await bob.get('/web/downloads')).json).toEqual({ downloaders: [], before: null })
    for (const path of [
      '/web/downloads',
      `/web/files/${file.id}/downloaders`,
      `/web/shares/${link.id}/downloaders`,
    ])
      expect([path, (await given.get(path)).status]).toEqual([path, 401])
  })
})

test('many come a page at a time, by cursors, on every list', async () => {
  const folder = await given.folder()
  const link = (await ann.post('/web/shares', { folderId: folder.id })).json
  const names: string[] = []
  for (let n = 0; n < 25; n++) {
    const one = await given.file({ name: `n${n}`, folderId: folder.id })
    await given.get(`${new URL(link.url).pathname}/file/${one.id}`)
    names.unshift(one.name)
    given.app.clock.advance(1)
  }
  for (const path of ['/web/downloads', `/web/shares/${link.id}/downloaders`]) {
    const first = (await ann.get(path)).json
    const second = (await ann.get(`${path}?before=${first.before}`)).json
    const found = [...first.downloaders, ...second.downloaders].map((one) => one.file.name)
    expect([first.downloaders.length, second.before, found]).toEqual([20, null, names])
  }
})

test.each(['', 'x', '5', '-1', '1-0', '1-1-1', '1e5-2'])('a cursor like %p is refused', async (before) => {
  const link = (await ann.post('/web/shares', { fileId: file.id })).json
  for (const path of [
    '/web/downloads',
    `/web/files/${file.id}/downloaders`,
    `/web/shares/${link.id}/downloaders`,
  ])
    expect(refusal(await ann.get(`${path}?before=${before}`))).toEqual([
      400,
      'The value of "before" is not where a page begins.',
    ])
})

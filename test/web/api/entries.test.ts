/** Looking at folders, and what is done to their entries. */
import { beforeEach, describe, expect, test } from 'bun:test'
import { countDownload } from '../../contract/metadata-store/records.ts'
import { site } from '../site.ts'
import { type Caller, callerOf, refusal } from './calls.ts'

const given = site()
let ann: Caller
let bob: Caller
beforeEach(async () => {
  ann = await callerOf(given)
  bob = await callerOf(given, 'bob')
})

const names = ({ json }: { json: { entries: Array<{ name: string }> } }) =>
  json.entries.map(({ name }) => name)

describe('a folder', () => {
  test('shows its folders, then its files, with the way to it', async () => {
    const top = await given.folder({ name: 'Top' })
    const inner = await given.folder({ name: 'Inner', parentId: top.id })
    await given.folder({ name: 'leaf', parentId: inner.id })
    await given.file({ name: 'a.pdf', folderId: inner.id })
    const { json } = await ann.get(`/web/folders/${inner.id}/entries`)
    expect(json).toMatchObject({
      folder: { type: 'folder', id: inner.id, name: 'Inner', files: 1, folders: 1, hasPassword: false },
      path: [{ id: top.id, name: 'Top' }],
      folderCount: 1,
      fileCount: 1,
      offset: 0,
      entries: [
        { type: 'folder', name: 'leaf', parentId: inner.id },
        { type: 'file', name: 'a.pdf', folderId: inner.id, mimeType: 'application/pdf', visibility: 1 },
      ],
    })
  })

  test.each([
    ['sort=name', ['Alpha.txt', 'beta.txt', 'Gamma.txt']],
    ['sort=name&dir=desc', ['Gamma.txt', 'beta.txt', 'Alpha.txt']],
    ['sort=size', ['beta.txt', 'Gamma.txt', 'Alpha.txt']],
    ['sort=size&dir=desc', ['Alpha.txt', 'Gamma.txt', 'beta.txt']],
    ['sort=downloads&dir=desc', ['Gamma.txt', 'beta.txt', 'Alpha.txt']],
    ['sort=date', ['Gamma.txt', 'Alpha.txt', 'beta.txt']],
    ['sort=nonsense&dir=nonsense', ['Alpha.txt', 'beta.txt', 'Gamma.txt']],
  ])('in the order %s', async (query, expected) => {
    const make = async (name: string, bytes: number, downloads: number) => {
      const file = await given.file({ name, bytes: new Uint8Array(bytes) })
      for (let time = 0; time < downloads; time++)
        await countDownload(given.app.metadata, file.id, given.app.clock.now())
      given.app.clock.advance(1)
    }
    await make('Gamma.txt', 20, 2)
    await make('Alpha.txt', 30, 0)
    await make('beta.txt', 10, 1)
    expect(names(await ann.get(`/web/folders/top/entries?${query}`))).toEqual(expected)
  })

  test('comes in slices that span its folders and its files', async () => {
    for (const name of ['b', 'a']) await given.folder({ name })
    for (const name of ['1', '2', '3']) await given.file({ name })
    const all: string[] = []
    for (const offset of [0, 2, 4, 6]) {
      const answer = await ann.get(`/web/folders/top/entries?offset=${offset}&limit=2`)
      expect(answer.json).toMatchObject({ folderCount: 2, fileCount: 3, offset })
      all.push(...names(answer))
    }
    expect(all).toEqual(['a', 'b', '1', '2', '3'])
  })

  test('of somebody else, in the trash, or none at all, is not found', async () => {
    const { id } = await given.folder()
    expect(refusal(await bob.get(`/web/folders/${id}/entries`))).toEqual([404, 'Folder not found.'])
    expect((await bob.get(`/web/folders/${id}/ids`)).status).toBe(404)
    await ann.post('/web/entries/trash', { items: [{ type: 'folder', id }] })
    for (const path of [id, 999, 'x', '-1', '%2e%2e'])
      expect((await ann.get(`/web/folders/${path}/entries`)).status).toBe(404)
  })

  test('tells the ids of all that is in it', async () => {
    const folder = await given.folder()
    const file = await given.file()
    expect((await ann.get('/web/folders/top/ids')).json).toEqual({ folders: [folder.id], files: [file.id] })
  })
})

describe('search', () => {
  test('finds a part of a name in any letter case, in all folders, and only what is one’s own', async () => {
    const { id } = await given.folder({ name: 'My Reports' })
    await given.file({ name: 'REPORT 2026.pdf', folderId: id })
    await given.file({ name: 'other.pdf' })
    await given.file({ owner: given.bob, name: 'report of bob.pdf' })
    expect(names(await ann.get('/web/search?q=report'))).toEqual(['My Reports', 'REPORT 2026.pdf'])
    expect(names(await ann.get('/web/search?q=2026'))).toEqual(['REPORT 2026.pdf'])
  })

  test.each(['', '%20', 'nothing', '%25', '_', `${'x'.repeat(600)}`])(
    'for %j finds nothing',
    async (text) => {
      await given.file({ name: 'report.pdf' })
      expect(names(await ann.get(`/web/search?q=${text}`))).toEqual([])
    },
  )

  test('leaves out what lies in the trash', async () => {
    const { id } = await given.file()
    await ann.post('/web/entries/trash', { items: [{ type: 'file', id }] })
    expect(names(await ann.get('/web/search?q=report'))).toEqual([])
  })
})

describe('one entry', () => {
  test('is renamed, and made private', async () => {
    const file = await given.file()
    const { json } = await ann.patch(`/web/files/${file.id}`, { name: 'new.pdf', visibility: 0 })
    expect(json).toMatchObject({ name: 'new.pdf', visibility: 0 })
    expect((await ann.get(`/web/files/${file.id}`)).json).toEqual(json)
    const folder = await given.folder()
    const changed = await ann.patch(`/web/folders/${folder.id}`, {
      name: 'New',
      visibility: 2,
      password: 'x',
    })
    expect(changed.json).toMatchObject({ name: 'New', visibility: 2, hasPassword: true })
    expect((await ann.patch(`/web/folders/${folder.id}`, { password: null })).json.hasPassword).toBe(false)
  })

  test.each([
    ['files', { name: '' }, 400],
    ['files', { name: 5 }, 400],
    ['files', { visibility: 3 }, 400],
    ['folders', { name: '..' }, 400],
    ['folders', { password: 5 }, 400],
  ])('of %s is not changed to %j', async (kind, body, status) => {
    const { id } = kind === 'files' ? await given.file() : await given.folder()
    expect((await ann.patch(`/web/${kind}/${id}`, body)).status).toBe(status)
  })

  test('of somebody else is not found', async () => {
    const { id } = await given.file()
    expect((await bob.patch(`/web/files/${id}`, { name: 'x' })).status).toBe(404)
    expect((await bob.get(`/web/files/${id}`)).status).toBe(404)
    expect((await bob.patch(`/web/folders/${(await given.folder()).id}`, { name: 'x' })).status).toBe(404)
  })
})

describe('a name', () => {
  test.each([
    ['files', 'a/b', 'A name can not have / or \\ in it.'],
    ['files', 'a\\b', 'A name can not have / or \\ in it.'],
    ['files', `${'ü'.repeat(128)}.txt`, 'A name has at most 255 bytes.'],
    ['folders', 'a/b', 'A name can not have / or \\ in it.'],
    ['folders', '/', 'A name can not have / or \\ in it.'],
  ])('of %s is not changed to %j, and the field is named', async (kind, name, message) => {
    const { id } = kind === 'files' ? await given.file() : await given.folder()
    const answer = await ann.patch(`/web/${kind}/${id}`, { name })
    expect([answer.status, answer.json]).toEqual([400, { status: 'error', message, field: 'name' }])
    const made = await ann.post('/web/folders', { name: 'a/b', parentId: null })
    expect([made.status, made.json.field]).toEqual([400, 'name'])
  })

  test('that another file of the folder has is refused, and that of a folder is not in its way', async () => {
    const { id } = await given.file({ name: 'a.pdf' })
    await given.file({ name: 'b.pdf' })
    await given.folder({ name: 'c' })
    const answer = await ann.patch(`/web/files/${id}`, { name: 'b.pdf' })
    const message = 'There is a file named “b.pdf” here already.'
    expect([answer.status, answer.json]).toEqual([409, { status: 'error', message, field: 'name' }])
    for (const name of ['a.pdf', 'B.pdf', 'c'])
      expect((await ann.patch(`/web/files/${id}`, { name })).json.name).toBe(name)
  })

  test('that another folder has is refused, for new folders as well', async () => {
    const { id } = await given.folder({ name: 'a' })
    await given.folder({ name: 'b' })
    const message = 'There is a folder named “b” here already.'
    const refused = [409, { status: 'error', message, field: 'name' }]
    const renamed = await ann.patch(`/web/folders/${id}`, { name: 'b' })
    expect([renamed.status, renamed.json]).toEqual(refused)
    const made = await ann.post('/web/folders', { name: 'b', parentId: null })
    expect([made.status, made.json]).toEqual(refused)
    expect((await ann.post('/web/folders', { name: 'b', parentId: id })).status).toBe(200)
    expect((await ann.patch(`/web/folders/${id}`, { name: 'a', visibility: 0 })).status).toBe(200)
  })

  test('of eight files that are to have one name at the same moment is given once', async () => {
    const files = await Promise.all(Array.from({ length: 8 }, (_, n) => given.file({ name: `${n}` })))
    const answers = await Promise.all(files.map(({ id }) => ann.patch(`/web/files/${id}`, { name: 'one' })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(409)])
  })

  test('that is taken gets a number where entries are moved or copied to, when that is asked for', async () => {
    const { id: folderId } = await given.folder({ name: 'to' })
    const { id: elsewhere } = await given.folder({ name: 'from' })
    await given.folder({ name: 'v1.0', parentId: folderId })
    await given.file({ name: 'a.tar.gz', folderId })
    const folder = await given.folder({ name: 'v1.0' })
    const items = [
      { type: 'folder', id: folder.id },
      { type: 'file', id: (await given.file({ name: 'a.tar.gz' })).id },
      { type: 'file', id: (await given.file({ name: 'a.tar.gz', folderId: elsewhere })).id },
    ]
    const whenTaken = 'number'
    expect((await ann.post('/web/entries/move', { items, folderId, whenTaken })).json.failed).toEqual([])
    const copied = { items: items.slice(0, 1), folderId, whenTaken }
    expect((await ann.post('/web/entries/copy', copied)).json.failed).toEqual([])
    expect(names(await ann.get(`/web/folders/${folderId}/entries`)).sort()).toEqual([
      'a.tar (1).gz',
      'a.tar (2).gz',
      'a.tar.gz',
      'v1.0',
      'v1.0 (1)',
      'v1.0 (1) (1)',
    ])
  })

  test('that is taken can be refused there, entry by entry; where nobody says anything both have it', async () => {
    const { id: folderId } = await given.folder({ name: 'to' })
    await given.file({ name: 'a.pdf', folderId })
    const { id } = await given.file({ name: 'a.pdf' })
    const items = [
      { type: 'file', id },
      { type: 'file', id: (await given.file({ name: 'b.pdf' })).id },
    ]
    const { json } = await ann.post('/web/entries/move', { items, folderId, whenTaken: 'refuse' })
    const message = 'There is a file named “a.pdf” here already.'
    expect(json).toEqual({ done: 1, failed: [{ type: 'file', id, message, taken: true }] })
    expect((await ann.post('/web/entries/move', { items, folderId, whenTaken: 'ask' })).json.done).toBe(0)
    expect((await ann.post('/web/entries/move', { items, folderId })).json.done).toBe(2)
    expect(names(await ann.get(`/web/folders/${folderId}/entries`))).toEqual(['a.pdf', 'a.pdf', 'b.pdf'])
  })

  test('that is taken makes the other go to the trash where a file is moved in its place', async () => {
    const { id: folderId } = await given.folder({ name: 'to' })
    const old = await given.file({ name: 'a.pdf', folderId })
    const file = await given.file({ name: 'a.pdf' })
    const moved = { items: [{ type: 'file', id: file.id }], folderId, whenTaken: 'replace' }
    for (const _ of [1, 2]) expect((await ann.post('/web/entries/move', moved)).json.done).toBe(1)
    expect((await given.now(old))?.status).toBe('trashed')
    expect(await given.now(file)).toMatchObject({ status: 'active', folderId, name: 'a.pdf' })
    const folder = await given.folder({ name: 'sub' })
    const folders = { items: [{ type: 'folder', id: folder.id }], folderId, whenTaken: 'replace' }
    expect((await ann.post('/web/entries/move', folders)).json.failed).toHaveLength(1)
  })

  test('is looked up before: as it would be kept, letter by letter, in many folders at once', async () => {
    const { id: folderId } = await given.folder({ name: 'Sub' })
    const top = await given.file({ name: 'a.pdf' })
    const sub = await given.file({ name: 'a.pdf', folderId })
    const gone = await given.file({ name: 'gone.pdf' })
    await ann.post('/web/entries/trash', { items: [{ type: 'file', id: gone.id }] })
    const file = (name: string, place: number | null = null) => ({ type: 'file', folderId: place, name })
    const wanted = [
      ...[file('a.pdf'), file('dir/a.pdf '), file('A.pdf'), file('gone.pdf'), file('..'), file('Sub')],
      ...[file('a.pdf', folderId), file('a.pdf', 999), { type: 'folder', folderId: null, name: 'Sub' }],
    ]
    const { json } = await ann.post('/web/entries/taken', { wanted })
    expect(json.ids).toEqual([top.id, top.id, null, null, null, null, sub.id, null, folderId])
    const others = await bob.post('/web/entries/taken', { wanted })
    expect(others.json.ids).toEqual(Array(wanted.length).fill(null))
  })

  test.each([
    [undefined],
    [[]],
    ['a'],
    [[null]],
    [[{ type: 'file', folderId: null }]],
    [[{ type: 'link', folderId: null, name: 'a' }]],
    [[{ type: 'file', folderId: 'top', name: 'a' }]],
    [Array(1001).fill({ type: 'file', folderId: null, name: 'a' })],
  ])('is not looked up by %j', async (wanted) => {
    const answer = await ann.post('/web/entries/taken', { wanted })
    expect([answer.status, answer.json.field]).toEqual([400, 'wanted'])
  })
})

describe('new folders', () => {
  test('are made one by one', async () => {
    const { json } = await ann.post('/web/folders', { name: 'A', parentId: null })
    expect((await ann.post('/web/folders', { name: 'B', parentId: json.id })).json).toMatchObject({
      name: 'B',
      parentId: json.id,
    })
    expect((await ann.post('/web/folders', { name: 'B', parentId: 999 })).status).toBe(404)
    expect((await ann.post('/web/folders', { name: '', parentId: null })).status).toBe(400)
    expect((await ann.post('/web/folders', { name: 'x', parentId: 'root' })).status).toBe(400)
  })

  test('are made by paths, each once', async () => {
    const paths = [['a'], ['a', 'b'], ['a', 'b', 'c'], ['a', 'd']]
    const { json } = await ann.post('/web/folders/paths', { parentId: null, paths })
    expect(new Set(json.ids).size).toBe(4)
    const again = await ann.post('/web/folders/paths', { parentId: null, paths: [['a', 'b']] })
    expect(again.json.ids).toEqual([json.ids[1]])
    expect((await ann.get('/web/folders/top/entries')).json).toMatchObject({ folderCount: 1, fileCount: 0 })
  })

  test('by paths lie in the first folder of that very name, and never in the trash', async () => {
    const pathTo = async (name: string): Promise<number> =>
      (await ann.post('/web/folders/paths', { parentId: null, paths: [[name]] })).json.ids[0]
    const first = await given.folder({ name: 'Twin' })
    const second = await given.folder({ name: 'Twin' })
    expect(await pathTo('Twin')).toBe(first.id)
    await given.app.core.folders.trash(given.ann, first.id)
    expect(await pathTo('Twin')).toBe(second.id)
    expect([first.id, second.id]).not.toContain(await pathTo('twin'))
  })

  test.each([
    [{}],
    [{ paths: [] }],
    [{ paths: [[]] }],
    [{ paths: [['a', 5]] }],
    [{ paths: [['..']] }],
    [{ paths: 'a' }],
  ])('are not made by %j', async (body) => {
    expect((await ann.post('/web/folders/paths', body)).status).toBe(400)
  })
})

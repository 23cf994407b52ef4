/** What is done to many entries at once, and the way through the trash and back. */
import { beforeEach, describe, expect, test } from 'bun:test'
import type { FileRecord, Folder } from '../../../src/core/model.ts'
import { site } from '../site.ts'
import { type Caller, callerOf, refusal } from './calls.ts'

const given = site()
let ann: Caller
let folder: Folder
let file: FileRecord
beforeEach(async () => {
  ann = await callerOf(given)
  folder = await given.folder({ name: 'Holiday' })
  file = await given.file({ name: 'a.pdf' })
})

const fileRef = ({ id }: { id: number }) => ({ type: 'file', id })
const folderRef = ({ id }: { id: number }) => ({ type: 'folder', id })
const contents = async (id: number | 'top') => {
  const { json } = await ann.get(`/web/folders/${id}/entries`)
  return json.entries.map(({ name }: { name: string }) => name)
}

test('entries move together; what can not be moved is told, and keeps nothing else', async () => {
  const other = await given.folder({ name: 'Other' })
  const items = [fileRef(file), folderRef(other), folderRef(folder), fileRef({ id: 999 })]
  const { json } = await ann.post('/web/entries/move', { items, folderId: folder.id })
  expect(json).toEqual({
    done: 2,
    failed: expect.arrayContaining([
      {
        type: 'folder',
        id: folder.id,
        message: 'A folder can not be moved into itself or into a folder below it.',
      },
      { type: 'file', id: 999, message: 'File not found.' },
    ]),
  })
  expect(await contents(folder.id)).toEqual(['Other', 'a.pdf'])
  await ann.post('/web/entries/move', { items: [fileRef(file)], folderId: null })
  expect(await contents('top')).toEqual(['Holiday', 'a.pdf'])
})

test('a copy of a folder has all that is in it, charged and told apart', async () => {
  const inner = await given.folder({ name: 'Inner', parentId: folder.id })
  await given.file({ name: 'deep.pdf', folderId: inner.id })
  await ann.post('/web/entries/copy', { items: [folderRef(folder), fileRef(file)], folderId: null })
  expect(await contents('top')).toEqual(['Holiday', 'Holiday', 'a (1).pdf', 'a.pdf'])
  const { json } = await ann.get('/web/folders/top/entries')
  const copy = json.entries[1]
  expect(copy).toMatchObject({ folders: 1, size: 3000 })
  expect((await ann.get('/web/me')).json.usage.stored).toBe(4 * 3000)
})

test('a folder is not copied into itself, nor beyond the quota', async () => {
  const inner = await given.folder({ name: 'Inner', parentId: folder.id })
  await given.file({ folderId: folder.id })
  const into = await ann.post('/web/entries/copy', { items: [folderRef(folder)], folderId: inner.id })
  expect(into.json.failed).toMatchObject([{ message: expect.stringContaining('into itself') }])
  await given.app.core.packages.set('Gold', { max_storage_bytes: '7000' })
  const beyond = await ann.post('/web/entries/copy', { items: [folderRef(folder)], folderId: null })
  expect(beyond.json).toMatchObject({
    done: 0,
    failed: [{ message: 'This upload would exceed your storage quota.' }],
  })
  expect(await contents('top')).toEqual(['Holiday', 'a.pdf'])
})

test('visibility changes for files and folders alike', async () => {
  const items = [fileRef(file), folderRef(folder)]
  expect((await ann.post('/web/entries/visibility', { items, visibility: 0 })).json.done).toBe(2)
  const { json } = await ann.get('/web/folders/top/entries')
  expect(json.entries.map((entry: { visibility: number }) => entry.visibility)).toEqual([0, 0])
  expect((await ann.post('/web/entries/visibility', { items, visibility: 9 })).json.failed.length).toBe(2)
})

describe('the trash', () => {
  test('lists what was thrown away by itself, and gives it back', async () => {
    const inner = await given.folder({ name: 'Inner', parentId: folder.id })
    await given.file({ name: 'deep.pdf', folderId: inner.id })
    await ann.post('/web/entries/trash', { items: [folderRef(folder), fileRef(file)] })
    const { json } = await ann.get('/web/trash')
    expect(json).toMatchObject({ folderCount: 1, fileCount: 1, offset: 0 })
    expect(json.entries.map(({ name }: { name: string }) => name)).toEqual(['Holiday', 'a.pdf'])
    expect(json.entries[0].trashed).toBe(given.app.clock.now().toISOString())
    expect(await contents('top')).toEqual([])
    const home = await given.folder({ name: 'Home' })
    const items = [folderRef(folder), fileRef(file)]
    expect((await ann.post('/web/entries/restore', { items, folderId: home.id })).json.done).toBe(2)
    expect(await contents(home.id)).toEqual(['Holiday', 'a.pdf'])
    expect(await contents(inner.id)).toEqual(['deep.pdf'])
    expect((await ann.get(`/web/folders/${home.id}/entries`)).json.folder.size).toBe(6000)
    expect((await ann.get('/web/trash')).json.entries).toEqual([])
  })

  test('what is deleted for good is gone, and no longer charged', async () => {
    await given.file({ folderId: folder.id })
    await ann.post('/web/entries/trash', { items: [folderRef(folder), fileRef(file)] })
    expect((await ann.get('/web/me')).json.usage.stored).toBe(6000)
    expect((await ann.post('/web/entries/purge', { items: [folderRef(folder)] })).json.done).toBe(1)
    expect((await ann.get('/web/me')).json.usage.stored).toBe(3000)
    expect((await ann.delete('/web/trash')).status).toBe(200)
    expect((await ann.get('/web/me')).json.usage.stored).toBe(0)
    expect((await ann.get('/web/trash')).json).toMatchObject({ folderCount: 0, fileCount: 0 })
  })

  test('is emptied from two pages at once without either failing', async () => {
    const more = await Promise.all(Array.from({ length: 20 }, (_, n) => given.file({ name: `${n}.pdf` })))
    const inner = await given.folder({ name: 'Second' })
    const items = [...more.map(fileRef), fileRef(file), folderRef(folder), folderRef(inner)]
    await ann.post('/web/entries/trash', { items })
    const answers = await Promise.all([1, 2, 3].map(() => ann.delete('/web/trash')))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect((await ann.get('/web/trash')).json).toMatchObject({ folderCount: 0, fileCount: 0 })
  })

  test('only what lies in it leaves it, and only by its owner', async () => {
    const items = [fileRef(file), folderRef(folder)]
    for (const deed of ['restore', 'purge'])
      expect((await ann.post(`/web/entries/${deed}`, { items })).json).toMatchObject({ done: 0 })
    await ann.post('/web/entries/trash', { items })
    const bob = await callerOf(given, 'bob')
    for (const deed of ['restore', 'purge', 'trash', 'move', 'copy'])
      expect((await bob.post(`/web/entries/${deed}`, { items })).json).toMatchObject({ done: 0 })
    const gone = await ann.post('/web/entries/restore', { items, folderId: 999 })
    expect(gone.json.failed.map(({ message }: { message: string }) => message)).toEqual([
      'The destination folder was not found.',
      'The destination folder was not found.',
    ])
  })
})

test.each([
  [{}],
  [{ items: [] }],
  [{ items: 'all' }],
  [{ items: [null] }],
  [{ items: [{ type: 'link', id: 1 }] }],
  [{ items: [{ type: 'file', id: '1' }] }],
  [{ items: Array.from({ length: 1001 }, () => ({ type: 'file', id: 1 })) }],
])('entries that are none are refused (%#)', async (body) => {
  expect(refusal(await ann.post('/web/entries/trash', body))[0]).toBe(400)
})

test('a thousand entries are one call', async () => {
  const items = Array.from({ length: 1000 }, (_, index) => fileRef({ id: 5000 + index }))
  const { json } = await ann.post('/web/entries/trash', { items })
  expect([json.done, json.failed.length]).toEqual([0, 1000])
})

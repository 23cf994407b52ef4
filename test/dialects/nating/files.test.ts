/** Files, folders and links: the owner's alone. */
import { describe, expect, test } from 'bun:test'
import { sampleBytes, uploadFile } from '../../support/upload.ts'
import { expectShape, refusal, type Shape, scenario } from './scenario.ts'

const given = scenario()
const NO_FILE: [number, string] = [404, 'File not found.']
const NO_FOLDER: [number, string] = [404, 'Folder not found.']
const DATA = sampleBytes(100)

const FOLDER: Shape = {
  id: 'int',
  name: 'string',
  parent_id: 'int?',
  file_count: 'int',
  folder_count: 'int',
  total_size: 'int',
  created_at: 'date',
}

const asBob = (method: string, path: string, body?: object) =>
  given.call(method, path, body, { token: given.bob.token })

describe('a file', () => {
  test('is found by its id and by its slug', async () => {
    const id = await uploadFile(given.app, given.ann.token, DATA)
    const byId = await given.call('GET', `/api/v1/files/${id}`)
    const bySlug = await given.call('GET', `/api/v1/files/${byId.json.file.short_id}`)
    expect([byId.status, bySlug.json]).toEqual([200, byId.json])
  })

  test('does not exist for anyone else, public or not', async () => {
    const id = await uploadFile(given.app, given.ann.token, DATA)
    const slug = (await given.call('GET', `/api/v1/files/${id}`)).json.file.short_id
    for (const name of [id, slug]) {
      expect(refusal(await asBob('GET', `/api/v1/files/${name}`))).toEqual(NO_FILE)
      expect(refusal(await asBob('GET', `/api/v1/downloads/${name}/link`))).toEqual(NO_FILE)
    }
    const anonymous = await given.app.request('GET', `/api/v1/files/${id}`)
    expect(refusal(anonymous)).toEqual([401, 'Authentication required.'])
  })

  test.each([
    '0',
    '-1',
    '01',
    '1.0',
    '1e3',
    '999999',
    '99999999999999999999999',
    '9007199254740993',
    '%00',
    '..%2f..%2fetc%2fpasswd',
    "1'--",
    '%ff',
    'aaaaaaaaaa',
    '0000000000',
    'ä',
  ])('does not exist under %s', async (id) => {
    await uploadFile(given.app, given.ann.token, DATA)
    expect(refusal(await given.call('GET', `/api/v1/files/${id}`))).toEqual(NO_FILE)
    expect(refusal(await given.call('GET', `/api/v1/downloads/${id}/link`))).toEqual(NO_FILE)
  })

  test('of a guest belongs to no account', async () => {
    const made = await given.app.request('POST', '/api/v1/uploads/managed', {
      body: { filename: 'g', size: 5 },
    })
    await given.app.request('PUT', made.json.parts[0].url, { body: 'Hello' })
    const body = { part_number: 1, etag: '8b1a9953c4611296a827abf8c47804d7', part_size: 5 }
    await given.app.request('POST', made.json.report_part_url, { body })
    const done = await given.app.request('POST', made.json.complete_url)
    const path = `/api/v1/files/${done.json.file_id}`
    expect(refusal(await given.call('GET', path))).toEqual(NO_FILE)
    expect(refusal(await given.app.request('GET', path))[0]).toBe(401)
  })
})

describe('a link', () => {
  test.each([
    ['', 3600],
    ['?expires_in=60', 60],
    ['?expires_in=0', 1],
    ['?expires_in=-100', 1],
    ['?expires_in=604800', 604_800],
    ['?expires_in=604801', 604_800],
    ['?expires_in=99999999999999999999', 604_800],
    ['?expires_in=soon', 3600],
    ['?expires_in=', 3600],
    ['?expires_in=1.5', 3600],
  ])('asked for with %p lives %d seconds', async (query, seconds) => {
    const id = await uploadFile(given.app, given.ann.token, DATA)
    const link = await given.call('GET', `/api/v1/downloads/${id}/link${query}`)
    expect(link.json.expires_in).toBe(seconds)
    const open = () => given.app.request('GET', link.json.url)
    given.app.clock.advance(seconds - 1)
    expect((await open()).status).toBe(200)
    given.app.clock.advance(1)
    const late = await open()
    expect([late.status, late.text]).toEqual([403, 'Error: Download link expired or invalid.'])
  })

  test('may be asked for by the slug of its file', async () => {
    const id = await uploadFile(given.app, given.ann.token, DATA)
    const slug = (await given.call('GET', `/api/v1/files/${id}`)).json.file.short_id
    const link = await given.call('GET', `/api/v1/downloads/${slug}/link`)
    expect(link.json.url).toContain(`/download/${id}?token=`)
  })

  test('works on when the token that asked for it is revoked', async () => {
    const id = await uploadFile(given.app, given.ann.token, DATA)
    const link = await given.call('GET', `/api/v1/downloads/${id}/link`)
    await given.app.core.tokens.revoke(given.ann.tokenId)
    expect(refusal(await given.call('GET', `/api/v1/downloads/${id}/link`))[0]).toBe(401)
    expect((await given.app.request('GET', link.json.url)).bytes).toEqual(DATA)
  })
})

describe('folders', () => {
  test('are made, nested and listed with what they hold', async () => {
    const top = await given.call('POST', '/api/v1/folders', { name: 'Backups' })
    expect(top.status).toBe(201)
    expectShape(top.json, { status: /^ok$/, folder: 'object' })
    expectShape(top.json.folder, FOLDER)
    const { id } = top.json.folder
    const inner = await given.call('POST', '/api/v1/folders', { name: '2026', parent_id: id })
    expect(inner.json.folder).toMatchObject({ name: '2026', parent_id: id, file_count: 0 })
    await uploadFile(given.app, given.ann.token, DATA, { folder_id: id })
    const listed = await given.call('GET', '/api/v1/folders')
    expect(listed.json.folders).toHaveLength(1)
    expectShape(listed.json.folders[0], FOLDER)
    expect(listed.json.folders[0]).toMatchObject({ file_count: 1, folder_count: 1, total_size: 100 })
    const below = await given.call('GET', `/api/v1/folders?parent_id=${id}`)
    expect(below.json.folders.map(({ name }: { name: string }) => name)).toEqual(['2026'])
  })

  test("of others do not exist: not to list, not to fill, not in one's own list", async () => {
    const { id } = (await given.call('POST', '/api/v1/folders', { name: 'mine' })).json.folder
    expect((await asBob('GET', '/api/v1/folders')).json.folders).toEqual([])
    expect(refusal(await asBob('GET', `/api/v1/folders?parent_id=${id}`))).toEqual(NO_FOLDER)
    expect(refusal(await asBob('POST', '/api/v1/folders', { name: 'x', parent_id: id }))).toEqual(NO_FOLDER)
  })

  const NO_NAMES = ['', '   ', '.', '..', '/', '\u0000', null, 5, {}, []]
  test.each(NO_NAMES.map((name) => [name]))('need a name, which %j is not', async (name) => {
    const answer = await given.call('POST', '/api/v1/folders', { name })
    expect(refusal(answer)).toEqual([422, 'Folder name is required.'])
  })

  test('keep a name that is only odd, and refuse one that is too long', async () => {
    const odd = await given.call('POST', '/api/v1/folders', { name: ' a/b\\c\u0007 🎉 ' })
    expect(odd.json.folder.name).toBe('abc 🎉')
    expect(refusal(await given.call('POST', '/api/v1/folders', { name: 'é'.repeat(128) }))[0]).toBe(422)
  })

  test('may have one name: two stand beside each other', async () => {
    const make = (name: string) => given.call('POST', '/api/v1/folders', { name })
    const answers = await Promise.all(Array.from({ length: 5 }, () => make('same')))
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201])
    expect(new Set(answers.map(({ json }) => json.folder.id)).size).toBe(5)
  })
})

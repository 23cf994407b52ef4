/** Taking a file: what is answered, what is refused and in which order, with an account and without. */
import { describe, expect, test } from 'bun:test'
import { type FormPart, formOf } from '../../support/form.ts'
import { AUTH_ERRORS, refusal, storedBytes, UPLOADED, uploaderScenario } from './scenario.ts'

const given = uploaderScenario()
const NO_FILE: [number, string] = [400, 'No file uploaded']
const BAD_EXTENSION: [number, string] = [400, 'Bad file extension']
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

describe('an upload', () => {
  test('is answered with the fields of the reference, each of its type', async () => {
    const answer = await given.upload('test.mp4', new Uint8Array(1536))
    expect([answer.status, Object.keys(answer.json).sort()]).toEqual([200, UPLOADED])
    const at = given.app.clock.now().getTime() / 1000
    expect(answer.json).toEqual({
      status: 'success',
      message: 'File uploaded successfully',
      file_url: expect.stringMatching(/^[0-9A-Za-z]{10}$/),
      file_url_full: `http://localhost/file/${answer.json.file_url}`,
      key: expect.stringMatching(UUID),
      ext: '.mp4',
      user_filename: 'test.mp4',
      synced: false,
      size: '1.5KB',
      craeted_at: at,
      created_at: at,
      auth_error: { message: 'No Authorization header provided', errorId: -1 },
    })
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
  })

  test('with a good token belongs to the account', async () => {
    const token = await given.signIn('ann')
    const { json } = await given.upload('test.mp4', 'hello', { token })
    expect([json.synced, json.auth_error]).toEqual([true, {}])
    const file = await given.app.metadata.files.findBySlug(json.file_url)
    expect(file).toMatchObject({ accountId: given.ann.id, visibility: 1, source: 'direct', size: 5 })
    expect((await given.app.core.accounts.get(given.ann.id)).storageUsed).toBe(5)
  })

  test.each<[string, keyof typeof AUTH_ERRORS]>([
    ['Bearer null', 'unreadable'],
    ['Bearer undefined', 'unreadable'],
    ['Bearer a.b.c', 'unreadable'],
    ['Bearer', 'malformed'],
    ['null', 'malformed'],
    ['Basic YW5uOmFubg==', 'malformed'],
    ['Bearer a b', 'malformed'],
    ['', 'missing'],
  ])('with the header %j is taken all the same, as nobody', async (authorization, kind) => {
    const answer = await given.upload('a.txt', 'hello', { headers: { authorization } })
    const [, errorId, message] = AUTH_ERRORS[kind]
    expect([answer.status, answer.json.synced, answer.json.auth_error]).toEqual([
      200,
      false,
      { message, errorId },
    ])
    expect((await given.app.metadata.files.findBySlug(answer.json.file_url))?.accountId).toBeNull()
  })

  test('with a token that has ended is taken as nobody: signed out, and expired', async () => {
    const [out, old] = [await given.signIn('ann'), await given.signIn('ann')]
    await given.post('/api/logout', null, { token: out })
    const unknown = await given.upload('a.txt', 'x', { token: out })
    expect([unknown.status, unknown.json.auth_error.errorId]).toEqual([200, -5])
    given.app.clock.advance(432_000)
    const expired = await given.upload('a.txt', 'x', { token: old })
    expect([expired.status, expired.json.auth_error.errorId]).toEqual([200, -3])
  })

  test('to /api/upload/private is the same', async () => {
    const form = formOf([{ filename: 'a.txt', body: 'hello' }])
    const answer = await given.request('POST', '/api/upload/private', form)
    expect([answer.status, Object.keys(answer.json).sort()]).toEqual([200, UPLOADED])
  })

  test('of no bytes is one', async () => {
    const answer = await given.upload('empty.txt', '')
    expect([answer.status, answer.json.size]).toEqual([200, '0B'])
    const fetched = await given.request('GET', `/file/${answer.json.file_url}`)
    expect([fetched.status, fetched.bytes.length]).toEqual([200, 0])
  })

  test.each<[number, string]>([
    [1, '1B'],
    [1023, '1023B'],
    [1024, '1KB'],
    [1100, '1.07KB'],
    [1_048_575, '1MB'],
    [1_048_576, '1MB'],
    [1_600_000, '1.53MB'],
  ])('of %d bytes has the size %s', async (bytes, size) => {
    expect((await given.upload('a.bin', new Uint8Array(bytes))).json.size).toBe(size)
  })
})

describe('the name of an upload', () => {
  test.each<[string, string, string]>([
    ['PHOTO.JPG', 'PHOTO.JPG', '.jpg'],
    ['archive.tar.gz', 'archive.tar.gz', '.gz'],
    ['C:\\Users\\ann\\photo.png', 'photo.png', '.png'],
    ['../../etc/passwd.txt', 'passwd.txt', '.txt'],
    ['a.b/c.txt', 'c.txt', '.txt'],
    [`${'x'.repeat(80)}.txt`, `${'x'.repeat(80)}.txt`, '.txt'],
    ['写真 📷.jpg', '写真 📷.jpg', '.jpg'],
    ['документ.файл', 'документ.файл', '.файл'],
    ['...a.b', '...a.b', '.b'],
    ['with blank.t x', 'with blank.t x', '.t x'],
    ['a.constructor', 'a.constructor', '.constructor'],
    ['a.__proto__', 'a.__proto__', '.__proto__'],
    ['a\u202etxt.exe ', 'atxt.exe', '.exe'],
  ])('%j is kept as %j with the extension %j', async (sent, name, ext) => {
    const { status, json } = await given.upload(sent)
    expect([status, json.user_filename, json.ext]).toEqual([200, name, ext])
  })

  test.each(['name', 'x.', '.bashrc', 'x. ', ' .txt', 'a.b/c', 'a.txt/x', 'dir.d\\.bashrc'])(
    '%j has no extension',
    async (name) => {
      expect(refusal(await given.upload(name))).toEqual(BAD_EXTENSION)
      expect(storedBytes(given.app)).toBe(0)
    },
  )
})

describe('a form', () => {
  const FILE: FormPart = { filename: 'a.txt', body: 'right' }
  const bytesOf = async (url: string): Promise<string> => (await given.request('GET', `/file/${url}`)).text

  test.each<[string, FormPart[]]>([
    ['a JSON text of the same name first, as FilePond sends it', [{ body: '{"id":1}' }, FILE]],
    ['the same with a media type', [{ body: '{}', type: 'application/json' }, FILE]],
    ['a file without a name first', [{ filename: '', body: '' }, FILE]],
    ['a file in another field first', [{ field: 'other', filename: 'b.txt', body: 'wrong' }, FILE]],
    ['a second file', [FILE, { filename: 'b.txt', body: 'wrong' }]],
    ['a second file without extension', [FILE, { filename: 'b', body: 'wrong' }]],
    ['texts around it', [{ field: 'x', body: 'y' }, FILE, { field: 'z', body: '1' }]],
  ])('with %s gives the file', async (_what, parts) => {
    const { status, json } = await given.send(parts)
    expect([status, json.user_filename]).toEqual([200, 'a.txt'])
    expect(await bytesOf(json.file_url)).toBe('right')
  })

  test.each<[string, FormPart[]]>([
    ['nothing', []],
    ['a text only', [{ body: 'hello' }]],
    ['a file without a name', [{ filename: '', body: 'hello' }]],
    ['a file in another field', [{ field: 'upload_file', filename: 'a.txt', body: 'hello' }]],
    ['a name of blanks', [{ filename: '  ', body: 'hello' }]],
  ])('with %s has no file', async (_what, parts) => {
    expect(refusal(await given.send(parts))).toEqual(NO_FILE)
  })

  test.each<[string, string, string | null]>([
    ['JSON', 'application/json', '{"file":"a"}'],
    ['broken JSON', 'application/json', '{'],
    ['a form without boundary', 'multipart/form-data', 'x'],
    ['an urlencoded form', 'application/x-www-form-urlencoded', 'file=a.txt'],
    ['text', 'text/plain', 'hello'],
    ['no body', 'multipart/form-data; boundary=x', null],
    ['a body that is no form', 'multipart/form-data; boundary=x', 'hello'],
  ])('that is %s has no file', async (_what, type, body) => {
    const answer = await given.request('POST', '/api/upload', { body, headers: { 'content-type': type } })
    expect(refusal(answer)).toEqual(NO_FILE)
  })

  test('cut off anywhere leaves nothing', async () => {
    const { body, headers } = formOf([{ filename: 'a.txt', body: 'x'.repeat(3000) }])
    for (const length of [0, 1, 40, 100, 200, 2000, body.length - 30, body.length - 6]) {
      const answer = await given.request('POST', '/api/upload', { body: body.subarray(0, length), headers })
      expect([length, ...refusal(answer)]).toEqual([length, ...NO_FILE])
      expect(storedBytes(given.app)).toBe(0)
    }
  })
})

describe('include_ext', () => {
  test.each<[string, boolean]>([
    ['', false],
    ['?include_ext=false', false],
    ['?include_ext=', false],
    ['?include_ext=true', true],
    ['?include_ext=True', true],
    ['?include_ext=1', true],
    ['?include_ext=no', false],
  ])('%j decides whether the extension is part of the address', async (query, included) => {
    const { json } = await given.upload('test.MP4', 'hello', { query })
    const slug = json.file_url.slice(0, 10)
    expect(json.file_url).toBe(included ? `${slug}.mp4` : slug)
    expect(json.file_url_full).toBe(`http://localhost/file/${json.file_url}`)
    for (const prefix of ['/file', '/f']) {
      const found: Array<[string, number]> = []
      for (const ending of ['', '.mp4', '.MP4', '.mp', '.mp4.mp4', '.', '/x'])
        found.push([ending, (await given.request('GET', `${prefix}/${slug}${ending}`)).status])
      expect(found.filter(([, status]) => status === 200)).toEqual([[included ? '.mp4' : '', 200]])
      expect(found.filter(([, status]) => status === 404)).toHaveLength(6)
    }
  })

  test.each(['a.t x', 'a.файл', 'a.a?b#c', 'a.%2e', 'a.<b>', 'a."', "a.'&amp;"])(
    'with the name %j gives addresses that work as they are',
    async (name) => {
      const { status, json } = await given.upload(name, 'hello', { query: '?include_ext=true' })
      expect(status).toBe(200)
      expect(json.file_url).toMatch(/^[\x21-\x7e]+$/)
      expect(json.file_url).not.toMatch(/["<>?#]/)
      expect((await given.request('GET', json.file_url_full)).text).toBe('hello')
      const list = await given.request('GET', `/api/delete/${json.file_url}?key=${json.key}`)
      expect([list.status, list.json.message]).toEqual([200, 'deleted'])
    },
  )
})

describe('what is wrong is told in order', () => {
  const strict = uploaderScenario({ config: { uploader: { maxFileSize: 10 } } })
  const LARGE = 'x'.repeat(11)

  test.each<[string, FormPart[], [number, string]]>([
    ['no file before everything', [{ filename: '', body: LARGE }], NO_FILE],
    ['the extension before the size', [{ filename: 'a', body: LARGE }], BAD_EXTENSION],
  ])('%s', async (_what, parts, expected) => {
    expect(refusal(await strict.send(parts))).toEqual(expected)
  })

  test('the size before the quota', async () => {
    await strict.app.core.packages.set('Gold', { max_storage_bytes: '5' })
    const token = await strict.signIn('ann')
    const both = await strict.upload('a.txt', LARGE, { token })
    expect(both.status).toBe(413)
    const quota = await strict.upload('a.txt', 'x'.repeat(6), { token })
    expect(refusal(quota)).toEqual([413, 'Storage quota exceeded'])
    expect(storedBytes(strict.app)).toBe(0)
  })
})

/** Uploads of flamenet: what is taken, what it is taken for, and how much. */
import { describe, expect, test } from 'bun:test'
import { type FormPart, formOf } from '../../support/form.ts'
import { storedBytes } from '../uploader/scenario.ts'
import { FILE_KEYS, FILES, flamenetScenario, type Refusal, refusal } from './scenario.ts'

const NO_FILE: Refusal = [400, 'no_file']
const TOO_LARGE: Refusal = [413, 'quota_exceeded', { reason: 'file_too_large' }]
const QUOTA: Refusal = [413, 'quota_exceeded', { reason: 'storage_quota' }]
const text = (length: number): string => 'x'.repeat(length)
const used = async (given: ReturnType<typeof flamenetScenario>): Promise<number> =>
  (await given.app.core.accounts.get(given.ann.account.id)).storageUsed

describe('an upload', () => {
  const given = flamenetScenario({ config: { uploads: { blockedExtensions: ['exe'] } } })

  test('is answered with 201 and the file, private and in the root', async () => {
    const answer = await given.send([{ filename: 'report.pdf', body: new Uint8Array(204_800) }])
    expect([answer.status, Object.keys(answer.json)]).toEqual([201, FILE_KEYS])
    expect(answer.json).toMatchObject({ file_name: 'report.pdf', size_bytes: 204_800, is_shared: false })
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(await given.app.metadata.files.find(answer.json.id)).toMatchObject({
      accountId: given.ann.account.id,
      folderId: null,
      visibility: 0,
      source: 'api',
    })
  })

  test('of no bytes is one', async () => {
    const made = await given.file('empty.txt', '')
    expect(made).toMatchObject({ size_bytes: 0, size_display: '0 B', mime_type: 'text/plain' })
    const { download_url } = (await given.call('GET', `${FILES}/${made.id}/download`)).json
    const fetched = await given.app.request('GET', download_url)
    expect([fetched.status, fetched.bytes.length]).toEqual([200, 0])
  })

  test('of one name twice makes two files', async () => {
    const [first, second] = [await given.file('a.txt'), await given.file('a.txt')]
    expect(second.id).not.toBe(first.id)
    expect([first.file_name, second.file_name]).toEqual(['a.txt', 'a.txt'])
    expect(await used(given)).toBe(10)
  })

  test('needs no extension', async () => {
    for (const name of ['Makefile', '.bashrc', 'x.']) expect((await given.file(name)).file_name).toBe(name)
  })

  test.each<[string, FormPart[]]>([
    ['nothing', []],
    ['a text', [{ body: 'hello' }]],
    ['a file in another field', [{ field: 'upload', filename: 'a.txt', body: 'x' }]],
    ['a file without a name', [{ filename: '', body: 'x' }]],
    ['a name of blanks', [{ filename: '  ', body: 'x' }]],
    ['a name of dots', [{ filename: '..', body: 'x' }]],
  ])('with %s has no file', async (_what, parts) => {
    expect(refusal(await given.send(parts))).toEqual(NO_FILE)
    expect(storedBytes(given.app)).toBe(0)
  })

  test.each<[string, string | null]>([
    ['application/json', '{"file":"x"}'],
    ['multipart/form-data', 'x'],
    ['multipart/form-data; boundary=x', 'hello'],
    ['multipart/form-data; boundary=x', null],
    ['application/octet-stream', 'hello'],
  ])('as %s with %j has no file', async (type, body) => {
    const answer = await given.call('POST', FILES, body, { headers: { 'content-type': type } })
    expect(refusal(answer)).toEqual(NO_FILE)
  })

  test('cut off leaves nothing', async () => {
    const { body, headers } = formOf([{ filename: 'a.txt', body: text(3000) }])
    for (const length of [0, 30, 150, 2000, body.length - 30, body.length - 6]) {
      const answer = await given.call('POST', FILES, body.subarray(0, length), { headers })
      expect([length, refusal(answer)]).toEqual([length, NO_FILE])
      expect(storedBytes(given.app)).toBe(0)
    }
    expect(await used(given)).toBe(0)
  })

  test.each(['a.exe', 'A.EXE', 'photo.jpg.exe', 'x/y.exe'])(
    'of %s is refused where its kind is',
    async (name) => {
      const [status, code] = refusal(await given.send([{ filename: name, body: 'x' }]))
      expect([status, code]).toEqual([400, 'rest_invalid_param'])
      expect(storedBytes(given.app)).toBe(0)
    },
  )

  test.each<[string, string | Uint8Array, string, string]>([
    ['report.pdf', 'hello', 'text/html', 'application/pdf'],
    ['page.html', 'hello', 'image/png', 'text/html'],
    [
      'photo.txt',
      new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
      'text/plain',
      'image/png',
    ],
    ['photo.exe2', new Uint8Array([0xff, 0xd8, 0xff, 0xe0]), 'text/html', 'image/jpeg'],
    ['x.jpg', '%PDF-1.7 …', 'image/jpeg', 'application/pdf'],
    ['unknown.xyz', 'hello', 'text/html', 'application/octet-stream'],
    ['README', '<html>', 'text/html', 'application/octet-stream'],
    [
      'a.docx',
      'PK\u0003\u0004',
      'text/html',
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    ],
    ['evil.png', 'x', 'text/html\r\nX: y', 'image/png'],
  ])('of %s is what its bytes and its name say, not its sender', async (filename, body, type, expected) => {
    const answer = await given.send([{ filename, body, type }])
    expect([answer.status, answer.json.mime_type]).toEqual([201, expected])
  })
})

describe('the largest file', () => {
  const given = flamenetScenario({ config: { flamenet: { maxFileSize: 1000 } } })

  test('is taken, and one byte more is not', async () => {
    expect((await given.file('a.bin', text(1000))).size_bytes).toBe(1000)
    expect(refusal(await given.send([{ filename: 'a.bin', body: text(1001) }]))).toEqual(TOO_LARGE)
    expect([storedBytes(given.app), await used(given)]).toEqual([1000, 1000])
  })

  test('is refused by its declared length too', async () => {
    const { body, headers } = formOf([{ filename: 'a.bin', body: text(10) }])
    const answer = await given.call('POST', FILES, new Blob([body as Uint8Array<ArrayBuffer>]).stream(), {
      headers: { ...headers, 'content-length': String(60 * 2 ** 20) },
    })
    expect(refusal(answer)).toEqual(TOO_LARGE)
  })

  test('counts before the quota', async () => {
    await given.app.core.packages.set('Gold', { max_storage_bytes: '1000' })
    await given.file('a.bin', text(900))
    expect(refusal(await given.send([{ filename: 'b.bin', body: text(101) }]))).toEqual(QUOTA)
    await given.app.core.packages.set('Gold', { max_upload_size: '50' })
    expect(refusal(await given.send([{ filename: 'b.bin', body: text(51) }]))).toEqual(TOO_LARGE)
    expect((await given.file('b.bin', text(50))).size_bytes).toBe(50)
  })
})

describe('the default limit', () => {
  const given = flamenetScenario()
  test('is 50 MiB to the byte', async () => {
    const limit = 52_428_800
    expect((await given.file('a.bin', new Uint8Array(limit))).size_display).toBe('50.0 MB')
    const answer = await given.send([{ filename: 'a.bin', body: new Uint8Array(limit + 1) }])
    expect(refusal(answer)).toEqual(TOO_LARGE)
    expect(storedBytes(given.app)).toBe(limit)
  }, 60_000)
})

describe('a quota', () => {
  const given = flamenetScenario()

  test('is used to the last byte, and freed by deletion', async () => {
    await given.app.core.packages.set('Gold', { max_storage_bytes: '100' })
    const { id } = await given.file('a.bin', text(60))
    await given.file('b.bin', text(40))
    expect(refusal(await given.send([{ filename: 'c.bin', body: 'x' }]))).toEqual(QUOTA)
    expect((await given.file('empty.bin', '')).size_bytes).toBe(0)
    await given.call('DELETE', `${FILES}/${id}`)
    expect((await given.file('c.bin', text(60))).size_bytes).toBe(60)
    expect(await used(given)).toBe(100)
  })

  test('is never exceeded by fifty uploads at once, and the ledger equals the files', async () => {
    await given.app.core.packages.set('Gold', { max_storage_bytes: '1050' })
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, file) => given.send([{ filename: `f${file}.bin`, body: text(100) }])),
    )
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(10)
    for (const answer of answers.filter(({ status }) => status !== 201))
      expect(refusal(answer)).toEqual(QUOTA)
    const { files, total } = (await given.call('GET', `${FILES}?per_page=100`)).json
    const sum = files.reduce((bytes: number, file: { size_bytes: number }) => bytes + file.size_bytes, 0)
    expect([total, sum, await used(given), storedBytes(given.app)]).toEqual([10, 1000, 1000, 1000])
  })

  test('is never exceeded by uploads and deletions in turn', async () => {
    await given.app.core.packages.set('Gold', { max_storage_bytes: '500' })
    const rounds = Array.from({ length: 30 }, async (_, file) => {
      const answer = await given.send([{ filename: `f${file}.bin`, body: text(100) }])
      expect(await used(given)).toBeLessThanOrEqual(500)
      if (answer.status === 201 && file % 2 === 0) await given.call('DELETE', `${FILES}/${answer.json.id}`)
    })
    await Promise.all(rounds)
    const { total } = (await given.call('GET', FILES)).json
    expect(await used(given)).toBe(total * 100)
  })
})

describe('where uploads are closed', () => {
  const given = flamenetScenario({ config: { uploads: { enabled: false } } })
  test('none is taken, and the rest works', async () => {
    const [status, code] = refusal(await given.send([{ filename: 'a.txt', body: 'x' }]))
    expect([status, code]).toEqual([503, 'uploads_disabled'])
    expect((await given.call('GET', FILES)).status).toBe(200)
  })
})

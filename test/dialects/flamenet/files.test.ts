/** Files of flamenet: their object, the list with its pages, renaming, deletion. */
import { describe, expect, test } from 'bun:test'
import type { RequestOptions } from '../../support/app.ts'
import { storedBytes } from '../uploader/scenario.ts'
import { FILE_KEYS, FILES, flamenetScenario, NOT_FOUND, type Refusal, refusal } from './scenario.ts'

const given = flamenetScenario()
const list = async (query = '') => (await given.call('GET', FILES + query)).json
const invalid = (param: string): Refusal => [400, 'rest_invalid_param', { params: [param] }]
const now = (): string => given.app.clock.now().toISOString().slice(0, 19).replace('T', ' ')
const makeFiles = async (count: number): Promise<number[]> => {
  const ids: number[] = []
  for (let file = 0; file < count; file++) ids.push((await given.file(`f${file}.txt`)).id)
  return ids.reverse()
}

describe('a file', () => {
  test('is the object of the reference, the same wherever it is shown', async () => {
    const made = await given.file('report.pdf', new Uint8Array(204_800))
    expect(Object.keys(made)).toEqual(FILE_KEYS)
    expect(made).toEqual({
      id: 1,
      file_name: 'report.pdf',
      size_bytes: 204_800,
      size_display: '200 KB',
      mime_type: 'application/pdf',
      is_shared: false,
      share_token: null,
      share_url: null,
      share_expires: null,
      created_at: '2030-01-01 00:00:00',
      updated_at: '2030-01-01 00:00:00',
    })
    const got = await given.call('GET', `${FILES}/1`)
    expect([got.status, got.json]).toEqual([200, made])
    expect(got.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(got.headers.get('cache-control')).toBe('no-store')
    expect(await list()).toEqual({ files: [made], page: 1, per_page: 20, total: 1 })
  })

  test.each<[number, string]>([
    [0, '0 B'],
    [1, '1 B'],
    [1023, '1023 B'],
    [1024, '1 KB'],
    [1536, '2 KB'],
    [1_048_064, '1.0 MB'],
    [1_048_576, '1.0 MB'],
    [1_572_864, '1.5 MB'],
  ])('of %d bytes is %s', async (bytes, display) => {
    const made = await given.file('a.bin', new Uint8Array(bytes))
    expect([made.size_bytes, made.size_display]).toEqual([bytes, display])
  })
})

describe('the list', () => {
  test('of nothing is empty', async () => {
    expect(await list()).toEqual({ files: [], page: 1, per_page: 20, total: 0 })
  })

  test('has the newest first, of this account alone', async () => {
    const ids = await makeFiles(3)
    given.app.clock.advance(1)
    const last = (await given.file('last.txt')).id
    const bob = await given.keyOf(given.bob)
    await given.send([{ filename: 'bobs.txt', body: 'x' }], { token: bob })
    const { files, total } = await list()
    expect([files.map(({ id }: { id: number }) => id), total]).toEqual([[last, ...ids], 4])
  })

  test.each<[string, number, number, number[]]>([
    ['', 1, 20, [0, 20]],
    ['?page=2', 2, 20, [20, 25]],
    ['?page=3', 3, 20, []],
    ['?page=999999999', 999_999_999, 20, []],
    ['?page=0', 1, 20, [0, 20]],
    ['?page=-5', 1, 20, [0, 20]],
    ['?per_page=10&page=3', 3, 10, [20, 25]],
    ['?per_page=1', 1, 1, [0, 1]],
    ['?per_page=0', 1, 1, [0, 1]],
    ['?per_page=-1', 1, 1, [0, 1]],
    ['?per_page=100', 1, 100, [0, 25]],
    ['?per_page=101', 1, 100, [0, 25]],
    ['?per_page=99999', 1, 100, [0, 25]],
    ['?page=%202%20', 2, 20, [20, 25]],
  ])('asked for with %j is page %d of %d', async (query, page, per_page, slice) => {
    const ids = await makeFiles(25)
    const answer = await list(query)
    expect(answer).toMatchObject({ page, per_page, total: 25 })
    const expected = slice.length === 0 ? [] : ids.slice(slice[0], slice[1])
    expect(answer.files.map(({ id }: { id: number }) => id)).toEqual(expected)
  })

  test.each(['page', 'per_page'])('with a %s that is no whole number is refused', async (name) => {
    for (const value of ['x', '', '1.5', '1e2', '0x1', 'NaN', '1,2', '99999999999999999999', '٣']) {
      const answer = await given.call('GET', `${FILES}?${name}=${encodeURIComponent(value)}`)
      expect([value, refusal(answer)]).toEqual([value, invalid(name)])
    }
  })

  test('tells the same of each file as the file itself, shares included', async () => {
    const ids = await makeFiles(3)
    await given.call('POST', `${FILES}/${ids[1]}/share`, { expires: '2031-01-01' })
    await given.call('POST', `${FILES}/${ids[2]}/share`, { expires: '2001-01-01' })
    const { files } = await list()
    for (const file of files) expect((await given.call('GET', `${FILES}/${file.id}`)).json).toEqual(file)
    expect(files.map(({ is_shared }: { is_shared: boolean }) => is_shared)).toEqual([false, true, false])
  })
})

describe('deletion', () => {
  test('is for good: no record, no charge, no bytes, no links', async () => {
    const { id } = await given.file()
    const { share_url } = (await given.call('POST', `${FILES}/${id}/share`)).json
    const { download_url } = (await given.call('GET', `${FILES}/${id}/download`)).json
    const answer = await given.call('DELETE', `${FILES}/${id}`)
    expect([answer.status, answer.json]).toEqual([200, { deleted: true, id }])
    for (const method of ['GET', 'DELETE'])
      expect(refusal(await given.call(method, `${FILES}/${id}`))).toEqual(NOT_FOUND)
    for (const url of [share_url, download_url])
      expect((await given.app.request('GET', url)).status).toBe(404)
    expect((await given.app.core.accounts.get(given.ann.account.id)).storageUsed).toBe(0)
    await given.app.core.sweeper.sweep()
    expect(storedBytes(given.app)).toBe(0)
  })

  test('by twenty at once succeeds once', async () => {
    const { id } = await given.file()
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => given.call('DELETE', `${FILES}/${id}`)),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    for (const answer of answers.filter(({ status }) => status !== 200))
      expect(refusal(answer)).toEqual(NOT_FOUND)
  })
})

describe('renaming', () => {
  const rename = (id: number, body: RequestOptions['body']) =>
    given.call('PATCH', `${FILES}/${id}/rename`, body)

  test('changes the name and when it was changed, and nothing else', async () => {
    const made = await given.file()
    const shared = (await given.call('POST', `${FILES}/${made.id}/share`)).json
    const { download_url } = (await given.call('GET', `${FILES}/${made.id}/download`)).json
    given.app.clock.advance(100)
    const answer = await rename(made.id, { name: 'final-report.pdf' })
    expect([answer.status, answer.json]).toEqual([
      200,
      {
        ...made,
        file_name: 'final-report.pdf',
        is_shared: true,
        share_token: shared.token,
        share_url: shared.share_url,
        updated_at: now(),
      },
    ])
    for (const url of [shared.share_url, download_url]) {
      const fetched = await given.app.request('GET', url)
      expect([fetched.status, fetched.text]).toEqual([200, 'hello'])
      expect(fetched.headers.get('content-disposition')).toContain('filename="final-report.pdf"')
    }
  })

  test.each<[string, string]>([
    ['final report.pdf', 'final report.pdf'],
    ['../../etc/passwd', 'etcpasswd'],
    ['a/b\\c.txt', 'abc.txt'],
    ['<b>"x"|y?*:z</b>.txt', 'bxyzb.txt'],
    ['a\u0000\u0007\nb.txt', 'ab.txt'],
    ['  .hidden. ', 'hidden'],
    ['...', ''],
    ['写真 📷.jpg', '写真 📷.jpg'],
    ['a\u202etxt.exe', 'atxt.exe'],
    ['.\u202e.', ''],
    ['\u200f', ''],
    [' ', ''],
    ['', ''],
    ['/\\', ''],
    [`${'x'.repeat(300)}.txt`, `${'x'.repeat(251)}.txt`],
    [`${'é'.repeat(200)}.txt`, `${'é'.repeat(125)}.txt`],
    ['%2e%2e%2f', '%2e%2e%2f'],
  ])('%j is kept as %j', async (name, kept) => {
    const { id } = await given.file()
    const answer = await rename(id, { name })
    if (kept === '') expect(refusal(answer)).toEqual(invalid('name'))
    else expect([answer.status, answer.json.file_name]).toEqual([200, kept])
  })

  test.each<[RequestOptions['body'], Refusal]>([
    [null, [400, 'rest_missing_callback_param', { params: ['name'] }]],
    [{}, [400, 'rest_missing_callback_param', { params: ['name'] }]],
    [{ name: null }, [400, 'rest_missing_callback_param', { params: ['name'] }]],
    [{ name: 5 }, invalid('name')],
    [{ name: ['a.txt'] }, invalid('name')],
    [{ name: { a: 1 } }, invalid('name')],
    [{ name: true }, invalid('name')],
    ['{', [400, 'rest_invalid_json']],
    ['[]', [400, 'rest_invalid_json']],
    ['"a.txt"', [400, 'rest_invalid_json']],
    ['null', [400, 'rest_invalid_json']],
    ['name=a.txt', [400, 'rest_invalid_json']],
    [`{"name":"${'['.repeat(50_000)}`, [400, 'rest_invalid_json']],
  ])('with %j is refused', async (body, expected) => {
    const { id } = await given.file()
    expect(refusal(await rename(id, body))).toEqual(expected)
    expect((await given.call('GET', `${FILES}/${id}`)).json.file_name).toBe('report.pdf')
  })

  test('says of a missing name what WordPress says', async () => {
    const { id } = await given.file()
    expect((await rename(id, {})).json.message).toBe('Missing parameter(s): name')
    expect((await rename(id, { name: '.' })).json.message).toBe('Invalid parameter(s): name')
  })

  test('with a body beyond all reason is refused', async () => {
    const { id } = await given.file()
    const answer = await rename(id, { name: 'x'.repeat(100_000) })
    expect(answer.status).toBe(413)
  })
})

/** Uploads by form: the order of the parts, the habits of clients, names, folders and what is refused. */
import { describe, expect, test } from 'bun:test'
import type { Answer } from '../../support/app.ts'
import { sampleBytes } from '../../support/upload.ts'
import { BOUNDARY, type FormPart, filePart, form, textPart, textParts } from './forms.ts'
import {
  API,
  encode,
  missing,
  NO_ACCOUNT,
  NO_FOLDER,
  NO_TOKEN,
  type Parameters,
  REAUTHENTICATE,
  refusal,
  scenario,
  success,
} from './scenario.ts'

const given = scenario()

const NOTHING = 'Did not receive uploaded file.'
const EMPTY = 'Filesize received was zero.'

const raw = (body: string | Uint8Array, type: string, query: Parameters = {}): Promise<Answer> =>
  given.app.request('POST', `${API}/file/upload?${encode(query)}`, {
    headers: { 'content-type': type },
    body,
  })
const credentials = (): FormPart[] => textParts(given.ann.credentials)
const hello = (name = 'a.txt'): FormPart => filePart(name, 'Hello')
/** What is stored under an answer's name, read back through a download link. */
async function stored(answer: Answer): Promise<{ name: string; text: string }> {
  const [{ file_id, name }] = success(answer).data
  const { download_url } = (await given.ann.must('file/download', { file_id })).data
  const { text } = await given.app.request('GET', download_url)
  return { name, text }
}
const nothingIsKept = async (): Promise<void> => {
  expect(await given.objects()).toBe(0)
  expect(await given.app.core.files.list(given.ann.account, null)).toEqual([])
  expect(await given.app.metadata.objects.announced(new Date(8.64e15), 10)).toEqual([])
}

describe('the parts of a form', () => {
  const orders: Array<[string, () => { parts: FormPart[]; query?: Parameters }]> = [
    ['fields first', () => ({ parts: [...credentials(), textPart('folder_id', ''), hello()] })],
    ['the file first', () => ({ parts: [hello(), ...credentials(), textPart('folder_id', '')] })],
    [
      'the file in the middle',
      () => {
        const [token, account] = credentials() as [FormPart, FormPart]
        return { parts: [token, hello(), account] }
      },
    ],
    ['the credentials in the query', () => ({ parts: [hello()], query: given.ann.credentials })],
    [
      'one credential in the query, the other behind the file',
      () => {
        const { access_token, account_id } = given.ann.credentials
        return { parts: [hello(), textPart('account_id', account_id)], query: { access_token } }
      },
    ],
    [
      'other files and fields around',
      () => ({
        parts: [
          filePart('other.txt', 'other', { field: 'other_file' }),
          textPart('MAX_FILE_SIZE', '1'),
          hello(),
          ...credentials(),
          filePart('x', 'y', { field: 'z' }),
        ],
      }),
    ],
  ]

  test.each(orders)('may come as %s', async (_, make) => {
    const { parts, query } = make()
    expect(await stored(await given.send(parts, query))).toEqual({ name: 'a.txt', text: 'Hello' })
    expect(await given.objects()).toBe(1)
  })

  test('of the body win over the query', async () => {
    const query = { ...given.ann.credentials, folder_id: await given.ann.folder('query') }
    const body = await given.ann.folder('body')
    for (const parts of [
      [textPart('folder_id', body), hello()],
      [hello(), textPart('folder_id', body)],
    ]) {
      const [{ file_id }] = success(await given.send(parts, query)).data
      expect((await given.ann.must('file/info', { file_id })).data.folderId).toBe(body)
    }
  })

  test('with two files: the first counts', async () => {
    const answer = await given.send([...credentials(), hello('one.txt'), filePart('two.txt', 'two')])
    expect(await stored(answer)).toEqual({ name: 'one.txt', text: 'Hello' })
    expect(await given.objects()).toBe(1)
  })

  test('with an empty file field before the file: the file counts', async () => {
    const answer = await given.send([...credentials(), filePart('', ''), hello('one.txt')])
    expect(await stored(answer)).toEqual({ name: 'one.txt', text: 'Hello' })
  })

  test('bring each byte as it is', async () => {
    const bytes = sampleBytes(200_003)
    for (const parts of [
      [...credentials(), filePart('b.bin', bytes)],
      [filePart('b.bin', bytes), ...credentials()],
    ]) {
      const [{ file_id, size, hash }] = success(await given.send(parts)).data
      expect([size, hash]).toEqual(['200003', new Bun.CryptoHasher('md5').update(bytes).digest('hex')])
      const { download_url } = (await given.ann.must('file/download', { file_id })).data
      const { bytes: got } = await given.app.request('GET', download_url)
      expect(Buffer.from(got).equals(Buffer.from(bytes))).toBe(true)
    }
  })
})

describe('the form itself', () => {
  const whole = () => form([...credentials(), hello()])

  test('may have a quoted boundary', async () => {
    const { body } = whole()
    for (const type of [
      `multipart/form-data; boundary="${BOUNDARY}"`,
      `multipart/form-data; charset=utf-8; boundary=${BOUNDARY}`,
      `Multipart/Form-Data;boundary="${BOUNDARY}"`,
    ])
      expect((await stored(await raw(body, type))).text).toBe('Hello')
  })

  test('may end without the last line end, or with text behind it', async () => {
    for (const end of [`--${BOUNDARY}--`, `--${BOUNDARY}--\n`, `--${BOUNDARY}--\r\nepilogue\r\n`]) {
      const { body, type } = form([...credentials(), hello()], end)
      expect((await stored(await raw(body, type))).text).toBe('Hello')
    }
  })

  test('may have bare line feeds', async () => {
    const { body, type } = whole()
    const text = new TextDecoder().decode(body).replaceAll('\r\n', '\n')
    expect((await stored(await raw(text, type))).text).toBe('Hello')
  })

  test('may send fields with media types of their own', async () => {
    const odd = credentials().map(({ head, body }) => ({
      head: [...head, 'Content-Type: text/plain; charset=UTF-8', 'Content-Transfer-Encoding: 8bit'],
      body,
    }))
    expect((await stored(await given.send([...odd, hello()]))).text).toBe('Hello')
  })

  test.each([
    ['image/jpeg', 'image/jpeg'],
    ['Image/JPEG; name=x', 'image/jpeg'],
    ['', 'application/octet-stream'],
    ['nonsense', 'application/octet-stream'],
    ['text/html; charset="<script>"', 'text/html'],
    [null, 'application/octet-stream'],
  ])('with a file of type %p stores %p', async (type, stored) => {
    const answer = await given.send([...credentials(), filePart('a', 'x', { type })])
    expect(success(answer).data[0].type).toBe(stored)
  })

  test.each([
    ['C:\\Users\\Ann\\My Pictures\\cat.jpg', 'cat.jpg'],
    ['/home/ann/cat.jpg', 'cat.jpg'],
    ['..\\..\\cat.jpg', 'cat.jpg'],
    ['100%25.txt', '100%25.txt'],
    ['Größe 💾.txt', 'Größe 💾.txt'],
    ['  cat.jpg  ', 'cat.jpg'],
    ['a\tb.txt', 'ab.txt'],
  ])('with a file named %p stores %p', async (sent, name) => {
    const answer = await given.send([...credentials(), hello(sent)])
    expect((await stored(answer)).name).toBe(name)
  })

  test('cut off anywhere is refused and leaves nothing', async () => {
    for (const parts of [
      [...credentials(), filePart('b.bin', sampleBytes(1000))],
      [filePart('b.bin', sampleBytes(1000)), ...credentials()],
    ]) {
      const { body, type } = form(parts)
      for (let length = body.length - 4; length > 0; length -= 97) {
        const answer = await raw(body.subarray(0, length), type)
        expect([length, typeof refusal(answer)]).toEqual([length, 'string'])
      }
    }
    await nothingIsKept()
  })
})

describe('without a file', () => {
  const forms: Array<[string, () => FormPart[]]> = [
    ['no file part', () => credentials()],
    ['a browser’s empty choice', () => [...credentials(), filePart('', '')]],
    ['a text in its place', () => [...credentials(), textPart('upload_file', 'Hello')]],
    ['a file in another field', () => [...credentials(), filePart('a', 'x', { field: 'file' })]],
    ['a file without a name', () => [...credentials(), filePart('  ', 'x')]],
    ['a file whose name is a folder', () => [...credentials(), filePart('C:/', 'x')]],
    ['a file named ..', () => [filePart('..', 'x'), ...credentials()]],
  ]

  test.each(forms)('(%s) it is refused', async (_, make) => {
    expect(refusal(await given.send(make()))).toBe(NOTHING)
    await nothingIsKept()
  })

  test('by GET, in JSON or urlencoded it is refused', async () => {
    const { ann } = given
    expect(refusal(await given.get('file/upload', { ...ann.credentials, upload_file: 'x' }))).toBe(NOTHING)
    expect(refusal(await ann.call('file/upload', { upload_file: 'x' }))).toBe(NOTHING)
    const json = await given.app.request('POST', `${API}/file/upload`, { body: ann.credentials })
    expect(refusal(json)).toBe(NOTHING)
  })

  test('with an empty file it is refused, wherever the file stands', async () => {
    for (const parts of [
      [...credentials(), filePart('a.txt', '')],
      [filePart('a.txt', ''), ...credentials()],
    ])
      expect(refusal(await given.send(parts))).toBe(EMPTY)
    await nothingIsKept()
  })
})

describe('credentials', () => {
  const cases: Array<[string, () => Parameters, string]> = [
    ['none', () => ({}), NO_TOKEN],
    ['no account', () => ({ access_token: given.ann.credentials.access_token }), NO_ACCOUNT],
    ['no token', () => ({ account_id: given.ann.credentials.account_id }), NO_TOKEN],
    ['a wrong token', () => ({ ...given.ann.credentials, access_token: 'x' }), REAUTHENTICATE],
    [
      'another’s account',
      () => ({ ...given.ann.credentials, account_id: given.bob.credentials.account_id }),
      REAUTHENTICATE,
    ],
  ]

  test.each(cases)('(%s) are judged wherever they stand, and nothing is kept', async (_, make, message) => {
    const file = filePart('b.bin', sampleBytes(300_000))
    expect(refusal(await given.send([...textParts(make()), file]))).toBe(message)
    expect(refusal(await given.send([file, ...textParts(make())]))).toBe(message)
    expect(refusal(await given.send([file], make()))).toBe(message)
    await nothingIsKept()
  })
})

describe('the folder', () => {
  test.each(['', '0', 'null', 'NULL', ' '])('%p is the root', async (folder_id) => {
    const [{ file_id }] = success(
      await given.send([...textParts({ ...given.ann.credentials, folder_id }), hello()]),
    ).data
    expect((await given.ann.must('file/info', { file_id })).data.folderId).toBeNull()
  })

  test('that is unknown, foreign or deleted is refused, before and behind the file', async () => {
    const { ann, bob } = given
    const gone = await ann.folder('gone')
    await ann.must('folder/delete', { folder_id: gone })
    for (const folder_id of ['999', 'abc', '-1', await bob.folder('his'), gone]) {
      const place = textPart('folder_id', folder_id)
      expect(refusal(await given.send([...credentials(), place, hello()]))).toBe(NO_FOLDER)
      expect(refusal(await given.send([hello(), ...credentials(), place]))).toBe(NO_FOLDER)
      expect(refusal(await given.send([place, hello(), ...credentials()]))).toBe(NO_FOLDER)
    }
    await nothingIsKept()
  })

  test('counts what came into it', async () => {
    const { ann } = given
    const outer = await ann.folder('outer')
    const inner = await ann.folder('inner', { parent_id: outer })
    await ann.upload('a', '12345', { folder_id: inner })
    await ann.upload('b', '123', { folder_id: outer })
    const of = async (folder_id: string) => (await ann.must('folder/info', { folder_id })).data
    expect(await of(inner)).toMatchObject({ totalSize: '5', file_count: 1, child_folder_count: 0 })
    expect(await of(outer)).toMatchObject({ totalSize: '8', file_count: 1, child_folder_count: 1 })
  })
})

describe('a name that the folder has', () => {
  test('gets a number, in the answer and everywhere', async () => {
    const { ann } = given
    const names: string[] = []
    for (let time = 0; time < 3; time++) names.push((await ann.upload('a.tar.gz', 'x')).name)
    expect(names).toEqual(['a.tar.gz', 'a.tar (1).gz', 'a.tar (2).gz'])
    const answer = await given.send([...credentials(), hello('a.tar.gz')])
    const [{ name, url_html, file_id }] = success(answer).data
    expect([name, url_html.includes('view a.tar (3).gz on')]).toEqual(['a.tar (3).gz', true])
    expect((await ann.must('file/info', { file_id })).data.filename).toBe('a.tar (3).gz')
  })

  test('is free in another folder and after deletion', async () => {
    const { ann } = given
    const { file_id } = await ann.upload('a.txt', 'x')
    expect((await ann.upload('a.txt', 'x', { folder_id: await ann.folder('f') })).name).toBe('a.txt')
    await ann.must('file/delete', { file_id })
    expect((await ann.upload('a.txt', 'x')).name).toBe('a.txt')
  })

  test('gets one number each when twenty come at once', async () => {
    const { ann } = given
    const made = await Promise.all(Array.from({ length: 20 }, () => ann.upload('a.txt', 'x')))
    expect(new Set(made.map(({ name }) => name)).size).toBe(20)
    expect(made.map(({ name }) => name)).toContain('a (19).txt')
  })
})

test('what is asked for is asked for in order', async () => {
  expect(refusal(await given.send([hello()]))).toBe(NO_TOKEN)
  expect(refusal(await given.ann.call('file/info'))).toBe(missing('file_id'))
})

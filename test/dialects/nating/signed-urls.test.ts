/** The signed URL of a part: what it opens, and how it refuses everything else, as S3 would. */
import { describe, expect, test } from 'bun:test'
import type { Answer } from '../../support/app.ts'
import {
  complete,
  md5,
  type OpenUpload,
  openUpload,
  putPart,
  sampleBytes,
  sendParts,
  sha256,
} from '../../support/upload.ts'
import { SESSIONS, scenario } from './scenario.ts'

const given = scenario()
const PART_SIZE = 65_536
const DATA = sampleBytes(PART_SIZE + 1000)

const open = (data = DATA, fields = {}) => openUpload(given.app, given.ann.token, data, fields)
const urlOf = (upload: OpenUpload, number: number): URL => {
  const part = upload.parts.find((one) => one.part_number === number)
  return new URL(part?.url ?? '')
}
const put = (url: URL | string, body: Uint8Array | ReadableStream<Uint8Array>, headers = {}) =>
  given.app.request('PUT', String(url), { body, headers })
const with_ = (url: URL, name: string, value: string | null): URL => {
  const changed = new URL(url)
  if (value === null) changed.searchParams.delete(name)
  else changed.searchParams.set(name, value)
  return changed
}
const look = async ({ id }: OpenUpload) => (await given.call('GET', `${SESSIONS}/${id}`)).json.session
const recorded = async ({ id }: OpenUpload) => {
  const parts = await given.app.metadata.uploads.parts(id)
  return parts.filter(({ etag }) => etag !== null).map(({ number }) => number)
}

/** The exact document, so that clients which look for its words find them. */
function expectXml(answer: Answer, status: number, code: string, message: string): void {
  expect(answer.text).toBe(
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  )
  expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/xml'])
  expect(answer.headers.get('access-control-allow-origin')).toBe('*')
}
const expectMismatch = (answer: Answer): void =>
  expectXml(answer, 403, 'SignatureDoesNotMatch', 'The signature does not match.')

describe('a signature', () => {
  test('has 64 digits, and each of them counts', async () => {
    const upload = await open()
    const url = urlOf(upload, 2)
    const signature = url.searchParams.get('signature') ?? ''
    expect(signature).toMatch(/^[0-9a-f]{64}$/)
    for (let at = 0; at < 64; at++) {
      const digit = (Number.parseInt(signature[at] ?? '', 16) ^ 1).toString(16)
      const flipped = signature.slice(0, at) + digit + signature.slice(at + 1)
      expectMismatch(await put(with_(url, 'signature', flipped), DATA.subarray(PART_SIZE)))
    }
    expect(await recorded(upload)).toEqual([])
    expect((await put(url, DATA.subarray(PART_SIZE))).status).toBe(200)
  })

  test.each([
    '',
    'x',
    '0'.repeat(64),
    '0'.repeat(63),
    '0'.repeat(65),
    '0'.repeat(10_000),
    '%00',
    'null',
    null,
  ])('that is %.20p opens nothing', async (signature) => {
    const upload = await open()
    expectMismatch(await put(with_(urlOf(upload, 1), 'signature', signature), DATA.subarray(0, PART_SIZE)))
  })

  test('belongs to its part, its session and its expiry', async () => {
    const upload = await open()
    const other = await open()
    const url = urlOf(upload, 1)
    const foreign = new URL(url)
    foreign.pathname = urlOf(other, 1).pathname
    const later = String(Number(url.searchParams.get('expires')) + 1)
    const changed = [
      with_(url, 'partNumber', '2'),
      with_(url, 'signature', urlOf(upload, 2).searchParams.get('signature')),
      with_(url, 'expires', later),
      with_(url, 'expires', null),
      with_(url, 'expires', '0'),
      with_(url, 'expires', '-1'),
      with_(url, 'expires', '1e400'),
      foreign,
    ]
    for (const bad of changed) expectMismatch(await put(bad, DATA.subarray(0, PART_SIZE)))
    expect([await recorded(upload), await recorded(other)]).toEqual([[], []])
  })

  test('of a download link opens no part', async () => {
    const upload = await open()
    await sendParts(given.app, given.ann.token, upload)
    const done = await complete(given.app, given.ann.token, upload.id)
    const link = new URL((await given.call('GET', `/api/v1/downloads/${done.json.file_id}/link`)).json.url)
    const target = await open()
    const forged = with_(urlOf(target, 1), 'signature', link.searchParams.get('token'))
    expectMismatch(await put(forged, DATA.subarray(0, PART_SIZE)))
  })

  test('ends with its second, in the words clients sign anew on', async () => {
    const upload = await open(DATA, { expires_in: 60 })
    given.app.clock.advance(59)
    expect((await putPart(given.app, upload, 1)).status).toBe(200)
    given.app.clock.advance(1)
    expectXml(await putPart(given.app, upload, 1), 403, 'AccessDenied', 'Request has expired')
    expect(await recorded(upload)).toEqual([1])
  })

  test('needs no credential and cares for no content type', async () => {
    const upload = await open()
    for (const type of [
      'application/octet-stream',
      'application/json',
      'text/plain',
      'multipart/form-data',
    ]) {
      const answer = await put(urlOf(upload, 1), DATA.subarray(0, PART_SIZE), { 'content-type': type })
      expect([type, answer.status, answer.text]).toEqual([type, 200, ''])
      expect(answer.headers.get('etag')).toBe(`"${md5(DATA.subarray(0, PART_SIZE))}"`)
      expect(answer.headers.get('access-control-expose-headers')).toContain('ETag')
    }
  })
})

describe('where it leads', () => {
  test.each(['aborted', 'completed'])('a session that is %s takes no part', async (end) => {
    const upload = await open()
    await sendParts(given.app, given.ann.token, upload)
    await given.call('POST', `${SESSIONS}/${upload.id}/${end === 'aborted' ? 'abort' : 'complete'}`)
    expectXml(
      await putPart(given.app, upload, 1),
      404,
      'NoSuchUpload',
      'This upload session can no longer accept uploaded parts.',
    )
  })

  test.each(['ups_x', '..%2f..%2fetc%2fpasswd', '%00', 'ups_00000000000000000000%00', 'x'.repeat(3000)])(
    'the session id %.30s is none',
    async (id) => {
      const { search } = urlOf(await open(), 1)
      const answer = await put(`http://localhost/storage/parts/${id}${search}`, DATA)
      expectXml(answer, 404, 'NoSuchUpload', 'Upload session not found.')
    },
  )

  test.each(['0', '-1', '1.5', 'x', '', '01', '1e1', '99999999999999999999'])(
    'the part number %p is none',
    async (number) => {
      const bad = with_(urlOf(await open(), 1), 'partNumber', number)
      expectXml(await put(bad, DATA), 400, 'InvalidArgument', 'Invalid part number.')
    },
  )

  test('other methods and paths are told so in XML', async () => {
    const url = urlOf(await open(), 1)
    const got = await given.app.request('GET', String(url))
    expectXml(got, 405, 'MethodNotAllowed', 'Method not allowed.')
    expect(got.headers.get('allow')).toBe('PUT')
    const elsewhere = await put('http://localhost/storage/parts/a/b', DATA)
    expectXml(elsewhere, 404, 'NoSuchKey', 'Endpoint not found.')
  })

  test('browsers may ask for permission first', async () => {
    const answer = await given.app.request('OPTIONS', String(urlOf(await open(), 1)), {
      headers: { origin: 'https://other.example', 'access-control-request-headers': 'content-type' },
    })
    expect(answer.status).toBe(204)
    expect(answer.headers.get('access-control-allow-methods')).toContain('PUT')
    expect(answer.headers.get('access-control-allow-headers')).toBe('content-type')
  })
})

describe('the length of a part', () => {
  const streamOf = (bytes: Uint8Array, chunk = 10_000) => {
    let at = 0
    return new ReadableStream<Uint8Array>({
      pull(controller) {
        if (at >= bytes.length) return controller.close()
        controller.enqueue(bytes.subarray(at, at + chunk))
        at += chunk
      },
    })
  }
  const LARGE = 'Uploaded part exceeds the allowed size for this upload session.'
  const SMALL = 'Uploaded part is smaller than the size this upload session expects.'

  test.each([
    ['one byte more', PART_SIZE + 1, 'EntityTooLarge', LARGE],
    ['twice as much', PART_SIZE * 2, 'EntityTooLarge', LARGE],
    ['one byte less', PART_SIZE - 1, 'EntityTooSmall', SMALL],
    ['nothing', 0, 'EntityTooSmall', SMALL],
  ])(
    'is exact: %s is refused, declared or not, and nothing of it kept',
    async (_what, size, code, message) => {
      const upload = await open()
      const url = urlOf(upload, 1)
      const bytes = sampleBytes(size, 3)
      expectXml(await put(url, bytes), 400, code, message)
      expectXml(await put(url, bytes, { 'content-length': String(size) }), 400, code, message)
      expectXml(await put(url, streamOf(bytes)), 400, code, message)
      expect(await recorded(upload)).toEqual([])
      expect((await look(upload)).uploaded_bytes).toBe(0)
      await sendParts(given.app, given.ann.token, upload)
      const done = await complete(given.app, given.ann.token, upload.id)
      expect(done.json.checksum_sha256).toBe(sha256(DATA))
    },
  )

  test('need not be declared', async () => {
    const upload = await open()
    const answer = await put(urlOf(upload, 1), streamOf(DATA.subarray(0, PART_SIZE), 7))
    expect([answer.status, answer.headers.get('etag')]).toEqual([
      200,
      `"${md5(DATA.subarray(0, PART_SIZE))}"`,
    ])
  })

  test('of the last part is what remains', async () => {
    const upload = await open()
    expectXml(await put(urlOf(upload, 2), sampleBytes(PART_SIZE)), 400, 'EntityTooLarge', LARGE)
    expect((await put(urlOf(upload, 2), sampleBytes(1000))).status).toBe(200)
  })

  test('that is too long is told before the body is read when it is declared', async () => {
    const upload = await open()
    let pulled = 0
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          pulled++
          controller.enqueue(new Uint8Array(1000))
        },
      },
      { highWaterMark: 0 },
    )
    const answer = await put(urlOf(upload, 1), body, { 'content-length': '99999999' })
    expectXml(answer, 400, 'EntityTooLarge', LARGE)
    expect(pulled).toBeLessThanOrEqual(1)
  })
})

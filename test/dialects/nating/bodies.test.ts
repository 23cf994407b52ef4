/** Bodies that are no JSON object, or far too much of one. */
import { describe, expect, test } from 'bun:test'
import { openUpload, sampleBytes } from '../../support/upload.ts'
import { MANAGED, refusal, SESSIONS, scenario } from './scenario.ts'

const given = scenario()
const JSON_TYPE = { 'content-type': 'application/json' }
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' }
const NO_NAME: [number, string] = [422, 'A filename is required.']

const post = (path: string, body: string | Uint8Array | null, headers: Record<string, string>) =>
  given.call('POST', path, body, { headers, token: given.ann.token })

describe('what is no JSON object counts as an empty one', () => {
  test.each([
    '',
    ' ',
    '{',
    '{"filename":"a","size":5',
    "{'filename':'a'}",
    'null',
    'true',
    '42',
    '"text"',
    '[]',
    '[{"filename":"a","size":5}]',
    '{"filename":"a","size":5}x',
    'filename=a&size=5',
    '<xml/>',
    '\u0000',
    '{"filename":"a","size":NaN}',
    '{"__proto__":{"filename":"a","size":5}}',
    '{"constructor":{"prototype":{"filename":"a","size":5}}}',
  ])('%j', async (body) => {
    expect(refusal(await post(SESSIONS, body, JSON_TYPE))).toEqual(NO_NAME)
  })

  test.each([
    ['text/plain', 201],
    ['', 201],
    ['application/json; charset=utf-16', 201],
    ['application/octet-stream', 201],
    ['application/x-www-form-urlencoded', 422],
    ['multipart/form-data', 422],
    ['multipart/form-data; boundary=x', 422],
  ])('JSON sent as %j is answered with %d', async (type, status) => {
    const answer = await post(SESSIONS, '{"filename":"a","size":5}', { 'content-type': type })
    expect(answer.status).toBe(status)
  })

  test('bytes that are no UTF-8 become replacement characters', async () => {
    const body = Buffer.concat([
      Buffer.from('{"size":5,"filename":"a'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('"}'),
    ])
    const answer = await post(SESSIONS, body, JSON_TYPE)
    expect(answer.json.session.original_filename).toBe('a\ufffd\ufffd')
  })

  test('a byte order mark does not matter', async () => {
    expect((await post(SESSIONS, '\ufeff{"filename":"a","size":5}', JSON_TYPE)).status).toBe(201)
  })

  test('of two equal keys the last counts', async () => {
    const answer = await post(SESSIONS, '{"filename":"a","filename":"b","size":5}', JSON_TYPE)
    expect(answer.json.session.original_filename).toBe('b')
  })
})

describe('forms', () => {
  test('a form has the same fields', async () => {
    const size = 65_536 * 3
    const form = `filename=a+b%26.txt&size=${size}&part_numbers[]=3&part_numbers%5B%5D=1&expires_in=60&mime_type=text/plain`
    const answer = await post(MANAGED, form, FORM_TYPE)
    expect(answer.status).toBe(201)
    expect(answer.json.session).toMatchObject({
      original_filename: 'a b&.txt',
      expected_size: size,
      mime_hint: 'text/plain',
    })
    expect(
      answer.json.parts.map(({ part_number, expires_in }: Record<string, number>) => [
        part_number,
        expires_in,
      ]),
    ).toEqual([
      [3, 60],
      [1, 60],
    ])
  })

  test('so has a multipart form, whose files are left out', async () => {
    const form = new FormData()
    form.set('filename', 'naïve.txt')
    form.set('size', '5')
    form.set('checksum_sha256', new File(['x'], 'x'))
    const request = new Request('http://localhost/', { method: 'POST', body: form })
    const headers = { 'content-type': request.headers.get('content-type') ?? '' }
    const answer = await post(SESSIONS, new Uint8Array(await request.arrayBuffer()), headers)
    expect(answer.json.session).toMatchObject({ original_filename: 'naïve.txt', checksum_sha256: null })
  })

  test('a form reports and completes as well', async () => {
    const upload = await openUpload(given.app, given.ann.token, new TextEncoder().encode('Hello'))
    await given.app.request('PUT', upload.parts[0]?.url ?? '', { body: upload.data })
    const report = 'part_number=1&part_size=5&etag=%228b1a9953c4611296a827abf8c47804d7%22'
    const reported = await post(`${SESSIONS}/${upload.id}/parts/report`, report, FORM_TYPE)
    expect(reported.json.session.uploaded_bytes).toBe(5)
    const done = await post(`${SESSIONS}/${upload.id}/complete`, 'checksum_sha256=', FORM_TYPE)
    expect(done.status).toBe(201)
  })
})

describe('bodies without measure', () => {
  const MiB = 2 ** 20
  const TOO_LARGE: [number, string] = [413, 'The request body is too large.']

  /** A JSON text of that many bytes, made while it is read. */
  function endlessJson(bytes: number) {
    let sent = 0
    const chunk = new TextEncoder().encode('a'.repeat(MiB))
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          controller.enqueue(sent === 0 ? new TextEncoder().encode('{"filename":"') : chunk)
          sent += chunk.length
          if (sent >= bytes) controller.close()
        },
      },
      { highWaterMark: 0 },
    )
    return { body, sent: () => sent }
  }

  test('100 MB of JSON are refused by their declared length, unread', async () => {
    const endless = endlessJson(100 * MiB)
    const headers = { ...JSON_TYPE, 'content-length': String(100 * MiB) }
    const answer = await given.call('POST', SESSIONS, endless.body, { headers, token: given.ann.token })
    expect(refusal(answer)).toEqual(TOO_LARGE)
    expect(endless.sent()).toBeLessThanOrEqual(2 * MiB)
  })

  test('100 MB of JSON without a length are refused after the first megabyte', async () => {
    const endless = endlessJson(100 * MiB)
    const options = { headers: JSON_TYPE, token: given.ann.token }
    expect(refusal(await given.call('POST', MANAGED, endless.body, options))).toEqual(TOO_LARGE)
    expect(endless.sent()).toBeLessThanOrEqual(4 * MiB)
  })

  test('deep nesting is data like any other, or no JSON', async () => {
    const depths = [100, 5000, 100_000, 250_000]
    for (const [index, depth] of depths.entries()) {
      const nested = `${'['.repeat(depth)}${']'.repeat(depth)}`
      const body = `{"filename":"a","size":5,"part_numbers":[1,${nested}],"x":${nested}}`
      const headers = { ...JSON_TYPE, 'idempotency-key': `deep-${index}` }
      const answer = await post(MANAGED, body, headers)
      expect([depth, [201, 422].includes(answer.status)]).toEqual([depth, true])
      const objects = `{"filename":"a","size":5,"x":${'{"a":'.repeat(depth / 2)}1${'}'.repeat(depth / 2)}}`
      const other = await post(SESSIONS, objects, { ...JSON_TYPE, 'idempotency-key': `deep-${index}` })
      expect([depth, [201, 422, 413].includes(other.status)]).toEqual([depth, true])
    }
  })

  test('every call survives every kind of value in every field', async () => {
    const upload = await openUpload(given.app, given.ann.token, sampleBytes(5))
    const session = `${SESSIONS}/${upload.id}`
    const calls: Array<[string, string[]]> = [
      [`${session}/parts/sign`, ['part_numbers', 'expires_in']],
      [`${session}/parts/report`, ['part_number', 'etag', 'part_size', 'checksum_sha256']],
      [`${session}/complete`, ['checksum_sha256']],
      ['/api/v1/folders', ['name', 'parent_id']],
    ]
    const values = [
      'null',
      'true',
      '-1',
      '1e400',
      '-1e400',
      '0.1',
      '9e99',
      '""',
      '"\\u0000"',
      '[[]]',
      '{"a":{}}',
    ]
    for (const [path, fields] of calls) {
      for (const field of fields) {
        for (const value of values) {
          const answer = await post(path, `{"${field}":${value}}`, JSON_TYPE)
          expect([path, field, value, answer.status]).toEqual([path, field, value, 422])
        }
      }
    }
    expect((await given.call('GET', session)).json.session).toMatchObject({
      status: 'pending',
      completed_parts: 0,
    })
  })
})

describe('queries', () => {
  test.each(['1&expires_in=2', '%00', '%ff', '[]', 'x'.repeat(5000), '1e400', '-1', ''])(
    'a lifetime of %.20s in a query is read or ignored',
    async (value) => {
      const answer = await given.call('GET', `/api/v1/downloads/1/link?expires_in=${value}`)
      expect(refusal(answer)).toEqual([404, 'File not found.'])
    },
  )

  test.each(['', '0'])('the parent %j is the root', async (value) => {
    const answer = await given.call('GET', `/api/v1/folders?parent_id=${value}`)
    expect([answer.status, answer.json]).toEqual([200, { status: 'ok', folders: [] }])
  })

  test.each(['1', 'x', '-1', '1.5', '%00', '1&parent_id=2', '99999999999999999999'])(
    'the parent %s is no folder',
    async (value) => {
      const answer = await given.call('GET', `/api/v1/folders?parent_id=${value}`)
      expect(refusal(answer)).toEqual([404, 'Folder not found.'])
    },
  )
})

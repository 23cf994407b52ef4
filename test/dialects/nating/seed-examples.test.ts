/** Every example of the published reference, as printed: host, token and ids replaced, nothing else. */
import { describe, expect, test } from 'bun:test'
import { statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import type { Answer } from '../../support/app.ts'
import { md5, sampleBytes, sha256, uploadFile } from '../../support/upload.ts'
import { CREATED, expectShape, PART, SESSION, SESSION_WITH_PARTS, SIGNED_PART, scenario } from './scenario.ts'

const SITE = 'https://your-site.example'
const GiB = 2 ** 30
const TEN_GIB = 10_737_418_240

const { bavail, bsize } = statfsSync(tmpdir())
/** Staging files are sparse, but a session is refused where the file could not be kept. */
const hasRoom = bavail * bsize > 12 * GiB

const JSON_TYPE = { 'Content-Type': 'application/json' }

describe('the seed with its sizes', () => {
  const given = scenario({ config: { server: { publicUrl: SITE }, uploads: { partSize: 64 * 2 ** 20 } } })

  const folder123 = async (): Promise<number> => {
    const made = await given.call('POST', `${SITE}/api/v1/folders`, { name: 'Backups' })
    return made.json.folder.id
  }

  test.skipIf(!hasRoom)('a managed upload of 10 GiB answers as the sample does', async () => {
    const answer = await given.call(
      'POST',
      `${SITE}/api/v1/uploads/managed`,
      `{
"filename": "archive.iso",
"size": 10737418240,
"mime_type": "application/octet-stream",
"folder_id": ${await folder123()},
"part_numbers": [1, 2, 3],
"expires_in": 3600
}`,
      {
        headers: { ...JSON_TYPE, 'Idempotency-Key': 'desktop-upload-001' },
        token: given.ann.token,
      },
    )
    expect(answer.status).toBe(201)
    const { json } = answer
    expectShape(json, { ...CREATED, parts: 'array', complete_url: 'string', report_part_url: 'string' })
    expectShape(json.session, SESSION)
    expect(json).toMatchObject({
      status: 'ok',
      session: { status: 'pending', expected_size: TEN_GIB, reserved_bytes: TEN_GIB },
      part_size_bytes: 67_108_864,
      complete_url: `/api/v1/uploads/sessions/${json.session.public_id}/complete`,
      report_part_url: `/api/v1/uploads/sessions/${json.session.public_id}/parts/report`,
      upload_skipped: false,
      file_id: null,
      deduplicated: false,
    })
    expect(json.parts.map((part: { part_number: number }) => part.part_number)).toEqual([1, 2, 3])
    for (const part of json.parts) {
      expectShape(part, SIGNED_PART)
      expect(part).toMatchObject({ expires_in: 3600, expected_size: 67_108_864 })
      expect(part.url).toStartWith(`${SITE}/storage/parts/`)
    }
  })

  test.skipIf(!hasRoom)('a session of 10 GiB has the part size of the sample', async () => {
    const answer = await given.call(
      'POST',
      `${SITE}/api/v1/uploads/sessions`,
      `{ "filename": "archive.iso", "size": 10737418240, "mime_type": "application/octet-stream", "folder_id": ${await folder123()} }`,
      { headers: { ...JSON_TYPE, 'Idempotency-Key': 'upload-session-001' }, token: given.ann.token },
    )
    expect(answer.status).toBe(201)
    expectShape(answer.json, CREATED)
    expectShape(answer.json.session, SESSION)
    expect(answer.json.part_size_bytes).toBe(67_108_864)
    expect(answer.json.capabilities).toEqual({
      multipart: true,
      presigned_part_upload: true,
      app_part_upload: true,
      presigned_download: true,
      head: true,
    })
    expect(answer.json.expires_at).toBe('2030-01-01 02:00:00')
  })
})

describe('the seed end to end, with smaller parts', () => {
  const given = scenario({ config: { server: { publicUrl: SITE } } })
  const data = sampleBytes(65_536 * 2 + 1000)
  const PARTS = [data.subarray(0, 65_536), data.subarray(65_536, 131_072), data.subarray(131_072)]

  const create = () =>
    given.call('POST', `${SITE}/api/v1/uploads/sessions`, {
      filename: 'archive.iso',
      size: data.length,
      mime_type: 'application/octet-stream',
    })
  const post = (id: string, step: string, body: string): Promise<Answer> =>
    given.call('POST', `${SITE}/api/v1/uploads/sessions/${id}/${step}`, body, {
      headers: JSON_TYPE,
      token: given.ann.token,
    })
  const signedUrl = async (id: string, number: number): Promise<string> => {
    const signed = await post(id, 'parts/sign', `{ "part_numbers": [${number}], "expires_in": 3600 }`)
    expect(signed.status).toBe(200)
    expectShape(signed.json, { status: /^ok$/, parts: 'array' })
    expectShape(signed.json.parts[0], SIGNED_PART)
    return signed.json.parts[0].url
  }
  /** Steps 2 to 4. The storage's ETag goes back with its quotes, as the reference prints it. */
  const sendPart = async (id: string, number: number): Promise<Answer> => {
    const bytes = PARTS[number - 1] ?? new Uint8Array()
    const put = await given.app.request('PUT', await signedUrl(id, number), {
      headers: { 'Content-Type': 'application/octet-stream' },
      body: bytes,
    })
    expect([put.status, put.text, put.headers.get('etag')]).toEqual([200, '', `"${md5(bytes)}"`])
    const etag = JSON.stringify(put.headers.get('etag'))
    return post(
      id,
      'parts/report',
      `{ "part_number": ${number}, "etag": ${etag}, "part_size": ${bytes.length} }`,
    )
  }

  test('five steps make a file that comes back byte for byte', async () => {
    const id = (await create()).json.session.public_id
    for (const number of [2, 3, 1]) {
      const reported = await sendPart(id, number)
      expect(reported.status).toBe(200)
      expectShape(reported.json.session, SESSION_WITH_PARTS)
    }
    const done = await given.call(
      'POST',
      `${SITE}/api/v1/uploads/sessions/${id}/complete`,
      '{ "checksum_sha256": "optional-final-sha256" }',
      { headers: { ...JSON_TYPE, 'Idempotency-Key': 'upload-complete-001' }, token: given.ann.token },
    )
    expect(done.status).toBe(201)
    expectShape(done.json, {
      status: /^ok$/,
      file_id: 'int',
      session_id: 'string',
      stored_file_id: 'int',
      deduplicated: 'boolean',
      checksum_sha256: 'hex64',
      upload_skipped: 'boolean',
    })
    expect(done.json).toMatchObject({
      session_id: id,
      checksum_sha256: sha256(data),
      deduplicated: false,
      upload_skipped: false,
    })
    const link = await given.call('GET', `${SITE}/api/v1/downloads/${done.json.file_id}/link`)
    const download = await given.app.request('GET', link.json.url)
    expect(sha256(download.bytes)).toBe(sha256(data))
  })

  test.each(['optional-final-sha256', 'optional-client-calculated-sha256'])(
    'the literal checksum %s of the samples is ignored, at creation and at the end',
    async (checksum_sha256) => {
      const small = sampleBytes(10)
      const fileId = await uploadFile(given.app, given.ann.token, small, { checksum_sha256 })
      expect(fileId).toBeGreaterThan(0)
    },
  )

  test('a resume check shows what is there, and fresh URLs take the rest', async () => {
    const id = (await create()).json.session.public_id
    await sendPart(id, 1)
    await sendPart(id, 3)
    const found = await given.call('GET', `${SITE}/api/v1/uploads/sessions/${id}`)
    expect(found.status).toBe(200)
    expectShape(found.json, { status: /^ok$/, session: 'object' })
    expectShape(found.json.session, SESSION_WITH_PARTS)
    expect(found.json.session).toMatchObject({
      status: 'uploading',
      expected_size: data.length,
      uploaded_bytes: 65_536 + 1000,
      completed_parts: 2,
    })
    for (const part of found.json.session.parts) expectShape(part, PART)
    await sendPart(id, 2)
    expect((await post(id, 'complete', '{}')).status).toBe(201)
  })

  test('a small file may ask for the parts 1, 2 and 3 of the sample and gets the one it has', async () => {
    const answer = await given.call('POST', `${SITE}/api/v1/uploads/managed`, {
      filename: 'archive.iso',
      size: 5,
      part_numbers: [1, 2, 3],
      expires_in: 3600,
    })
    expect(answer.status).toBe(201)
    expect(answer.json.parts).toHaveLength(1)
    expect(answer.json.parts[0]).toMatchObject({ part_number: 1, expected_size: 5 })
  })

  test("the sample's report, of the part Hello, is accepted with its quoted ETag", async () => {
    const { json } = await given.call('POST', '/api/v1/uploads/managed', { filename: 'hello.txt', size: 5 })
    const put = await given.app.request('PUT', json.parts[0].url, { body: 'Hello' })
    expect(put.headers.get('etag')).toBe('"8b1a9953c4611296a827abf8c47804d7"')
    const reported = await given.call('POST', json.report_part_url, {
      part_number: 1,
      etag: '"8b1a9953c4611296a827abf8c47804d7"',
      part_size: 5,
    })
    expect(reported.json.session).toMatchObject({
      status: 'uploading',
      uploaded_bytes: 5,
      completed_parts: 1,
    })
    expect(reported.json.session.parts[0]).toMatchObject({
      etag: '8b1a9953c4611296a827abf8c47804d7',
      status: 'uploaded',
    })
    const done = await given.call('POST', json.complete_url, {
      checksum_sha256: 'optional-client-calculated-sha256',
    })
    expect(done.status).toBe(201)
  })

  test('file metadata has the fields of the reference and no others', async () => {
    const fileId = await uploadFile(given.app, given.ann.token, data, { filename: 'archive.iso' })
    const answer = await given.call('GET', `${SITE}/api/v1/files/${fileId}`)
    expect(answer.status).toBe(200)
    expectShape(answer.json, { status: /^ok$/, file: 'object' })
    expectShape(answer.json.file, {
      id: 'int',
      short_id: /^[0-9A-Za-z]{10}$/,
      filename: 'string',
      status: /^active$/,
      file_size: 'int',
      size: 'int',
      mime_type: 'string',
      is_public: 'int',
      folder_id: 'int?',
      downloads: 'int',
      created_at: 'date',
    })
    expect(answer.json.file).toMatchObject({
      id: fileId,
      filename: 'archive.iso',
      size: data.length,
      is_public: 1,
    })
  })

  test('a download link has the fields of the sample', async () => {
    const fileId = await uploadFile(given.app, given.ann.token, data)
    const answer = await given.call('GET', `${SITE}/api/v1/downloads/${fileId}/link`)
    expect(answer.status).toBe(200)
    expectShape(answer.json, {
      status: /^ok$/,
      url: 'string',
      expires_in: 'int',
      delivery: 'string',
      delivery_reason: 'string',
    })
    expect(answer.json).toMatchObject({ delivery: 'app', delivery_reason: 'app_controlled_delivery' })
    expect(answer.json.url).toStartWith(`${SITE}/download/${fileId}?token=`)
  })

  test.each([
    ['Authorization', (token: string) => `Bearer ${token}`],
    ['authorization', (token: string) => `bEaReR   ${token}`],
    ['X-API-Token', (token: string) => token],
  ])('the token may come as %s', async (name, value) => {
    const answer = await given.app.request('GET', '/api/v1/folders', {
      headers: { [name]: value(given.ann.token) },
    })
    expect([answer.status, answer.json]).toEqual([200, { status: 'ok', folders: [] }])
  })
})

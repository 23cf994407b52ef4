/** nating's flow with parts that go straight to a real bucket. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3'
import { createTestApp, type TestAccount, type TestApp } from '../../support/app.ts'
import { type Bucket, newBucket } from '../../support/bucket.ts'
import { CEPH, type S3Server, s3Client, startS3 } from '../../support/s3.ts'
import {
  complete,
  md5,
  type OpenUpload,
  openUpload,
  partBytes,
  putPart,
  reportPart,
  sampleBytes,
  sendParts,
  sha256,
} from '../../support/upload.ts'
import { refusal, SESSIONS } from './scenario.ts'

const MiB = 2 ** 20
/** Two parts of the smallest size, and a rest. */
const DATA = sampleBytes(11 * MiB + 5)

describe.skipIf(!CEPH)('an upload into a bucket', () => {
  let server: S3Server
  let bucket: Bucket
  let app: TestApp
  let ann: TestAccount
  beforeAll(async () => {
    server = (await startS3()) as S3Server
    bucket = await newBucket(server)
    app = await createTestApp({ config: { storage: bucket.storage } })
    ann = await app.account('ann')
  }, 60_000)
  afterAll(async () => {
    expect(await app?.problems()).toEqual([])
    await app?.close()
  })

  const session = async (id: string) =>
    (await app.request('GET', `${SESSIONS}/${id}`, { token: ann.token })).json.session
  const report = (upload: OpenUpload, number: number, change: object) =>
    app.request('POST', `${SESSIONS}/${upload.id}/parts/report`, {
      token: ann.token,
      body: { part_number: number, etag: md5(partBytes(upload, number)), part_size: 5 * MiB, ...change },
    })

  test('says where it goes, and asks for parts that the bucket takes', async () => {
    const upload = await openUpload(app, ann.token, DATA)
    expect(upload.partSize).toBe(5 * MiB)
    expect(upload.parts.map((part) => part.expected_size)).toEqual([5 * MiB, 5 * MiB, MiB + 5])
    for (const { url } of upload.parts)
      expect(new URL(url).origin).toBe(new URL(server.endpoints[0] ?? '').origin)
    expect(await session(upload.id)).toMatchObject({ storage_provider: 's3', status: 'pending' })
    await app.request('POST', `${SESSIONS}/${upload.id}/abort`, { token: ann.token })
  })

  test('is resumed with the parts that were reported, and is the file that was sent', async () => {
    const upload = await openUpload(app, ann.token, DATA, { mime_type: 'video/mp4' })
    await sendParts(app, ann.token, upload, [3, 1])
    const resumed = await session(upload.id)
    expect(resumed).toMatchObject({ status: 'uploading', completed_parts: 2 })
    expect(resumed.parts.map((part: { status: string }) => part.status)).toEqual([
      'uploaded',
      'signed',
      'uploaded',
    ])
    expect(refusal(await complete(app, ann.token, upload.id))[0]).toBe(422)
    await sendParts(app, ann.token, upload, [2])
    const done = await complete(app, ann.token, upload.id, { checksum_sha256: sha256(DATA) })
    expect([done.status, done.json.checksum_sha256]).toEqual([201, sha256(DATA)])
    const { json } = await app.request('GET', `/api/v1/downloads/${done.json.file_id}/link`, {
      token: ann.token,
    })
    expect(json).toMatchObject({ delivery: 'app', delivery_reason: 'app_controlled_delivery' })
    const answer = await app.request('GET', json.url)
    expect([answer.status, sha256(answer.bytes)]).toEqual([200, sha256(DATA)])
    expect(answer.headers.get('content-length')).toBe(String(DATA.length))
    const range = await app.request('GET', json.url, {
      headers: { range: `bytes=${5 * MiB - 2}-${5 * MiB + 1}` },
    })
    expect([range.status, [...range.bytes]]).toEqual([206, [...DATA.subarray(5 * MiB - 2, 5 * MiB + 2)]])
  })

  test('has no SHA-256 when nobody has computed one', async () => {
    const upload = await openUpload(app, ann.token, DATA.subarray(0, 1000))
    await sendParts(app, ann.token, upload)
    const done = await complete(app, ann.token, upload.id)
    expect(done.json).toMatchObject({ status: 'ok', checksum_sha256: null, deduplicated: false })
    const { file } = (await app.request('GET', `/api/v1/files/${done.json.file_id}`, { token: ann.token }))
      .json
    expect(file).toMatchObject({ status: 'active', size: 1000 })
  })

  test('believes the bucket and not the report', async () => {
    const upload = await openUpload(app, ann.token, DATA)
    const mismatch = [422, 'Uploaded part metadata did not match storage provider state.']
    expect(refusal(await report(upload, 1, {}))).toEqual(mismatch as [number, string])
    await putPart(app, upload, 1)
    expect(refusal(await report(upload, 1, { etag: md5(new Uint8Array(1)) }))).toEqual(
      mismatch as [number, string],
    )
    expect(refusal(await report(upload, 1, { part_size: 5 }))).toEqual(mismatch as [number, string])
    expect(refusal(await report(upload, 4, {}))).toEqual([422, 'Invalid part number.'])
    expect(await session(upload.id)).toMatchObject({ completed_parts: 0, uploaded_bytes: 0 })
    for (const _ of [1, 2]) expect((await reportPart(app, ann.token, upload, 1)).status).toBe(200)
    expect(await session(upload.id)).toMatchObject({ completed_parts: 1, uploaded_bytes: 5 * MiB })
    expect((await app.request('POST', `${SESSIONS}/${upload.id}/abort`, { token: ann.token })).status).toBe(
      200,
    )
  })

  test('is not completed with a part that was replaced behind its report, and goes on', async () => {
    const upload = await openUpload(app, ann.token, DATA)
    await sendParts(app, ann.token, upload)
    await putPart(app, upload, 2, sampleBytes(5 * MiB, 7))
    expect(refusal(await complete(app, ann.token, upload.id))[0]).toBe(422)
    expect(await session(upload.id)).toMatchObject({ status: 'uploading' })
    await sendParts(app, ann.token, upload, [2])
    const done = await complete(app, ann.token, upload.id, { checksum_sha256: sha256(DATA) })
    expect([done.status, done.json.checksum_sha256]).toEqual([201, sha256(DATA)])
  })

  test('with another checksum fails, and leaves neither a file nor bytes', async () => {
    const before = (await app.core.accounts.get(ann.account.id)).storageUsed
    const upload = await openUpload(app, ann.token, DATA)
    await sendParts(app, ann.token, upload)
    const wrong = await complete(app, ann.token, upload.id, { checksum_sha256: '0'.repeat(64) })
    expect(refusal(wrong)).toEqual([422, 'Completed upload checksum did not match the supplied checksum.'])
    expect(await session(upload.id)).toMatchObject({ status: 'failed', parts: [] })
    expect(await app.core.accounts.get(ann.account.id)).toMatchObject({
      storageUsed: before,
      storageReserved: 0,
    })
  })

  test('takes parts through the API as well', async () => {
    const data = DATA.subarray(0, 6 * MiB)
    const upload = await openUpload(app, ann.token, data)
    for (const number of [1, 2]) {
      const sent = await app.request('POST', `${SESSIONS}/${upload.id}/parts/upload/${number}`, {
        token: ann.token,
        body: partBytes(upload, number),
      })
      expect(sent.json).toMatchObject({ status: 'ok', etag: md5(partBytes(upload, number)) })
      expect((await reportPart(app, ann.token, upload, number)).status).toBe(200)
    }
    const done = await complete(app, ann.token, upload.id, { checksum_sha256: sha256(data) })
    expect(done.json.checksum_sha256).toBe(sha256(data))
  })

  test('that is aborted leaves nothing in the bucket', async () => {
    const upload = await openUpload(app, ann.token, DATA)
    await sendParts(app, ann.token, upload, [1])
    expect((await app.request('POST', `${SESSIONS}/${upload.id}/abort`, { token: ann.token })).status).toBe(
      200,
    )
    const client = s3Client(server)
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket.name }))
    client.destroy()
    expect(Uploads).toEqual([])
    expect((await putPart(app, upload, 2)).status).toBe(404)
  })
})

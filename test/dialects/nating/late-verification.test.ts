/** Files that are too large to be verified while the client waits: processing, then active or failed. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { Fault } from '../../../src/core/fault.ts'
import { failOnce } from '../../core/core-under-test.ts'
import { createTestApp, type TestAccount, type TestApp } from '../../support/app.ts'
import { type Bucket, newBucket } from '../../support/bucket.ts'
import { fixedClock } from '../../support/fixed-clock.ts'
import { CEPH, type S3Server, startS3 } from '../../support/s3.ts'
import { complete, openUpload, sampleBytes, sendParts, sha256 } from '../../support/upload.ts'

const DATA = sampleBytes(60_000)
const RIGHT = sha256(DATA)
const WRONG = '0'.repeat(64)
const go = new AbortController().signal

describe.skipIf(!CEPH)('a file that came with a checksum and is verified later', () => {
  let bucket: Bucket
  let app: TestApp
  let ann: TestAccount
  const clock = fixedClock()
  const open = (dir?: string) =>
    createTestApp({
      ...{ config: { storage: bucket.storage }, verifyInline: 1000, clock, firstId: dir ? 1000 : 0 },
      ...(dir !== undefined && { dir }),
    })
  beforeEach(async () => {
    bucket = await newBucket((await startS3()) as S3Server)
    app = await open()
    ann = await app.account('ann')
  }, 60_000)
  afterEach(async () => {
    expect(await app.problems()).toEqual([])
    await app.close()
  })

  const send = async (checksum: string): Promise<number> => {
    const upload = await openUpload(app, ann.token, DATA)
    await sendParts(app, ann.token, upload)
    const { status, json } = await complete(app, ann.token, upload.id, { checksum_sha256: checksum })
    expect([status, json.checksum_sha256]).toEqual([201, null])
    return json.file_id
  }
  const statusOf = async (id: number): Promise<string> =>
    (await app.request('GET', `/api/v1/files/${id}`, { token: ann.token })).json.file.status
  const link = (id: number) => app.request('GET', `/api/v1/downloads/${id}/link`, { token: ann.token })
  const slugOf = async (id: number): Promise<string> => (await app.metadata.files.find(id))?.slug ?? ''

  test('is there at once, and can be fetched when its bytes were found to be right', async () => {
    const id = await send(RIGHT)
    expect(await statusOf(id)).toBe('processing')
    expect((await link(id)).json).toEqual({ error: 'File not found.' })
    const page = await app.request('GET', `/${await slugOf(id)}`)
    expect([page.status, page.text.includes('still being verified')]).toEqual([404, true])
    expect(await app.core.verification.round(go)).toBe(1)
    expect(await statusOf(id)).toBe('active')
    const answer = await app.request('GET', (await link(id)).json.url)
    expect([answer.status, answer.headers.get('etag'), sha256(answer.bytes)]).toEqual([
      200,
      `"${RIGHT}"`,
      RIGHT,
    ])
    expect(await app.core.verification.round(go)).toBe(0)
  })

  test('is failed when they are not, cannot be fetched, and is gone with its bytes after a day', async () => {
    const id = await send(WRONG)
    const copy = await app.core.files.copy(ann.account, id, null)
    await app.core.verification.round(go)
    for (const file of [id, copy.id]) {
      expect(await statusOf(file)).toBe('failed')
      expect((await link(file)).status).toBe(404)
    }
    clock.advance(86_400)
    await app.core.sweeper.sweep()
    expect(await statusOf(id)).toBe('failed')
    clock.advance(1)
    await app.core.sweeper.sweep()
    expect((await app.request('GET', `/api/v1/files/${id}`, { token: ann.token })).status).toBe(404)
    expect(await app.core.accounts.get(ann.account.id)).toMatchObject({ storageUsed: 0 })
    expect(await Array.fromAsync(app.storage.list())).toEqual([])
  })

  test('is verified by the process that comes after one that died', async () => {
    const id = await send(RIGHT)
    const before = app
    app = await open(app.dir)
    const stop = new AbortController()
    const working = app.core.verification.work(stop.signal)
    while ((await statusOf(id)) === 'processing') await Bun.sleep(5)
    stop.abort()
    await working
    expect(await statusOf(id)).toBe('active')
    await before.close()
  })

  test('stays as it is while the bucket does not give its bytes, and when the work is stopped', async () => {
    const id = await send(RIGHT)
    failOnce(app.storage, 'open', new Fault('unavailable'))
    expect(await app.core.verification.round(go)).toBe(0)
    expect(await app.core.verification.round(AbortSignal.abort())).toBe(0)
    expect(await statusOf(id)).toBe('processing')
    clock.advance(31 * 86_400)
    await app.core.sweeper.sweep()
    expect(await app.core.verification.round(go)).toBe(1)
    expect(await statusOf(id)).toBe('active')
  })
})

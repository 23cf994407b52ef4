/** Uploads in a real bucket that no session and no writer owns: removed when they are old, and no others. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { CreateMultipartUploadCommand, type S3Client } from '@aws-sdk/client-s3'
import { createTestApp, type TestApp } from '../support/app.ts'
import { type Bucket, newBucket } from '../support/bucket.ts'
import { fixedClock } from '../support/fixed-clock.ts'
import { CEPH, type S3Server, s3Client, startS3 } from '../support/s3.ts'
import { openUpload, sampleBytes, uploadFile } from '../support/upload.ts'

const keyOf = (digit: string): string => `${digit}${digit}/${digit}${digit}/${digit.repeat(32)}`

describe.skipIf(!CEPH)('an upload in the bucket', () => {
  let bucket: Bucket
  let app: TestApp
  let client: S3Client
  // The bucket knows the real time only.
  const clock = fixedClock(new Date().toISOString())
  beforeAll(async () => {
    const server = (await startS3()) as S3Server
    bucket = await newBucket(server)
    client = s3Client(server)
    app = await createTestApp({ config: { storage: bucket.storage }, clock })
  }, 60_000)
  afterAll(async () => {
    client?.destroy()
    await app?.close()
  })
  const begin = async (Key: string) =>
    (await client.send(new CreateMultipartUploadCommand({ Bucket: bucket.name, Key }))).UploadId ?? ''
  const listed = async () =>
    (await Array.fromAsync(app.storage.listUploads())).map(({ upload }) => upload).toSorted()

  test('goes after an hour when nobody knows it, and stays when somebody does', async () => {
    const ann = await app.account('ann')
    const { id } = await openUpload(app, ann.token, sampleBytes(1000))
    const own = (await app.metadata.uploads.find(id))?.storageUpload ?? ''
    await app.metadata.objects.announce(keyOf('a'), clock.now())
    const beingWritten = await begin(keyOf('a'))
    const unknown = await begin(keyOf('b'))
    const foreign = await begin('not/ours')
    const all = [own, beingWritten, unknown].toSorted()
    await app.core.sweeper.sweep()
    expect(await listed()).toEqual(all)
    clock.advance(3500)
    await app.core.sweeper.sweep()
    expect(await listed()).toEqual(all)
    clock.advance(700)
    expect(await app.core.sweeper.sweep()).toMatchObject({ discarded: 1 })
    expect(await listed()).toEqual([own, beingWritten].toSorted())
    expect(foreign).not.toBe('')
    expect(await app.problems()).toEqual([])
  })

  test('of an object that is there already stays for a day, as long as another process may be moving it', async () => {
    const bob = await app.account('bob')
    await uploadFile(app, bob.token, sampleBytes(1000))
    const [object] = await app.metadata.objects.page(0, 1)
    const moving = await begin(object?.key ?? '')
    clock.advance(7200)
    await app.core.sweeper.sweep()
    expect(await listed()).toContain(moving)
    expect(await app.problems()).toEqual([])
    clock.advance(86_400)
    await app.core.sweeper.sweep()
    expect(await listed()).not.toContain(moving)
  })

  test('is told by check, and removed when it is asked to repair', async () => {
    const unknown = await begin(keyOf('c'))
    clock.advance(7200)
    const found = () => Array.fromAsync(app.core.check.run({ repair: true }))
    expect(await found()).toEqual([
      expect.objectContaining({ kind: 'orphan_staging', subject: unknown, repaired: true }),
    ])
    expect(await found()).toEqual([])
  })
})

/** The compiled binary with its files in a real bucket. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createPlace } from '../support/binary.ts'
import { newBucket, storageToml } from '../support/bucket.ts'
import { createContent } from '../support/content.ts'
import { CEPH, type S3Server, startS3 } from '../support/s3.ts'
import {
  completeUpload,
  createClient,
  downloadHash,
  downloadLink,
  getUpload,
  missingParts,
  must,
  openUpload,
  outOfOrder,
  sendPart,
  sendParts,
  signPart,
  uploadContent,
} from '../support/upload-client.ts'

const MiB = 2 ** 20
const SETTINGS = '[uploads]\npart_size = "5MiB"\n'

describe.skipIf(!CEPH)('kist serve on a bucket', () => {
  let server: S3Server
  beforeAll(async () => {
    server = (await startS3()) as S3Server
  }, 60_000)
  afterAll(() => server?.stop())

  test('takes an upload whose parts go straight to the bucket, and gives it back', async () => {
    await using place = createPlace({ settings: SETTINGS + storageToml(await newBucket(server)) })
    const kist = await place.serve()
    const client = createClient(kist.url, await place.token('ann'))
    const content = createContent(12 * MiB, 'on a bucket')
    const upload = await openUpload(client, content)
    expect(await signPart(client, upload, 1)).toStartWith(server.endpoints[0] ?? '')
    await sendParts(client, upload, outOfOrder(upload))
    const { json } = await must(201, completeUpload(client, upload, { checksum_sha256: content.sha256() }))
    expect(json.checksum_sha256).toBe(content.sha256())
    const link = await downloadLink(client, json.file_id)
    expect(await downloadHash(link, content.size, 5 * MiB + 1)).toBe(content.sha256())
    expect(await place.run(['check'])).toMatchObject({ code: 0, stdout: '' })
    expect(await kist.end('SIGTERM')).toBe(0)
  }, 60_000)

  test('makes and tries its bucket, says what it did, and does it again', async () => {
    const fresh = { ...(await newBucket(server)), name: '' }
    const bucket = `made-${process.pid}`
    const s3 = { ...fresh.storage.s3, bucket }
    await using place = createPlace({ settings: storageToml({ ...fresh, storage: { driver: 's3', s3 } }) })
    const kist = await place.serve({ ready: false })
    while (kist.logged('storage.bucket_unusable').length === 0) await Bun.sleep(20)
    expect(kist.logged('storage.bucket_unusable')[0]).toMatchObject({ level: 'error', kind: 'no_bucket' })
    const setup = [
      's3',
      'setup',
      '--origin',
      'https://files.example.com/',
      '--origin',
      'http://localhost:1234',
    ]
    const steps = (lines: string[]) => lines.map((line) => line.split('\t').slice(0, 2).join(' '))
    const first = await place.lines(setup)
    expect(steps(first)).toEqual([
      'bucket done',
      'object done',
      'parts done',
      'download done',
      'cors done',
      expect.stringMatching(/^lifecycle (done|warning)$/),
      'delete done',
    ])
    expect(first.join()).toContain('https://files.example.com, http://localhost:1234')
    expect(steps(await place.lines(setup))).toContain('bucket kept')
    expect(await place.run([...setup, '--origin', 'nonsense'])).toMatchObject({ code: 2, stdout: '' })
    const client = createClient(kist.url, await place.token('ann'))
    const content = createContent(1000, 'after the set-up')
    const link = await downloadLink(client, await uploadContent(client, content))
    const answer = await fetch(link)
    expect(Bun.SHA256.hash(await answer.bytes(), 'hex')).toBe(content.sha256())
    const preflight = await fetch(await signPart(client, await openUpload(client, content), 1), {
      method: 'OPTIONS',
      headers: { origin: 'https://files.example.com', 'access-control-request-method': 'PUT' },
    })
    expect(preflight.headers.get('access-control-allow-origin')).toBe('https://files.example.com')
    for (const text of [kist.stderr(), ...first]) expect(text).not.toContain(server.secretAccessKey)
  }, 60_000)

  test('killed in the middle of an upload, goes on with it after the restart', async () => {
    await using place = createPlace({ settings: SETTINGS + storageToml(await newBucket(server)) })
    let kist = await place.serve()
    const token = await place.token('ann')
    let client = createClient(kist.url, token)
    const before = createContent(MiB, 'from before')
    const earlier = await uploadContent(client, before)
    const content = createContent(23 * MiB, 'killed half way')
    const upload = await openUpload(client, content)
    await sendPart(client, upload, 2)
    await sendPart(client, upload, 5)
    await kist.end('SIGKILL')

    kist = await place.serve()
    client = createClient(kist.url, token)
    expect(await getUpload(client, upload)).toMatchObject({ status: 'uploading', completed_parts: 2 })
    await sendParts(client, upload, await missingParts(client, upload))
    const { json } = await must(201, completeUpload(client, upload))
    expect(json.checksum_sha256).toBeNull()
    for (const [id, sent] of [
      [json.file_id, content],
      [earlier, before],
    ] as const) {
      expect(await downloadHash(await downloadLink(client, id), sent.size, 7 * MiB)).toBe(sent.sha256())
    }
    expect(await place.run(['check'])).toMatchObject({ code: 0, stdout: '' })
  }, 60_000)
})

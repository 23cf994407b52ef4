/** A store of three machines that loses one of each kind in the middle of an upload. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type Balancer, startBalancer } from '../support/balancer.ts'
import { createPlace, type Place } from '../support/binary.ts'
import { newBucket, storageToml } from '../support/bucket.ts'
import { createContent } from '../support/content.ts'
import { CEPH, type S3Server, startS3 } from '../support/s3.ts'
import {
  type Answer,
  type Client,
  completeUpload,
  createClient,
  downloadHash,
  downloadLink,
  openUpload,
  outOfOrder,
  sendPart,
  type Upload,
} from '../support/upload-client.ts'

const MiB = 2 ** 20

describe.skipIf(!CEPH)('a cluster', () => {
  let store: S3Server
  let balancer: Balancer
  let place: Place
  beforeAll(async () => {
    store = (await startS3({ cluster: true })) as S3Server
    balancer = await startBalancer(store.endpoints)
    place = createPlace({
      settings: `[uploads]\npart_size = "5MiB"\n${storageToml(await newBucket(store, balancer.url))}`,
    })
  }, 120_000)
  afterAll(async () => {
    await place?.remove()
    await balancer?.stop()
    await store?.stop()
  }, 60_000)

  /** What a client does with a part that failed. */
  const sendPatiently = async (client: Client, upload: Upload, number: number): Promise<void> => {
    for (let tries = 1; ; tries++) {
      const failed = await sendPart(client, upload, number).then(
        () => null,
        (error: unknown) => error,
      )
      if (failed === null) return
      if (tries === 30) throw failed
      await Bun.sleep(500)
    }
  }
  const completePatiently = async (client: Client, upload: Upload, body: object): Promise<Answer> => {
    for (let tries = 1; ; tries++) {
      const answer = await completeUpload(client, upload, body)
      if (answer.status !== 503 || tries === 10) return answer
    }
  }

  test('that loses a disk, a monitor and a gateway by kill −9 keeps the upload going, and the bytes', async () => {
    const kist = await place.serve()
    const client = createClient(kist.url, await place.token('ann'))
    const content = createContent(62 * MiB, 'on a cluster')
    const upload = await openUpload(client, content)
    const [first, second, third, ...rest] = outOfOrder(upload)
    for (const [number = 0, daemon] of [
      [first, 'osd.1'],
      [second, 'mon.c'],
      [third, 'rgw.a'],
    ] as const) {
      await sendPatiently(client, upload, number)
      await store.kill(daemon)
    }
    for (const number of rest) await sendPatiently(client, upload, number)
    const done = await completePatiently(client, upload, { checksum_sha256: content.sha256() })
    expect([done.status, done.json?.checksum_sha256]).toEqual([201, content.sha256()])
    for (const daemon of ['osd.1', 'mon.c', 'rgw.a'] as const) await store.restart(daemon)
    const link = await downloadLink(client, done.json.file_id)
    expect(await downloadHash(link, content.size, 20 * MiB)).toBe(content.sha256())
    expect(await place.run(['check'])).toMatchObject({ code: 0, stdout: '' })
    expect(await kist.end('SIGTERM')).toBe(0)
  }, 180_000)
})

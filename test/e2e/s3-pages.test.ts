/** Pages of the compiled binary on a bucket, without a browser: previews and archives come from there. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import { createPlace, type Place } from '../support/binary.ts'
import { type BinarySite, binarySite } from '../support/binary-site.ts'
import { type Bucket, newBucket, storageToml } from '../support/bucket.ts'
import { pictureOf } from '../support/pictures.ts'
import { CEPH, type S3Server, s3Client, startS3 } from '../support/s3.ts'
import type { RunningServer } from '../support/server-process.ts'
import { sweepLater } from '../support/sweep.ts'
import { sampleBytes, sha256 } from '../support/upload.ts'

const MiB = 2 ** 20
const SETTINGS = '[uploads]\npart_size = "5MiB"\n[limits]\nrate_limits = false\n'
const UNZIP = Bun.which('unzip')

/** Of all objects in the bucket. */
async function sizesIn({ access, name }: Bucket): Promise<number[]> {
  const client = s3Client(access)
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: name }))
  client.destroy()
  return Contents.map(({ Size = 0 }) => Size)
}

describe.skipIf(!CEPH)('pages on a bucket', () => {
  let bucket: Bucket
  let place: Place
  let kist: RunningServer
  let site: BinarySite
  beforeAll(async () => {
    bucket = await newBucket((await startS3()) as S3Server)
    place = createPlace({ settings: SETTINGS + storageToml(bucket) })
    kist = await place.serve()
    site = await binarySite(place, kist)
  }, 60_000)
  afterAll(() => place?.remove())

  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    const end = performance.now() + 20_000
    while (!(await isSo())) {
      if (performance.now() > end) throw new Error('it never came to pass')
      await Bun.sleep(50)
    }
  }

  test.skipIf(!UNZIP)(
    'a folder comes as one archive of what is in the bucket',
    async () => {
      const folderId = await site.folder('Holiday')
      const files = [sampleBytes(3 * MiB, 4), sampleBytes(70_000, 5)]
      for (const [index, bytes] of files.entries()) await site.file({ name: `${index}.bin`, bytes, folderId })
      const page = await (await fetch(`${kist.url}/folder/${folderId}`)).text()
      const link = /href="(\/folder\/\d+\/~zip\/[^"]+)"/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? ''
      const answer = await fetch(kist.url + link)
      expect([link, answer.status]).toEqual([expect.stringContaining('/~zip/Holiday.zip'), 200])
      const archive = await answer.bytes()
      expect(answer.headers.get('content-length')).toBe(String(archive.length))
      const path = join(place.dir, 'out.zip')
      await Bun.write(path, archive)
      for (const [index, bytes] of files.entries()) {
        const unpacked = Bun.spawnSync(['unzip', '-p', path, `*${index}.bin`])
        expect([unpacked.exitCode, sha256(unpacked.stdout)]).toEqual([0, sha256(bytes)])
      }
      const rest = await fetch(kist.url + link, { headers: { range: 'bytes=1000000-' } })
      expect([rest.status, sha256(await rest.bytes())]).toEqual([206, sha256(archive.subarray(1_000_000))])
    },
    60_000,
  )

  test('a picture has its previews in the bucket, and they go with it', async () => {
    const bucket = await newBucket((await startS3()) as S3Server)
    await using place = createPlace({ settings: SETTINGS + storageToml(bucket) })
    const kist = await place.serve()
    const sizes = () => sizesIn(bucket)
    const bytes = await pictureOf('jpeg', 2400, 1800)
    const body = new FormData()
    body.append('file', new Blob([new Uint8Array(bytes)]), 'a.jpg')
    const sent = await fetch(`${kist.url}/api/upload`, { method: 'POST', body })
    const { file_url, key } = (await sent.json()) as { file_url: string; key: string }
    const slug = file_url.slice(0, 10)
    await until(async () => (await sizes()).length >= 3)
    for (const size of ['thumb', 'preview']) {
      const shown = await fetch(`${kist.url}/~preview/${slug}/${size}`)
      expect([shown.status, shown.headers.get('content-type')]).toEqual([200, 'image/webp'])
      expect(await sizes()).toContain((await shown.bytes()).length)
    }
    expect(await place.run(['check'])).toMatchObject({ code: 0, stdout: '' })
    const removed = await fetch(`${kist.url}/api/delete/${slug}?key=${key}`, { method: 'DELETE' })
    expect(removed.status).toBe(200)
    await sweepLater(place, bucket)
    expect(await sizes()).toEqual([])
    expect((await fetch(`${kist.url}/~preview/${slug}/thumb`)).status).toBe(404)
  }, 60_000)
})

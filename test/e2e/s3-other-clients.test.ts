/** The bucket of the compiled binary, read by programs of others: plain objects, whichever way the files came. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createPlace, type Place } from '../support/binary.ts'
import { type Bucket, newBucket, storageToml } from '../support/bucket.ts'
import { DOORS, type Door, openDoors } from '../support/doors.ts'
import { CEPH, type S3Server, startS3 } from '../support/s3.ts'
import { CURL, curl, RCLONE, rclone, S3CMD, s3cmd } from '../support/s3-clients.ts'
import { sampleBytes, sha256 } from '../support/upload.ts'

const MiB = 2 ** 20
const SETTINGS =
  '[uploads]\npart_size = "5MiB"\n[limits]\nrate_limits = false\n[remote_import]\nallow_private_addresses = true\n'
/** Several parts where they go straight to the bucket. */
const SIZES: Record<Door, number> = {
  'yetishare, file first': 33 * MiB,
  nating: 6 * MiB,
  yetishare: 1,
  uploader: 70_000,
  flamenet: MiB,
  import: MiB + 1,
}
const KEY = /^[0-9a-z]{2}\/[0-9a-z]{2}\/[0-9a-z]{32}$/

interface Listed {
  Path: string
  Size: number
  MimeType: string
}

describe.skipIf(!CEPH)('files in a bucket', () => {
  let bucket: Bucket
  let place: Place
  /** By the size of their file, which no two share. */
  const sent = new Map<number, { door: Door; bytes: Uint8Array }>()
  beforeAll(async () => {
    bucket = await newBucket((await startS3()) as S3Server)
    place = createPlace({ settings: SETTINGS + storageToml(bucket) })
    const doors = await openDoors(place, (await place.serve()).url)
    for (const [seed, door] of DOORS.entries()) {
      const bytes = sampleBytes(SIZES[door] + seed, seed + 1)
      await doors.put[door](bytes, `${door} 1.png`)
      sent.set(bytes.length, { door, bytes })
    }
  }, 60_000)
  afterAll(() => place?.remove())

  const fileOf = (size: number) => {
    const file = sent.get(size)
    if (!file) throw new Error(`nobody has sent ${size} bytes`)
    return file
  }
  const path = (key: string): string => `/${bucket.name}/${key}`
  const keys = async (): Promise<string[]> => {
    const lines = String(await s3cmd(bucket.access, 'ls', '-r', `s3://${bucket.name}`)).split('\n')
    return lines.filter((line) => line !== '').map((line) => line.split(`s3://${bucket.name}/`)[1] ?? '')
  }

  test.skipIf(!RCLONE)(
    'are objects of their type for rclone, with their bytes and nothing beside them',
    async () => {
      const answer = await rclone(bucket.access, 'lsjson', '-R', '--files-only', `ceph:${bucket.name}`)
      const listed = JSON.parse(String(answer)) as Listed[]
      expect(listed).toHaveLength(DOORS.length)
      for (const { Path, Size, MimeType } of listed) {
        const { door, bytes } = fileOf(Size)
        expect([door, MimeType]).toEqual([door, 'image/png'])
        expect(Path).toMatch(KEY)
        expect(sha256(await rclone(bucket.access, 'cat', `ceph:${bucket.name}/${Path}`))).toBe(sha256(bytes))
      }
    },
  )

  test.skipIf(!S3CMD)('are objects of their type for s3cmd', async () => {
    const all = await keys()
    expect(all).toHaveLength(DOORS.length)
    for (const key of all) {
      const info = String(await s3cmd(bucket.access, 'info', `s3://${bucket.name}/${key}`))
      const { door } = fileOf(Number(/File size:\s+(\d+)/.exec(info)?.[1]))
      expect([door, /MIME type:\s+(\S+)/.exec(info)?.[1]]).toEqual([door, 'image/png'])
    }
  })

  test.skipIf(!CURL || !S3CMD)('are attachments under their own names for curl', async () => {
    for (const key of await keys()) {
      const head = String(await curl(bucket.access, '-sI', path(key)))
      const { door, bytes } = fileOf(Number(/^content-length: (\d+)/im.exec(head)?.[1]))
      expect(head).toMatch(/^content-type: image\/png\r$/im)
      const disposition = /^content-disposition: (.*)\r$/im.exec(head)?.[1]
      expect([door, disposition]).toEqual([
        door,
        expect.stringContaining(`attachment; filename="${door} 1.png"`),
      ])
      expect(sha256(await curl(bucket.access, '-s', path(key)))).toBe(sha256(bytes))
    }
  })
})

/** The bucket as programs of others see it: plain objects under plain keys. */
import { describe, expect, test } from 'bun:test'
import { randomIds } from '../../../src/core/ids.ts'
import { bytesOf, md5Of, piecesOf, sha256Of } from '../../contract/byte-sources.ts'
import { CEPH } from '../../support/s3.ts'
import { CURL, curl, RCLONE, rclone, S3CMD, s3cmd } from '../../support/s3-clients.ts'
import { openBucket, withServer } from './bucket.ts'

withServer()

const BYTES = bytesOf(6 * 1024 ** 2)

async function filled() {
  const bucket = await openBucket({ ingestPartSize: 5 * 1024 ** 2 })
  const key = randomIds.objectKey()
  await bucket.driver.put(key, piecesOf(BYTES, 500_000), undefined, {
    name: 'a b.svg',
    mimeType: 'image/svg+xml',
  })
  const access = { ...bucket.options, endpoints: [bucket.options.endpoint] }
  return { bucket, key, access, name: bucket.options.bucket }
}

describe.skipIf(!CEPH)('objects of Kist', () => {
  test.skipIf(!RCLONE)('in rclone have key, size and type, and their bytes', async () => {
    const { bucket, key, access, name } = await filled()
    await using _ = bucket
    const listed = JSON.parse(String(await rclone(access, 'lsjson', '-R', '--files-only', `ceph:${name}`)))
    expect(listed).toEqual([
      expect.objectContaining({ Path: key, Size: BYTES.length, MimeType: 'image/svg+xml' }),
    ])
    expect(sha256Of(await rclone(access, 'cat', `ceph:${name}/${key}`))).toBe(sha256Of(BYTES))
  })

  test.skipIf(!S3CMD)('in s3cmd have size and type', async () => {
    const { bucket, key, access, name } = await filled()
    await using _ = bucket
    const info = String(await s3cmd(access, 'info', `s3://${name}/${key}`))
    expect(info).toContain(`File size: ${BYTES.length}`)
    expect(info).toContain('image/svg+xml')
  })

  test.skipIf(!CURL)('in curl are attachments under the name of the upload', async () => {
    const { bucket, key, access, name } = await filled()
    await using _ = bucket
    const head = String(await curl(access, '-sI', `/${name}/${key}`)).toLowerCase()
    expect(head).toContain('content-type: image/svg+xml')
    expect(head).toContain(`content-disposition: attachment; filename="a b.svg"`)
    expect(md5Of(await curl(access, '-s', `/${name}/${key}`))).toBe(md5Of(BYTES))
  })
})

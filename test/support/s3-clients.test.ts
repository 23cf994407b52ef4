import { beforeAll, describe, expect, test } from 'bun:test'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { CEPH, type S3Server, s3Client, startS3 } from './s3.ts'
import { CURL, curl, RCLONE, rclone, S3CMD, s3cmd } from './s3-clients.ts'

describe.skipIf(!CEPH)('a bucket', () => {
  let server: S3Server
  let bucket: string
  const content = Buffer.alloc(300_000, 'content ')

  beforeAll(async () => {
    server = (await startS3()) as S3Server
    bucket = await server.newBucket()
    const client = s3Client(server)
    const object = { Bucket: bucket, Key: 'a/key.png', Body: content, ContentType: 'image/png' }
    await client.send(new PutObjectCommand(object))
    client.destroy()
  }, 60_000)

  test.skipIf(RCLONE === null)('is seen by rclone', async () => {
    const listed = JSON.parse((await rclone(server, 'lsjson', '-R', `ceph:${bucket}`)).toString()) as object[]
    expect(listed).toContainEqual(
      expect.objectContaining({ Path: 'a/key.png', Size: content.length, MimeType: 'image/png' }),
    )
    expect((await rclone(server, 'cat', `ceph:${bucket}/a/key.png`)).equals(content)).toBe(true)
  })

  test.skipIf(S3CMD === null)('is seen by s3cmd', async () => {
    expect((await s3cmd(server, 'info', `s3://${bucket}/a/key.png`)).toString()).toMatch(
      /MIME type: *image\/png/,
    )
    const read = await s3cmd(server, 'get', '--no-progress', '--quiet', `s3://${bucket}/a/key.png`, '-')
    expect(read.equals(content)).toBe(true)
  })

  test.skipIf(CURL === null)('is seen by curl', async () => {
    const head = (await curl(server, '-sSfI', `/${bucket}/a/key.png`)).toString()
    expect(head).toMatch(/^content-type: image\/png\r$/im)
    expect((await curl(server, '-sSf', `/${bucket}/a/key.png`)).equals(content)).toBe(true)
  })

  test.skipIf(CURL === null)('is seen by nobody without the keys', async () => {
    const stranger = { ...server, secretAccessKey: 'guessed' }
    await expect(curl(stranger, '-sSf', `/${bucket}/a/key.png`)).rejects.toThrow('403')
  })
})

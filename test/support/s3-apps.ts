/** Imported before a suite, it has the apps of the suite keep their files in buckets of the test server. */
import { DeleteObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import { keepFilesIn } from './app.ts'
import { type Bucket, newBucket } from './bucket.ts'
import { CEPH, type S3Server, s3Client, startS3 } from './s3.ts'

const free: Bucket[] = []

/** A server has a thousand buckets at most. */
async function empty(client: S3Client, Bucket: string): Promise<void> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }))
  for (const { Key } of Contents) await client.send(new DeleteObjectCommand({ Bucket, Key }))
}

if (CEPH) {
  keepFilesIn(async () => {
    const server = (await startS3()) as S3Server
    const bucket = free.pop() ?? (await newBucket(server))
    const client = s3Client(server)
    return {
      storage: bucket.storage,
      async release() {
        await empty(client, bucket.name)
        client.destroy()
        free.push(bucket)
      },
    }
  })
}

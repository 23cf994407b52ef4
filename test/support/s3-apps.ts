/** Suites that were written for the disk, on buckets of the test server. */
import { afterAll, beforeAll } from 'bun:test'
import { DeleteObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import { keepFilesIn, type LeasedStorage } from './app.ts'
import { type Bucket, newBucket } from './bucket.ts'
import { type S3Server, s3Client, startS3 } from './s3.ts'

const free: Bucket[] = []

/** A server has a thousand buckets at most. */
async function empty(client: S3Client, Bucket: string): Promise<void> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }))
  for (const { Key } of Contents) await client.send(new DeleteObjectCommand({ Bucket, Key }))
}

/** Has the apps of this test file, and of no other, keep their files in buckets of the test server. */
export function appsOnS3(): void {
  beforeAll(() => keepFilesIn(leaseBucket))
  afterAll(() => keepFilesIn(null))
}

async function leaseBucket(): Promise<LeasedStorage> {
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
}

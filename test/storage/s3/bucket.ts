/** A driver on a bucket of its own. Callers are inside describe.skipIf(!CEPH). */
import { afterAll, beforeAll } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StorageDriver } from '../../../src/core/storage.ts'
import { type S3Options, s3Driver } from '../../../src/storage/s3/s3-driver.ts'
import { CEPH, startS3 } from '../../support/s3.ts'

export interface Bucket extends AsyncDisposable {
  driver: StorageDriver
  options: S3Options
}

const spoolDirs = new Set<string>()

/** To be called at the top of a test file: starting the server takes longer than a test may. */
export const withServer = (): void => {
  if (!CEPH) return
  beforeAll(async () => void (await startS3()), 60_000)
  afterAll(async () => {
    for (const dir of spoolDirs) await rm(dir, { recursive: true, force: true })
  })
}

async function newSpoolDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'kist-spool-'))
  spoolDirs.add(dir)
  return dir
}

/** What a driver needs for a new bucket on the server that the tests share. */
export async function bucketOptions(): Promise<S3Options> {
  const server = await startS3()
  if (!server) throw new Error('there is no S3 server')
  const { endpoints, region, accessKeyId, secretAccessKey } = server
  return {
    endpoint: endpoints[0] ?? '',
    region,
    accessKeyId,
    secretAccessKey,
    bucket: await server.newBucket(),
    spoolDir: await newSpoolDir(),
  }
}

/** `await using` closes the driver; the bucket goes with the server. */
export async function openBucket(changes: Partial<S3Options> = {}): Promise<Bucket> {
  const options = { ...(await bucketOptions()), ...changes }
  const driver = await s3Driver(options)
  return {
    driver,
    options,
    async [Symbol.asyncDispose]() {
      await driver.close()
      await rm(options.spoolDir, { recursive: true, force: true })
    },
  }
}

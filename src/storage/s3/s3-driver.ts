/** StorageDriver on an S3-compatible store. Objects are plain objects of the bucket, under the keys of core. */
import type { StorageDriver } from '../../core/storage.ts'
import { directAccess } from './direct.ts'
import { ingest } from './ingest.ts'
import { checkKey, s3Objects } from './objects.ts'
import type { S3Options } from './options.ts'
import { prepareSpool } from './spool.ts'
import { openStore } from './store.ts'
import { s3Uploads } from './uploads.ts'

export type { S3Options, S3Timeouts } from './options.ts'

/** Of S3; smaller parts are refused when the upload is completed. */
const MIN_PART_SIZE = 5 * 1024 ** 2

/**
 * Opens the store. Nothing is asked of it yet (checkS3 does that). Throws the system's error when the spool
 * directory cannot be used.
 */
export async function s3Driver(options: S3Options): Promise<StorageDriver> {
  await prepareSpool(options.spoolDir, options.recover ?? false)
  const store = openStore(options)
  return {
    name: 's3',
    minPartSize: MIN_PART_SIZE,
    direct: directAccess(store),
    async put(key, body, limit = Number.POSITIVE_INFINITY, description) {
      checkKey(key)
      return ingest(store, { key, description }, body, limit)
    },
    ...s3Objects(store),
    ...s3Uploads(store),
    freeBytes: () => Promise.resolve(null),
    giveUp: () => store.availability.giveUp(),
    async close() {
      store.close()
    },
  }
}

/** The contract of StorageDriver on a real S3 server. */
import { describe } from 'bun:test'
import { storageDriverContract } from '../../contract/storage-driver.contract.ts'
import type { OpenedDriver } from '../../contract/storage-tools.ts'
import { storageUploadsContract } from '../../contract/storage-uploads.contract.ts'
import { CEPH } from '../../support/s3.ts'
import { openBucket, withServer } from './bucket.ts'

withServer()

const traits = { partSize: 5 * 1024 ** 2, tinyParts: false, hashesUnasked: false }

const open = (partChecksums: boolean) => async (): Promise<OpenedDriver> => {
  const opened = await openBucket({ partChecksums })
  return { driver: opened.driver, cleanup: async () => await opened[Symbol.asyncDispose]() }
}

describe.skipIf(!CEPH)('on Ceph', () => {
  storageDriverContract('s3', open(false), traits)
  storageUploadsContract('s3 with checksums of parts', open(true), traits)
})

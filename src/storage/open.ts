/** The storage of an installation: the local disk, and beside it the bucket that is configured, if there is one. */
import type { Ids } from '../core/ids.ts'
import type { Log } from '../core/log.ts'
import type { StorageDriver } from '../core/storage.ts'
import { localDriver } from './local/local-driver.ts'
import type { S3Options } from './s3/options.ts'
import { twoStores } from './two-stores.ts'

export interface StorageOptions {
  /** Of the local disk. */
  dir: string
  /** Where new bytes go. */
  driver: 'local' | 's3'
  /** Null when there is no bucket. */
  s3: Omit<S3Options, 'recover' | 'ids' | 'log'> | null
  /** Set by the one process that owns the data directory. */
  recover: boolean
  ids: Ids
  log: Log
}

/** The stores one by one, for whoever moves bytes from one to the other. */
export interface OpenedStorage {
  storage: StorageDriver
  local: StorageDriver
  /** Null when there is no bucket. */
  remote: StorageDriver | null
}

/** Nothing is asked of the bucket here: it may be out of reach for a while. */
export async function openStorage({ dir, driver, s3, ...owner }: StorageOptions): Promise<OpenedStorage> {
  const local = await localDriver({ dir, ...owner })
  if (!s3) return { storage: local, local, remote: null }
  // Loaded for those only who have a bucket: it is a large piece of code.
  const { s3Driver } = await import('./s3/s3-driver.ts')
  const remote = { ...(await s3Driver({ ...s3, ...owner })), describes: true }
  const target = driver === 's3' ? 'remote' : 'local'
  return { storage: twoStores({ local, remote, target }), local, remote }
}

/** A local driver in a directory of its own, and what tests look at around it. */
import { readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomIds } from '../../../src/core/ids.ts'
import type { StorageDriver, UploadRef } from '../../../src/core/storage.ts'
import { type LocalOptions, localDriver } from '../../../src/storage/local/local-driver.ts'

export interface TemporaryStorage extends AsyncDisposable {
  dir: string
  driver: StorageDriver
}

/** `await using` removes it at the end of the block. */
export async function temporaryStorage(options: Partial<LocalOptions> = {}): Promise<TemporaryStorage> {
  const dir = options.dir ?? (await mkdtemp(join(tmpdir(), 'kist-local-')))
  const driver = await localDriver({ ...options, dir })
  return {
    dir,
    driver,
    async [Symbol.asyncDispose]() {
      await driver.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

export async function startUpload(driver: StorageDriver, size: number, partSize: number): Promise<UploadRef> {
  const key = randomIds.objectKey()
  return { key, upload: await driver.createUpload(key, { size, partSize }), size, partSize }
}

/** Open files of this process. */
export const openFiles = (): number => readdirSync('/proc/self/fd').length

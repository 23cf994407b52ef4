/** The contract of StorageDriver, run on every driver there is. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { localDriver } from '../../src/storage/local/local-driver.ts'
import { storageDriverContract } from './storage-driver.contract.ts'

storageDriverContract(
  'local',
  async () => {
    const dir = await mkdtemp(join(tmpdir(), 'kist-storage-'))
    const driver = await localDriver({ dir, recover: true })
    return {
      driver,
      async cleanup() {
        await driver.close()
        await rm(dir, { recursive: true })
      },
    }
  },
  { partSize: 64 * 1024, tinyParts: true, hashesUnasked: true },
)

/** Downloads without a network: a client that takes as much of an answer as the test says. */
import type { Account, FileRecord } from '../../src/core/model.ts'
import type { TrafficClient } from '../../src/core/traffic.ts'
import type { Transfer } from '../../src/core/transfer.ts'
import { sampleBytes } from '../support/upload.ts'
import type { CoreUnderTest } from './core-under-test.ts'
import { bytesOf } from './upload-steps.ts'

export interface Stage {
  product: CoreUnderTest
  /** Of whoever has the files, and fetches nothing. */
  owner: Account
  file(size?: number, uses?: number): Promise<FileRecord>
  /** A guest at this address. */
  guest(ip?: string): TrafficClient
  /** What guests may do from now on. */
  limit(values: Record<string, string | number>): Promise<void>
  /** Begins an answer with the whole file or `length` bytes from `start` on. */
  begin(client: TrafficClient, file: FileRecord, start?: number, length?: number): Promise<Transfer>
  /** Fetches it to the end. */
  fetch(client: TrafficClient, file: FileRecord, start?: number, length?: number): Promise<void>
  /** The file as it is now. */
  now(file: FileRecord): Promise<FileRecord>
}

export async function trafficStage(product: CoreUnderTest, ownerName = 'owner'): Promise<Stage> {
  const { traffic, packages } = product.core
  const { metadata } = product
  const owner = await product.account(ownerName)
  const begin: Stage['begin'] = async (client, file, start = 0, length = file.size - start) =>
    (await traffic.begin(client, file, { start, length }, async () => new Blob([]))).transfer
  return {
    product,
    owner,
    begin,
    async file(size = 1000, uses) {
      const content = { name: 'film.mkv', leastSize: 25, mimeType: 'video/x-matroska', folderId: null, uses }
      const more = { visibility: 1 as const, uploadedIp: null, source: 'api' as const }
      const { file } = await product.core.ingest.receive(
        owner,
        { ...content, ...more },
        bytesOf(sampleBytes(25)),
      )
      // The client is told another size, so that no test has to write megabytes.
      return { ...file, size }
    },
    guest: (ip = '192.0.2.1') => ({ accountId: null, packageId: null, ip }),
    async limit(values) {
      const text = Object.entries(values).map(([key, value]) => [key, String(value)])
      await packages.set('Guest', Object.fromEntries(text))
    },
    async fetch(client, file, start = 0, length = file.size - start) {
      const transfer = await begin(client, file, start, length)
      transfer.end({ bytes: length, completed: true })
    },
    async now({ id }) {
      await product.core.traffic.flush()
      const found = await metadata.files.find(id)
      if (!found) throw new Error('the file is gone')
      return found
    },
  }
}

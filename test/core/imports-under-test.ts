/** Imports on real records, a real disk and real connections to sources on this machine; the clock stands still. */
import { afterEach, expect } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Core, createCore } from '../../src/core/core.ts'
import type { ImportSettings } from '../../src/core/imports.ts'
import type { MetadataStore } from '../../src/core/metadata.ts'
import type { Account, FileRecord, RemoteImport } from '../../src/core/model.ts'
import type { StorageDriver } from '../../src/core/storage.ts'
import { openMetadata } from '../../src/metadata/open.ts'
import { type HttpFetcherOptions, httpFetcher } from '../../src/remote/http-fetcher.ts'
import { localDriver } from '../../src/storage/local/local-driver.ts'
import { countingIds } from '../support/counting-ids.ts'
import { type FixedClock, fixedClock } from '../support/fixed-clock.ts'
import { plainPasswords, type RecordingLog, recordingLog } from './core-under-test.ts'

export interface ImportsUnderTest {
  core: Core
  metadata: MetadataStore
  storage: StorageDriver
  clock: FixedClock
  log: RecordingLog
  account: Account
  /** Asks for a URL. */
  add(url: string, folderId?: number): Promise<RemoteImport>
  /** Runs what is due; returns the import as it is then. */
  run(id: number): Promise<RemoteImport>
  /** Runs all attempts, with the time that lies between them. */
  runToTheEnd(id: number): Promise<RemoteImport>
  /** Asks and runs to the end. */
  fetch(url: string): Promise<RemoteImport>
  /** The file of a complete import, with its bytes. */
  result(item: RemoteImport): Promise<{ file: FileRecord; bytes: Uint8Array }>
  /** Nothing is kept: no file, no bytes, no announced key, and check finds nothing wrong. */
  expectNothingKept(): Promise<void>
  /** The same records and bytes as another process sees them. */
  otherProcess(): Promise<Core>
}

export interface ImportsOptions {
  settings?: Partial<ImportSettings>
  fetcher?: Partial<HttpFetcherOptions>
  limits?: Record<string, string>
  storage?: (driver: StorageDriver) => StorageDriver
  metadata?: (store: MetadataStore) => MetadataStore
  blockedExtensions?: string[]
}

const LARGEST = 10 * 1024 ** 2

/** A function that opens products; each is closed and its folder removed after the test. */
export function importsUnderTest(): (options?: ImportsOptions) => Promise<ImportsUnderTest> {
  const opened: Array<() => Promise<void>> = []
  afterEach(async () => {
    for (const close of opened.splice(0)) await close()
  })
  return async (options = {}) => {
    const dir = mkdtempSync(join(tmpdir(), 'kist-imports-'))
    const records = await openMetadata({ path: ':memory:' })
    const metadata = options.metadata?.(records) ?? records
    const driver = await localDriver({ dir, ids: countingIds(1000) })
    const storage = options.storage?.(driver) ?? driver
    opened.push(async () => {
      await driver.close()
      await records.close()
      rmSync(dir, { recursive: true, force: true })
    })
    return product({ metadata, storage }, options)
  }
}

async function product(
  parts: Pick<ImportsUnderTest, 'metadata' | 'storage'>,
  options: ImportsOptions,
): Promise<ImportsUnderTest> {
  const clock = fixedClock()
  const log = recordingLog()
  const fetcher = httpFetcher({ allowPrivateAddresses: true, ...options.fetcher })
  let processes = 0
  const start = () =>
    createCore({
      ...parts,
      passwords: plainPasswords,
      fetcher,
      clock,
      ids: countingIds(1_000_000 * processes++),
      log,
      settings: settingsOf(options),
    })
  const core = await start()
  await core.packages.add('Test', options.limits ?? {})
  const account = await core.accounts.create({ name: 'ann', password: 'correct horse', packageName: 'Test' })
  return {
    ...parts,
    ...steps({ ...parts, core, clock, account }),
    core,
    clock,
    log,
    account,
    otherProcess: start,
  }
}

const settingsOf = ({ settings, blockedExtensions = [] }: ImportsOptions) => ({
  uploads: {
    partSize: 65_536,
    sessionTtl: 7200,
    minFree: 0,
    enabled: true,
    guests: true,
    blockedExtensions,
  },
  idempotencyTtl: 86_400,
  defaultPackage: 'Free',
  imports: { enabled: true, maxSize: LARGEST, retrySeconds: 0.01, tickSeconds: 0.01, ...settings },
  trashTtl: 30 * 86_400,
  guestBytesPerDay: 0,
})

type Parts = Pick<ImportsUnderTest, 'core' | 'metadata' | 'storage' | 'clock' | 'account'>

function steps({ core, metadata, storage, clock, account }: Parts) {
  const found = async (id: number): Promise<RemoteImport> => {
    const item = await metadata.imports.find(id)
    if (!item) throw new Error('The import is gone.')
    return item
  }
  const add = (url: string, folderId: number | null = null) =>
    core.imports.add(account, { urlBase64: Buffer.from(url).toString('base64'), folderId })
  const run = async (id: number): Promise<RemoteImport> => {
    expect(await core.imports.runNext(new AbortController().signal)).toBe(true)
    return found(id)
  }
  const runToTheEnd = async (id: number): Promise<RemoteImport> => {
    for (;;) {
      const item = await run(id)
      if (item.status !== 'pending') return item
      clock.advance(3600)
    }
  }
  return {
    add,
    run,
    runToTheEnd,
    fetch: async (url: string) => runToTheEnd((await add(url)).id),
    async result(item: RemoteImport) {
      expect(item).toMatchObject({ status: 'complete', errorMessage: null })
      const stored = await metadata.files.findWithObject(item.fileId ?? 0)
      if (!stored) throw new Error('The file is missing.')
      const bytes = new Uint8Array(await new Response(await storage.open(stored.object.key)).arrayBuffer())
      return { file: stored.file, bytes }
    },
    async expectNothingKept() {
      const keys = await Array.fromAsync(storage.list())
      const announced = await metadata.objects.announced(new Date(8.64e15), 10)
      expect({ keys, announced }).toEqual({ keys: [], announced: [] })
      expect(await metadata.files.list(account.id, null)).toEqual([])
      expect(await Array.fromAsync(core.check.run({ repair: false }))).toEqual([])
    },
  }
}

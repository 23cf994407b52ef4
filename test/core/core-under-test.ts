/** The product without its wires: real records in memory, real bytes in a folder, a clock that stands still. */

import { afterEach, expect, spyOn } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Core, type CoreSettings, createCore } from '../../src/core/core.ts'
import { Fault, type FaultCode, isFault } from '../../src/core/fault.ts'
import type { Ids } from '../../src/core/ids.ts'
import type { Log } from '../../src/core/log.ts'
import type { MetadataStore } from '../../src/core/metadata.ts'
import type { Account, Principal } from '../../src/core/model.ts'
import type { PasswordHasher } from '../../src/core/passwords.ts'
import type { PreviewMaker } from '../../src/core/preview-maker.ts'
import type { RemoteFetcher } from '../../src/core/remote.ts'
import type { StorageDriver } from '../../src/core/storage.ts'
import { openMetadata } from '../../src/metadata/open.ts'
import { localDriver } from '../../src/storage/local/local-driver.ts'
import { countingIds } from '../support/counting-ids.ts'
import { type FixedClock, fixedClock } from '../support/fixed-clock.ts'

export interface CoreUnderTest {
  core: Core
  metadata: MetadataStore
  storage: StorageDriver
  clock: FixedClock
  ids: Ids
  log: RecordingLog
  /** Where the bytes are. */
  dir: string
  /** An account of a package without limits, or of the named one. */
  account(name: string, packageName?: string): Promise<Account>
  /** The product as it is after a restart: another process on the same records and bytes. */
  restart(): Promise<Core>
  /** What check finds, as `kind subject`. */
  problems(repair?: boolean): Promise<string[]>
}

export interface CoreOptions {
  uploads?: Partial<CoreSettings['uploads']>
  defaultPackage?: string
  passwords?: PasswordHasher
  guestBytesPerDay?: number
  previewMaker?: PreviewMaker
  /** Puts something before the driver. */
  storage?: (driver: StorageDriver) => StorageDriver
}

/** Passwords that are their own hash: for tests that are not about passwords. */
export const plainPasswords: PasswordHasher = {
  hash: async (password) => `plain:${password}`,
  verify: async (password, hash) => hash === `plain:${password}`,
  close() {},
}

/** Nothing is fetched from anywhere. */
const noNetwork: RemoteFetcher = { open: () => Promise.reject(new Fault('url_refused')) }

export const PART_SIZE = 100
export const SESSION_TTL = 7200

/** A function that opens products; each is closed and its folder removed after the test. */
export function coresUnderTest(): (options?: CoreOptions) => Promise<CoreUnderTest> {
  const opened: Array<() => Promise<void>> = []
  afterEach(async () => {
    for (const close of opened.splice(0)) await close()
  })
  return async (options = {}) => {
    const dir = mkdtempSync(join(tmpdir(), 'kist-core-'))
    const clock = fixedClock()
    const metadata = await openMetadata({ path: ':memory:', clock })
    const ids = countingIds()
    const driver = await localDriver({ dir, ids })
    const storage = options.storage?.(driver) ?? driver
    const under = await product({ metadata, storage, ids, dir, clock }, options)
    opened.push(async () => {
      await under.core.traffic.close()
      await under.core.audit.close()
      await storage.close()
      await metadata.close()
      rmSync(dir, { recursive: true, force: true })
    })
    return under
  }
}

async function product(
  parts: Pick<CoreUnderTest, 'metadata' | 'storage' | 'ids' | 'dir' | 'clock'>,
  {
    uploads,
    passwords = plainPasswords,
    defaultPackage = 'Free',
    guestBytesPerDay = 0,
    previewMaker,
  }: CoreOptions,
): Promise<CoreUnderTest> {
  const log = recordingLog()
  const settings: CoreSettings = {
    uploads: {
      partSize: PART_SIZE,
      sessionTtl: SESSION_TTL,
      minFree: 0,
      enabled: true,
      guests: true,
      blockedExtensions: ['EXE'],
      ...uploads,
    },
    idempotencyTtl: 86_400,
    defaultPackage,
    imports: { enabled: true, maxSize: 1_000_000 },
    trashTtl: 30 * 86_400,
    guestBytesPerDay,
  }
  const start = () =>
    createCore({
      ...{ ...parts, passwords, fetcher: noNetwork, log, settings },
      previewMaker: previewMaker ?? null,
    })
  const core = await start()
  return {
    ...parts,
    core,
    log,
    account: (name, packageName = 'Admin') =>
      core.accounts.create({ name, password: 'correct horse', packageName }),
    restart: start,
    problems: (repair = false) => problems(core, repair),
  }
}

async function problems(core: Core, repair: boolean): Promise<string[]> {
  const found: string[] = []
  for await (const { kind, subject } of core.check.run({ repair })) found.push(`${kind} ${subject}`)
  return found
}

export interface RecordingLog extends Log {
  /** `level event` of every line. */
  events: string[]
}

export function recordingLog(): RecordingLog {
  const events: string[] = []
  const at = (level: string) => (event: string) => void events.push(`${level} ${event}`)
  return { events, info: at('info'), warn: at('warn'), error: at('error') }
}

/** The caller an account is when it comes with a token. */
export const principalOf = (account: Account): Principal & { account: Account } => ({
  actor: `user:${account.id}`,
  account,
  tokenId: null,
  scopes: null,
  ip: '127.0.0.1',
})

export const guest: Principal = {
  actor: 'guest:127.0.0.1',
  account: null,
  tokenId: null,
  scopes: null,
  ip: '127.0.0.1',
}

/** What the process would see of a disk or database that fails. */
export const outage = (): Error => Object.assign(new Error('input/output error'), { code: 'EIO' })
export const OUTAGE = expect.objectContaining({ code: 'EIO' })

/** The next call of a method of a real part fails; later calls work again. */
export function failOnce<Part extends object>(
  part: Part,
  method: keyof Part & string,
  error: unknown = outage(),
) {
  const spy = spyOn(part as Record<string, () => Promise<never>>, method)
  spy.mockImplementationOnce(() => Promise.reject(error))
}

/** What a promise is rejected with. Unlike `rejects` it lets threads and disks do their work meanwhile. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if ('error' in outcome) return outcome.error
  throw new Error(`expected a failure, got ${JSON.stringify(outcome.value)}`)
}

/** The Fault of one of the given codes that a promise ends with. */
export async function faultOf(promise: Promise<unknown>, ...codes: FaultCode[]): Promise<Fault> {
  const error = await errorOf(promise)
  if (!isFault(error, ...codes)) throw error
  return error
}

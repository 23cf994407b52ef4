/** Files fetched from a URL: asked for now, fetched by whichever process has room, shown while it goes on. */
import { type Clock, plusSeconds } from './clock.ts'
import { Fault } from './fault.ts'
import type { Ids } from './ids.ts'
import { type AttemptSettings, attemptImport } from './import-attempt.ts'
import { LEASE_SECONDS } from './import-lease.ts'
import { readImportUrl } from './import-url.ts'
import type { IngestService } from './ingest.ts'
import type { Log } from './log.ts'
import type { MetadataStore } from './metadata.ts'
import type { Account, FileRecord, RemoteImport } from './model.ts'
import type { PackageService } from './packages.ts'
import { pause } from './pause.ts'
import type { RemoteFetcher } from './remote.ts'

export interface ImportSettings extends Partial<AttemptSettings> {
  enabled: boolean
  /** Largest file in bytes. */
  maxSize: number
}

export interface ImportService {
  /**
   * Notes that a file is to be fetched into a folder of the account, already looked up. `urlBase64` as in
   * readImportUrl. Faults: imports_disabled, invalid (url), upload_refused, too_many_imports.
   */
  add(account: Account, request: { urlBase64: string; folderId: number | null }): Promise<RemoteImport>

  /** With the file once complete, unless that is gone again. Someone else's is import_not_found. */
  status(account: Account, id: number): Promise<{ item: RemoteImport; file: FileRecord | null }>

  /** The latest first. */
  list(account: Account): Promise<RemoteImport[]>

  /** An ended one stays as it is. Fault: import_not_found. */
  cancel(account: Account, id: number): Promise<RemoteImport>

  /**
   * Takes the next import that is due and works on it until it is complete, failed or put off; false when
   * none is due. Aborting `stop` puts it off for the next process, unless its last byte has arrived.
   */
  runNext(stop: AbortSignal): Promise<boolean>

  /** Runs one import after the other until `stop` is aborted and the last one is put down. Never throws. */
  work(stop: AbortSignal): Promise<void>
}

export interface ImportDeps {
  metadata: MetadataStore
  ingest: IngestService
  packages: PackageService
  fetcher: RemoteFetcher
  clock: Clock
  ids: Ids
  log: Log
  settings: ImportSettings
}

const HOUR = 3600
const DEFAULTS = { maxSeconds: 6 * HOUR, retrySeconds: 1, tickSeconds: 1 }
/** Seconds between two looks for imports that are due again, or that another process left. */
const POLL_SECONDS = 1
const MOST_LISTED = 100

export function createImports(deps: ImportDeps): ImportService {
  const { metadata, packages, clock, ids, log, settings } = deps
  const boot = ids.secret(8)
  let begun = 0
  const attempt = { ...deps, settings: { ...DEFAULTS, ...settings } }
  const resting = new Set<() => void>()

  const runNext = async (stop: AbortSignal): Promise<boolean> => {
    if (stop.aborted) return false
    const now = clock.now()
    // Another name each time: what this process lost by being too slow, it has lost to itself too.
    const holder = `${boot}/${++begun}`
    const item = await metadata.imports.claim(holder, now, plusSeconds(now, LEASE_SECONDS))
    if (!item) return false
    await attemptImport(attempt, holder, item, stop)
    return true
  }

  const runSafely = async (stop: AbortSignal): Promise<boolean> => {
    try {
      return await runNext(stop)
    } catch (error) {
      log.error('import_worker_failed', { cause: error instanceof Error ? error.stack : String(error) })
      return false
    }
  }

  /** Until something is added, or a while. */
  const rest = async (stop: AbortSignal): Promise<void> => {
    const woken = new AbortController()
    const wake = (): void => woken.abort()
    resting.add(wake)
    stop.addEventListener('abort', wake)
    await pause(stop.aborted ? 0 : POLL_SECONDS, woken.signal)
    stop.removeEventListener('abort', wake)
    resting.delete(wake)
  }

  return {
    async add(account, { urlBase64, folderId }) {
      if (!settings.enabled) throw new Fault('imports_disabled')
      const url = readImportUrl(urlBase64)
      const pkg = await packages.of(account)
      if (!pkg.canUpload) throw new Fault('upload_refused')
      const item = { accountId: account.id, folderId, url, createdAt: clock.now() }
      const created = await metadata.imports.create(item, pkg.maxRemoteDownloadUrls)
      for (const wake of resting) wake()
      return created
    },

    async status(account, id) {
      const item = await metadata.imports.find(id)
      if (item?.accountId !== account.id) throw new Fault('import_not_found')
      return { item, file: item.fileId === null ? null : await metadata.files.find(item.fileId) }
    },

    list: (account) => metadata.imports.list(account.id, MOST_LISTED),

    cancel: (account, id) => metadata.imports.cancel(account.id, id, clock.now()),

    runNext,

    async work(stop) {
      while (!stop.aborted) {
        if (!(await runSafely(stop))) await rest(stop)
      }
    },
  }
}

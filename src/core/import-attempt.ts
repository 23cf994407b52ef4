/** One attempt at one import: from the first request to the source until the file exists, or does not. */
import { type Clock, plusSeconds } from './clock.ts'
import { Fault, type FaultCode, isFault } from './fault.ts'
import { cleanFilename } from './filename.ts'
import type { Ids } from './ids.ts'
import { resumingBody } from './import-body.ts'
import { keepLease, LEASE_SECONDS, type Progress } from './import-lease.ts'
import type { IngestService } from './ingest.ts'
import type { Log } from './log.ts'
import type { MetadataStore } from './metadata.ts'
import type { Account, FileRecord, RemoteImport } from './model.ts'
import { RemoteError, type RemoteFetcher, type RemoteFile } from './remote.ts'

export interface AttemptSettings {
  /** Largest file in bytes. */
  maxSize: number
  /** Seconds one attempt may take, however steadily bytes arrive. */
  maxSeconds: number
  /** Seconds before the second attempt and the first continuation; doubled with every further one. */
  retrySeconds: number
  /** Seconds between two looks at the progress. */
  tickSeconds: number
}

export interface AttemptDeps {
  metadata: MetadataStore
  ingest: IngestService
  fetcher: RemoteFetcher
  clock: Clock
  ids: Ids
  log: Log
  settings: AttemptSettings
}

/** Attempts that may fail for reasons that pass. */
const MAX_ATTEMPTS = 5
/** Attempts at all: more begin only when processes die of it. */
const MAX_BEGUN = 20
/** Longest wait a source may ask for. */
const MAX_RETRY_AFTER = 3600

/** Situations of ours, not of the source, that may pass. */
const PASSING: FaultCode[] = ['no_space', 'storage_full', 'unavailable', 'conflict', 'uploads_disabled']

/** Why an attempt ended although nothing failed. */
class Interruption extends Error {
  readonly why: 'stopped' | 'lost' | 'overtime'

  constructor(why: Interruption['why']) {
    super(`The import was interrupted: ${why}.`)
    this.name = 'Interruption'
    this.why = why
  }
}

/**
 * Works on an import whose lease `holder` has until it is complete, failed, postponed, or no longer ours.
 * Aborting `stop` postpones it, unless its last byte has arrived. Throws only when the store does.
 */
export async function attemptImport(
  deps: AttemptDeps,
  holder: string,
  item: RemoteImport,
  stop: AbortSignal,
): Promise<void> {
  const { metadata, clock, log, settings } = deps
  const store = metadata.imports
  const ended = new AbortController()
  const interrupt = (why: Interruption['why']): void => ended.abort(new Interruption(why))
  const stopped = (): void => interrupt('stopped')
  stop.addEventListener('abort', stopped, { once: true })
  const overtime = setTimeout(() => interrupt('overtime'), settings.maxSeconds * 1000)
  const progress: Progress = { receivedBytes: 0, totalBytes: 0 }
  const released = new AbortController()
  const lease = { store, clock, log, holder, tickSeconds: settings.tickSeconds }
  const kept = keepLease(lease, item.id, progress, {
    released: released.signal,
    lost: () => interrupt('lost'),
  })
  try {
    if (stop.aborted) stopped()
    const file = await fetchFile(deps, holder, item, progress, ended.signal)
    await release()
    await store.finish(item.id, holder, file.id, clock.now())
    log.info('import_complete', { import: item.id, account: item.accountId, size: file.size })
  } catch (error) {
    await release()
    await settle(deps, holder, item, ended.signal.aborted ? ended.signal.reason : error)
  } finally {
    // Also lets go of a source that was opened and never read.
    interrupt('stopped')
    clearTimeout(overtime)
    stop.removeEventListener('abort', stopped)
  }

  function release(): Promise<void> {
    released.abort()
    return kept
  }
}

async function fetchFile(
  deps: AttemptDeps,
  holder: string,
  item: RemoteImport,
  progress: Progress,
  signal: AbortSignal,
): Promise<FileRecord> {
  const { fetcher, ingest, settings } = deps
  if (item.attempts > MAX_BEGUN) throw new Fault('internal', 'The download was interrupted too often.')
  const owner = await activeOwner(deps.metadata, item)
  const source = await fetcher.open(item.url, { offset: 0, ifRange: null, signal })
  progress.totalBytes = source.size ?? 0
  const guard = createSizeGuard(settings.maxSize, source.size)
  let failure: { error: unknown } | null = null

  async function* body(): AsyncGenerator<Uint8Array, void, undefined> {
    const received = (bytes: number): void => {
      progress.receivedBytes += bytes
      guard(progress.receivedBytes)
    }
    try {
      const resumeSeconds = settings.retrySeconds
      yield* resumingBody({ fetcher, signal, resumeSeconds, received }, item.url, source)
      await beginProcessing(deps, holder, item, progress)
    } catch (error) {
      // The storage has its own words for what goes wrong with a stream; what it was is known here.
      failure = { error }
      throw error
    }
  }
  try {
    const received = await ingest.receive(owner, newContent(item, source), body())
    return received.file
  } catch (error) {
    throw thrownIn(failure) ?? error
  }
}

const thrownIn = (failure: { error: unknown } | null): unknown => failure?.error

/** Suspended accounts get no new files. */
async function activeOwner(metadata: MetadataStore, item: RemoteImport): Promise<Account> {
  const owner = await metadata.accounts.find(item.accountId)
  if (owner?.status !== 'active') throw new Fault('forbidden', 'The account is not active.')
  return owner
}

/** Refuses what is announced to be too large before a byte is read, and the rest at the first byte too many. */
function createSizeGuard(maxSize: number, announced: number | null): (bytes: number) => void {
  const guard = (bytes: number): void => {
    if (bytes > maxSize)
      throw new Fault('file_too_large', 'The file is larger than a remote download may be.')
  }
  guard(announced ?? 0)
  return guard
}

/** All bytes are here: shows that, and makes sure that nobody else is about to make the same file. */
async function beginProcessing(
  { metadata, clock }: AttemptDeps,
  holder: string,
  item: RemoteImport,
  progress: Progress,
): Promise<void> {
  const leaseUntil = plusSeconds(clock.now(), LEASE_SECONDS)
  progress.totalBytes = progress.receivedBytes
  const isOurs =
    (await metadata.imports.renew(item.id, holder, { ...progress }, leaseUntil)) &&
    (await metadata.imports.beginProcessing(item.id, holder))
  if (!isOurs) throw new Interruption('lost')
}

const newContent = (item: RemoteImport, source: RemoteFile) => ({
  name: usableName(source.names),
  mimeType: source.mimeType,
  folderId: item.folderId,
  source: 'remote' as const,
  uploadedIp: null,
  leastSize: source.size ?? 0,
})

function usableName(names: string[]): string {
  for (const name of names) {
    try {
      return cleanFilename(name)
    } catch (error) {
      if (!isFault(error, 'invalid')) throw error
    }
  }
  return 'download'
}

interface Verdict {
  message: string
  retryable: boolean
  retryAfter: number | null
}

/** Writes down what became of an attempt that made no file. */
async function settle(deps: AttemptDeps, holder: string, item: RemoteImport, error: unknown): Promise<void> {
  const { metadata, clock, log } = deps
  const store = metadata.imports
  const interruption = error instanceof Interruption ? error.why : null
  if (interruption === 'lost') return log.warn('import_lost', { import: item.id })
  if (interruption === 'stopped') return store.postpone(item.id, holder, clock.now())
  const { message, retryable, retryAfter } = judge(error)
  const fields = { import: item.id, account: item.accountId, attempt: item.attempts, message }
  if (!retryable || item.attempts >= MAX_ATTEMPTS) {
    log.warn('import_failed', { ...fields, cause: causeOf(error) })
    return store.fail(item.id, holder, message, clock.now())
  }
  const seconds = retryDelay(deps, item.attempts, retryAfter)
  log.info('import_postponed', { ...fields, seconds, cause: causeOf(error) })
  await store.postpone(item.id, holder, plusSeconds(clock.now(), seconds))
}

function judge(error: unknown): Verdict {
  if (error instanceof RemoteError) return error
  if (error instanceof Interruption)
    return { message: 'The download took too long.', retryable: false, retryAfter: null }
  if (isFault(error))
    return { message: error.message, retryable: PASSING.includes(error.code), retryAfter: null }
  return { message: 'Internal error.', retryable: true, retryAfter: null }
}

const causeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const isExpected = error instanceof RemoteError || error instanceof Fault || error instanceof Interruption
  return error.cause !== undefined
    ? String(error.cause)
    : isExpected
      ? error.name
      : (error.stack ?? error.name)
}

/** Doubled each time, and up to a quarter longer so that what failed together does not return together. */
function retryDelay({ ids, settings }: AttemptDeps, attempts: number, retryAfter: number | null): number {
  const backoff = settings.retrySeconds * 2 ** (attempts - 1)
  const jitter = Number.parseInt(ids.secret(2).slice(-4), 16) / 0xffff / 4
  return Math.max(backoff * (1 + jitter), Math.min(retryAfter ?? 0, MAX_RETRY_AFTER))
}

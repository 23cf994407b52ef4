/** One attempt at one import: from the first request to the source until the file exists, or does not. */
import { type Clock, plusSeconds } from './clock.ts'
import { Fault, isFault } from './fault.ts'
import { cleanFilename } from './filename.ts'
import type { Ids } from './ids.ts'
import { resumingBody } from './import-body.ts'
import { keepLease, LEASE_SECONDS, type Progress } from './import-lease.ts'
import { Interruption, settle } from './import-verdict.ts'
import type { IngestService } from './ingest.ts'
import type { Log } from './log.ts'
import type { MetadataStore } from './metadata.ts'
import type { Account, FileRecord, RemoteImport } from './model.ts'
import type { RemoteFetcher, RemoteFile } from './remote.ts'

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

/** Attempts at all: more begin only when processes die of it. */
const MAX_BEGUN = 20

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
  const { metadata, log, settings } = deps
  const ending = createEnding(stop, settings.maxSeconds)
  const progress: Progress = { receivedBytes: 0, totalBytes: 0 }
  const released = new AbortController()
  const kept = keepLease({ ...deps, store: metadata.imports, holder, ...settings }, item.id, progress, {
    released: released.signal,
    lost: () => ending.interrupt('lost'),
  })
  try {
    const file = await fetchFile(deps, holder, item, progress, ending.signal).catch((error: unknown) =>
      settle(deps, holder, item, ending.signal.aborted ? ending.signal.reason : error),
    )
    if (!file) return
    log.info('import_complete', { import: item.id, account: item.accountId, size: file.size })
  } finally {
    ending.dispose()
    released.abort()
    await kept
  }
}

interface Ending {
  /** Aborted with an Interruption. */
  signal: AbortSignal
  interrupt(why: Interruption['why']): void
  /** Also lets go of a source that was opened and never read. */
  dispose(): void
}

function createEnding(stop: AbortSignal, maxSeconds: number): Ending {
  const ended = new AbortController()
  const interrupt = (why: Interruption['why']): void => ended.abort(new Interruption(why))
  const stopped = (): void => interrupt('stopped')
  const overtime = setTimeout(() => interrupt('overtime'), maxSeconds * 1000)
  stop.addEventListener('abort', stopped)
  if (stop.aborted) stopped()
  return {
    signal: ended.signal,
    interrupt,
    dispose() {
      clearTimeout(overtime)
      stop.removeEventListener('abort', stopped)
      stopped()
    },
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
    const completes = { importId: item.id, holder }
    const received = await ingest.receive(owner, { ...newContent(item, source), completes }, body())
    return received.file
  } catch (error) {
    throw thrownIn(failure) ?? (isFault(error, 'import_not_found') ? new Interruption('lost') : error)
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

/** All bytes are here: shows that, and does not store them when somebody else has the import by now. */
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
  numbered: true,
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

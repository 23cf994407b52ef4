/** What becomes of an attempt at an import that made no file. */
import { type Clock, plusSeconds } from './clock.ts'
import { Fault, type FaultCode, isFault } from './fault.ts'
import type { Ids } from './ids.ts'
import type { Log } from './log.ts'
import type { MetadataStore } from './metadata.ts'
import type { RemoteImport } from './model.ts'
import { RemoteError } from './remote.ts'

export interface VerdictDeps {
  metadata: MetadataStore
  clock: Clock
  ids: Ids
  log: Log
  settings: {
    /** Seconds before the second attempt; doubled with every further one. */
    retrySeconds: number
  }
}

/** Attempts that may fail for reasons that pass. */
const MAX_ATTEMPTS = 5
/** And for reasons of ours: with the pauses between them a store may be away for nearly half an hour. */
const MAX_OWN_ATTEMPTS = 20
/** Seconds between two attempts at most, unless the source asks for more. */
const LONGEST_PAUSE = 120
/** Longest wait a source may ask for. */
const MAX_RETRY_AFTER = 3600

/** Situations of ours, not of the source, that may pass. */
const PASSING: FaultCode[] = ['no_space', 'storage_full', 'unavailable', 'conflict', 'uploads_disabled']

/** Why an attempt ended although nothing failed. */
export class Interruption extends Error {
  readonly why: 'stopped' | 'lost' | 'overtime'

  constructor(why: Interruption['why']) {
    super(`The import was interrupted: ${why}.`)
    this.name = 'Interruption'
    this.why = why
  }
}

interface Verdict {
  message: string
  /** How many attempts may end like this. */
  attempts: number
  retryAfter: number | null
}

/** Writes down that an import failed, or when it is tried again. Throws only when the store does. */
export async function settle(
  deps: VerdictDeps,
  holder: string,
  item: RemoteImport,
  error: unknown,
): Promise<void> {
  const { metadata, clock, log } = deps
  const store = metadata.imports
  const interruption = error instanceof Interruption ? error.why : null
  if (interruption === 'lost') return log.warn('import_lost', { import: item.id })
  if (interruption === 'stopped') return store.postpone(item.id, holder, clock.now())
  const { message, attempts, retryAfter } = judge(error)
  const fields = { import: item.id, account: item.accountId, attempt: item.attempts, message }
  if (item.attempts >= attempts) {
    log.warn('import_failed', { ...fields, cause: causeOf(error) })
    return store.fail(item.id, holder, message, clock.now())
  }
  const seconds = retryDelay(deps, item.attempts, retryAfter)
  log.info('import_postponed', { ...fields, seconds, cause: causeOf(error) })
  await store.postpone(item.id, holder, plusSeconds(clock.now(), seconds))
}

function judge(error: unknown): Verdict {
  if (error instanceof RemoteError) {
    const { message, retryable, retryAfter } = error
    return { message, attempts: retryable ? MAX_ATTEMPTS : 1, retryAfter }
  }
  if (error instanceof Interruption)
    return { message: 'The download took too long.', attempts: 1, retryAfter: null }
  if (!isFault(error)) return { message: 'Internal error.', attempts: MAX_ATTEMPTS, retryAfter: null }
  const attempts = PASSING.includes(error.code) ? MAX_OWN_ATTEMPTS : 1
  return { message: error.message, attempts, retryAfter: null }
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

/** Doubled each time up to two minutes, and up to a quarter longer so that what failed together does not return together. */
function retryDelay({ ids, settings }: VerdictDeps, attempts: number, retryAfter: number | null): number {
  const backoff = Math.min(LONGEST_PAUSE, settings.retrySeconds * 2 ** (attempts - 1))
  const jitter = Number.parseInt(ids.secret(2).slice(-4), 16) / 0xffff / 4
  return Math.max(backoff * (1 + jitter), Math.min(retryAfter ?? 0, MAX_RETRY_AFTER))
}

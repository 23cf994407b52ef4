/** Keeps an import ours while we work on it, and tells the account how far it is. */
import { type Clock, plusSeconds } from './clock.ts'
import type { Log } from './log.ts'
import type { ImportStore } from './metadata.ts'
import { pause } from './pause.ts'

/** Seconds after which the import of a process that died is anyone's. */
export const LEASE_SECONDS = 20
/** Seconds between two renewals when there is no progress to record. */
const RENEW_SECONDS = 5

export interface Progress {
  receivedBytes: number
  /** 0 while unknown. */
  totalBytes: number
}

export interface LeaseDeps {
  store: ImportStore
  clock: Clock
  log: Log
  /** Names this process. */
  holder: string
  /** Seconds between two looks at the progress. */
  tickSeconds: number
}

/**
 * Renews the lease of import `id` until `released` is aborted; resolves then. Calls `lost` when somebody else
 * has it now, it was cancelled, or the store could not be told for as long as the lease lasts.
 */
export async function keepLease(
  { store, clock, log, holder, tickSeconds }: LeaseDeps,
  id: number,
  progress: Readonly<Progress>,
  { released, lost }: { released: AbortSignal; lost: () => void },
): Promise<void> {
  let renewedAt = clock.now()
  let recorded = 0
  for (;;) {
    await pause(tickSeconds, released)
    if (released.aborted) return
    const now = clock.now()
    const isDue = now >= plusSeconds(renewedAt, RENEW_SECONDS)
    if (progress.receivedBytes === recorded && !isDue) continue
    const current = { ...progress }
    try {
      if (!(await store.renew(id, holder, current, plusSeconds(now, LEASE_SECONDS)))) return lost()
      renewedAt = now
      recorded = current.receivedBytes
    } catch (error) {
      log.warn('import_lease_not_renewed', { import: id, cause: String(error) })
      if (now >= plusSeconds(renewedAt, LEASE_SECONDS)) return lost()
    }
  }
}

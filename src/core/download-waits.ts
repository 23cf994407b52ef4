/**
 * The wait before a download where no page hands out tokens for it: whoever asks is told to come back, and may
 * have the file when the wait is over. Kept in memory; a restart begins the wait anew.
 */
import type { Clock } from './clock.ts'
import { Fault } from './fault.ts'
import type { Downloader } from './model.ts'
import { clientKey, RESUME_SECONDS } from './open-downloads.ts'

export interface DownloadWaits {
  /** Fault: not_yet with the seconds that are left. */
  require(client: Downloader, fileId: number, seconds: number): void
}

/** Beyond these the oldest are forgotten and wait anew. */
const MOST_WAITING = 50_000

export function createDownloadWaits(clock: Clock): DownloadWaits {
  const asked = new Map<string, number>()
  const begin = (key: string, now: number): void => {
    asked.delete(key)
    asked.set(key, now)
    const oldest = asked.keys().next().value
    if (asked.size > MOST_WAITING && oldest !== undefined) asked.delete(oldest)
  }
  return {
    require(client, fileId, seconds) {
      if (seconds === 0) return
      const key = `${clientKey(client)} ${fileId}`
      const now = clock.now().getTime()
      const since = asked.get(key)
      const passed = since === undefined ? -1 : (now - since) / 1000
      const isKnown = passed >= 0 && passed < seconds + RESUME_SECONDS
      if (!isKnown) begin(key, now)
      const left = isKnown ? seconds - passed : seconds
      if (left > 0) throw new Fault('not_yet', undefined, { retryAfter: Math.ceil(left) })
    },
  }
}

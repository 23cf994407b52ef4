/** Rate limits over a sliding minute, held in memory: exact, and forgotten by a restart. */
import type { Clock } from './clock.ts'
import { Fault } from './fault.ts'

const WINDOW_MS = 60_000

/** One thing that is counted: at most `limit` within any 60 seconds. */
export interface Allowance {
  key: string
  limit: number
  /** Shown when it is used up. */
  message?: string
}

export interface Limiter {
  /**
   * Counts one request against each allowance, or against none when one of them is used up.
   * Fault: rate_limited with the seconds until the first use leaves the window.
   */
  take(allowances: Allowance[]): void
}

/** Does not limit: for private installations and tests. */
export const noLimits: Limiter = { take() {} }

export function createLimiter(clock: Clock): Limiter {
  const uses = new Map<string, number[]>()
  let lastTidied = 0

  /** A clock that was set back must not lock anybody out: times to come are forgotten too. */
  const recent = (key: string, now: number): number[] => {
    const times = uses.get(key) ?? []
    const isRecent = (time: number): boolean => time > now - WINDOW_MS && time <= now
    // They are in order: each is added when none is later.
    return [times.at(0) ?? now, times.at(-1) ?? now].every(isRecent) ? times : times.filter(isRecent)
  }
  const tidy = (now: number): void => {
    if (Math.abs(now - lastTidied) < WINDOW_MS) return
    lastTidied = now
    for (const key of uses.keys()) if (recent(key, now).length === 0) uses.delete(key)
  }
  return {
    take(allowances) {
      const now = clock.now().getTime()
      tidy(now)
      for (const { key, limit, message } of allowances) {
        const times = recent(key, now)
        uses.set(key, times)
        if (times.length < limit) continue
        const oldest = times[times.length - limit] ?? now
        throw new Fault('rate_limited', message, { retryAfter: Math.ceil((oldest + WINDOW_MS - now) / 1000) })
      }
      for (const { key } of allowances) uses.get(key)?.push(now)
    },
  }
}

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

  const recent = (key: string, now: number): number[] => {
    const times = uses.get(key) ?? []
    const firstKept = times.findIndex((time) => time > now - WINDOW_MS)
    return firstKept === 0 ? times : firstKept < 0 ? [] : times.slice(firstKept)
  }
  const tidy = (now: number): void => {
    if (now - lastTidied < WINDOW_MS) return
    lastTidied = now
    for (const [key, times] of uses) if ((times.at(-1) ?? 0) <= now - WINDOW_MS) uses.delete(key)
  }
  return {
    take(allowances) {
      const now = clock.now().getTime()
      tidy(now)
      for (const { key, limit, message } of allowances) {
        const times = recent(key, now)
        uses.set(key, times)
        const oldest = times.at(-limit)
        if (times.length < limit || oldest === undefined) continue
        throw new Fault('rate_limited', message, { retryAfter: Math.ceil((oldest + WINDOW_MS - now) / 1000) })
      }
      for (const { key } of allowances) uses.get(key)?.push(now)
    },
  }
}

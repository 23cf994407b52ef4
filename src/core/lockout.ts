/** Guessing is stopped: five failures within fifteen minutes, whatever the rate limits say. In memory. */
import type { Clock } from './clock.ts'

const MOST_FAILURES = 5
const WINDOW_MS = 15 * 60_000

export interface Lockout {
  /** True while `key` has failed too often. */
  isLocked(key: string): boolean
  failed(key: string): void
  succeeded(key: string): void
}

export function createLockout(clock: Clock): Lockout {
  const failures = new Map<string, number[]>()
  const recent = (key: string): number[] => {
    const since = clock.now().getTime() - WINDOW_MS
    return (failures.get(key) ?? []).filter((time) => time > since)
  }
  const tidy = (): void => {
    for (const key of failures.keys()) if (recent(key).length === 0) failures.delete(key)
  }
  return {
    isLocked: (key) => recent(key).length >= MOST_FAILURES,
    failed(key) {
      if (failures.size >= 10_000) tidy()
      failures.set(key, [...recent(key), clock.now().getTime()].slice(-MOST_FAILURES))
    },
    succeeded: (key) => void failures.delete(key),
  }
}

import type { Clock } from '../../src/core/clock.ts'

export interface FixedClock extends Clock {
  /** Moves the time on, by seconds. */
  advance(seconds: number): void
}

/** Stands still until it is told to move. */
export function fixedClock(start = '2030-01-01T00:00:00Z'): FixedClock {
  let now = Date.parse(start)
  return {
    now: () => new Date(now),
    advance(seconds) {
      now += seconds * 1000
    },
  }
}

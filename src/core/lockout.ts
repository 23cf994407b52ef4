/** Guessing is stopped: five failures within fifteen minutes, whatever the rate limits say. In memory. */
import type { Clock } from './clock.ts'
import { Fault, isFault } from './fault.ts'

/** The cause of a refusal for having failed too often; for the audit log, never for the one who asks. */
export const LOCKED_OUT = 'locked out'

const MOST_FAILURES = 5
const WINDOW_MS = 15 * 60_000
/** Keys with failures that are looked through for old ones when there are more. */
const MANY_KEYS = 10_000

export interface Lockout {
  /**
   * Runs an attempt to sign in, unless `key` has failed too often: that is bad_credentials too. Attempts of one
   * key run one after the other: of many guesses made at once only the first five are looked at.
   */
  attempt<Result>(key: string, run: () => Promise<Result>): Promise<Result>
}

export function createLockout(clock: Clock): Lockout {
  const failures = new Map<string, number[]>()
  const turns = new Map<string, Promise<void>>()

  const recent = (key: string): number[] => {
    const since = clock.now().getTime() - WINDOW_MS
    return (failures.get(key) ?? []).filter((time) => time > since)
  }
  const tidy = (): void => {
    for (const key of failures.keys()) if (recent(key).length === 0) failures.delete(key)
  }
  const note = (key: string): void => {
    if (failures.size >= MANY_KEYS) tidy()
    failures.set(key, [...recent(key), clock.now().getTime()].slice(-MOST_FAILURES))
  }

  const guarded = async <Result>(key: string, run: () => Promise<Result>): Promise<Result> => {
    if (recent(key).length >= MOST_FAILURES)
      throw new Fault('bad_credentials', undefined, { cause: LOCKED_OUT })
    try {
      const result = await run()
      failures.delete(key)
      return result
    } catch (error) {
      if (isFault(error, 'bad_credentials')) note(key)
      throw error
    }
  }

  return {
    async attempt(key, run) {
      const result = (turns.get(key) ?? Promise.resolve()).then(() => guarded(key, run))
      const turn = result.then(
        () => undefined,
        () => undefined,
      )
      turns.set(key, turn)
      try {
        return await result
      } finally {
        if (turns.get(key) === turn) turns.delete(key)
      }
    },
  }
}

/** Trying again: exponential pauses with jitter, bounded in time. */
import type { Ids } from '../../core/ids.ts'
import type { Availability } from './availability.ts'
import { isStoreError, isTransient } from './store-error.ts'

const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 3000

export interface RetryPolicy {
  /** Milliseconds from the first failure on. */
  within: number
  ids: Pick<Ids, 'secret'>
}

/** Between half and the whole of a pause that doubles each time, so that those who failed together part. */
export function pauseBefore(attempt: number, ids: Pick<Ids, 'secret'>): number {
  const most = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt)
  const jitter = Number.parseInt(ids.secret(2), 16) / 0xffff
  return most * (0.5 + jitter / 2)
}

/** Runs `attempt` until it succeeds, fails for good, or the time is over; then its last error is thrown. */
export async function withRetries<T>(policy: RetryPolicy, attempt: () => Promise<T>): Promise<T> {
  let deadline = 0
  for (let failures = 0; ; failures++) {
    try {
      return await attempt()
    } catch (error) {
      deadline ||= performance.now() + policy.within
      const pause = pauseBefore(failures, policy.ids)
      if (!isTransient(error) || performance.now() + pause > deadline) throw error
      await Bun.sleep(pause)
    }
  }
}

/**
 * Repeats for all operations on one store. When one is given up and nothing has gone well since it began, the store
 * is down: from then on each operation is tried once, so that callers hear of it at once, until one succeeds. A store
 * that hangs is not even tried: its availability says when it is back.
 */
export function sharedRetries(
  { within, ids }: RetryPolicy,
  store: Availability,
): <T>(work: () => Promise<T>) => Promise<T> {
  let isDown = false
  const answered = (): void => {
    store.answered()
    isDown = false
  }
  const noted = async <T>(work: () => Promise<T>): Promise<T> => {
    store.check()
    const begunAt = performance.now()
    try {
      const result = await work()
      answered()
      return result
    } catch (error) {
      if (isStoreError(error, 'Timeout')) store.hung(begunAt)
      else if (isStoreError(error) && !isTransient(error)) answered()
      throw error
    }
  }
  return async (work) => {
    const begunAt = performance.now()
    const isTriedOnce = isDown || !store.isAnswering
    try {
      return await store.unlessGivenUp(() =>
        withRetries({ within: isTriedOnce ? 0 : within, ids }, () => noted(work)),
      )
    } catch (error) {
      if (isTransient(error) && !store.hasAnsweredSince(begunAt)) isDown = true
      throw error
    }
  }
}

/** At most `limit` pieces of work at one time; the others wait in order. */
export function slots(limit: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: Array<() => void> = []
  let free = limit
  return async (work) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}

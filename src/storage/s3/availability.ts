/**
 * Whether the store answers. One that refuses connections says so at once; one that takes them and never answers
 * costs each caller the time of a request, unless it is known that it hangs.
 */
import { Fault } from '../../core/fault.ts'
import type { Log } from '../../core/log.ts'
import { StoreError } from './store-error.ts'

export interface Availability {
  /** False from when the store is known to hang, or is given up, until it answers. */
  readonly isAnswering: boolean
  /** Throws StoreError, one that may pass, while the store hangs; the Fault unavailable once it is given up. */
  check(): void
  /** The store has answered, be it with a refusal. */
  answered(): void
  /** Whether it has answered anything since this moment of `performance.now()`. */
  hasAnsweredSince(moment: number): boolean
  /** A request begun at that moment got no answer in its time. */
  hung(begunAt: number): void
  /** As `work` ends, or the Fault unavailable once the store is given up. */
  unlessGivenUp<T>(work: () => Promise<T>): Promise<T>
  /** All that waits for the store ends, and all that comes: for the end of the process. */
  giveUp(): void
}

export interface AvailabilityOptions {
  /** Asks the store for a trifle; whether it answered as a store does. Bounded in time, never rejects. */
  probe(): Promise<boolean>
  log: Log
  pause?: (milliseconds: number) => Promise<void>
}

/** Requests in a row that hang before the store is suspected; the probe decides. */
const SUSPICIOUS = 2
const PROBE_EVERY_MS = 1000

export function availability({ probe, log, pause = Bun.sleep }: AvailabilityOptions): Availability {
  let answeredAt = Number.NEGATIVE_INFINITY
  let hungInRow = 0
  let hangs = false
  let isWatched = false
  let isGivenUp = false
  const waiting = new Set<(error: Fault) => void>()

  const answered = (): void => {
    answeredAt = performance.now()
    hungInRow = 0
    if (hangs) log.info('storage.s3_answers_again')
    hangs = false
  }

  const hasAnsweredSince = (moment: number): boolean => answeredAt >= moment

  /** Asks until there is an answer, to this or to another request. */
  const watch = async (): Promise<void> => {
    isWatched = true
    for (let begunAt = performance.now(); !isGivenUp; begunAt = performance.now()) {
      if (await probe()) answered()
      if (hasAnsweredSince(begunAt)) break
      if (!hangs) log.warn('storage.s3_hangs', {})
      hangs = true
      await pause(PROBE_EVERY_MS)
    }
    isWatched = false
  }

  return {
    get isAnswering() {
      return !hangs && !isGivenUp
    },
    check() {
      if (isGivenUp) throw stopped()
      if (hangs) throw new StoreError('Probe', 'NoAnswer')
    },
    answered,
    hasAnsweredSince,
    hung(begunAt) {
      if (hasAnsweredSince(begunAt)) return
      hungInRow += 1
      if (hungInRow >= SUSPICIOUS && !isWatched) void watch()
    },
    unlessGivenUp<T>(work: () => Promise<T>) {
      if (isGivenUp) return Promise.reject(stopped())
      return new Promise<T>((resolve, reject) => {
        waiting.add(reject)
        const settled = (): void => void waiting.delete(reject)
        work().then(resolve, reject).then(settled, settled)
      })
    },
    giveUp() {
      isGivenUp = true
      for (const reject of waiting) reject(stopped())
      waiting.clear()
    },
  }
}

const stopped = (): Fault => new Fault('unavailable', 'The service is shutting down.')

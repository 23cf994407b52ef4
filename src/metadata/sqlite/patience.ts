/** Waiting for another process's lock without stopping the event loop, as SQLite's own waiting would. */
import { isBusy } from './faults.ts'

const FIRST_PAUSE = 2
const LONGEST_PAUSE = 50

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))

/** Repeats `attempt` while the database is locked, for at most `milliseconds`; then its error is thrown. */
export async function patiently<T>(attempt: () => T, milliseconds: number): Promise<T> {
  const deadline = performance.now() + milliseconds
  for (let wait = FIRST_PAUSE; ; wait = Math.min(wait * 2, LONGEST_PAUSE)) {
    try {
      return attempt()
    } catch (error) {
      if (!isBusy(error) || performance.now() >= deadline) throw error
    }
    await pause(wait)
  }
}

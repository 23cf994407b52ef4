/** Work that is too dear to be done many times at once. */
import { Fault } from './fault.ts'

/** A wrapper: so many pieces of work at a time, so many waiting. Fault: unavailable, when more would wait. */
export function turns(
  most: number,
  mostWaiting: number,
  retrySeconds: number,
): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: Array<() => void> = []
  let running = 0
  return async (work) => {
    if (running >= most) {
      if (waiting.length >= mostWaiting)
        throw new Fault('unavailable', undefined, { retryAfter: retrySeconds })
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running += 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
}

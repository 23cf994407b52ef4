/** Tells slow senders from dead ones. */

export interface StallWatch {
  /** The promise, or the error when the window ends first. */
  wait<T>(promise: Promise<T>): Promise<T>
  received(bytes: number): void
}

/**
 * In every `seconds` of waiting at least `leastBytes` must arrive. Only time spent in `wait` counts: what is
 * done with the bytes in between is not the sender's fault.
 */
export function createStallWatch(seconds: number, leastBytes: number, stalled: () => Error): StallWatch {
  let waited = 0
  let received = 0
  return {
    async wait<T>(promise: Promise<T>): Promise<T> {
      const started = performance.now()
      const overdue = Promise.withResolvers<never>()
      const timer = setTimeout(() => overdue.reject(stalled()), Math.max(0, seconds * 1000 - waited))
      try {
        return await Promise.race([promise, overdue.promise])
      } finally {
        clearTimeout(timer)
        waited += performance.now() - started
      }
    },
    received(bytes) {
      received += bytes
      if (received < leastBytes) return
      waited = 0
      received = 0
    },
  }
}

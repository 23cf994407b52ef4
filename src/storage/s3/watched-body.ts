/** A request body that notices when the store stops taking it. */

export interface WatchedBody {
  body: ReadableStream<Uint8Array>
  /** Ends the request: the store has stalled, or the bytes have failed. */
  signal: AbortSignal
  /** To be called when the request has ended. */
  end(): void
}

/**
 * Gives what `next` gives, until null, as the store takes it. Only the store's pauses count, not those of `next`:
 * longer than `limit` milliseconds, between two chunks or before the answer, and the request is ended.
 */
export function watchedBody(limit: number, next: () => Promise<Uint8Array | null>): WatchedBody {
  const connection = new AbortController()
  let timer: Timer | undefined
  const stalled = (): void => connection.abort(new DOMException('too slow', 'TimeoutError'))
  let open = true
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        clearTimeout(timer)
        try {
          const chunk = await next()
          if (chunk) controller.enqueue(chunk)
          else controller.close()
        } catch (error) {
          connection.abort()
          throw error
        }
        if (open) timer = setTimeout(stalled, limit)
      },
    },
    { highWaterMark: 0 },
  )
  // Until the first chunk is asked for the connection is made.
  timer = setTimeout(stalled, limit)
  return {
    body,
    signal: connection.signal,
    end() {
      open = false
      clearTimeout(timer)
    },
  }
}

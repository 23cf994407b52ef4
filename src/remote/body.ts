/** The bytes of an answer, watched: slow sources live, dead ones are cut, early ends are noticed. */
import { RemoteError } from '../core/remote.ts'
import type { Exchange } from './exchange.ts'
import { transportError } from './transport-errors.ts'

/** Fewer bytes than this in an idle time count as none. */
const LEAST_BYTES = 1024

export interface BodyPlan {
  /** Announced by the answer, null when it did not. */
  length: number | null
  /** Seconds of waiting in which some bytes must arrive; time spent storing them does not count. */
  idleSeconds: number
  signal: AbortSignal
}

/**
 * Closes the exchange at the end, however that comes. Throws RemoteError when the bytes end before they
 * should: an answer without length and chunks is as long as its connection, so that one must end in order.
 */
export async function* readBody(
  exchange: Exchange,
  { length, idleSeconds, signal }: BodyPlan,
): AsyncGenerator<Uint8Array, void, undefined> {
  const bytes = exchange.response[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
  const watch = createWatch(idleSeconds)
  let received = 0
  try {
    for (;;) {
      const next = await watch.wait(bytes.next())
      if (next.done) break
      received += next.value.byteLength
      watch.received(next.value.byteLength)
      yield next.value
    }
    signal.throwIfAborted()
    if (length === null && !isChunked(exchange) && exchange.failure()) throw exchange.failure()
    if (received < (length ?? 0)) throw cutOff(exchange.failure())
  } catch (error) {
    throw transportError(error)
  } finally {
    exchange.close()
  }
}

const isChunked = ({ response }: Exchange): boolean => response.headers['transfer-encoding'] !== undefined

const cutOff = (cause: unknown): RemoteError =>
  new RemoteError('The connection to the source broke.', { retryable: true, cause })

interface Watch {
  wait<T>(promise: Promise<T>): Promise<T>
  received(bytes: number): void
}

function createWatch(seconds: number): Watch {
  let waited = 0
  let received = 0
  return {
    async wait<T>(promise: Promise<T>): Promise<T> {
      const started = performance.now()
      const stalled = Promise.withResolvers<never>()
      const timer = setTimeout(() => stalled.reject(stalledError()), Math.max(0, seconds * 1000 - waited))
      try {
        return await Promise.race([promise, stalled.promise])
      } finally {
        clearTimeout(timer)
        waited += performance.now() - started
      }
    },
    received(bytes) {
      received += bytes
      if (received < LEAST_BYTES) return
      waited = 0
      received = 0
    },
  }
}

const stalledError = () => new RemoteError('The source sent no more bytes.', { retryable: true })

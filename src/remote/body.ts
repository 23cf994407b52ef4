/** The bytes of an answer, watched: slow sources live, dead ones are cut, early ends are noticed. */
import { RemoteError } from '../core/remote.ts'
import { createStallWatch } from '../core/stall-watch.ts'
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
 * Reading closes the exchange at the end, however that comes. Throws RemoteError when the bytes end before
 * they should, after all that have arrived.
 */
export function readBody(exchange: Exchange, plan: BodyPlan): AsyncIterable<Uint8Array> {
  return read(exchange, collect(exchange.response), plan)
}

async function* read(
  exchange: Exchange,
  inbox: Inbox,
  { length, idleSeconds, signal }: BodyPlan,
): AsyncGenerator<Uint8Array, void, undefined> {
  const watch = createStallWatch(idleSeconds, LEAST_BYTES, stalledError)
  let received = 0
  try {
    for (;;) {
      const chunk = await watch.wait(inbox.next())
      signal.throwIfAborted()
      if (!chunk) break
      received += chunk.byteLength
      watch.received(chunk.byteLength)
      yield chunk
    }
    if (isBroken(exchange, length, received)) throw cutOff(exchange.failure())
  } catch (error) {
    throw transportError(error)
  } finally {
    exchange.close()
  }
}

/** An answer without length and chunks is as long as its connection, so that one has to end in order. */
function isBroken({ response, failure }: Exchange, length: number | null, received: number): boolean {
  if (length !== null) return received < length
  if (response.headers['transfer-encoding'] !== undefined) return !response.complete
  return !response.complete || failure() !== undefined
}

/** Bytes that arrive while others are stored wait here; a stream would drop them when its connection breaks. */
interface Inbox {
  /** Null when no more will come. */
  next(): Promise<Uint8Array | null>
}

/** Beyond this the source has to wait. */
const MAX_WAITING_BYTES = 256 * 1024

function collect(response: Exchange['response']): Inbox {
  const chunks: Uint8Array[] = []
  let waiting = 0
  let ended = false
  let wake = (): void => {}
  const end = (): void => {
    ended = true
    wake()
  }
  response.on('data', (chunk: Uint8Array) => {
    chunks.push(chunk)
    waiting += chunk.byteLength
    if (waiting >= MAX_WAITING_BYTES) response.pause()
    wake()
  })
  response.once('end', end).once('close', end)
  return {
    async next() {
      while (chunks.length === 0 && !ended) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      const chunk = chunks.shift() ?? null
      waiting -= chunk?.byteLength ?? 0
      if (waiting < MAX_WAITING_BYTES) response.resume()
      return chunk
    },
  }
}

const cutOff = (cause: unknown): RemoteError =>
  new RemoteError('The connection to the source broke.', { retryable: true, cause })

const stalledError = () => new RemoteError('The source sent no more bytes.', { retryable: true })

/** The body of an upload, watched: slow clients live, dead ones are cut. */
import { Fault } from '../core/fault.ts'
import { createStallWatch } from '../core/stall-watch.ts'
import { exchangeOf } from './exchange.ts'
import { isClientGone } from './faults.ts'

/** The part of a server that sets the idle timeout of one request's connection; null in process. */
export type TimeoutSetter = { timeout(request: Request, seconds: number): void } | null

export interface WatchOptions {
  /** Seconds of waiting in which at least `leastBytes` must arrive. */
  stallSeconds?: number
  leastBytes?: number
}

/** Seconds a connection may be idle outside of transfers; Bun.serve gets the same. */
export const IDLE_SECONDS = 30
/** The longest idle time Bun can be told; for downloads to slow readers. */
export const LONGEST_IDLE_SECONDS = 255

/** Bytes; null when the client did not say. Bun has no Content-Length to show for a request without a body. */
export function declaredLength(request: Request): number | null {
  const header = request.headers.get('content-length')
  if (header !== null) return Number(header)
  return request.body ? null : 0
}

/**
 * The bytes of the body; none when the request has no body, as a PUT of an empty file has not. Bun drops
 * clients that send less than 16 KB/s, whatever its idle timeout, so that is off while the body is read and
 * only time spent waiting for the client counts here: a slow disk is not the client's fault.
 * Faults: upload_stalled, client_gone. Nothing happens before the first byte is asked for.
 */
export async function* watchedBody(
  request: Request,
  server: TimeoutSetter,
  options: WatchOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  if (!request.body) return
  const exchange = exchangeOf(request)
  const { stallSeconds = 60, leastBytes = 4096 } = options
  const watch = createStallWatch(stallSeconds, leastBytes, () => new Fault('upload_stalled'))
  const reader = request.body.getReader()
  server?.timeout(request, 0)
  try {
    for (;;) {
      const chunk = await watch.wait(reader.read())
      if (chunk.done) return
      exchange.bytesIn += chunk.value.byteLength
      watch.received(chunk.value.byteLength)
      yield chunk.value
    }
  } catch (error) {
    throw isClientGone(error, request) ? new Fault('client_gone', undefined, { cause: error }) : error
  } finally {
    reader.releaseLock()
    server?.timeout(request, IDLE_SECONDS)
  }
}

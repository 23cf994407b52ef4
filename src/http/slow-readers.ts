/** Downloads to slow readers, which Bun would cut in the middle. */
import { LONGEST_IDLE_SECONDS } from './upload-body.ts'

/** The part of a server that times the connections of requests; null in process. */
export type ReaderServer = {
  timeout(request: Request, seconds: number): void
  /** Null once the answer to the request has ended. */
  requestIP?(request: Request): unknown
} | null

/** Well within the idle time that Bun goes back to. */
const AGAIN_SECONDS = 10
/** Who reads slower than this for the whole of an answer is given up. */
const LEAST_BYTES_PER_SECOND = 4096

/**
 * Gives the reader of an answer of `bytes` the longest idle time there is, again and again until the answer
 * has ended: the kernel buffers megabytes, so a slow reader makes no progress that Bun can see for minutes,
 * and Bun goes back to its usual idle time whenever it begins to send or goes on.
 */
export function allowSlowReader(
  request: Request,
  server: ReaderServer,
  bytes: number,
  againSeconds = AGAIN_SECONDS,
): void {
  if (!server) return
  server.timeout(request, LONGEST_IDLE_SECONDS)
  let patience = bytes / LEAST_BYTES_PER_SECOND + againSeconds
  const timer = setInterval(() => {
    patience -= againSeconds
    const isOver = !server.requestIP?.(request)
    if (isOver || patience < 0) clearInterval(timer)
    else server.timeout(request, LONGEST_IDLE_SECONDS)
  }, againSeconds * 1000)
  timer.unref()
}

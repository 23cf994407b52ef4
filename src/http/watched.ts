/** An answer with bytes of a file that is under way, as the one timer of the pacer sees it. */
import type { Peer } from './sockets.ts'
import { LONGEST_IDLE_SECONDS } from './upload-body.ts'

/** The part of a server that knows and times the connections of requests; null in process. */
export type PacedServer = {
  timeout(request: Request, seconds: number): void
  /** Null once the answer has been handed to the kernel whole, and always over a Unix socket. */
  requestIP?(request: Request): { address: string; port?: number } | null
  readonly port?: number
} | null

export interface Watched {
  /** `now` in milliseconds of performance.now(). True when it is over: then it has ended its transfer. */
  look(now: number): boolean
  /** Ends the transfer as it stands. */
  giveUp(): void
}

/** Well within the idle time that Bun goes back to. */
const AGAIN_MS = 10_000

/**
 * Gives the reader the longest idle time there is, now and every time it is called later than ten seconds after
 * that: the kernel buffers megabytes, so that a slow reader makes no progress Bun can see for minutes, and Bun
 * goes back to its usual idle time whenever it begins to send or goes on.
 */
export function patience(request: Request, server: PacedServer): (now: number) => void {
  let next = Number.NEGATIVE_INFINITY
  return (now) => {
    if (now < next) return
    next = now + AGAIN_MS
    server?.timeout(request, LONGEST_IDLE_SECONDS)
  }
}

/** The other end of a request's connection, while its answer is under way; null when there is no TCP. */
export function peerOf(request: Request, server: PacedServer): Peer | null {
  const found = server?.requestIP?.(request)
  return found?.port ? { address: found.address, port: found.port } : null
}

/** Whether its end can be seen: a Unix socket has no port, and never an address. */
export const isOverTcp = (request: Request, server: PacedServer): boolean =>
  server?.requestIP !== undefined && (server.port !== undefined || peerOf(request, server) !== null)

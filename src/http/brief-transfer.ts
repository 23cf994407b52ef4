/** A transfer that is over, for us, when the kernel has taken all of the answer. */
import type { Transfer } from '../core/transfer.ts'
import { type PacedServer, patience, type Watched } from './watched.ts'

/** Who reads slower than this for the whole of an answer is given up. */
const LEAST_BYTES_PER_SECOND = 4096

/**
 * For answers without a speed limit which are small, so that they fit into the kernel's buffer, or whose
 * connection cannot be counted. The server tells when it has handed over the last byte, or that the client went
 * away before; then none count, since nobody knows how many arrived.
 */
export function briefTransfer(
  request: Request,
  server: PacedServer,
  size: number,
  transfer: Transfer,
  graceSeconds: number,
): Watched {
  const extend = patience(request, server)
  const giveUpAt = performance.now() + (size / LEAST_BYTES_PER_SECOND + graceSeconds) * 1000
  const { signal } = request
  let isOver = false

  const end = (completed: boolean): true => {
    isOver = true
    signal.removeEventListener('abort', onAbort)
    transfer.end({ bytes: completed ? size : 0, completed })
    return true
  }
  const look = (now: number): boolean => {
    if (isOver) return true
    if (signal.aborted) return end(false)
    if (!server?.requestIP?.(request)) return end(true)
    if (now < giveUpAt) extend(now)
    return false
  }
  const onAbort = (): void => void look(performance.now())
  signal.addEventListener('abort', onAbort)
  extend(performance.now())
  return { look, giveUp: () => void (isOver || end(false)) }
}

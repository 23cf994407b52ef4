/** A transfer over a TCP connection that the kernel paces and counts: no JavaScript for its bytes. */
import type { Transfer } from '../core/transfer.ts'
import { kernelPace } from './kernel-pace.ts'
import type { Sent } from './socket-calls.ts'
import type { HeldSocket } from './sockets.ts'
import { type PacedServer, patience, type Watched } from './watched.ts'

export interface SocketTransfer extends Watched {
  /** The connection has begun another answer: its pace is that one's from now on. */
  supersede(): void
}

interface Parts {
  socket: HeldSocket
  request: Request
  server: PacedServer
  /** Bytes of the body. */
  size: number
  transfer: Transfer
  stallSeconds: number
}

/** How long the headers of an answer are is not known: more than these, and less than those. */
const LEAST_HEADER_BYTES = 100
const MOST_HEADER_BYTES = 1024
/** The kernel sends up to 64 KiB at once and then pauses for it, when it goes slow twice as long; some to spare. */
const PAUSED_BYTES = 4 * 64 * 1024

/** Milliseconds in which a connection of this speed may send nothing although all is well. */
const pauseOf = (speed: number): number => (speed === 0 ? 0 : (PAUSED_BYTES / speed) * 1000)

/**
 * Begins it: sets the pace, and counts from what the connection has carried before. Null, and nothing done, when
 * the kernel refuses either. An answer is complete when the client has confirmed every byte of it; it is given
 * up, and its connection ended, when nothing is confirmed for `stallSeconds` although bytes wait for the client.
 */
export function socketTransfer(parts: Parts): SocketTransfer | null {
  const { socket, request, server, size, transfer, stallSeconds } = parts
  const first = socket.sent()
  const base = first === null ? 0 : first.acked + first.queued
  const pace = kernelPace(socket, base)
  let speed = transfer.speed()
  if (first === null || !pace.set(speed, performance.now())) return null
  const extend = patience(request, server)
  const { signal } = request
  /** What will have been confirmed when all of the answer is, once the connection has begun another one. */
  let target: number | null = null
  let confirmed = first.acked
  let progressAt = performance.now()
  let putOffUntil = 0
  let received = 0
  let isLatest = true
  let isOver = false

  const end = (completed: boolean): true => {
    isOver = true
    stopListening()
    signal.removeEventListener('abort', onAbort)
    if (isLatest) pace.lift()
    socket.release()
    transfer.end({ bytes: completed ? size : received, completed })
    return true
  }
  const count = (acked: number): void => {
    const seen = target === null ? acked - base - MOST_HEADER_BYTES : size - (target - acked)
    if (seen <= received) return
    received = Math.min(seen, size)
    transfer.delivered(received)
  }
  const isComplete = ({ acked, queued }: Sent): boolean =>
    target === null
      ? queued === 0 && acked - base >= size + LEAST_HEADER_BYTES
      : acked >= target && target - base >= size
  const isStalled = (now: number): boolean =>
    now - Math.max(progressAt, putOffUntil) > stallSeconds * 1000 + pauseOf(speed)
  const look = (now: number): boolean => {
    if (isOver) return true
    const sent = socket.sent()
    if (sent === null) return end(false)
    const { acked, queued, isClosed } = sent
    count(acked)
    if (isComplete(sent)) return end(true)
    if (signal.aborted || isClosed || (target !== null && acked >= target)) return end(false)
    // Null before the last bytes have left the server, so it tells only that none is waited for from the disk.
    const isWritten = target !== null || !server?.requestIP?.(request)
    if (acked > confirmed || (queued === 0 && !isWritten)) progressAt = now
    confirmed = acked
    if (isStalled(now)) {
      socket.cut()
      return end(false)
    }
    if (!isWritten) extend(now)
    if (isLatest) pace.keep(acked, now)
    return false
  }
  const onAbort = (): void => void look(performance.now())
  const stopListening = transfer.onSpeedChange(() => {
    if (isOver) return
    const now = performance.now()
    // What the kernel has put off at the old speed stays put off.
    putOffUntil = now + pauseOf(speed)
    speed = transfer.speed()
    if (isLatest) pace.set(speed, now, socket.sent()?.acked)
  })
  signal.addEventListener('abort', onAbort)
  extend(progressAt)
  return {
    look,
    giveUp: () => void (isOver || end(false)),
    supersede() {
      if (look(performance.now())) return
      const sent = socket.sent()
      if (target === null && sent !== null) target = sent.acked + sent.queued
      isLatest = false
    },
  }
}

/** The speed of a connection, set in the kernel and kept on average. */
import type { HeldSocket } from './sockets.ts'

export interface KernelPace {
  /** Bytes per second, 0 unlimited, from what is confirmed now. False when the kernel refuses. */
  set(speed: number, now: number, acked?: number): boolean
  /** To be called several times a second with all that is confirmed: corrects what went too fast. */
  keep(acked: number, now: number): void
  /** Unlimited again, if it was not. */
  lift(): void
}

const KiB = 1024
/** What a connection may be ahead before it is corrected: the kernel sends up to 64 KiB at once. */
const SLACK_BYTES = 64 * KiB
const SLACK_SECONDS = 0.1

/** What may wait in the kernel: enough never to run dry, little enough that many downloads fit in its memory. */
const queueOf = (speed: number): number => Math.min(Math.max(speed, 64 * KiB), 1024 * KiB)

/**
 * Pace of a connection that has confirmed `base` bytes. The kernel does not pace the first ten segments of a
 * connection, which are up to 640 KiB on the loopback interface: until that is made up for, half the speed is
 * set. What a slow client did not take in time is no credit for later.
 */
export function kernelPace(socket: HeldSocket, base: number): KernelPace {
  let speed = 0
  let isAhead = false
  let allowed = base
  let last = 0

  const apply = (): boolean => socket.pace(isAhead ? speed / 2 : speed, speed === 0 ? 0 : queueOf(speed))
  const advance = (now: number): void => {
    allowed += (speed * (now - last)) / 1000
    last = now
  }
  return {
    set(next, now, acked) {
      if (speed === 0) allowed = acked ?? base
      else advance(now)
      last = now
      speed = next
      if (speed === 0) isAhead = false
      return apply()
    },
    keep(acked, now) {
      if (speed === 0) return
      advance(now)
      allowed = Math.min(allowed, acked + Math.max(speed, SLACK_BYTES))
      const slack = Math.max(SLACK_BYTES, speed * SLACK_SECONDS)
      if (acked - allowed > (isAhead ? slack / 2 : slack) === isAhead) return
      isAhead = !isAhead
      apply()
    },
    lift() {
      if (speed === 0) return
      speed = 0
      isAhead = false
      apply()
    },
  }
}

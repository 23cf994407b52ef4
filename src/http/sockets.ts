/** Finds the TCP connection of a request, which Bun knows by address and port only, and takes hold of it. */
import { readdirSync } from 'node:fs'
import { normalAddress } from './client-address.ts'
import { type Endpoint, openSocketCalls, type Sent, type SocketCalls } from './socket-calls.ts'

export interface Peer {
  address: string
  port: number
}

/** A connection that stays itself until `release`, also when the server has closed its end of it. */
export interface HeldSocket {
  /** Null when the kernel does not tell. */
  sent(): Sent | null
  /** Bytes per second, 0 unlimited; `queue` bytes at most wait unsent in the kernel, 0 as many as it likes. */
  pace(bytesPerSecond: number, queue: number): boolean
  /** Ends the connection for both sides, without the bytes that wait. */
  cut(): void
  /** To be called once, unless the descriptor is taken. */
  release(): void
  /** The descriptor, which is the caller's to close. */
  take(): number
}

export interface Sockets {
  /** The connection from `peer` to our port `localPort`. Null when it cannot be found or held. */
  hold(peer: Peer, localPort: number | undefined): HeldSocket | null
  /** How often all descriptors of the process had to be looked through. */
  readonly walks: number
}

/** New connections get descriptors close to each other. */
const NEIGHBOURS = 32

/** Descriptors of this process, including what is no socket. */
const listDescriptors = (): number[] => readdirSync('/proc/self/fd').map(Number)

/**
 * Sockets of this process. A descriptor is found from what was learned before, else next to the one found last,
 * else by looking through all of them, and is always verified by both of its ends.
 */
export function openSockets(calls: SocketCalls, list: () => number[] = listDescriptors): Sockets {
  const known = new Map<number, number>()
  let last = 0
  let walks = 0

  const learn = (fd: number): Endpoint | null => {
    const end = calls.peer(fd)
    if (end !== null) known.set(end.port, fd)
    return end
  }
  const isIt = (fd: number, peer: Peer, localPort: number | undefined): boolean => {
    const end = learn(fd)
    if (end === null || end.port !== peer.port || !isAddress(end.address, peer.address)) return false
    return localPort === undefined || calls.localPort(fd) === localPort
  }
  const nearby = (peer: Peer, localPort: number | undefined): number | null => {
    for (let step = 1; step <= NEIGHBOURS; step++)
      for (const fd of [last + step, last - step]) if (fd > 2 && isIt(fd, peer, localPort)) return fd
    return null
  }
  const walk = (peer: Peer, localPort: number | undefined): number | null => {
    walks += 1
    let found: number | null = null
    for (const fd of list()) if (isIt(fd, peer, localPort)) found = fd
    return found
  }
  const find = (peer: Peer, localPort: number | undefined): number | null => {
    const before = known.get(peer.port)
    if (before !== undefined && isIt(before, peer, localPort)) return before
    return nearby(peer, localPort) ?? walk(peer, localPort)
  }
  return {
    hold(peer, localPort) {
      const fd = find(peer, localPort)
      if (fd === null) return null
      last = fd
      const own = calls.duplicate(fd)
      return own === null ? null : held(calls, own)
    },
    get walks() {
      return walks
    },
  }
}

const held = (calls: SocketCalls, fd: number): HeldSocket => ({
  sent: () => calls.sent(fd),
  pace: (bytesPerSecond, queue) => calls.pace(fd, bytesPerSecond, queue),
  cut: () => calls.cut(fd),
  release: () => calls.close(fd),
  take: () => fd,
})

/** True when the bytes are this address, whichever way it is written. */
function isAddress(bytes: Uint8Array, text: string): boolean {
  const groups = Array.from({ length: bytes.length / 2 }, (_, index) =>
    (((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0)).toString(16),
  )
  const found = bytes.length === 4 ? bytes.join('.') : normalAddress(groups.join(':'))
  return found === normalAddress(text)
}

/**
 * The sockets of this process once they are first asked for, so that a server without downloads pays nothing;
 * null where the system is none we know.
 */
export function socketsOnDemand(onFailure: (cause: unknown) => void): () => Sockets | null {
  let opened: Sockets | null | undefined
  return () => {
    if (opened !== undefined) return opened
    try {
      opened = process.platform === 'linux' ? openSockets(openSocketCalls()) : null
    } catch (cause) {
      opened = null
      onFailure(cause)
    }
    return opened
  }
}

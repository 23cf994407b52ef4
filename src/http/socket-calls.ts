/** The few calls to the kernel about TCP connections that Bun has no way to make. Linux with glibc only. */
import { dlopen, ptr } from 'bun:ffi'

/** What the kernel knows of the sending half of a connection. */
export interface Sent {
  /** Bytes the other side has confirmed since the connection began. */
  acked: number
  /** Bytes written to the connection and not confirmed yet. */
  queued: number
  /** Nothing will be sent any more. */
  isClosed: boolean
}

/** One end of a connection: an address as the kernel keeps it, an IPv4 one perhaps inside an IPv6 one. */
export interface Endpoint {
  port: number
  /** 4 or 16 bytes. */
  address: Uint8Array
}

export interface SocketCalls {
  /** The other end of a TCP connection; null when the descriptor is none. Good until the next call. */
  peer(fd: number): Endpoint | null
  /** Port of our end. */
  localPort(fd: number): number | null
  /** Another descriptor of the same connection, which programs we start do not get; null at the limit of them. */
  duplicate(fd: number): number | null
  close(fd: number): void
  /** Null when the kernel does not tell. */
  sent(fd: number): Sent | null
  /** Bytes per second, 0 unlimited; `queue` bytes at most wait unsent in the kernel, 0 as many as it likes. */
  pace(fd: number, bytesPerSecond: number, queue: number): boolean
  /** Ends the connection for both sides at once, without the bytes that wait. Descriptors stay to be closed. */
  cut(fd: number): void
}

const AF_INET = 2
const AF_INET6 = 10
const SOL_SOCKET = 1
const SO_LINGER = 13
const SO_MAX_PACING_RATE = 47
const IPPROTO_TCP = 6
const TCP_INFO = 11
const TCP_NOTSENT_LOWAT = 25
const SIOCOUTQ = 0x5411
const F_DUPFD_CLOEXEC = 1030
const SHUT_RDWR = 2
const TCP_CLOSE = 7
/** Place of tcpi_bytes_acked in struct tcp_info, since Linux 4.1. */
const BYTES_ACKED = 120
/** The rate that stands for none. */
const UNLIMITED = 2n ** 64n - 1n

const openLibrary = () =>
  dlopen('libc.so.6', {
    getpeername: { args: ['i32', 'ptr', 'ptr'], returns: 'i32' },
    getsockname: { args: ['i32', 'ptr', 'ptr'], returns: 'i32' },
    getsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'ptr'], returns: 'i32' },
    setsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'u32'], returns: 'i32' },
    ioctl: { args: ['i32', 'u64', 'ptr'], returns: 'i32' },
    fcntl: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
    shutdown: { args: ['i32', 'i32'], returns: 'i32' },
    close: { args: ['i32'], returns: 'i32' },
  }).symbols

/** Loads the C library. Throws where there is none of that name, or no way to call it. */
export function openSocketCalls(): SocketCalls {
  const c = openLibrary()
  const bytes = new Uint8Array(256)
  const view = new DataView(bytes.buffer)
  const length = new Uint32Array(1)

  const endpoint = (call: typeof c.getpeername, fd: number): Endpoint | null => {
    length[0] = bytes.byteLength
    if (call(fd, ptr(bytes), ptr(length)) !== 0) return null
    const family = view.getUint16(0, true)
    if (family !== AF_INET && family !== AF_INET6) return null
    const address = family === AF_INET ? bytes.subarray(4, 8) : bytes.subarray(8, 24)
    return { port: view.getUint16(2), address }
  }
  const setNumber = (fd: number, level: number, option: number, value: number): boolean => {
    view.setInt32(0, value, true)
    return c.setsockopt(fd, level, option, ptr(bytes), 4) === 0
  }
  return {
    peer: (fd) => endpoint(c.getpeername, fd),
    localPort: (fd) => endpoint(c.getsockname, fd)?.port ?? null,
    duplicate(fd) {
      const copy = c.fcntl(fd, F_DUPFD_CLOEXEC, 0)
      return copy < 0 ? null : copy
    },
    close: (fd) => void c.close(fd),
    sent(fd) {
      if (c.ioctl(fd, SIOCOUTQ, ptr(bytes)) !== 0) return null
      const queued = view.getInt32(0, true)
      length[0] = bytes.byteLength
      const failed = c.getsockopt(fd, IPPROTO_TCP, TCP_INFO, ptr(bytes), ptr(length)) !== 0
      if (failed || (length[0] ?? 0) < BYTES_ACKED + 8) return null
      const acked = Number(view.getBigUint64(BYTES_ACKED, true))
      return { acked, queued, isClosed: bytes[0] === TCP_CLOSE }
    },
    pace(fd, bytesPerSecond, queue) {
      view.setBigUint64(0, bytesPerSecond === 0 ? UNLIMITED : BigInt(Math.ceil(bytesPerSecond)), true)
      if (c.setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, ptr(bytes), 8) !== 0) return false
      return setNumber(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, queue)
    },
    cut(fd) {
      // Without lingering the last close drops what waits, which a client that reads nothing would keep for ever.
      view.setInt32(0, 1, true)
      view.setInt32(4, 0, true)
      c.setsockopt(fd, SOL_SOCKET, SO_LINGER, ptr(bytes), 8)
      c.shutdown(fd, SHUT_RDWR)
    },
  }
}

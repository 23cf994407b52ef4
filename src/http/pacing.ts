/** Sends the bytes of files at the speed their transfers allow, and tells what became of them. */
import { type Log, silentLog } from '../core/log.ts'
import type { Transfer } from '../core/transfer.ts'
import { briefTransfer } from './brief-transfer.ts'
import { pacedStream } from './paced-stream.ts'
import { type SocketTransfer, socketTransfer } from './socket-transfer.ts'
import { type HeldSocket, type Sockets, socketsOnDemand } from './sockets.ts'
import { isOverTcp, type PacedServer, peerOf, type Watched } from './watched.ts'

export type { PacedServer } from './watched.ts'

type Body = Blob | ReadableStream<Uint8Array>

export interface Pacer {
  /**
   * The body to answer with; from here on `transfer` is driven to its end. `size` is what `body` holds. Where the
   * kernel paces, a Blob stays one and keeps its Content-Length; elsewhere a limited one becomes a stream.
   */
  send(request: Request, server: PacedServer, body: Body, size: number, transfer: Transfer): Body
  /** Another hold of the client's connection, while its answer is under way; null where there is none to be had. */
  connection(request: Request, server: PacedServer): HeldSocket | null
  /** Looks at all transfers at once, so that one which ended a moment ago frees what it holds. */
  settle(): void
  /** Ends all transfers as they stand. */
  close(): void
  /** Transfers under way. */
  readonly active: number
}

export interface PacerOptions {
  log?: Log
  /** A client that takes nothing for so long is given up. */
  stallSeconds?: number
  /** Between two looks at the transfers. */
  tickMilliseconds?: number
  /** The sockets of the process; null where there are none that can be paced. */
  sockets?: () => Sockets | null
}

/** What fits into the kernel's buffer is not worth being counted there. */
const BRIEF_BYTES = 256 * 1024

export function createPacer(options: PacerOptions = {}): Pacer {
  const { log = silentLog, stallSeconds = 60, tickMilliseconds = 250 } = options
  const sockets =
    options.sockets ?? socketsOnDemand((cause) => log.warn('pacing.no_sockets', { cause: String(cause) }))
  const watch = watchAll(tickMilliseconds)
  const latest = new Map<string, SocketTransfer>()

  const overSocket = (
    request: Request,
    server: PacedServer,
    size: number,
    transfer: Transfer,
  ): Watched | null => {
    const peer = peerOf(request, server)
    const socket = peer && sockets()?.hold(peer, server?.port)
    if (!peer || !socket) return null
    const key = `${peer.address} ${peer.port}`
    latest.get(key)?.supersede()
    const begun = socketTransfer({ socket, request, server, size, transfer, stallSeconds })
    if (begun === null) {
      socket.release()
      return null
    }
    latest.set(key, begun)
    return {
      giveUp: begun.giveUp,
      look(now) {
        const isOver = begun.look(now)
        if (isOver && latest.get(key) === begun) latest.delete(key)
        return isOver
      },
    }
  }
  const begin = (
    request: Request,
    server: PacedServer,
    body: Body,
    size: number,
    transfer: Transfer,
  ): { watched: Watched; body: Body } => {
    const isLimited = transfer.speed() > 0
    if (isLimited || size > BRIEF_BYTES) {
      const watched = overSocket(request, server, size, transfer)
      if (watched) return { watched, body }
    }
    if (!isLimited && isOverTcp(request, server))
      return { watched: briefTransfer(request, server, size, transfer, stallSeconds), body }
    const paced = pacedStream({ request, server, body, size, transfer, stallSeconds })
    return { watched: paced, body: paced.stream }
  }
  return {
    send(request, server, body, size, transfer) {
      if (size === 0 || request.signal.aborted) {
        transfer.end({ bytes: 0, completed: size === 0 })
        return body
      }
      const begun = begin(request, server, body, size, transfer)
      watch.add(begun.watched)
      return begun.body
    },
    connection(request, server) {
      const peer = peerOf(request, server)
      return (peer && sockets()?.hold(peer, server?.port)) ?? null
    },
    settle: watch.look,
    close: watch.giveUp,
    get active() {
      return watch.size()
    },
  }
}

/** More are looked at than begin, so that many short ones do not pile up between two looks at all. */
const LOOKS_AT_BEGIN = 2

/** One timer for all that is watched; none when nothing is. */
function watchAll(tickMilliseconds: number) {
  const all = new Set<Watched>()
  let timer: Timer | null = null
  const rest = (): void => {
    if (all.size > 0 || timer === null) return
    clearInterval(timer)
    timer = null
  }
  const look = (): void => {
    const now = performance.now()
    for (const watched of all) if (watched.look(now)) all.delete(watched)
    rest()
  }
  const lookAtOldest = (now: number): void => {
    let looks = LOOKS_AT_BEGIN
    for (const watched of all) {
      if (looks-- === 0) return
      all.delete(watched)
      if (!watched.look(now)) all.add(watched)
    }
  }
  return {
    add(watched: Watched): void {
      lookAtOldest(performance.now())
      all.add(watched)
      timer ??= setInterval(look, tickMilliseconds)
      timer.unref()
    },
    look,
    giveUp(): void {
      for (const watched of all) watched.giveUp()
      all.clear()
      rest()
    },
    size: () => all.size,
  }
}

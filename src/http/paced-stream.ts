/** A body that is read as fast as its transfer allows: where the kernel cannot pace the connection. */
import type { Transfer } from '../core/transfer.ts'
import { type PacedServer, patience, type Watched } from './watched.ts'

export interface PacedStream extends Watched {
  stream: ReadableStream<Uint8Array>
}

interface Parts {
  request: Request
  server: PacedServer
  body: Blob | ReadableStream<Uint8Array>
  size: number
  transfer: Transfer
  stallSeconds: number
}

/** Up to this much waits in the kernel's buffer, and a reader of so many bytes a second is no stalled one. */
const BUFFERED_BYTES = 4 * 1024 * 1024
const SLOW_READER = 16 * 1024

const LEAST_CHUNK = 4 * 1024
const MOST_CHUNK = 64 * 1024

/** A quarter of a second of it, within bounds. */
const chunkSize = (speed: number): number =>
  speed === 0 ? MOST_CHUNK : Math.min(Math.max(Math.ceil(speed / 4), LEAST_CHUNK), MOST_CHUNK)

/**
 * The same bytes, each read when its time has come; a reader that waits for none of them costs nothing. The
 * answer has no Content-Length on the wire. The transfer ends when the last chunk has been taken, when the
 * reader cancels, when reading fails, or when nothing is taken for `stallSeconds` and as long as a slow reader
 * may need for what the kernel buffers.
 */
export function pacedStream({ request, server, body, size, transfer, stallSeconds }: Parts): PacedStream {
  const source = body instanceof Blob ? blobSource(body, size) : streamSource(body)
  const meter = speedMeter(transfer)
  const extend = patience(request, server)
  const longest = (stallSeconds + BUFFERED_BYTES / SLOW_READER) * 1000
  let handed = 0
  let waitingSince: number | null = performance.now()
  let isOver = false

  const end = (completed: boolean): true => {
    if (isOver) return true
    isOver = true
    meter.stop()
    transfer.end({ bytes: handed, completed })
    return true
  }
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    waitingSince = null
    transfer.delivered(handed)
    await meter.ready()
    const chunk = await source.read(chunkSize(transfer.speed()))
    if (isOver) return
    if (chunk !== null) {
      handed += chunk.byteLength
      meter.spend(chunk.byteLength)
      controller.enqueue(chunk)
    }
    waitingSince = performance.now()
    if (chunk !== null && handed < size) return
    controller.close()
    end(handed >= size)
  }
  const failing = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    try {
      await pull(controller)
    } catch (error) {
      end(false)
      throw error
    }
  }
  const cancel = async (reason: unknown): Promise<void> => {
    end(false)
    await source.cancel(reason)
  }
  return {
    stream: new ReadableStream({ pull: failing, cancel }, { highWaterMark: 0 }),
    look(now) {
      if (isOver) return true
      if (request.signal.aborted) return end(false)
      const isStalled = waitingSince !== null && now - waitingSince > longest
      if (!isStalled) extend(now)
      // The server ends the connection, and with it the stream.
      else server?.timeout(request, 1)
      return isStalled && end(false)
    },
    giveUp: () => void end(false),
  }
}

interface Source {
  /** About so many bytes; null at the end. */
  read(bytes: number): Promise<Uint8Array | null>
  cancel(reason: unknown): Promise<void>
}

/** Opened anew for every chunk, so that nothing is left open whatever becomes of the reader. */
function blobSource(blob: Blob, size: number): Source {
  let at = 0
  return {
    async read(bytes) {
      const chunk = new Uint8Array(await blob.slice(at, Math.min(at + bytes, size)).arrayBuffer())
      at += chunk.byteLength
      return chunk.byteLength === 0 ? null : chunk
    },
    cancel: async () => {},
  }
}

function streamSource(stream: ReadableStream<Uint8Array>): Source {
  const reader = stream.getReader()
  let left: Uint8Array = new Uint8Array()
  return {
    async read(bytes) {
      while (left.byteLength === 0) {
        const next = await reader.read()
        if (next.done) return null
        left = next.value
      }
      const chunk = left.subarray(0, bytes)
      left = left.subarray(bytes)
      return chunk
    },
    cancel: (reason) => reader.cancel(reason),
  }
}

interface SpeedMeter {
  /** Resolves when what was spent has been paid for at the speeds since. */
  ready(): Promise<void>
  spend(bytes: number): void
  stop(): void
}

function speedMeter(transfer: Transfer): SpeedMeter {
  let speed = transfer.speed()
  let debt = 0
  let last = performance.now()
  let wake = Promise.withResolvers<void>()

  const settle = (): void => {
    const now = performance.now()
    debt = speed === 0 ? 0 : Math.max(0, debt - (speed * (now - last)) / 1000)
    last = now
    speed = transfer.speed()
  }
  const stopListening = transfer.onSpeedChange(() => {
    settle()
    wake.resolve()
    wake = Promise.withResolvers<void>()
  })
  return {
    async ready() {
      for (settle(); debt > 0 && speed > 0; settle()) {
        const timer = Promise.withResolvers<void>()
        const handle = setTimeout(timer.resolve, Math.ceil((debt / speed) * 1000))
        await Promise.race([timer.promise, wake.promise])
        clearTimeout(handle)
      }
    },
    spend(bytes) {
      settle()
      debt += bytes
    },
    stop() {
      stopListening()
      wake.resolve()
      // Whoever waits goes on and finds that it is over.
      debt = 0
    },
  }
}

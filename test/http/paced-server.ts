/** A server that sends a file of known bytes at speeds a test decides, and clients that read it their own way. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Transfer } from '../../src/core/transfer.ts'
import { createPacer, type PacedServer, type Pacer, type PacerOptions } from '../../src/http/pacing.ts'

export interface Outcome {
  bytes: number
  completed: boolean
}

export interface StubTransfer extends Transfer {
  change(speed: number): void
  /** What `delivered` was told, in order. */
  counts: number[]
  outcomes: Outcome[]
  /** How many listen for changes of the speed. */
  listeners(): number
  ended: Promise<Outcome>
}

export function stubTransfer(speed: number): StubTransfer {
  const listeners = new Set<() => void>()
  const counts: number[] = []
  const outcomes: Outcome[] = []
  const { promise: ended, resolve } = Promise.withResolvers<Outcome>()
  return {
    speed: () => speed,
    onSpeedChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    delivered: (bytes) => void counts.push(bytes),
    end(outcome) {
      outcomes.push(outcome)
      resolve(outcome)
    },
    change(next) {
      speed = next
      for (const listener of [...listeners]) listener()
    },
    counts,
    outcomes,
    listeners: () => listeners.size,
    ended,
  }
}

export interface PacedTestServer {
  pacer: Pacer
  port: number
  /** `/BYTES/SPEED`; the transfers in the order of their requests. */
  url(bytes: number, speed: number): string
  transfers: StubTransfer[]
  bytes: Uint8Array
  close(): Promise<void>
}

interface Options extends PacerOptions {
  hostname?: string
  unix?: string
  /** Instead of a file, a stream that is none. */
  asStream?: boolean
  /** Milliseconds a request thinks before it sends. */
  thinks?: number
}

const bytes = new Uint8Array(24 * 2 ** 20).map((_, index) => (index * 31 + (index >> 8)) % 251)

export function servePaced({
  hostname = '127.0.0.1',
  unix,
  asStream,
  thinks = 0,
  ...options
}: Options = {}): PacedTestServer {
  const folder = mkdtempSync(join(tmpdir(), 'kist-paced-'))
  const path = join(folder, 'object')
  writeFileSync(path, bytes)
  const pacer = createPacer({ tickMilliseconds: 50, ...options })
  const transfers: StubTransfer[] = []
  const answer = async (request: Request, server: PacedServer): Promise<Response> => {
    const [, size = '0', speed = '0'] = new URL(request.url).pathname.split('/')
    const transfer = stubTransfer(Number(speed))
    await Bun.sleep(thinks)
    transfers.push(transfer)
    const blob = Bun.file(path).slice(0, Number(size))
    const body = asStream ? blob.stream().pipeThrough(new TransformStream<Uint8Array, Uint8Array>()) : blob
    return new Response(pacer.send(request, server, body, Number(size), transfer))
  }
  const fetch = answer
  const server: { port?: number | undefined; stop(closeActive: boolean): Promise<void> } = unix
    ? Bun.serve({ unix, fetch })
    : Bun.serve({ idleTimeout: 30, port: 0, hostname, fetch })
  const host = hostname.includes(':') ? '[::1]' : '127.0.0.1'
  return {
    pacer,
    port: server.port ?? 0,
    url: (size, speed) => `http://${unix ? 'localhost' : `${host}:${server.port}`}/${size}/${speed}`,
    transfers,
    bytes,
    async close() {
      pacer.close()
      await server.stop(true)
      rmSync(folder, { recursive: true })
    },
  }
}

/** Waits until it is so; for what the other side of a connection does in its own time. */
export async function until(isSo: () => boolean, milliseconds = 5000): Promise<void> {
  const late = performance.now() + milliseconds
  while (!isSo()) {
    if (performance.now() > late) throw new Error(`not within ${milliseconds} ms: ${isSo}`)
    await Bun.sleep(5)
  }
}

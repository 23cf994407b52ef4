/** A real server on a free port, and a client that sends exactly the bytes it is told to. */
import type { AnyElysia } from 'elysia'
import type { Log } from '../../src/core/log.ts'
import type { Dialect } from '../../src/http/dialect.ts'
import { createMetrics, type Metrics } from '../../src/http/metrics.ts'
import { plainReply } from '../../src/http/plain.ts'
import { createHttp, type HttpOptions, listen } from '../../src/http/server.ts'

export const fixedClock = { now: () => new Date('2030-01-01T00:00:00Z') }

export interface LoggedLine {
  level: string
  event: string
  fields: Record<string, unknown>
}

export function recordingLog(): Log & { lines: LoggedLine[] } {
  const lines: LoggedLine[] = []
  const at =
    (level: string) =>
    (event: string, fields: Record<string, unknown> = {}) => {
      lines.push({ level, event, fields })
    }
  return { lines, info: at('info'), warn: at('warn'), error: at('error') }
}

/** A dialect that answers `{"error":message}` with the usual statuses. */
export const jsonDialect = (prefix: string, routes: AnyElysia, name = 'test'): Dialect => ({
  name,
  prefix,
  routes,
  renderFault: (fault) => ({ ...plainReply(fault), body: { error: fault.message } }),
})

export interface Running {
  app: AnyElysia
  base: string
  port: number
  log: Log & { lines: LoggedLine[] }
  metrics: Metrics
  close(): Promise<void>
}

/** Serves `routes` under a dialect with no prefix, unless other dialects are given. */
export function serve(routes: AnyElysia, options: Partial<HttpOptions> = {}): Running {
  const log = recordingLog()
  const metrics = createMetrics(fixedClock)
  const app = createHttp({ dialects: [jsonDialect('', routes)], log, metrics, ...options })
  listen(app, { port: 0, hostname: '127.0.0.1' })
  const port = app.server?.port ?? 0
  const close = async () => {
    await app.server?.stop(true)
  }
  return { app, base: `http://127.0.0.1:${port}`, port, log, metrics, close }
}

export interface RawConnection {
  send(text: string | Uint8Array): void
  end(): void
  /** Everything received so far. */
  received(): string
  /** Resolves when what was received contains the text. */
  until(text: string): Promise<string>
  /** Resolves with everything received when the server has closed. */
  closed: Promise<string>
}

export async function connect(port: number): Promise<RawConnection> {
  let text = ''
  const closed = Promise.withResolvers<string>()
  const waiting: Array<{ text: string; done: (all: string) => void }> = []
  const socket = await Bun.connect({
    hostname: '127.0.0.1',
    port,
    socket: {
      data(_socket, chunk) {
        text += chunk.toString('latin1')
        for (const wait of waiting) if (text.includes(wait.text)) wait.done(text)
      },
      close: () => closed.resolve(text),
      error: () => closed.resolve(text),
    },
  })
  return {
    send: (bytes) => void socket.write(bytes),
    end: () => socket.end(),
    received: () => text,
    until: (wanted) =>
      new Promise((done) => {
        if (text.includes(wanted)) done(text)
        else waiting.push({ text: wanted, done })
      }),
    closed: closed.promise,
  }
}

/** Sends a whole request that asks to close, and gives the whole answer. */
export async function exchangeRaw(port: number, request: string): Promise<string> {
  const connection = await connect(port)
  connection.send(request)
  return connection.closed
}

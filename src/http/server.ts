/** Assembles the HTTP side: one error hook, the gate around everything, then the dialects. */
import { type AnyElysia, Elysia } from 'elysia'
import type { Log } from '../core/log.ts'
import { type TrustedProxies, trustedProxies } from './client-address.ts'
import { createCors, OPEN_PREFIXES } from './cors.ts'
import type { Dialect } from './dialect.ts'
import { type DocumentationOptions, documentation } from './documentation.ts'
import { faultWriter, onAnyError } from './faults.ts'
import { createGate, type Handle } from './gate.ts'
import type { Metrics } from './metrics.ts'
import { IDLE_SECONDS } from './upload-body.ts'

export interface HttpOptions {
  /** In order of precedence of their routes; faults go by prefix, whatever the order. */
  dialects: readonly Dialect[]
  log: Log
  metrics: Metrics
  /** Routes that belong to no dialect, such as operations; they come first. */
  routes?: readonly AnyElysia[]
  /** The API documentation at /swagger, of all routes. */
  documentation?: DocumentationOptions
  /** Host names we answer for, without port; empty: every one. */
  allowedHosts?: readonly string[]
  trusted?: TrustedProxies
  /** Path prefixes other sites' pages may call. */
  openPrefixes?: readonly string[]
  accessLog?: boolean
}

/** Far above every limit of ours: Bun's own refusal has an empty body in nobody's wording. */
const BODY_CEILING = 2 ** 50

/**
 * The application, not yet listening. Its own router serves all routes, in process and over the network
 * alike; Bun's would rank parameters above our wildcards.
 */
export function createHttp(options: HttpOptions): AnyElysia {
  const app: AnyElysia = new Elysia({
    systemRouter: false,
    // The router may not assume that a host has four characters: a shorter one would shift the path.
    handler: { standardHostname: false },
    serve: {
      reusePort: false,
      development: false,
      idleTimeout: IDLE_SECONDS,
      maxRequestBodySize: BODY_CEILING,
      error: (error) => lastAnswer(error, options),
    },
  })
  const root = (): AnyElysia => app
  const { dialects, log, metrics } = options
  const writer = faultWriter({ dialects, log, app: root, onInternal: metrics.countUnhandled })
  const gate = createGate({
    dialects,
    log,
    metrics,
    writer,
    cors: createCors(options.openPrefixes ?? OPEN_PREFIXES),
    trusted: options.trusted ?? trustedProxies([]),
    allowedHosts: (options.allowedHosts ?? []).map((host) => host.toLowerCase()),
    accessLog: options.accessLog ?? true,
    app: root,
    server: () => app.server,
  })
  // The framework's type of a wrapped handler takes unknowns and returns a Function; it is a Handle.
  app.wrap((next) => gate(next as unknown as Handle))
  onAnyError(app, writer, root)
  if (options.documentation) app.use(documentation(options.documentation, root))
  for (const routes of options.routes ?? []) app.use(routes)
  for (const dialect of dialects) app.use(dialect.routes)
  return app
}

/**
 * Serves the application on an address, 0 for any free port. The framework's own `listen` compiles everything a second
 * time after it has begun, for routes that come later and for a router that is not in use here: the first client
 * would wait for it. Throws the system's error.
 */
export function listen(app: AnyElysia, address: { hostname: string; port: number }): void {
  const { reusePort, development, idleTimeout, maxRequestBodySize, error } = app.config.serve ?? {}
  app.compile()
  app.server = Bun.serve({
    ...{ reusePort, development, idleTimeout, maxRequestBodySize, error },
    ...address,
    fetch: app.fetch,
  })
}

/** What Bun asks for when an answer fails after it left us; without it the error itself would be sent. */
function lastAnswer(error: unknown, { log, metrics }: HttpOptions): Response {
  metrics.countUnhandled()
  log.error('answer_failed', { cause: error instanceof Error ? error.stack : String(error) })
  return new Response('Internal error.', { status: 500, headers: { 'cache-control': 'no-store' } })
}

/** The part of a server that stopping needs. */
export interface StoppableServer {
  readonly pendingRequests: number
  stop(closeActiveConnections?: boolean): Promise<void>
}

const LOOK_MILLISECONDS = 50

/**
 * Refuses new connections at once, lets requests finish for `graceSeconds`, then cuts them. Returns how many
 * were cut. It is the requests that count: a connection whose body was refused before it had arrived never
 * becomes idle for Bun, and the promise of its stop would wait for its client to leave.
 */
export async function stopHttp(server: StoppableServer, graceSeconds: number): Promise<number> {
  const deadline = performance.now() + graceSeconds * 1000
  let stopped = false
  const stopping = server.stop(false).then(() => {
    stopped = true
  })
  while (!stopped && server.pendingRequests > 0 && performance.now() < deadline) {
    await Promise.race([stopping, Bun.sleep(Math.min(LOOK_MILLISECONDS, graceSeconds * 1000))])
  }
  const cut = server.pendingRequests
  await server.stop(true)
  return cut
}

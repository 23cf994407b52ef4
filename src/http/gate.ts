/** What every request passes on its way in, and every answer on its way out, whatever route it meets. */

import type { AnyElysia } from 'elysia'
import { Fault, isFault } from '../core/fault.ts'
import type { Log } from '../core/log.ts'
import { logAccess } from './access-log.ts'
import { clientAddress, hostnameOf, hostOf, type PeerSource, type TrustedProxies } from './client-address.ts'
import type { Cors } from './cors.ts'
import { type Dialect, dialectOf, pathOf } from './dialect.ts'
import { exchangeOf } from './exchange.ts'
import { type FaultWriter, settle } from './faults.ts'
import type { Metrics } from './metrics.ts'

export interface GateOptions {
  dialects: readonly Dialect[]
  log: Log
  metrics: Metrics
  cors: Cors
  writer: FaultWriter
  trusted: TrustedProxies
  /** Host names we answer for, without port, lower case; empty: every one. */
  allowedHosts: readonly string[]
  accessLog: boolean
  app: () => AnyElysia
  server: () => PeerSource
}

export type Handle = (request: Request) => Response | Promise<Response>

/** Probes call by address, so they are answered whatever the Host header says. */
const PROBES = ['/healthz', '/readyz']

/**
 * Wraps the router: counts, checks the host, answers preflights, turns what escaped the error hook into a
 * fault, adds CORS headers, corrects HEAD, and logs.
 */
export function createGate(options: GateOptions): (next: Handle) => Handle {
  return (next) => async (request) => {
    const started = performance.now()
    const end = options.metrics.begin()
    const exchange = exchangeOf(request)
    exchange.dialect = dialectOf(pathOf(request), options.dialects)?.name ?? ''
    exchange.ip = clientAddress(request, options.server(), options.trusted)
    const response = await answer(request, next, options)
    options.cors.apply(request, response)
    if (options.accessLog) logAccess(options.log, request, response.status, performance.now() - started)
    end({ ...exchange, status: response.status })
    return exchange.send?.(response) ?? response
  }
}

async function answer(request: Request, next: Handle, options: GateOptions): Promise<Response> {
  const { writer } = options
  try {
    checkHost(request, options.allowedHosts)
    const response = options.cors.preflight(request) ?? (await next(request))
    const head = exchangeOf(request).head
    return request.method === 'HEAD' && head !== null ? new Response(null, head) : response
  } catch (error) {
    return writeSafely(
      writer,
      isFault(error) ? error : settle(error, undefined, request, options.app()),
      request,
    )
  }
}

/** Faults: invalid (no or a malformed Host: routing would go wrong with it), host_refused. */
function checkHost(request: Request, allowed: readonly string[]): void {
  const host = hostOf(request)
  if (request.url.startsWith('/')) throw new Fault('invalid', 'The Host header is not valid.')
  if (allowed.length === 0 || PROBES.includes(pathOf(request))) return
  if (!allowed.includes(hostnameOf(host))) throw new Fault('host_refused')
}

/** The last resort: a dialect that fails to word a fault must not send its own error. */
function writeSafely(writer: FaultWriter, fault: Fault, request: Request): Response {
  try {
    return writer.write(fault, request)
  } catch (cause) {
    return writer.writePlain(new Fault('internal', undefined, { cause }), request)
  }
}

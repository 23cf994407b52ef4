/** What the operator's tools ask: is it alive, can it serve, how is it doing. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { type AnyElysia, Elysia } from 'elysia'
import { Fault } from '../core/fault.ts'
import type { Log } from '../core/log.ts'
import { JSON_HEADERS } from './dialect.ts'
import type { Metrics } from './metrics.ts'

export interface OperationsOptions {
  metrics: Metrics
  log: Log
  /** Named checks; one that throws, or takes longer than five seconds, makes the server not ready. */
  checks: Record<string, () => Promise<void>>
  /** True from the moment the server is asked to stop. */
  isStopping: () => boolean
  metricsEnabled: boolean
  /** Bearer token for /metrics; null: none is asked for. */
  metricsToken: string | null
}

const CHECK_MILLISECONDS = 5000
const hidden = { detail: { hide: true } } as const

/** `/healthz`: the process answers. `/readyz`: 200 when every check passes, else 503. `/metrics`. */
export function operations(options: OperationsOptions): AnyElysia {
  return new Elysia()
    .get('/healthz', () => Response.json({ status: 'ok' }, { headers: JSON_HEADERS }), hidden)
    .get('/readyz', () => readiness(options), hidden)
    .get('/metrics', ({ request }) => metricsPage(options, request), hidden)
}

async function readiness({ checks, isStopping, log }: OperationsOptions): Promise<Response> {
  const entries = Object.entries(checks).map(async ([name, check]) => [name, await passes(name, check, log)])
  const results = Object.fromEntries(await Promise.all(entries)) as Record<string, boolean>
  const ready = !isStopping() && Object.values(results).every(Boolean)
  const words = Object.fromEntries(Object.entries(results).map(([name, ok]) => [name, ok ? 'ok' : 'failed']))
  const status = isStopping() ? 'stopping' : ready ? 'ok' : 'unavailable'
  return Response.json({ status, checks: words }, { status: ready ? 200 : 503, headers: JSON_HEADERS })
}

/** Why a check failed is for the log: it may name paths. */
async function passes(name: string, check: () => Promise<void>, log: Log): Promise<boolean> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error('took too long')), CHECK_MILLISECONDS)
  try {
    await Promise.race([check(), late.promise])
    return true
  } catch (error) {
    log.warn('not_ready', { check: name, cause: String(error) })
    return false
  } finally {
    clearTimeout(timer)
  }
}

/** Faults: route_not_found when switched off, unauthenticated. */
function metricsPage(
  { metrics, metricsEnabled, metricsToken }: OperationsOptions,
  request: Request,
): Response {
  if (!metricsEnabled) throw new Fault('route_not_found')
  if (metricsToken !== null && !bears(request, metricsToken)) throw new Fault('unauthenticated')
  return new Response(metrics.render(), {
    headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' },
  })
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Compared as digests: equal length, and no time tells how much was right. */
const bears = (request: Request, token: string): boolean =>
  timingSafeEqual(digest(request.headers.get('authorization') ?? ''), digest(`Bearer ${token}`))

import { afterEach, describe, expect, test } from 'bun:test'
import { Elysia } from 'elysia'
import { createMetrics, type Metrics } from '../../src/http/metrics.ts'
import { type OperationsOptions, operations } from '../../src/http/operations.ts'
import { fixedClock, jsonDialect, type Running, recordingLog, serve } from './server-under-test.ts'

let running: Running | null = null
afterEach(async () => {
  await running?.close()
  running = null
})

function start(options: Partial<OperationsOptions> = {}): Running & { metrics: Metrics } {
  const metrics = createMetrics(fixedClock)
  const routes = operations({
    metrics,
    log: options.log ?? recordingLog(),
    checks: {},
    isStopping: () => false,
    metricsEnabled: true,
    metricsToken: null,
    ...options,
  })
  const pages = new Elysia().get('/page', () => 'page')
  running = serve(pages, { routes: [routes], metrics, dialects: [jsonDialect('', pages, 'web')] })
  return { ...running, metrics }
}

describe('health', () => {
  test('is fine while the process answers, whatever else is broken', async () => {
    const { base } = start({ isStopping: () => true })
    const response = await fetch(`${base}/healthz`)
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }])
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
  })

  test('has a HEAD as well', async () => {
    expect((await fetch(`${start().base}/healthz`, { method: 'HEAD' })).status).toBe(200)
  })
})

describe('readiness', () => {
  test('needs every check', async () => {
    const { base } = start({ checks: { database: async () => {}, storage: async () => {} } })
    const response = await fetch(`${base}/readyz`)
    expect([response.status, await response.json()]).toEqual([
      200,
      { status: 'ok', checks: { database: 'ok', storage: 'ok' } },
    ])
  })

  test('names the check that failed, and keeps the reason for the log', async () => {
    const log = recordingLog()
    const broken = async () => {
      throw new Error('ENOENT /var/lib/kist')
    }
    const { base } = start({ log, checks: { database: async () => {}, storage: broken } })
    const response = await fetch(`${base}/readyz`)
    expect([response.status, await response.json()]).toEqual([
      503,
      { status: 'unavailable', checks: { database: 'ok', storage: 'failed' } },
    ])
    expect(JSON.stringify(log.lines)).toContain('/var/lib/kist')
  })

  test('ends when the server is asked to stop', async () => {
    const { base } = start({ isStopping: () => true })
    const response = await fetch(`${base}/readyz`)
    expect([response.status, await response.json()]).toEqual([503, { status: 'stopping', checks: {} }])
  })
})

describe('metrics', () => {
  test('count requests by dialect and class, errors and what is under way', async () => {
    const { base, metrics } = start()
    await fetch(`${base}/page`)
    await fetch(`${base}/page`)
    await fetch(`${base}/nothing`)
    metrics.countUnhandled()
    const response = await fetch(`${base}/metrics`)
    expect(response.headers.get('content-type')).toStartWith('text/plain; version=0.0.4')
    const lines = (await response.text()).split('\n')
    expect(lines).toContain('kist_requests_total{dialect="web",class="2xx"} 2')
    expect(lines).toContain('kist_requests_total{dialect="web",class="4xx"} 1')
    expect(lines).toContain('kist_requests_in_flight 1')
    expect(lines).toContain('kist_unhandled_errors_total 1')
    expect(lines.some((line) => /^process_resident_memory_bytes [1-9]\d+$/.test(line))).toBe(true)
    expect(metrics.inFlight()).toBe(0)
  })

  test('have a name, a type and a help text each, and nothing malformed', async () => {
    const text = await (await fetch(`${start().base}/metrics`)).text()
    expect(text).toEndWith('\n')
    for (const line of text.trimEnd().split('\n')) {
      expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[^}]*\})? \d+(\.\d+)?)$/)
    }
  })

  test('may ask for a token', async () => {
    const { base } = start({ metricsToken: 's3cret' })
    const asked = async (authorization?: string) =>
      (await fetch(`${base}/metrics`, { headers: authorization ? { authorization } : {} })).status
    expect([await asked(), await asked('Bearer wrong'), await asked('s3cret')]).toEqual([401, 401, 401])
    expect(await asked('Bearer s3cret')).toBe(200)
  })

  test('may be switched off', async () => {
    expect((await fetch(`${start({ metricsEnabled: false }).base}/metrics`)).status).toBe(404)
  })
})

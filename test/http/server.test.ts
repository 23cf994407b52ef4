import { afterEach, describe, expect, test } from 'bun:test'
import { type AnyElysia, Elysia, t } from 'elysia'
import { Fault } from '../../src/core/fault.ts'
import { trustedProxies } from '../../src/http/client-address.ts'
import { type Dialect, dialectOf } from '../../src/http/dialect.ts'
import type { HttpOptions } from '../../src/http/server.ts'
import { stopHttp } from '../../src/http/server.ts'
import { connect, exchangeRaw, jsonDialect, type Running, serve } from './server-under-test.ts'

let running: Running | null = null
afterEach(async () => {
  await running?.close()
  running = null
})

const start = (routes: AnyElysia, options: Partial<HttpOptions> = {}): Running => {
  running = serve(routes, options)
  return running
}

const failing = () =>
  new Elysia()
    .get('/fault', () => {
      throw new Fault('rate_limited', undefined, { retryAfter: 2.2 })
    })
    .get('/crash', () => {
      throw new Error('secret /etc/kist/kist.db SELECT password')
    })
    .get('/wrong', () => ({ hash: 'secret-hash' }) as unknown as { id: string }, {
      response: t.Object({ id: t.String() }),
    })
    .post('/checked', ({ body }) => body, { body: t.Object({ name: t.String() }) })
    .get('/both', () => 'got')
    .put('/both', () => 'put', { parse: 'none' })
    .get('/files/:id/raw', () => 'raw')

describe('the dialect of a path', () => {
  const dialects = ['', '/api', '/api/v1', '/api/v2', '/storage/parts'].map((prefix) => ({ prefix }))
  const rows: Array<[path: string, prefix: string]> = [
    ['/api/v1/files', '/api/v1'],
    ['/api/v1', '/api/v1'],
    ['/api/v1/', '/api/v1'],
    ['/api/v1x', '/api'],
    ['/api/v3/x', '/api'],
    ['/api', '/api'],
    ['/apis', ''],
    ['/', ''],
    ['/storage/partsx', ''],
    ['/x/api/v1/y', ''],
    ['/API/v1', ''],
  ]
  test.each(rows)('%s belongs to "%s"', (path, prefix) => {
    expect(dialectOf(path, dialects)).toEqual({ prefix })
    expect(dialectOf(path, dialects.toReversed())).toEqual({ prefix })
  })

  test('is none when no dialect takes the rest', () => {
    expect(dialectOf('/x', [{ prefix: '/api' }])).toBeNull()
  })
})

describe('a fault', () => {
  test('is worded by the dialect of its path, unknown routes too', async () => {
    const upper: Dialect = {
      ...jsonDialect(
        '/api/v2',
        new Elysia().get('/api/v2/x', () => 'x'),
        'upper',
      ),
      renderFault: (fault) => ({ status: 200, body: { response: fault.code, _status: 'error' } }),
    }
    const dialects = [upper, jsonDialect('/api', failing())]
    const { base } = start(new Elysia(), { dialects })
    const riding = await fetch(`${base}/api/v2/nothing`)
    expect([riding.status, await riding.json()]).toEqual([
      200,
      { response: 'route_not_found', _status: 'error' },
    ])
    const plain = await fetch(`${base}/api/v2x`)
    expect([plain.status, await plain.json()]).toEqual([404, { error: 'Endpoint not found.' }])
    const nobody = await fetch(`${base}/elsewhere`)
    expect([nobody.status, await nobody.json()]).toEqual([
      404,
      { status: 'error', message: 'Endpoint not found.' },
    ])
  })

  test('brings Retry-After in whole seconds and is never stored', async () => {
    const { base } = start(failing())
    const response = await fetch(`${base}/fault`)
    expect(response.status).toBe(429)
    expect(response.headers.get('retry-after')).toBe('3')
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
  })

  test('for a crash says nothing of it to the client and everything to the log', async () => {
    const { base, log, metrics } = start(failing())
    const response = await fetch(`${base}/crash`)
    expect([response.status, await response.json()]).toEqual([500, { error: 'Internal error.' }])
    const line = log.lines.find(({ level }) => level === 'error')
    expect(line?.event).toBe('internal_error')
    expect(String(line?.fields.cause)).toContain('secret /etc/kist/kist.db')
    expect(metrics.unhandledErrors()).toBe(1)
  })

  test('for an answer that does not fit its schema is internal and quotes no value', async () => {
    const { base, log } = start(failing())
    const response = await fetch(`${base}/wrong`)
    expect([response.status, await response.json()]).toEqual([500, { error: 'Internal error.' }])
    expect(JSON.stringify(log.lines)).not.toContain('secret-hash')
    expect(JSON.stringify(log.lines)).toContain('does not fit its schema')
  })

  test('for a wrong value names the field and quotes nothing', async () => {
    const { base, log } = start(failing())
    const body = JSON.stringify({ password: 'hunter2', name: 5 })
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${base}/checked`, { method: 'POST', body, headers })
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: 'The value of "name" is not valid.' },
    ])
    expect(JSON.stringify(log.lines)).not.toContain('hunter2')
  })

  test('for a body that cannot be parsed is invalid', async () => {
    const { base } = start(failing())
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${base}/checked`, { method: 'POST', body: '{"name"', headers })
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: 'The request body could not be read.' },
    ])
  })

  test('for a known path and another method is 405 with Allow', async () => {
    const { base } = start(failing())
    const rows: Array<[method: string, path: string, allow: string]> = [
      ['DELETE', '/both', 'GET, HEAD, PUT'],
      ['DELETE', '/both/', 'GET, HEAD, PUT'],
      ['POST', '/files/7/raw', 'GET, HEAD'],
      ['GET', '/checked', 'POST'],
      ['OPTIONS', '/both', 'GET, HEAD, PUT'],
    ]
    for (const [method, path, allow] of rows) {
      const response = await fetch(`${base}${path}`, { method })
      expect([path, response.status, response.headers.get('allow')]).toEqual([path, 405, allow])
    }
    expect((await fetch(`${base}/files/7/other`, { method: 'POST' })).status).toBe(404)
  })

  test('that its own dialect cannot word is still a clean 500', async () => {
    const broken: Dialect = {
      ...jsonDialect('', failing()),
      renderFault: () => {
        throw new Error('secret in the table')
      },
    }
    const { base, log } = start(new Elysia(), { dialects: [broken] })
    const response = await fetch(`${base}/fault`)
    expect([response.status, await response.json()]).toEqual([
      500,
      { status: 'error', message: 'Internal error.' },
    ])
    expect(JSON.stringify(log.lines)).toContain('secret in the table')
  })
})

describe('a host', () => {
  const hosts = { allowedHosts: ['Files.example', '[::1]'] }
  const statusFor = async (port: number, host: string, path = '/both') =>
    (await exchangeRaw(port, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).slice(
      9,
      12,
    )

  test('that is not ours gets 421, in any letter case and with any port it gets in', async () => {
    const { port } = start(
      failing().get('/healthz', () => 'ok'),
      hosts,
    )
    expect(await statusFor(port, 'evil.example')).toBe('421')
    expect(await statusFor(port, 'files.example.evil')).toBe('421')
    expect(await statusFor(port, 'FILES.example:8080')).toBe('200')
    expect(await statusFor(port, '[::1]:80')).toBe('200')
    expect(await statusFor(port, '10.1.1.1', '/healthz')).toBe('200')
  })

  test.each(['a b', 'user@host', 'a?b', 'a/b', 'x\r\nHost: yyyyy', ''])(
    '%p is 400 and no crash',
    async (host) => {
      const { port, metrics } = start(failing())
      expect(await statusFor(port, host)).toBe('400')
      expect(metrics.unhandledErrors()).toBe(0)
    },
  )
})

describe('another site', () => {
  const apis = () => {
    const api = new Elysia()
      .get('/api/v1/x', () => 'x')
      .get('/api/v1/fault', () => {
        throw new Fault('file_not_found')
      })
    return {
      dialects: [
        jsonDialect('/api/v1', api),
        jsonDialect(
          '',
          new Elysia().get('/page', () => 'page'),
        ),
      ],
    }
  }
  const asking = { method: 'OPTIONS', headers: { origin: 'https://a.example' } }

  test('may ask before it calls an API, a download or a part', async () => {
    const { base } = start(new Elysia(), apis())
    for (const path of [
      '/api',
      '/api/v1/x',
      '/api/v2/y',
      '/api/flamenet/v1/z',
      '/download/5',
      '/storage/parts/x',
    ]) {
      const response = await fetch(`${base}${path}`, {
        ...asking,
        headers: { ...asking.headers, 'access-control-request-headers': 'authorization, x-api-token' },
      })
      expect([path, response.status]).toEqual([path, 204])
      const header = (name: string) => response.headers.get(`access-control-${name}`)
      expect(header('allow-origin')).toBe('*')
      expect(header('allow-methods')).toBe('GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS')
      expect(header('allow-headers')).toBe('authorization, x-api-token')
      expect(header('max-age')).toBe('86400')
      expect(header('allow-credentials')).toBeNull()
    }
  })

  test('gets the headers on answers and on errors of every kind', async () => {
    const { base } = start(new Elysia(), apis())
    for (const path of ['/api/v1/x', '/api/v1/fault', '/api/v1/nothing']) {
      const { headers } = await fetch(`${base}${path}`)
      expect(headers.get('access-control-allow-origin')).toBe('*')
      expect(headers.get('access-control-expose-headers')).toBe(
        'ETag, Content-Disposition, Content-Length, Content-Range, Retry-After, Location, Idempotency-Replayed',
      )
    }
  })

  test('gets nothing from pages', async () => {
    const { base } = start(new Elysia(), apis())
    expect((await fetch(`${base}/page`)).headers.get('access-control-allow-origin')).toBeNull()
    const preflight = await fetch(`${base}/page`, asking)
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([405, null])
  })

  test('cannot have nonsense echoed', async () => {
    const { port } = start(new Elysia(), apis())
    const text = await exchangeRaw(
      port,
      'OPTIONS /api/v1/x HTTP/1.1\r\nHost: localhost\r\nAccess-Control-Request-Headers: a<script>(b)\r\nConnection: close\r\n\r\n',
    )
    expect(text).toStartWith('HTTP/1.1 204')
    expect(text).not.toContain('script')
  })
})

describe('the access log', () => {
  test('has one line per request with address, dialect, status and sizes', async () => {
    const { base, log } = start(failing(), { trusted: trustedProxies(['127.0.0.1']) })
    await fetch(`${base}/both?x=1`, { headers: { 'x-forwarded-for': '192.0.2.7' } })
    await fetch(`${base}/nothing`)
    const lines = log.lines.filter(({ event }) => event === 'request').map(({ fields }) => fields)
    expect(lines).toMatchObject([
      { method: 'GET', path: '/both?x=1', status: 200, ip: '192.0.2.7', dialect: 'test' },
      { method: 'GET', path: '/nothing', status: 404, ip: '127.0.0.1', dialect: 'test' },
    ])
    expect(lines[0]?.ms).toBeNumber()
  })

  test('never holds a header', async () => {
    const { base, log } = start(failing())
    const headers = { authorization: 'Bearer s3cret', 'x-api-token': 's3cret', cookie: 'session=s3cret' }
    await fetch(`${base}/both`, { headers })
    await fetch(`${base}/crash`, { headers })
    expect(JSON.stringify(log.lines)).not.toContain('s3cret')
  })

  test('can be switched off', async () => {
    const { base, log } = start(failing(), { accessLog: false })
    await fetch(`${base}/both`)
    expect(log.lines).toEqual([])
  })
})

describe('stopping', () => {
  const slow = () => {
    const gate = Promise.withResolvers<void>()
    const entered = Promise.withResolvers<void>()
    const routes = new Elysia().get('/slow', async () => {
      entered.resolve()
      await gate.promise
      return 'finished'
    })
    return { routes, entered: entered.promise, release: gate.resolve }
  }

  test('lets a request in flight finish and refuses new connections at once', async () => {
    const { routes, entered, release } = slow()
    const { base, app } = start(routes)
    const answer = fetch(`${base}/slow`)
    await entered
    const server = app.server
    if (!server) throw new Error('not listening')
    const stopped = stopHttp(server, 5)
    await expect(fetch(`${base}/slow`, { keepalive: false })).rejects.toThrow()
    release()
    expect(await (await answer).text()).toBe('finished')
    expect(await stopped).toBe(0)
  })

  test('does not wait for a connection whose body was refused before it had arrived', async () => {
    const { port, app } = start(new Elysia().post('/refused', () => 'no', { parse: 'none' }))
    const server = app.server
    if (!server) throw new Error('not listening')
    const client = await connect(port)
    client.send(
      `POST /refused HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000\r\n\r\n${'x'.repeat(1_900_000)}`,
    )
    await client.until('\r\n\r\nno')
    const begun = performance.now()
    expect(await stopHttp(server, 5)).toBe(0)
    expect(performance.now() - begun).toBeLessThan(1000)
    await client.closed
  })

  test('cuts what is left at the deadline and says how many', async () => {
    const { routes, entered, release } = slow()
    const { port, app } = start(routes)
    const client = await connect(port)
    client.send('GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await entered
    const server = app.server
    if (!server) throw new Error('not listening')
    expect(await stopHttp(server, 0.05)).toBe(1)
    expect(await client.closed).toBe('')
    release()
  })
})

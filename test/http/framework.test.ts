/**
 * Facts of Bun and Elysia the house is built on, each as a sentence. A version that changes one fails here,
 * loudly, and the sentence says what to look at.
 */
import { afterEach, describe, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AnyElysia, Elysia, t } from 'elysia'
import { Fault } from '../../src/core/fault.ts'
import { readBody } from '../../src/http/body.ts'
import { clientAddress, trustedProxies } from '../../src/http/client-address.ts'
import { createMetrics } from '../../src/http/metrics.ts'
import { fileId, fileSlug, sessionId } from '../../src/http/path-ids.ts'
import { createHttp, stopHttp } from '../../src/http/server.ts'
import { watchedBody } from '../../src/http/upload-body.ts'
import { grantOf, sendFile } from './sending.ts'
import {
  connect,
  exchangeRaw,
  fixedClock,
  jsonDialect,
  type Running,
  recordingLog,
  serve,
} from './server-under-test.ts'

const closing: Array<() => unknown> = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const start = (routes: AnyElysia): Running => {
  const running = serve(routes)
  closing.push(running.close)
  return running
}

/** A bare server, without anything of ours. */
function bare(options: Partial<Bun.Serve.Options<undefined>> & { fetch: (request: Request) => unknown }) {
  const server = Bun.serve({ port: 0, hostname: '127.0.0.1', ...options } as Bun.Serve.Options<undefined>)
  closing.push(() => server.stop(true))
  return server
}

/** The framework as it comes, with routes but without our error hook and gate. */
const inProcess = (app: AnyElysia) => (method: string, path: string, body?: string) =>
  app.handle(
    new Request(`http://localhost${path}`, {
      method,
      body,
      headers: body ? { 'content-type': 'application/json' } : {},
    }),
  )

const MEBIBYTE = 1024 * 1024
const get = (path: string, host = 'localhost', rest = '') =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${rest}Connection: close\r\n\r\n`

describe('the order of hooks', () => {
  const schema = { body: t.Object({ name: t.String() }) }
  const status = (code: unknown) => (code === 'VALIDATION' ? 422 : 401)
  const withMacro = (macro: Record<string, unknown>) => {
    const app: AnyElysia = new Elysia().onError(({ code }) => new Response(null, { status: status(code) }))
    app.macro({ signedIn: macro }).post('/x', () => 'reached', { ...schema, signedIn: true })
    return inProcess(app)
  }
  const refuse = () => {
    throw new Fault('unauthenticated')
  }

  test('a gate in the resolve of a macro comes after validation', async () => {
    expect((await withMacro({ resolve: refuse })('POST', '/x', '{}')).status).toBe(422)
  })

  test('a gate in the transform of a macro comes before validation', async () => {
    expect((await withMacro({ transform: refuse })('POST', '/x', '{}')).status).toBe(401)
  })

  test('a derive inside a macro is ignored without a word', async () => {
    const response = await withMacro({ derive: refuse })('POST', '/x', '{"name":"a"}')
    expect(await response.text()).toBe('reached')
  })

  test('a scoped derive with a gate in transform gives 401, then 422, then the handler', async () => {
    const auth = new Elysia()
      .derive({ as: 'scoped' }, ({ headers }) => ({ user: headers.authorization ?? null }))
      .macro({
        signedIn: {
          transform({ user }: { user: string | null }) {
            if (!user) throw new Fault('unauthenticated')
          },
        },
      } as never)
    const app: AnyElysia = new Elysia().onError(({ code }) => new Response(null, { status: status(code) }))
    app.use(auth).post('/x', () => 'reached', { ...schema, signedIn: true })
    const post = async (body: string, authorization?: string) => {
      const headers = { 'content-type': 'application/json', ...(authorization ? { authorization } : {}) }
      return (await app.handle(new Request('http://localhost/x', { method: 'POST', body, headers }))).status
    }
    expect([await post('{}'), await post('{}', 'me'), await post('{"name":"a"}', 'me')]).toEqual([
      401, 422, 200,
    ])
  })
})

describe('the error hook', () => {
  const named = (name: string) => () => new Response(name, { status: 500 })
  const crash = () => {
    throw new Error('x')
  }
  const plugin = () => new Elysia().onError(named('own')).get('/x', crash)

  test('of the root wins over one of a plugin when it is added first', async () => {
    const call = inProcess(new Elysia().onError(named('root')).use(plugin()))
    expect(await (await call('GET', '/x')).text()).toBe('root')
  })

  test('of the root loses when it is added after the plugin', async () => {
    const call = inProcess(new Elysia().use(plugin()).onError(named('root')))
    expect(await (await call('GET', '/x')).text()).toBe('own')
  })

  test('of the root is the only one an unknown route reaches', async () => {
    const call = inProcess(new Elysia().onError(named('root')).use(plugin()))
    expect(await (await call('GET', '/unknown')).text()).toBe('root')
  })

  test('sends a 200 as 200 when the status is set both ways, for crashes and for unknown routes', async () => {
    const riding = {
      ...jsonDialect('', new Elysia().get('/x', crash)),
      renderFault: () => ({ status: 200, body: { status: 'error' } }),
    }
    const app = createHttp({ dialects: [riding], log: recordingLog(), metrics: createMetrics(fixedClock) })
    for (const path of ['/x', '/unknown']) {
      const response = await inProcess(app)('GET', path)
      expect([response.status, await response.json()]).toEqual([200, { status: 'error' }])
    }
  })

  test('gets a Fault thrown while parsing as PARSE with the Fault as its cause', async () => {
    const seen: unknown[] = []
    const app = new Elysia()
      .onError(({ code, error }) => {
        seen.push(code, (error as Error).cause)
        return new Response(null, { status: 413 })
      })
      .onParse(() => {
        throw new Fault('body_too_large')
      })
      .post('/x', ({ body }) => String(body), { parse: 'none' })
      .post('/y', ({ body }) => String(body))
    await inProcess(app)('POST', '/y', '{}')
    expect(seen).toEqual(['PARSE', expect.objectContaining({ code: 'body_too_large' })])
  })

  test('of ours unwraps a Fault thrown while parsing', async () => {
    const routes = new Elysia()
      .onParse(() => {
        throw new Fault('body_too_large')
      })
      .post('/y', ({ body }) => String(body))
    const { base } = start(routes)
    expect((await fetch(`${base}/y`, { method: 'POST', body: '{}' })).status).toBe(413)
  })

  test('is needed: without one the message of a crash goes to the client', async () => {
    const server = new Elysia().get('/x', () => {
      throw new Error('secret /etc/path')
    })
    expect(await (await inProcess(server)('GET', '/x')).text()).toContain('secret')
  })
})

describe('an answer', () => {
  test('that is a plain object loses the fields its schema does not name, nested ones too', async () => {
    const response = { response: t.Object({ id: t.String(), in: t.Object({ a: t.String() }) }) }
    const value = { id: '1', hash: 'secret', in: { a: 'x', b: 'secret' } }
    const app = new Elysia()
      .get('/plain', () => value, response)
      .get('/raw', () => Response.json(value), response as never)
    expect(await (await inProcess(app)('GET', '/plain')).json()).toEqual({ id: '1', in: { a: 'x' } })
    expect(await (await inProcess(app)('GET', '/raw')).text()).toContain('secret')
  })

  test('that fails its schema is a ValidationError of type response', async () => {
    const types: unknown[] = []
    const app = new Elysia()
      .onError(({ error }) => {
        types.push((error as { type?: string }).type)
        return new Response(null, { status: 500 })
      })
      .get('/x', () => ({}) as { id: string }, { response: t.Object({ id: t.String() }) })
    await inProcess(app)('GET', '/x')
    expect(types).toEqual(['response'])
  })

  test('with a line break in a header throws inside the handler and becomes a clean 500', async () => {
    const routes = new Elysia().get('/x', () => new Response('x', { headers: { 'x-name': 'a\r\nb: c' } }))
    const { base } = start(routes)
    const response = await fetch(`${base}/x`)
    expect([response.status, await response.json()]).toEqual([500, { error: 'Internal error.' }])
  })

  test('that is a stream in several chunks loses its Content-Length in Bun', async () => {
    const body = () => {
      let left = 2
      return new ReadableStream<Uint8Array>({
        async pull(controller) {
          await Bun.sleep(1)
          if (left-- > 0) controller.enqueue(new Uint8Array(5))
          else controller.close()
        },
      })
    }
    const server = bare({ fetch: () => new Response(body(), { headers: { 'content-length': '10' } }) })
    const text = await exchangeRaw(server.port ?? 0, get('/'))
    expect(text.toLowerCase()).toContain('transfer-encoding: chunked')
    expect(text.toLowerCase()).not.toContain('content-length')
  })

  test('that is a file or a slice of one keeps its Content-Length in Bun', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kist-framework-'))
    closing.push(() => rm(folder, { recursive: true }))
    const path = join(folder, 'object')
    await Bun.write(path, 'x'.repeat(1000))
    const server = bare({
      fetch: (request) =>
        new Response(request.url.endsWith('/slice') ? Bun.file(path).slice(10, 20) : Bun.file(path)),
    })
    expect(await exchangeRaw(server.port ?? 0, get('/'))).toMatch(/content-length: 1000\r/i)
    expect(await exchangeRaw(server.port ?? 0, get('/slice'))).toMatch(/content-length: 10\r/i)
  })

  test('to HEAD keeps a Content-Length set by hand in Bun', async () => {
    const server = bare({ fetch: () => new Response(null, { headers: { 'content-length': '12345' } }) })
    const text = await exchangeRaw(server.port ?? 0, get('/').replace('GET', 'HEAD'))
    expect(text).toMatch(/content-length: 12345\r/i)
  })

  test('that is a bare file ignores If-Range in the framework, which is why downloads are explicit', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kist-framework-'))
    closing.push(() => rm(folder, { recursive: true }))
    await Bun.write(join(folder, 'object'), 'x'.repeat(100))
    const file = {
      name: 'a',
      size: 100,
      etag: 'new',
      lastModified: new Date(0),
      mimeType: 'text/plain',
      cacheControl: '',
    }
    const routes = new Elysia()
      .get('/theirs', () => Bun.file(join(folder, 'object')))
      .get('/ours', ({ request, server }) =>
        sendFile(
          request,
          server,
          file,
          grantOf((range) => {
            const whole = Bun.file(join(folder, 'object'))
            return range ? whole.slice(range.start, range.end + 1) : whole
          }),
        ),
      )
    const { base } = start(routes)
    const headers = { range: 'bytes=50-', 'if-range': '"old"' }
    const theirs = await fetch(`${base}/theirs`, { headers })
    const ours = await fetch(`${base}/ours`, { headers })
    expect((await theirs.bytes()).byteLength).toBe(50)
    expect([ours.status, (await ours.bytes()).byteLength]).toEqual([200, 100])
  })

  test('that is a Response with status 206 passes through the framework unchanged', async () => {
    const routes = new Elysia().get(
      '/x',
      () =>
        new Response(new Blob(['abc']).stream(), {
          status: 206,
          headers: { 'content-range': 'bytes 0-2/9' },
        }),
    )
    const response = await fetch(`${start(routes).base}/x`, { headers: { range: 'bytes=1-1' } })
    expect([response.status, response.headers.get('content-range'), await response.text()]).toEqual([
      206,
      'bytes 0-2/9',
      'abc',
    ])
  })
})

describe('a request body', () => {
  test('is left unread by parse none', async () => {
    const routes = new Elysia().post(
      '/x',
      ({ request, body }) => ({ used: request.bodyUsed, body: typeof body }),
      {
        parse: 'none',
      },
    )
    for (const type of ['application/octet-stream', 'multipart/form-data; boundary=x', 'application/json']) {
      const answer = await fetch(`${start(routes).base}/x`, {
        method: 'POST',
        body: '{}',
        headers: { 'content-type': type },
      })
      expect(await answer.json()).toEqual({ used: false, body: 'undefined' })
    }
  })

  test('streams through us in far less memory than its size', async () => {
    const routes = new Elysia().put(
      '/x',
      async ({ request, server }) => {
        let size = 0
        for await (const chunk of watchedBody(request, server)) size += chunk.byteLength
        return { size }
      },
      { parse: 'none' },
    )
    const { base } = start(routes)
    const chunk = new Uint8Array(MEBIBYTE)
    let left = 300
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (left-- > 0) controller.enqueue(chunk)
        else controller.close()
      },
    })
    const before = process.memoryUsage.rss()
    const answer = await fetch(`${base}/x`, { method: 'PUT', body })
    expect(await answer.json()).toEqual({ size: 300 * MEBIBYTE })
    // Sender and receiver share this process, and what both dropped may not be collected yet.
    Bun.gc(true)
    expect(process.memoryUsage.rss() - before).toBeLessThan(150 * MEBIBYTE)
  })

  test('is null when there is none, and that is an empty file and not a crash', async () => {
    const routes = new Elysia().put(
      '/x',
      async ({ request, server }) => {
        let size = 0
        for await (const chunk of watchedBody(request, server)) size += chunk.byteLength
        return { isNull: request.body === null, size }
      },
      { parse: 'none' },
    )
    const answer = await fetch(`${start(routes).base}/x`, {
      method: 'PUT',
      headers: { 'content-length': '0' },
    })
    expect(await answer.json()).toEqual({ isNull: true, size: 0 })
  })

  test("above Bun's own limit is refused without a body, which is why ours is far above every other", async () => {
    const server = bare({ fetch: () => new Response('handler'), maxRequestBodySize: 10 })
    const theirs = await exchangeRaw(
      server.port ?? 0,
      'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\n\r\n',
    )
    expect(theirs).toStartWith('HTTP/1.1 413')
    expect(theirs.split('\r\n\r\n')[1]).toBe('')

    const routes = new Elysia().post('/x', ({ request }) => readBody(request, 100), { parse: 'none' })
    const client = await connect(start(routes).port)
    client.send(`POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${200 * 1024 ** 4}\r\n\r\n`)
    const ours = await client.until('The request body is too large.')
    expect(ours).toStartWith('HTTP/1.1 413')
    client.end()
  })

  test('of a client that pauses is cut by Bun at its idle time, but not while we watch it', async () => {
    const drain = async (body: AsyncIterable<Uint8Array>) => {
      let size = 0
      for await (const chunk of body) size += chunk.byteLength
      return Response.json({ size })
    }
    const theirs = bare({ idleTimeout: 1, fetch: (request) => drain(request.body ?? new Blob([]).stream()) })
    const ours = bare({ idleTimeout: 1, fetch: (request) => drain(watchedBody(request, ours)) })
    const pausing = async (port: number) => {
      const client = await connect(port)
      client.send('PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n\r\n0123456789')
      return client
    }
    const [cut, watched] = [await pausing(theirs.port ?? 0), await pausing(ours.port ?? 0)]
    expect(await cut.closed).toBe('')
    watched.send('0123456789')
    expect(await watched.until('"size":20')).toStartWith('HTTP/1.1 200')
    watched.end()
  }, 20_000)

  test('of a client that leaves ends with an error and an aborted signal, and nothing is left unhandled', async () => {
    const ends: Array<{ aborted: boolean; code: string | undefined }> = []
    const routes = new Elysia().put(
      '/x',
      async ({ request, server }) => {
        try {
          for await (const _ of watchedBody(request, server));
          ends.push({ aborted: request.signal.aborted, code: 'whole' })
        } catch (error) {
          ends.push({ aborted: request.signal.aborted, code: (error as Fault).code })
          throw error
        }
      },
      { parse: 'none' },
    )
    const unhandled: unknown[] = []
    const note = (error: unknown) => unhandled.push(error)
    process.on('unhandledRejection', note)
    closing.push(() => process.off('unhandledRejection', note))
    const { port, metrics } = start(routes)
    for (const framing of ['Content-Length: 1000', 'Transfer-Encoding: chunked']) {
      const client = await connect(port)
      client.send(`PUT /x HTTP/1.1\r\nHost: localhost\r\n${framing}\r\n\r\n`)
      client.send(framing.startsWith('T') ? '5\r\nhello\r\n' : 'hello')
      client.end()
      await client.closed
    }
    while (ends.length < 2) await Bun.sleep(1)
    expect(ends).toEqual(Array(2).fill({ aborted: true, code: 'client_gone' }))
    expect([unhandled, metrics.unhandledErrors()]).toEqual([[], 0])
  })

  test('may be left unread: an early refusal reaches the client and the connection goes on', async () => {
    const routes = new Elysia()
      .put('/x', () => {
        throw new Fault('quota_exceeded')
      })
      .get('/y', () => 'still here')
    const client = await connect(start(routes).port)
    client.send(`PUT /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${MEBIBYTE}\r\n\r\n`)
    const answer = await client.until('storage quota')
    expect(answer.toLowerCase()).not.toContain('connection: close')
    const rest = new Uint8Array(MEBIBYTE)
    for (let sent = 0; sent < MEBIBYTE; sent += 65536) {
      client.send(rest.subarray(sent, sent + 65536))
      await Bun.sleep(0)
    }
    client.send(get('/y'))
    expect(await client.closed).toContain('still here')
  })
})

describe('a download', () => {
  test('to a reader who stops is cancelled, and the stream knows', async () => {
    const cancelled = Promise.withResolvers<void>()
    const file = {
      name: 'a',
      size: 2 ** 30,
      etag: 'e',
      lastModified: new Date(0),
      mimeType: 'text/plain',
      cacheControl: '',
    }
    let pulled = 0
    const open = () =>
      new ReadableStream<Uint8Array>(
        {
          pull(controller) {
            pulled += 1
            controller.enqueue(new Uint8Array(65536))
          },
          cancel: () => cancelled.resolve(),
        },
        { highWaterMark: 0 },
      )
    const routes = new Elysia().get('/x', ({ request, server }) =>
      sendFile(request, server, file, grantOf(open)),
    )
    const client = await connect(start(routes).port)
    client.send('GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await client.until('200 OK')
    client.end()
    await cancelled.promise
    expect(pulled).toBeLessThan(2 ** 30 / 65536)
  })

  test('gives its reader the longest idle time Bun has, for the kernel buffers megabytes', async () => {
    const set: number[] = []
    const server = {
      timeout: (_request: Request, seconds: number) => void set.push(seconds),
      requestIP: () => ({ address: '127.0.0.1', port: 1 }),
    }
    const file = {
      name: 'a',
      size: 3,
      etag: 'e',
      lastModified: new Date(0),
      mimeType: 'text/plain',
      cacheControl: '',
    }
    await sendFile(
      new Request('http://localhost/'),
      server,
      file,
      grantOf(() => new Blob(['abc'])),
    )
    expect(set).toEqual([255])
  })

  test('asked for by HEAD runs the GET handler of the framework and still begins nothing', async () => {
    const calls: string[] = []
    const file = {
      name: 'a',
      size: 3,
      etag: 'e',
      lastModified: new Date(0),
      mimeType: 'text/plain',
      cacheControl: '',
    }
    const grant = grantOf(
      () => new Blob(['abc']),
      () => void calls.push('begun'),
    )
    const routes = new Elysia().get('/x/:id', ({ request, server }) => {
      calls.push(request.method)
      return sendFile(request, server, file, grant)
    })
    const response = await fetch(`${start(routes).base}/x/1`, { method: 'HEAD' })
    expect([response.status, response.headers.get('content-length')]).toEqual([200, '3'])
    expect(calls).toEqual(['HEAD'])
  })
})

describe('routing', () => {
  const routes = () =>
    new Elysia()
      .get('/admin/x', () => 'admin')
      .get('/x', () => 'x')
      .get('/p/:id', ({ params }) => JSON.stringify(params.id))
      .get('/file/:id', ({ params }) => fileId(params.id))
      .get('/slug/:id', ({ params }) => fileSlug(params.id))
      .get('/session/:id', ({ params }) => sessionId(params.id))

  const shifted: Array<[path: string, host: string, status: number, body: string]> = [
    ['/zz/admin/x', 'x', 404, 'Endpoint not found.'],
    ['/zz/admin/x', 'xy', 404, 'Endpoint not found.'],
    ['/ADMIN/x', 'abc', 404, 'Endpoint not found.'],
    ['/admin/x', 'x', 200, 'admin'],
    ['/admin/x', 'a:1', 200, 'admin'],
    ['/x', 'x', 200, 'x'],
  ]
  test.each(shifted)('%s for the short host %s goes where it says', async (path, host, status, body) => {
    const answer = await exchangeRaw(start(routes()).port, get(path, host))
    expect(answer).toStartWith(`HTTP/1.1 ${status}`)
    expect(answer).toContain(body)
  })

  test('decodes path parameters after it matched them, so they may hold slashes and NUL', async () => {
    const { base } = start(routes())
    expect(await (await fetch(`${base}/p/..%2f..%2fetc`)).json()).toBe('../../etc')
    expect(await (await fetch(`${base}/p/a%00b`)).json()).toBe('a\0b')
  })

  const hostile = [
    '..%2f..%2fetc',
    '%00',
    '%ff',
    '%zz',
    '1%00',
    '-1',
    '1.5',
    '1e3',
    '0',
    ' 1',
    '9'.repeat(30),
    '%2e%2e',
  ]
  test.each(hostile)('an id %s is not found, wherever it stands', async (id) => {
    const { base, metrics } = start(routes())
    for (const path of ['file', 'slug', 'session'])
      expect((await fetch(`${base}/${path}/${id}`)).status).toBe(404)
    expect(metrics.unhandledErrors()).toBe(0)
  })

  test('lets good ids through', async () => {
    const { base } = start(routes())
    for (const path of ['file/123', 'slug/aB3dE6gH9j', 'session/ups_0123456789abcdef0123']) {
      expect((await fetch(`${base}/${path}`)).status).toBe(200)
    }
  })

  test('in process needs a host of the URL like any other, since the path is looked for behind it', async () => {
    const call = () => new Request('http://x/admin/x')
    const theirs = new Elysia().get('/admin/x', () => 'admin')
    expect((await theirs.handle(call())).status).toBe(404)
    expect((await start(routes()).app.handle(call())).status).toBe(200)
  })

  test('prefers names to parameters and parameters to wildcards, over the network as in process', async () => {
    const { app, base } = start(
      new Elysia()
        .get('/:slug/:name', () => 'parameter')
        .get('/download/*', () => 'wildcard')
        .get('/download/list', () => 'name'),
    )
    for (const [path, body] of [
      ['/download/list', 'name'],
      ['/download/a/b', 'wildcard'],
      ['/other/x', 'parameter'],
    ] as const) {
      expect(await (await fetch(base + path)).text()).toBe(body)
      expect(await (await app.handle(new Request(`http://localhost${path}`))).text()).toBe(body)
    }
  })

  test('two factory plugins with one name lose the hooks of the second, so plugins have no name', async () => {
    const seen: string[] = []
    const factory = (label: string) =>
      new Elysia({ name: 'same' }).onBeforeHandle({ as: 'global' }, () => void seen.push(label))
    await inProcess(
      new Elysia()
        .use(factory('first'))
        .use(factory('second'))
        .get('/x', () => 'x'),
    )('GET', '/x')
    expect(seen).toEqual(['first'])
  })
})

describe('a server', () => {
  test('of the framework shares its port by default; ours refuses a second one', async () => {
    const running = start(new Elysia().get('/x', () => 'x'))
    const second = createHttp({ dialects: [], log: recordingLog(), metrics: createMetrics(fixedClock) })
    expect(() => second.listen({ port: running.port, hostname: '127.0.0.1' })).toThrow()
    const theirs = new Elysia().listen({ port: 0, hostname: '127.0.0.1' })
    closing.push(() => theirs.server?.stop(true))
    const twin = new Elysia().listen({ port: theirs.server?.port ?? 0, hostname: '127.0.0.1' })
    closing.push(() => twin.server?.stop(true))
    expect(twin.server?.port).toBe(theirs.server?.port)
  })

  test('of ours is in production mode whatever the environment says', async () => {
    const running = start(
      new Elysia()
        .post('/x', ({ body }) => body, { body: t.Object({ a: t.String() }) })
        .get('/y', () => {
          throw new Error('secret')
        }),
    )
    expect(running.app.server?.development).toBe(false)
    const invalid = await fetch(`${running.base}/x`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    })
    expect(await invalid.json()).toEqual({ error: 'The value of "a" is not valid.' })
    expect(await (await fetch(`${running.base}/y`)).json()).toEqual({ error: 'Internal error.' })
  })

  test('of ours sends a fixed text when an answer breaks after it left us', async () => {
    const running = start(new Elysia().get('/x', () => new Response(Bun.file('/nonexistent/secret-name'))))
    const response = await fetch(`${running.base}/x`)
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('secret-name')
  })

  test('closes the connection on a method nobody knows, and lives', async () => {
    const { port, base } = start(new Elysia().get('/x', () => 'x'))
    const answer = await exchangeRaw(port, 'BREW /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
    expect(answer).not.toContain(' 200 ')
    expect((await fetch(`${base}/x`)).status).toBe(200)
  })

  test('that stops finishes what is in flight', async () => {
    const entered = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    const { base, app } = start(
      new Elysia().get('/x', async () => {
        entered.resolve()
        await release.promise
        return 'finished'
      }),
    )
    const answer = fetch(`${base}/x`)
    await entered.promise
    const stopped = app.server && stopHttp(app.server, 10)
    release.resolve()
    expect(await (await answer).text()).toBe('finished')
    expect(await stopped).toBe(0)
  })

  test('passes X-Forwarded-For on untouched, so only trusted peers are believed', async () => {
    const trusted = trustedProxies(['127.0.0.1'])
    const nobody = trustedProxies([])
    const routes = new Elysia().get('/x', ({ request, server }) => ({
      raw: request.headers.get('x-forwarded-for'),
      trusting: clientAddress(request, server, trusted),
      wary: clientAddress(request, server, nobody),
    }))
    const response = await fetch(`${start(routes).base}/x`, {
      headers: { 'x-forwarded-for': '6.6.6.6, 192.0.2.9' },
    })
    expect(await response.json()).toEqual({
      raw: '6.6.6.6, 192.0.2.9',
      trusting: '192.0.2.9',
      wary: '127.0.0.1',
    })
  })
})

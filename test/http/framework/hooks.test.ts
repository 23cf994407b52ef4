/** Facts of Bun and Elysia about hooks and errors. */
import { describe, expect, test } from 'bun:test'
import { type AnyElysia, Elysia, t } from 'elysia'
import { Fault } from '../../../src/core/fault.ts'
import { createMetrics } from '../../../src/http/metrics.ts'
import { createHttp } from '../../../src/http/server.ts'
import { fixedClock, jsonDialect, recordingLog } from '../server-under-test.ts'
import { inProcess, serversUnderTest } from './servers-under-test.ts'

const { start } = serversUnderTest()

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

/** Facts of Bun and Elysia about the server. */
import { describe, expect, test } from 'bun:test'
import { Elysia, t } from 'elysia'
import { clientAddress, trustedProxies } from '../../../src/http/client-address.ts'
import { createMetrics } from '../../../src/http/metrics.ts'
import { createHttp, stopHttp } from '../../../src/http/server.ts'
import { exchangeRaw, fixedClock, recordingLog } from '../server-under-test.ts'
import { serversUnderTest } from './servers-under-test.ts'

const { closing, start } = serversUnderTest()

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

/** Facts of Bun and Elysia about answers. */
import { describe, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Elysia, t } from 'elysia'
import { grantOf, sendFile } from '../sending.ts'
import { exchangeRaw } from '../server-under-test.ts'
import { get, inProcess, serversUnderTest } from './servers-under-test.ts'

const { bare, closing, start } = serversUnderTest()

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

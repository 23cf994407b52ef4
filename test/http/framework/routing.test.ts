/** Facts of Bun and Elysia about routes. */
import { describe, expect, test } from 'bun:test'
import { Elysia } from 'elysia'
import { fileId, fileSlug, sessionId } from '../../../src/http/path-ids.ts'
import { exchangeRaw } from '../server-under-test.ts'
import { get, inProcess, serversUnderTest } from './servers-under-test.ts'

const { start } = serversUnderTest()

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

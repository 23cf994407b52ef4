import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { buildWeb } from '../../scripts/build-web.ts'
import { assetRoutes, assetTags } from '../../src/web/assets.ts'
import { createTestApp } from '../support/app.ts'

if (!(await Bun.file(join(import.meta.dir, '../../dist/web/manifest.json')).exists())) await buildWeb()

const routes = assetRoutes()
const get = (path: string, headers: Record<string, string> = {}) =>
  routes.handle(new Request(`http://kist.test${path}`, { headers }))
const namesIn = (html: string) =>
  [...html.matchAll(/"(\/assets\/[^"]+)"/g)].map((match) => match[1] as string)

test('a page names the style and the script of its entry, and both are there for ever', async () => {
  const names = namesIn(assetTags('visit'))
  const plain = names.map((name) => name.replace(/-\w+\./, '-.'))
  expect([plain[0], plain.at(-1)]).toEqual(['/assets/visit-.css', '/assets/visit-.js'])
  for (const name of names) {
    const answer = await get(name)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(answer.headers.get('vary')).toBe('Accept-Encoding')
    expect(answer.headers.get('content-type')).toBe(
      name.endsWith('.js') ? 'text/javascript; charset=utf-8' : 'text/css; charset=utf-8',
    )
  }
})

test('who takes brotli or gzip gets it, and the same bytes come out', async () => {
  const [name = ''] = namesIn(assetTags('visit'))
  const plain = await (await get(name)).text()
  const small = await get(name, { 'accept-encoding': 'gzip, deflate' })
  expect(small.headers.get('content-encoding')).toBe('gzip')
  expect(new TextDecoder().decode(Bun.gunzipSync(new Uint8Array(await small.arrayBuffer())))).toBe(plain)
  const smaller = await get(name, { 'accept-encoding': 'gzip, deflate, br' })
  expect(smaller.headers.get('content-encoding')).toBe('br')
})

test('an unknown entry is a mistake of the build, said at once', () => {
  expect(() => assetTags('nothing')).toThrow('no bundled script nothing')
})

for (const name of ['manifest.json', 'visit-00000000.js', '..%2f..%2fpackage.json', 'visit-edr0swsn.js.gz'])
  test(`${name} is not given out`, async () => {
    expect((await get(`/assets/${name}`)).status).not.toBe(200)
  })

test('a name that no file can have is just not there', async () => {
  const app = await createTestApp()
  const long = 'x'.repeat(5000)
  const names = [
    '%00',
    'a%00-12345678.js',
    '%',
    '%FF',
    '%ED%A0%80',
    long,
    `${long}-12345678.js`,
    'a-12345678.js',
  ]
  const statuses = []
  for (const name of names) statuses.push((await app.request('GET', `/assets/${name}`)).status)
  await app.close()
  expect(statuses).toEqual(names.map(() => 404))
})

/** The page of a file, and the bytes its button leads to. */
import { describe, expect, test } from 'bun:test'
import { sampleBytes, sha256 } from '../support/upload.ts'
import { downloadLink, keyOf, site, wordsOf } from './site.ts'

const given = site()
const HTML = 'text/html; charset=utf-8'
const OWN_SCRIPT = /<script type="module" src="\/assets\/[\w.-]+"><\/script>/g

describe('the page of a file', () => {
  test('says what it is, and hands out a link to the bytes', async () => {
    const bytes = sampleBytes(1_289_000)
    const file = await given.file({ name: 'holiday photo.jpg', bytes, mimeType: 'image/jpeg' })
    const page = await given.get(`/${file.slug}`)
    expect([page.status, page.headers.get('content-type')]).toEqual([200, HTML])
    const words = wordsOf(page)
    for (const fact of [
      'holiday photo.jpg',
      '1.2 MB',
      '(1,289,000 bytes)',
      'image/jpeg',
      '2030-01-01 00:00 UTC',
    ])
      expect(words).toContain(fact)
    expect(page.text).toContain('<dt>Downloads</dt><dd>0</dd>')
    expect(page.text).toContain(`<dt>SHA-256</dt><dd><code>${sha256(bytes)}</code></dd>`)
    expect(page.text).not.toContain(keyOf(file))
    expect(page.text).not.toContain('~d')
    const answer = await given.get(downloadLink(page))
    expect([answer.status, sha256(answer.bytes)]).toEqual([200, sha256(bytes)])
  })

  test('leaks its address and itself to nobody', async () => {
    const file = await given.file()
    const { headers } = await given.get(`/${file.slug}`)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('x-robots-tag')).toBe('noindex')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('set-cookie')).toBeNull()
  })

  test('may be found by search engines when the file is public', async () => {
    const file = await given.file({ visibility: 2 })
    expect((await given.get(`/${file.slug}`)).headers.get('x-robots-tag')).toBeNull()
    expect((await given.get(`/${file.slug}~i`)).headers.get('x-robots-tag')).toBe('noindex')
  })

  test('is the same under its old endings and any name, which decide nothing', async () => {
    const file = await given.file({ name: 'a.txt' })
    const other = await given.file({ name: 'b.txt' })
    for (const path of [
      '.html',
      '.htm',
      '/a.txt',
      '/b.txt',
      '/%3Cscript%3E',
      `/${other.slug}`,
      '/',
      '.html/x.txt',
    ]) {
      const page = await given.get(`/${file.slug}${path}`)
      expect([path, page.status, /<h1>(.*)<\/h1>/.exec(page.text)?.[1]]).toEqual([
        path,
        200,
        '<bdi>a.txt</bdi>',
      ])
      expect(page.text.replaceAll(OWN_SCRIPT, '')).not.toContain('<script')
    }
  })

  test('changes nothing, read or asked for its head', async () => {
    const file = await given.file()
    const page = await given.get(`/${file.slug}`)
    const head = await given.send('HEAD', `/${file.slug}`)
    expect([head.status, head.text, head.headers.get('content-type')]).toEqual([200, '', HTML])
    const link = downloadLink(page)
    const bytes = await given.send('HEAD', link)
    expect([bytes.status, bytes.text, bytes.headers.get('content-length')]).toEqual([200, '', '3000'])
    for (const page of ['~i', `~i?${keyOf(file)}`, '~s', `~d?${keyOf(file)}`]) {
      for (const method of ['GET', 'HEAD'])
        expect([page, (await given.send(method, `/${file.slug}${page}`)).status]).toEqual([page, 200])
    }
    expect(await given.now(file)).toEqual(file)
  })

  test('of a private file is for its owner alone', async () => {
    const file = await given.file({ visibility: 0 })
    const strangers: Array<Record<string, string>> = [{}, { cookie: (await given.signIn('bob')).cookie }]
    for (const headers of strangers) {
      for (const path of [`/${file.slug}`, `/${file.slug}~i`, `/${file.slug}~s`]) {
        const page = await given.get(path, headers)
        expect([page.status, page.headers.get('content-type')]).toEqual([403, HTML])
        expect(wordsOf(page)).toContain('File is not publicly available.')
        expect(page.text).not.toContain(file.name)
      }
    }
    const { cookie } = await given.signIn('ann')
    const own = await given.get(`/${file.slug}`, { cookie })
    expect([own.status, own.headers.get('x-robots-tag')]).toEqual([200, 'noindex'])
    for (const link of [`/${file.slug}~s`, `/${file.slug}~d`]) expect(own.text).toContain(`href="${link}"`)
    expect((await given.get(`/${file.slug}~s`, { cookie })).status).toBe(200)
    // Its link works without the cookie: the token opens it.
    expect((await given.get(downloadLink(own))).status).toBe(200)
  })

  test('says that a file was removed, and that there never was one', async () => {
    const file = await given.file()
    const link = downloadLink(await given.get(`/${file.slug}`))
    await given.app.core.files.trash(given.ann, file.id)
    const { cookie } = await given.signIn('ann')
    for (const path of [`/${file.slug}`, `/${file.slug}/x`, link, `/${file.slug}~i`, `/${file.slug}~s`]) {
      for (const headers of [undefined, { cookie }]) {
        const page = await given.get(path, headers)
        expect([path, page.status]).toEqual([path, 404])
        expect(wordsOf(page)).toContain('File has been removed.')
      }
    }
    const unknown = await given.get('/zzzzzzzzzz')
    expect([unknown.status, wordsOf(unknown).includes('File not found.')]).toEqual([404, true])
  })

  test('answers programs in JSON when something is wrong', async () => {
    const file = await given.file({ visibility: 0 })
    const accept = 'application/json'
    const answer = (path: string) => given.get(path, { accept }).then(({ status, json }) => [status, json])
    const error = (message: string) => ({ status: 'error', message })
    expect(await answer(`/${file.slug}`)).toEqual([403, error('File is not publicly available.')])
    expect(await answer('/zzzzzzzzzz')).toEqual([404, error('File not found.')])
    expect(await answer(`/${file.slug}?download_token=x`)).toEqual([
      403,
      error('Error: Download link expired or invalid.'),
    ])
  })

  test.each([
    '/folder',
    '/index.html',
    '/favicon.ico',
    '/robots.txt',
    '/abcdefghi',
    '/abcdefghijk',
    '/abcdefghij~f',
    '/abcdefghij~',
    '/abcdefghij~i/x',
    '/abcdefghij~ii',
    '/abcde-ghij',
    '/api/v9',
    '/x/y',
  ])('is not at %s', async (path) => {
    const answer = await given.get(path, { accept: 'application/json' })
    expect([answer.status, /not found/i.test(answer.text)]).toEqual([404, true])
  })
})

describe('the link of a page', () => {
  test('sends the file to be saved, whole or in part, and counts what begins at the first byte', async () => {
    const bytes = sampleBytes(5000)
    const file = await given.file({ name: 'Übersicht "1".txt', bytes, mimeType: 'text/html' })
    const link = downloadLink(await given.get(`/${file.slug}`))
    const whole = await given.get(link)
    expect(whole.headers.get('content-disposition')).toBe(
      `attachment; filename="_bersicht _1_.txt"; filename*=UTF-8''%C3%9Cbersicht%20%221%22.txt`,
    )
    expect(whole.headers.get('cache-control')).toBe('no-store')
    expect(whole.headers.get('accept-ranges')).toBe('bytes')
    expect(whole.headers.get('x-content-type-options')).toBe('nosniff')
    const rest = await given.get(link, { range: 'bytes=4000-' })
    expect([rest.status, rest.headers.get('content-range')]).toEqual([206, 'bytes 4000-4999/5000'])
    expect(sha256(rest.bytes)).toBe(sha256(bytes.slice(4000)))
    expect((await given.get(link, { range: 'bytes=9000-' })).status).toBe(416)
    expect((await given.get(link, { range: 'bytes=0-9' })).status).toBe(206)
    const seen = { 'if-none-match': whole.headers.get('etag') ?? '' }
    expect((await given.get(link, seen)).status).toBe(304)
    const now = await given.now(file)
    expect([now?.downloads, now?.lastDownloadedAt]).toEqual([2, given.app.clock.now()])
  })

  test('works with any name behind the slug, which is not the name it is saved by', async () => {
    const file = await given.file({ name: 'small.txt', bytes: sampleBytes(1) })
    const link = downloadLink(await given.get(`/${file.slug}`)).replace('?', '/whatever.exe?')
    const answer = await given.get(link)
    expect([answer.status, answer.bytes.length]).toEqual([200, 1])
    expect(answer.headers.get('content-disposition')).toContain('small.txt')
  })

  test('is good for a day and for that file alone', async () => {
    const file = await given.file()
    const other = await given.file({ name: 'other.txt' })
    const link = downloadLink(await given.get(`/${file.slug}`))
    const token = new URL(link, 'http://localhost').searchParams.get('download_token') ?? ''
    const changed = (at: number) => token.slice(0, at) + (token[at] === '0' ? '1' : '0') + token.slice(at + 1)
    const bad = [
      `/${other.slug}?download_token=${token}`,
      ...[0, 9, 12, 20, 30, 63].map((at) => `/${file.slug}?download_token=${changed(at)}`),
      ...['', 'x', token.slice(1), `${token}0`].map((value) => `/${file.slug}?download_token=${value}`),
    ]
    for (const path of bad) {
      const page = await given.get(path)
      expect([path, page.status, page.headers.get('content-type')]).toEqual([path, 403, HTML])
      expect(wordsOf(page)).toContain('This download link has expired')
    }
    given.app.clock.advance(86_399)
    expect((await given.get(link)).status).toBe(200)
    given.app.clock.advance(1)
    expect((await given.get(link)).status).toBe(403)
    expect((await given.now(file))?.downloads).toBe(1)
  })

  test('may be fetched by pages of other sites, the page itself may not', async () => {
    const file = await given.file()
    const headers = { origin: 'https://elsewhere.example' }
    const page = await given.get(`/${file.slug}`, headers)
    expect(page.headers.get('access-control-allow-origin')).toBeNull()
    const link = downloadLink(page)
    const answer = await given.get(link, headers)
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
    expect((await given.send('OPTIONS', link, { headers })).status).toBe(204)
    const aside = await given.get('/web/session?download_token=1', headers)
    expect(aside.headers.get('access-control-allow-origin')).toBeNull()
  })

  test('is refused by other methods, which the answer names', async () => {
    const file = await given.file()
    for (const [method, path, allowed] of [
      ['POST', `/${file.slug}`, 'GET, HEAD'],
      ['DELETE', `/${file.slug}`, 'GET, HEAD'],
      ['PUT', `/${file.slug}~i`, 'GET, HEAD'],
      ['PUT', `/${file.slug}~d`, 'GET, HEAD, POST, DELETE'],
      ['POST', `/${file.slug}/name`, 'GET, HEAD'],
    ] as const) {
      const answer = await given.send(method, path)
      expect([method, path, answer.status, answer.headers.get('allow')]).toEqual([method, path, 405, allowed])
    }
  })

  test('is the only thing that knows the file: other paths keep their answers', async () => {
    for (const [method, path, status] of [
      ['POST', '/swagger', 405],
      ['DELETE', '/search', 405],
      ['POST', '/nothing', 404],
      ['DELETE', '/nothing', 404],
      ['POST', '/no/thing', 404],
      ['POST', '/api/v1', 404],
    ] as const)
      expect([method, path, (await given.send(method, path)).status]).toEqual([method, path, status])
  })
})

describe('a package that makes its people wait', () => {
  const waiting = async () => {
    await given.app.core.packages.set('Guest', { wait_before_download: '30' })
    const file = await given.file()
    const page = await given.get(`/${file.slug}`)
    return { file, page, link: downloadLink(page) }
  }

  test('makes the link good after the wait, and the page says so', async () => {
    const { file, page, link } = await waiting()
    expect(wordsOf(page)).toContain('starts 30 seconds after this page was opened')
    given.app.clock.advance(18)
    const early = await given.get(link)
    expect([early.status, early.headers.get('retry-after')]).toEqual([403, '12'])
    expect(wordsOf(early)).toContain('12 seconds left')
    expect(early.text).toContain('<meta http-equiv="refresh" content="12">')
    given.app.clock.advance(11)
    expect(wordsOf(await given.get(link))).toContain('1 second left')
    expect((await given.now(file))?.downloads).toBe(0)
    given.app.clock.advance(1)
    expect((await given.get(link)).status).toBe(200)
  })

  test('lets nobody shorten it', async () => {
    const { link } = await waiting()
    const token = link.slice(link.indexOf('=') + 1)
    const from = (Number.parseInt(token.slice(0, 10), 16) - 30).toString(16).padStart(10, '0')
    expect((await given.get(link.replace(token, from + token.slice(10)))).status).toBe(403)
  })

  test('holds up neither the owner nor those of another package', async () => {
    const { file } = await waiting()
    for (const name of ['ann', 'bob']) {
      const { cookie } = await given.signIn(name)
      const page = await given.get(`/${file.slug}`, { cookie })
      expect(wordsOf(page)).not.toContain('seconds after')
      expect((await given.get(downloadLink(page))).status).toBe(200)
    }
  })
})

describe('the info page', () => {
  test('shows the ways to manage a file to who has its key, and to its owner', async () => {
    const file = await given.file()
    const key = keyOf(file)
    const keyed = await given.get(`/${file.slug}~i?${key}`)
    expect(keyed.text).toContain(`href="/${file.slug}~d?${key}"`)
    expect(keyed.text).toContain(`href="/${file.slug}~s"`)
    const { cookie } = await given.signIn('ann')
    const own = await given.get(`/${file.slug}~i`, { cookie })
    expect(own.text).toContain(`href="/${file.slug}~d"`)
    expect(own.text).not.toContain(key)
    const bob = await given.signIn('bob')
    for (const [query, headers] of [
      ['', {}],
      [`?${'0'.repeat(32)}`, {}],
      ['?%22%3E%3Cscript%3E', {}],
      ['', { cookie: bob.cookie }],
    ] as const) {
      const page = await given.get(`/${file.slug}~i${query}`, headers)
      expect(page.status).toBe(200)
      expect(page.text).not.toMatch(/~[ds]|<script/)
    }
  })

  test('opens for the key even when the file is private', async () => {
    const file = await given.file({ visibility: 0 })
    expect((await given.get(`/${file.slug}~i?${keyOf(file)}`)).status).toBe(200)
    expect((await given.get(`/${file.slug}~i?${keyOf(file).toUpperCase()}=`)).status).toBe(200)
    expect((await given.get(`/${file.slug}~i?${'0'.repeat(32)}`)).status).toBe(403)
  })
})

describe('the statistics page', () => {
  test('counts downloads', async () => {
    const file = await given.file()
    const before = await given.get(`/${file.slug}~s`)
    expect(before.text).toContain('<dt>Downloads</dt><dd>0</dd>')
    expect(wordsOf(before)).toContain('Last download never')
    given.app.clock.advance(3600)
    await given.get(downloadLink(await given.get(`/${file.slug}`)))
    const after = await given.get(`/${file.slug}~s`)
    expect(after.text).toContain('<dt>Downloads</dt><dd>1</dd>')
    expect(wordsOf(after)).toContain('Last download 2030-01-01 01:00 UTC')
  })
})

/** What a visitor sees where there is nothing, or where he did wrong: a page, or JSON for who prefers it. */
import { describe, expect, test } from 'bun:test'
import { scenario } from '../dialects/nating/scenario.ts'

const given = scenario({ config: { site: { name: 'Ann & <Bob>' } } })
const get = (path: string, accept?: string) =>
  given.app.request('GET', path, { headers: accept === undefined ? {} : { accept } })

describe('the front page', () => {
  test('shows the name of the site as text', async () => {
    const answer = await get('/')
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(answer.text).toContain('<title>Ann &amp; &lt;Bob&gt;</title>')
    expect(answer.text).not.toContain('<Bob>')
  })

  test('runs nothing but the script for uploads, which may ask us alone', async () => {
    const answer = await get('/')
    const policy = answer.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("script-src 'self'; style-src 'self' 'sha256-")
    expect(policy).toContain("connect-src 'self';")
    expect(policy).toEndWith("form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
    expect(answer.text.match(/<script[^>]*>/g)).toEqual([
      expect.stringMatching(/^<script type="module" src="\/assets\/upload-\w+\.js">$/),
    ])
    expect(answer.text).not.toMatch(/<img|\bon\w+=/)
  })

  test('has a form for uploads and the most that may be uploaded', async () => {
    const answer = await get('/')
    expect(answer.text).toContain('<input type="file" id="files" multiple')
    expect(answer.text).toContain('data-most="104857600"')
    expect(answer.text).toContain('<noscript>')
    expect(answer.text).not.toContain('data-csrf')
  })
})

describe('a page without script', () => {
  test('runs nothing and loads nothing', async () => {
    const answer = await get('/search')
    const policy = answer.headers.get('content-security-policy') ?? ''
    expect(policy).toStartWith("default-src 'none'; style-src 'sha256-")
    expect(policy).toEndWith("form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
    expect(policy).not.toMatch(/script-src|unsafe|https?:|\*/)
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(answer.text).not.toMatch(/<script|<img|\bon\w+=/)
    for (const [link] of answer.text.matchAll(/<link [^>]*>/g)) expect(link).toContain('href="data:')
  })

  test.each(['/', '/search'])('%s declares the hash of the style it has', async (path) => {
    const answer = await get(path)
    const style = /<style>([\s\S]*?)<\/style>/.exec(answer.text)?.[1] ?? ''
    const hash = new Bun.CryptoHasher('sha256').update(style).digest('base64')
    expect(answer.headers.get('content-security-policy')).toContain(`'sha256-${hash}'`)
  })
})

describe('where there is nothing', () => {
  test.each([
    undefined,
    '',
    '*/*',
    'text/html',
    'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'text/html, application/json',
    'application/json;q=0.5, text/*',
    'text/plain',
  ])('a visitor who accepts %p gets a page', async (accept) => {
    const answer = await get('/no/such/page', accept)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8'])
    expect(answer.text).toContain('There is nothing at this address.')
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  test.each(['application/json', 'application/json, text/html;q=0.9', 'application/*', 'text/html;q=0, */*'])(
    'a program that accepts %s gets JSON',
    async (accept) => {
      const answer = await get('/no/such/page', accept)
      expect([answer.status, answer.json]).toEqual([404, { status: 'error', message: 'Endpoint not found.' }])
    },
  )

  test.each([
    '/%3Cscript%3Ealert(1)%3C/script%3E',
    '/%00',
    '/%ff',
    '/..%2f..%2fetc%2fpasswd',
    '//',
    '/%2e%2e',
  ])('the address %s is not repeated', async (path) => {
    const answer = await get(path)
    expect([path, [200, 404].includes(answer.status)]).toEqual([path, true])
    expect(answer.text).not.toContain('alert(1')
    expect(answer.text).not.toContain('passwd')
  })
})

describe('a wrong method', () => {
  test('is a page with the methods there are', async () => {
    const answer = await given.app.request('DELETE', '/setup')
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST'])
    expect(answer.text).toContain('Method not allowed.')
  })
})

describe('calls of our own pages', () => {
  test.each(['/web', '/web/nothing', '/web/session/x'])('%s is JSON, whoever asks', async (path) => {
    const answer = await get(path, 'text/html')
    expect([answer.status, answer.json]).toEqual([404, { status: 'error', message: 'Endpoint not found.' }])
  })

  test('are not open to other sites', async () => {
    const answer = await given.app.request('OPTIONS', '/web/session', {
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    })
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    const read = await given.app.request('GET', '/web/session', {
      headers: { origin: 'https://evil.example' },
    })
    expect(read.headers.get('access-control-allow-origin')).toBeNull()
  })
})

/** Files of strangers opened in a real browser: none of them runs anything in our origin. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Browser, BrowserContext } from 'playwright-core'
import { silentLog } from '../../../src/core/log.ts'
import { createTestApp, PASSWORD, type TestApp } from '../../support/app.ts'
import { CHROMIUM, launchChromium } from '../../support/chromium.ts'
import { formOf } from '../../support/form.ts'

/** Tells us in every way there is that it ran: a request with a name, our cookie, our storage, a new title. */
const attack = (name: string): string => `
  fetch('/api?ran=${name}', { mode: 'no-cors' });
  new Image().src = '/api?ran=${name}';
  try { localStorage.setItem('ran', '${name}') } catch {}
  try { document.cookie = 'ran=${name}; path=/' } catch {}
  try { opener.document.title = 'ran' } catch {}
  try { document.title = 'ran' } catch {}
  try { alert('${name}') } catch {}`

const PDF = (name: string): string => `%PDF-1.7
1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.launchURL\\('/api?ran=${name}'\\))>>>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj
trailer<</Root 1 0 R>>
`
const PAGE = (name: string): string =>
  `<!doctype html><meta charset=utf-8><title>quiet</title><script>${attack(name)}</script>
<img src=x onerror="fetch('/api?ran=${name}')"><svg onload="fetch('/api?ran=${name}')"></svg>
<meta http-equiv=refresh content="0;url=/api?ran=${name}">
<form id=f action=/api><input name=ran value=${name}></form><script>f.submit()</script>
<iframe src="/api?ran=${name}"></iframe><iframe srcdoc="<script>parent.fetch('/api?ran=${name}')</script>"></iframe>
<link rel=stylesheet href="/api?ran=${name}"><object data="/api?ran=${name}"></object>
<a id=a href="javascript:fetch('/api?ran=${name}')">x</a><script>a.click()</script>`
const SVG = (name: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" onload="fetch('/api?ran=${name}')"><script>${attack(name)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')}</script><foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml"
src="/api?ran=${name}"/></foreignObject><image href="/api?ran=${name}"/></svg>`
const XML = (name: string): string =>
  `<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="/api?ran=${name}"?>
<html xmlns="http://www.w3.org/1999/xhtml"><head><title>quiet</title></head><body>
<script>fetch('/api?ran=${name}')</script><img src="/api?ran=${name}" onerror="fetch('/api?ran=${name}')"/></body></html>`

const FILES: Array<[string, (name: string) => string]> = [
  ['page.html', PAGE],
  ['PAGE.HTML', PAGE],
  ['drawing.svg', SVG],
  ['feed.xml', XML],
  ['paper.pdf', PDF],
  ['page.htm', PAGE],
  ['page.xhtml', XML],
  ['page.shtml', PAGE],
  ['polyglot.png', PAGE],
  ['polyglot.jpg', (name) => `\u00ff\u00d8\u00ff${PAGE(name)}`],
  ['polyglot.gif', (name) => `GIF89a/*${PAGE(name)}*/=1;${attack(name)}`],
  ['polyglot.pdf', (name) => PDF(name) + PAGE(name)],
  ['page.txt', PAGE],
  ['page.md', PAGE],
  ['table.csv', PAGE],
  ['list.yaml', PAGE],
  ['film.mp4', PAGE],
  ['sound.mp3', PAGE],
  ['icon.ico', PAGE],
  ['code.js', attack],
  ['page.unknown', PAGE],
]

describe.skipIf(CHROMIUM === null)('in a browser of somebody who is signed in', () => {
  let browser: Browser
  let app: TestApp
  let context: BrowserContext
  let base = ''
  let cookie = ''
  /** Paths that reached the server. */
  const asked: string[] = []

  beforeAll(async () => {
    browser = await launchChromium()
    app = await createTestApp({
      log: { ...silentLog, info: (_event, fields) => asked.push(String(fields?.path)) },
    })
    await app.account('ann')
    app.http.listen({ port: 0, hostname: '127.0.0.1' })
    base = `http://127.0.0.1:${app.http.server?.port}`
    const body = { username: 'ann', password: PASSWORD }
    const signedIn = await app.request('POST', '/web/session', { body })
    cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
    context = await visitor()
  })
  afterAll(async () => {
    await browser?.close()
    await app?.http.stop(true)
    expect(await app?.problems()).toEqual([])
    await app?.close()
  })

  const visitor = async (): Promise<BrowserContext> => {
    const [name = '', value = ''] = cookie.split('=')
    const visiting = await browser.newContext({ acceptDownloads: true })
    await visiting.addCookies([{ name, value, url: base, httpOnly: true, sameSite: 'Lax' }])
    return visiting
  }
  const cookiesOf = async (of: BrowserContext): Promise<string[]> =>
    (await of.cookies(base)).map(({ name }) => name)

  const upload = async (filename: string, body: string): Promise<string> => {
    const form = formOf([{ filename, body, type: 'text/html' }])
    const answer = await app.request('POST', `${base}/api/upload?include_ext=true`, form)
    return answer.json.file_url
  }
  const ran = (): string[] => asked.filter((url) => url.includes('ran='))

  test('the watch works: a page of our origin that does run is noticed', async () => {
    const watched = await visitor()
    const page = await watched.newPage()
    const body = `<title>quiet</title><script>${attack('watched')}</script>`
    await page.route(`${base}/watched`, (route) => route.fulfill({ contentType: 'text/html', body }))
    const dialog = page.waitForEvent('dialog').then((shown) => shown.dismiss())
    const answered = page.waitForResponse(/ran=watched/)
    await page.goto(`${base}/watched`)
    await Promise.all([dialog, answered])
    expect(ran().length).toBeGreaterThan(0)
    expect(await cookiesOf(watched)).toContain('ran')
    expect(await page.evaluate<string | null>("localStorage.getItem('ran')")).toBe('watched')
    await watched.close()
  }, 30_000)

  test.each(FILES)(
    '%s runs nothing when it is opened',
    async (filename, make) => {
      const url = await upload(filename, make(filename))
      for (const prefix of ['file', 'f']) {
        asked.length = 0
        const page = await context.newPage()
        const dialogs: string[] = []
        page.on('dialog', (dialog) => {
          dialogs.push(dialog.message())
          void dialog.dismiss()
        })
        const downloaded = page.waitForEvent('download').then(
          () => true,
          () => false,
        )
        const shown = await page.goto(`${base}/${prefix}/${url}`).then(
          () => true,
          () => false,
        )
        // The download, or another page, comes after all that the file itself could do.
        if (!shown) expect(await downloaded).toBe(true)
        await page.goto(`${base}/healthz`)
        const stored = await page.evaluate<string | null>("localStorage.getItem('ran')")
        expect({ filename, dialogs, ran: ran(), stored, cookies: await cookiesOf(context) }).toEqual({
          filename,
          dialogs: [],
          ran: [],
          stored: null,
          cookies: ['kist_session'],
        })
        await page.close()
      }
    },
    30_000,
  )

  test.each(['code.js', 'page.html', 'polyglot.gif', 'page.txt', 'list.yaml'])(
    '%s is no script of another page of ours either',
    async (filename) => {
      const url = await upload(filename, `document.title = 'ran'`)
      const page = await context.newPage()
      await page.route(`${base}/including`, (route) =>
        route.fulfill({
          contentType: 'text/html',
          body: `<title>quiet</title><script src="/file/${url}"></script><link rel=stylesheet href="/file/${url}">`,
        }),
      )
      await page.goto(`${base}/including`)
      expect(await page.title()).toBe('quiet')
      await page.close()
    },
    30_000,
  )

  test('a shown page has no origin, and can not read who is signed in', async () => {
    const url = await upload('look.html', '<title>quiet</title><p id=p>hello</p>')
    const page = await context.newPage()
    await page.goto(`${base}/file/${url}`)
    expect(await page.locator('#p').textContent()).toBe('hello')
    expect(await page.evaluate<string>('self.origin')).toBe('null')
    await page.close()
  }, 30_000)
})

/** The pages in a real browser: nothing strange runs, everything works without script, and it can be read. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import type { FileRecord, Folder } from '../../src/core/model.ts'
import { createTestApp, PASSWORD, type TestApp } from '../support/app.ts'
import { CHROMIUM, launchChromium } from '../support/chromium.ts'
import { md5, sampleBytes, sha256 } from '../support/upload.ts'
import { keyOf, type Site, siteOf } from './site.ts'

/** Names that try to be something else: markup, attributes, right-to-left text, lines without an end. */
const HOSTILE = [
  `<b>"&'</b><script>document.title='ran'</script>.txt`,
  `"><img src=x onerror="document.title='ran'">.txt`,
  `' autofocus onfocus='document.title="ran"`,
  `]]><svg onload=document.title='ran'>`,
  `&lt;script&gt;&#39;&quot;.txt`,
  'תמונה של חופשה (final).exe',
  '\u202egnp.exe',
  `${'x'.repeat(251)}.bin`,
  '写真 📷 ünïcödé.jpg',
]
const NARROW = { width: 360, height: 740 }
const WIDE = { width: 1280, height: 800 }

/** What a page is like, seen from inside. */
const LOOK = `({
  ran: document.title === 'ran',
  scripts: [...document.scripts].filter((script) => !script.src.startsWith(location.origin + '/assets/')).length,
  frames: document.querySelectorAll('iframe:not([src^="/~show/"]), object, embed').length,
  pictures: [...document.images].filter((image) => !image.src.startsWith(location.origin + '/')).length,
  handlers: [...document.querySelectorAll('*')].flatMap((element) =>
    element.getAttributeNames().filter((name) => name.startsWith('on'))),
  tooWide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
  headings: document.querySelectorAll('h1').length,
  language: document.documentElement.lang,
  unlabelled: [...document.querySelectorAll('input:not([type=hidden])')]
    .filter((input) => input.labels.length === 0).length,
  styled: getComputedStyle(document.body).display === 'flex',
})`

describe.skipIf(CHROMIUM === null)('in a browser', () => {
  let browser: Browser
  let app: TestApp
  let site: Site
  let base = ''
  let setupToken = ''
  const problems: string[] = []

  beforeAll(async () => {
    browser = await launchChromium()
    app = await createTestApp({ config: { site: { name: `Ann's <Files> & "more"` } } })
    setupToken = (await app.core.setup.token()) ?? ''
    site = siteOf(app, (await app.account('ann')).account, (await app.account('bob')).account)
    app.http.listen({ port: 0, hostname: '127.0.0.1' })
    base = `http://127.0.0.1:${app.http.server?.port}`
  })
  afterAll(async () => {
    await browser?.close()
    await app?.http.stop(true)
    expect(await app?.problems()).toEqual([])
    await app?.close()
  })

  /** A visitor; `scripts` off shows that nothing needs them, on that none of ours or others' run. */
  async function visitor(options: { scripts?: boolean; cookie?: string; width?: typeof NARROW } = {}) {
    const context = await browser.newContext({
      javaScriptEnabled: options.scripts ?? true,
      viewport: options.width ?? WIDE,
      extraHTTPHeaders: options.cookie === undefined ? {} : { cookie: options.cookie },
    })
    const page = await context.newPage()
    // A page that is a refusal is itself reported as a failed load.
    page.on('console', (message) => {
      if (message.type() === 'error' && !/^Failed to load resource.*status of 40\d/.test(message.text()))
        problems.push(`${page.url()}: ${message.text()}`)
    })
    page.on('pageerror', (error) => problems.push(`${page.url()}: ${error.message}`))
    page.on('dialog', (dialog) => {
      problems.push(`${page.url()}: a dialog says ${dialog.message()}`)
      return dialog.dismiss()
    })
    return page
  }

  /** No script but ours, no foreign request, nothing wider than the screen, each field labelled, one main heading. */
  async function inspect(page: Page, path: string): Promise<void> {
    const elsewhere: string[] = []
    const note = (request: { url(): string }) => {
      // The browser's own viewer of documents is an extension of it.
      if (!request.url().startsWith(base) && !/^(data|chrome|chrome-extension):/.test(request.url()))
        elsewhere.push(request.url())
    }
    page.on('request', note)
    await page.goto(base + path)
    page.off('request', note)
    const seen = await page.evaluate<Record<string, unknown>>(LOOK)
    const found: Record<string, unknown> = { path, elsewhere, ...seen }
    expect(found).toEqual({
      path,
      elsewhere: [],
      ran: false,
      scripts: 0,
      frames: 0,
      pictures: 0,
      handlers: [],
      tooWide: false,
      headings: 1,
      language: 'en',
      unlabelled: 0,
      styled: true,
    })
  }

  async function hostileSite(): Promise<{ files: FileRecord[]; folder: Folder; paths: string[] }> {
    const folder = await site.folder({ name: `<img src=x onerror="document.title='ran'">`, visibility: 2 })
    const files: FileRecord[] = []
    for (const name of HOSTILE) {
      files.push(await site.file({ name, folderId: folder.id, visibility: 2 }))
      await site.folder({ name, parentId: folder.id, visibility: 2 })
    }
    const locked = await site.folder({ name: '<s>', passwordMd5: md5(new Uint8Array(1)) })
    const query = encodeURIComponent(`"><img src=x onerror="document.title='ran'">`)
    const paths = [
      ...files.flatMap((file) => [
        `/${file.slug}`,
        `/${file.slug}/${encodeURIComponent(file.name)}`,
        `/${file.slug}~i?${keyOf(file)}`,
        `/${file.slug}~s`,
        `/${file.slug}~d?${keyOf(file)}`,
      ]),
      `/folder/${folder.id}/x`,
      `/folder/${locked.id}/x`,
      `/search?q=${query}`,
      '/search?q=.',
      '/',
      '/nothing/here',
      `/${files[0]?.slug}?download_token=${query}`,
      `/setup?token=${setupToken}`,
    ]
    return { files, folder, paths }
  }

  test('names of strangers run nowhere and break no page, wide or narrow', async () => {
    const { files, folder, paths } = await hostileSite()
    for (const width of [WIDE, NARROW]) {
      const page = await visitor({ width })
      for (const path of paths) await inspect(page, path)
      for (const file of files) {
        await page.goto(`${base}/${file.slug}`)
        expect(await page.locator('h1').textContent()).toBe(file.name)
      }
      await page.goto(`${base}/folder/${folder.id}`)
      expect(await page.locator('.entries a').allTextContents()).toEqual(
        expect.arrayContaining(files.map(({ name }) => name)),
      )
      await page.context().close()
    }
    expect(problems).toEqual([])
  }, 120_000)

  test('a file is downloaded by its button, without script, after the wait of the package', async () => {
    const bytes = sampleBytes(10_000)
    const file = await site.file({ name: 'photo.jpg', bytes })
    await app.core.packages.set('Guest', { wait_before_download: '2' })
    const page = await visitor({ scripts: false })
    await page.goto(`${base}/${file.slug}`)
    await page.getByRole('link', { name: 'Download' }).click()
    expect(await page.locator('[role=status]').textContent()).toContain('2 seconds left')
    const started = page.waitForEvent('download')
    app.clock.advance(2)
    const download = await started
    expect(download.suggestedFilename()).toBe('photo.jpg')
    expect(sha256(await Bun.file(await download.path()).bytes())).toBe(sha256(bytes))
    await app.core.packages.set('Guest', { wait_before_download: '0' })
    await page.context().close()
  }, 60_000)

  test('a locked folder opens by its password, typed and sent with the keyboard alone', async () => {
    const folder = await site.folder({ name: 'Locked', passwordMd5: md5(new TextEncoder().encode('sesame')) })
    await site.file({ name: 'inside.txt', folderId: folder.id })
    const page = await visitor({ scripts: false })
    await page.goto(`${base}/folder/${folder.id}/Locked`)
    await page.waitForSelector('input[type=password]:focus')
    await page.keyboard.type('wrong')
    await page.keyboard.press('Enter')
    expect(await page.getByRole('alert').textContent()).toBe('That is not the password of this folder.')
    await page.waitForLoadState()
    await page.waitForSelector('input[type=password]:focus')
    await page.keyboard.type('sesame')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'inside.txt' }).waitFor()
    expect(await page.locator('h1').textContent()).toBe('Locked')
    await page.context().close()
  }, 60_000)

  test('a file is deleted by key and by its owner, with forms that browsers do not disown', async () => {
    const [keyed, owned] = [await site.file({ name: 'a.txt' }), await site.file({ name: 'b.txt' })]
    const stranger = await visitor({ scripts: false })
    await stranger.goto(`${base}/${keyed.slug}~i?${keyOf(keyed)}`)
    await stranger.getByRole('link', { name: 'Delete' }).click()
    await stranger.getByRole('button', { name: 'Delete the file' }).click()
    expect(await stranger.locator('h1').textContent()).toBe('File deleted')
    expect((await site.now(keyed))?.status).toBe('trashed')

    const owner = await visitor({ scripts: false, cookie: (await site.signIn('ann')).cookie })
    await owner.goto(`${base}/${owned.slug}`)
    await owner.getByRole('link', { name: 'Delete' }).click()
    await owner.getByRole('button', { name: 'Delete the file' }).click()
    expect(await owner.locator('h1').textContent()).toBe('File deleted')
    expect((await site.now(owned))?.status).toBe('trashed')
    for (const page of [stranger, owner]) await page.context().close()
  }, 60_000)

  test('the first account is made by the form of the set-up page', async () => {
    const page = await visitor({ scripts: false })
    await page.goto(`${base}/setup?token=${setupToken}`)
    await page.getByLabel('User name').fill('root')
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button').click()
    await page.waitForURL(`${base}/admin`)
    await page.context().close()
  }, 60_000)
})

/** What visitors of links see: every kind of file, for each kind of visitor, in a real browser. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { createPlace, type Place } from '../support/binary.ts'
import { type BinarySite, binarySite, type NewSiteFile } from '../support/binary-site.ts'
import { CHROMIUM, launchChromium } from '../support/chromium.ts'
import { HELLO_ZIP, pdf, png, wav, webm } from '../support/media.ts'
import type { RunningServer } from '../support/server-process.ts'
import { sha256 } from '../support/upload.ts'

if (CHROMIUM === null) process.stdout.write('NOT TESTED, for there is no Chromium: what visitors see\n')

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')
const text = (content: string): Uint8Array => new TextEncoder().encode(content)
const KIND: Record<string, () => Promise<NewSiteFile> | NewSiteFile> = {
  image: () => ({ name: 'a.png', bytes: png(400, 300), type: 'image/png' }),
  video: async () => ({ name: 'a.webm', bytes: await webm(), type: 'video/webm' }),
  audio: () => ({ name: 'a.wav', bytes: wav(30), type: 'audio/wav' }),
  pdf: () => ({ name: 'a.pdf', bytes: pdf('Hello visitor'), type: 'application/pdf' }),
  markdown: () => ({
    name: 'a.md',
    bytes: text('# Title\n\nSome *text* and `code`.\n\n- one\n'),
    type: 'text/markdown',
  }),
  code: () => ({
    name: 'a.ts',
    bytes: text('export const answer: number = 42 // why\n'),
    type: 'text/plain',
  }),
  archive: () => ({ name: 'a.zip', bytes: HELLO_ZIP, type: 'application/zip' }),
  other: () => ({ name: 'a.bin', bytes: new Uint8Array(2000) }),
}
/** What is seen of each kind on its page. */
const SEEN: Record<string, string> = {
  image: '.stage.picture img',
  video: '.stage.video video',
  audio: '.stage.audio audio',
  pdf: '.stage.pdf button',
  markdown: '.stage.text .markdown em',
  code: '.stage.text .hljs-keyword',
  archive: '.stage.archive tbody tr',
  other: '.title .kind svg',
}

interface Opened {
  page: Page
  /** What the console and the network complained about. */
  complaints: string[]
}

describe.skipIf(CHROMIUM === null)('a visitor in Chromium', () => {
  let place: Place
  let server: RunningServer
  let site: BinarySite
  let browser: Browser
  const slugs: Record<string, string> = {}
  const cookies: Record<string, string> = {}

  beforeAll(async () => {
    place = createPlace({ settings: '[limits]\nrate_limits = false\n[uploads]\npart_size = "256 KiB"\n' })
    server = await place.serve()
    site = await binarySite(place, server)
    for (const [kind, make] of Object.entries(KIND)) slugs[kind] = await site.file(await make())
    for (const name of ['ann', 'bob']) cookies[name] = await site.signIn(name)
    browser = await launchChromium()
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await place?.remove()
  })

  async function open(
    path: string,
    options: { cookie?: string; dark?: boolean; width?: number; scripts?: boolean; touch?: boolean } = {},
  ): Promise<Opened> {
    const { cookie, dark = false, width = 1280, scripts = true, touch = false } = options
    const context: BrowserContext = await browser.newContext({
      viewport: { width, height: 800 },
      colorScheme: dark ? 'dark' : 'light',
      javaScriptEnabled: scripts,
      hasTouch: touch,
      extraHTTPHeaders: cookie === undefined ? {} : { cookie },
    })
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('dialog', (dialog) => {
      complaints.push(`a dialog says ${dialog.message()}`)
      return dialog.dismiss()
    })
    page.on('request', (request) => {
      if (!request.url().startsWith(server.url) && /^https?:/.test(request.url()))
        complaints.push(`asks ${request.url()}`)
    })
    await page.goto(server.url + path)
    return { page, complaints }
  }

  /** Names of serious violations of the accessibility rules, each with what breaks it. */
  const violations = async (page: Page): Promise<string[]> => {
    await page.evaluate(AXE)
    return page.evaluate(`axe.run(document, { iframes: false }).then(({ violations }) => violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => id + ' ' + nodes.map(({ html }) => html.slice(0, 120)).join(' | ')))`)
  }
  /** Evaluated from outside: what a page evaluates by itself its policy forbids. */
  const until = async (page: Page, condition: string): Promise<void> => {
    const end = performance.now() + 10_000
    while (!(await page.evaluate(condition))) {
      if (performance.now() > end) throw new Error(`never: ${condition}`)
      await Bun.sleep(20)
    }
  }
  const overflows = (page: Page): Promise<boolean> =>
    page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth')

  for (const kind of Object.keys(KIND)) {
    test(`sees what a file is: ${kind}, as its owner, as another account and as a stranger`, async () => {
      for (const cookie of [cookies.ann, cookies.bob, undefined]) {
        const { page, complaints } = await open(`/${slugs[kind]}`, { cookie })
        await page
          .locator(SEEN[kind] ?? '')
          .first()
          .waitFor()
        const isOwner = cookie === cookies.ann
        expect(await page.getByRole('link', { name: 'Statistics' }).count()).toBe(isOwner ? 1 : 0)
        expect(await page.getByRole('link', { name: 'Report this file' }).count()).toBe(isOwner ? 0 : 1)
        expect(complaints).toEqual([])
        await page.context().close()
      }
    }, 60_000)

    test(`can read it by every means, light and dark, wide and narrow: ${kind}`, async () => {
      for (const look of [{}, { dark: true }, { width: 360 }, { width: 360, dark: true }]) {
        const { page, complaints } = await open(`/${slugs[kind]}`, look)
        await page
          .locator(SEEN[kind] ?? '')
          .first()
          .waitFor()
        expect([kind, look, await violations(page)]).toEqual([kind, look, []])
        expect([kind, look, await overflows(page)]).toEqual([kind, look, false])
        expect(complaints).toEqual([])
        await page.context().close()
      }
    }, 60_000)

    test(`can have it without script: ${kind}`, async () => {
      const { page } = await open(`/${slugs[kind]}`, { scripts: false })
      const started = page.waitForEvent('download')
      await page.getByRole('link', { name: 'Download', exact: true }).click()
      const bytes = await Bun.file(await (await started).path()).bytes()
      expect(sha256(bytes)).toBe(sha256((await KIND[kind]?.())?.bytes ?? new Uint8Array()))
      await page.context().close()
    }, 60_000)
  }

  test('gets a page of no more than 50 KB that does not move', async () => {
    for (const kind of ['image', 'pdf', 'video', 'other']) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
      const page = await context.newPage()
      const session = await context.newCDPSession(page)
      await session.send('Network.enable')
      const paths = new Map<string, string>()
      let size = 0
      session.on('Network.requestWillBeSent', ({ requestId, request }) => paths.set(requestId, request.url))
      session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
        const url = paths.get(requestId) ?? ''
        if (url.startsWith(server.url) && !/~preview|~show|download_token/.test(url))
          size += encodedDataLength
      })
      await page.addInitScript(`window.shift = 0; new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) window.shift += entry.value }).observe({ type: 'layout-shift', buffered: true })`)
      await page.goto(`${server.url}/${slugs[kind]}`, { waitUntil: 'load' })
      await page
        .locator(SEEN[kind] ?? '')
        .first()
        .waitFor()
      await until(
        page,
        'document.fonts.status === "loaded" && document.documentElement.classList.contains("scripted")',
      )
      expect([kind, await page.evaluate('window.shift')]).toEqual([kind, 0])
      expect(size).toBeGreaterThan(5000)
      expect(size).toBeLessThan(50 * 1024)
      await context.close()
    }
  }, 60_000)

  test('of a private file is its owner or nobody', async () => {
    const slug = await site.privateFile({ name: 'secret name.txt', bytes: text('secret') })
    for (const cookie of [cookies.bob, undefined]) {
      const { page } = await open(`/${slug}`, { cookie })
      expect(await page.locator('h1').textContent()).toBe('Not public')
      expect(await page.content()).not.toContain('secret')
      expect(await violations(page)).toEqual([])
      await page.context().close()
    }
    const { page } = await open(`/${slug}`, { cookie: cookies.ann })
    expect(await page.locator('h1').textContent()).toBe('secret name.txt')
    expect(await page.getByText('nobody else can open this page').count()).toBe(1)
    await page.context().close()
  }, 60_000)

  test('zooms a picture by wheel, double click, buttons, keys and two fingers, and moves it', async () => {
    const { page, complaints } = await open(`/${slugs.image}`)
    const stage = page.locator('.stage.picture')
    const scale = async (): Promise<number> => {
      const shown = await page.locator('.tools output').textContent()
      return Number(/\d+/.exec(shown ?? '')?.[0])
    }
    const place = (): Promise<string> =>
      page.evaluate('getComputedStyle(document.querySelector(".stage img")).transform')
    await until(page, 'document.querySelector(".stage img").naturalWidth > 0')
    const box = await stage.boundingBox()
    const [x, y] = [(box?.x ?? 0) + 300, (box?.y ?? 0) + 200]
    await page.mouse.move(x, y)
    await page.mouse.wheel(0, 300)
    expect(await scale()).toBe(100)
    await page.evaluate('scrollTo(0, 0)')
    await page.mouse.wheel(0, -300)
    await until(page, 'document.querySelector(".stage").classList.contains("zoomed")')
    expect(await scale()).toBeGreaterThan(200)
    const before = await place()
    await page.mouse.down()
    await page.mouse.move(x - 60, y - 40, { steps: 4 })
    await page.mouse.up()
    expect(await place()).not.toBe(before)
    await page.keyboard.press('0')
    expect([await scale(), await place()]).toEqual([100, 'none'])
    await page.mouse.dblclick(x, y)
    expect(await scale()).toBe(300)
    await page.mouse.dblclick(x, y)
    expect(await scale()).toBe(100)
    await page.keyboard.press('+')
    await page.getByRole('button', { name: 'Larger' }).click()
    expect(await scale()).toBe(225)
    const left = await place()
    await page.keyboard.press('ArrowRight')
    expect(await place()).not.toBe(left)
    await page.getByRole('button', { name: 'Smaller' }).click()
    await page.getByRole('button', { name: 'Fit' }).click()
    expect(await scale()).toBe(100)
    await page.evaluate(`(() => {
      const image = document.querySelector('.stage img')
      const box = image.getBoundingClientRect()
      image.setPointerCapture = () => {}
      const send = (type, pointerId, x) => image.dispatchEvent(new PointerEvent(type, { pointerId, pointerType: 'touch',
        clientX: box.left + x, clientY: box.top + 100, bubbles: true, isPrimary: pointerId === 1 }))
      send('pointerdown', 1, 200); send('pointerdown', 2, 300)
      send('pointermove', 1, 100); send('pointermove', 2, 400)
      send('pointerup', 1, 100); send('pointerup', 2, 400)
    })()`)
    expect(await scale()).toBe(300)
    await page.getByRole('button', { name: 'Show the original' }).click()
    await until(page, 'document.querySelector(".stage img").src.includes("download_token")')
    expect(complaints).toEqual([])
    await page.context().close()
  }, 60_000)

  test('turns to the pictures beside it by arrow, click and swipe', async () => {
    const folderId = await site.folder('Pictures')
    const made: string[] = []
    for (const n of [1, 2, 3])
      made.push(
        await site.file({ name: `picture ${n}.png`, bytes: png(60, 40), type: 'image/png', folderId }),
      )
    const { page, complaints } = await open(`/${made[0]}`)
    const at = (index: number) => page.waitForURL(`${server.url}/${made[index]}`)
    await page.keyboard.press('ArrowRight')
    await at(1)
    await page.getByRole('link', { name: 'Next picture: picture 3.png' }).click()
    await at(2)
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowLeft')
    await at(1)
    await page.evaluate(`(() => {
      const image = document.querySelector('.stage img')
      image.setPointerCapture = () => {}
      const send = (type, x) => image.dispatchEvent(new PointerEvent(type, { pointerId: 1, pointerType: 'touch', clientX: x, clientY: 300, bubbles: true }))
      send('pointerdown', 300); send('pointermove', 450); send('pointerup', 450)
    })()`)
    await at(0)
    expect(complaints).toEqual([])
    await page.context().close()
  }, 60_000)

  test('plays a film, and seeks in a long sound by asking for the rest of it', async () => {
    const film = await open(`/${slugs.video}`)
    await film.page.getByRole('button', { name: 'Play a.webm' }).click()
    await until(film.page, 'document.querySelector("video").currentTime > 0.2')
    expect(film.complaints).toEqual([])
    await film.page.context().close()

    const slug = await site.file({ name: 'long.wav', bytes: wav(240), type: 'audio/wav' })
    const { page, complaints } = await open(`/${slug}`)
    const ranges: string[] = []
    page.on('request', (request) => {
      const range = request.headers().range
      if (range && request.url().includes(slug)) ranges.push(range)
    })
    expect(ranges).toEqual([])
    await page.evaluate('document.querySelector("audio").play()')
    await until(page, 'document.querySelector("audio").currentTime > 0')
    await page.evaluate('document.querySelector("audio").currentTime = 200')
    await until(page, 'document.querySelector("audio").currentTime > 200.2')
    const starts = ranges.map((range) => Number(/bytes=(\d+)-/.exec(range)?.[1]))
    expect(starts[0]).toBe(0)
    expect(Math.max(...starts)).toBeGreaterThan(10_000_000)
    expect(complaints).toEqual([])
    await page.context().close()
  }, 60_000)

  test('waits where the package says so, and then gets the file', async () => {
    await place.lines(['package', 'set', 'Guest', 'wait_before_download=2'])
    try {
      const slug = await site.file({ name: 'wait.webm', bytes: await webm(), type: 'video/webm' })
      // What the command line changes the server knows of within a second.
      while (!/starts 2 seconds/i.test(await (await fetch(`${server.url}/${slug}`)).text()))
        await Bun.sleep(50)
      const { page } = await open(`/${slug}`)
      const button = page.getByRole('link', { name: /Download/ })
      expect(await button.getAttribute('aria-disabled')).toBe('true')
      expect(await page.locator('video').getAttribute('src')).toBeNull()
      await page.locator('a.button:not([aria-disabled]):has-text("Download")').waitFor()
      expect(await page.locator('video').getAttribute('src')).toContain('download_token')
      const started = page.waitForEvent('download')
      await button.click()
      expect((await started).suggestedFilename()).toBe('wait.webm')
      await page.context().close()
    } finally {
      await place.lines(['package', 'set', 'Guest', 'wait_before_download=0'])
    }
  }, 60_000)

  test('opens a locked folder, as a gallery and as a list, and takes all of it', async () => {
    const folderId = await site.folder('Holiday', 'sesame')
    const inside: NewSiteFile = { name: 'b.png', bytes: png(80, 60), type: 'image/png', folderId }
    for (const name of ['a.png', 'b.png']) await site.file({ ...inside, name })
    const { page, complaints } = await open(`/folder/${folderId}/Holiday`)
    expect(await violations(page)).toEqual([])
    await page.getByLabel('Password').fill('sesame')
    await page.keyboard.press('Enter')
    await page.locator('.gallery img').first().waitFor()
    await until(
      page,
      '[...document.querySelectorAll(".gallery img")].every((image) => image.naturalWidth > 0)',
    )
    expect(await violations(page)).toEqual([])
    await page.getByRole('link', { name: 'List' }).click()
    await page.waitForURL(/view=list/)
    expect(await page.locator('.gallery').count()).toBe(0)
    await page.goto(`${server.url}/folder/${folderId}/Holiday`)
    await page.waitForURL(/view=list/)
    await page.getByRole('link', { name: 'Largest' }).click()
    await page.waitForURL(/sort=largest/)
    const started = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Download all as ZIP' }).click()
    const download = await started
    expect(download.suggestedFilename()).toBe('Holiday.zip')
    const bytes = await Bun.file(await download.path()).bytes()
    expect([bytes[0], bytes[1]]).toEqual([0x50, 0x4b])
    // What the browser notes about the 401 itself is no fault of the page.
    expect(complaints.filter((line) => !line.includes('401'))).toEqual([])
    await page.context().close()
  }, 60_000)

  test('uploads several files without an account, in parts, and can delete them again', async () => {
    const { page, complaints } = await open('/')
    expect(await violations(page)).toEqual([])
    const large = Buffer.alloc(700_000, 'kist')
    await page.locator('input[type=file]').setInputFiles([
      { name: 'large.bin', mimeType: 'application/octet-stream', buffer: large },
      { name: 'small "x" <b>.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') },
      { name: 'empty.txt', mimeType: 'text/plain', buffer: Buffer.alloc(0) },
    ])
    await page.locator('.uploads .links').nth(1).waitFor()
    expect(await page.getByRole('alert').allTextContents()).toEqual(['This file is empty.'])
    expect(await violations(page)).toEqual([])
    const row = page.locator('.uploads li', { hasText: 'large.bin' })
    const link = await row.getByLabel('Link', { exact: true }).inputValue()
    const shown = await fetch(link)
    const token = /href="(\/\w{10}\?download_token=\w+)"/.exec(await shown.text())?.[1] ?? ''
    const bytes = await (await fetch(server.url + token)).bytes()
    expect(sha256(bytes)).toBe(sha256(large))
    await page.goto(await row.getByLabel('Link to delete it, for you alone', { exact: true }).inputValue())
    await page.getByRole('button', { name: 'Delete the file' }).click()
    await page.getByRole('heading', { name: 'File deleted' }).waitFor()
    expect((await fetch(link)).status).toBe(404)
    expect(complaints).toEqual([])
    await page.context().close()
  }, 60_000)

  test('can drop a file and paste one, and change his mind', async () => {
    const { page, complaints } = await open('/')
    await page.evaluate(`(() => {
      const give = (name) => { const data = new DataTransfer(); data.items.add(new File(['x'.repeat(9)], name)); return data }
      dispatchEvent(new DragEvent('drop', { dataTransfer: give('dropped.txt'), cancelable: true }))
      dispatchEvent(new ClipboardEvent('paste', { clipboardData: give('pasted.txt') }))
    })()`)
    await page.locator('.uploads .links').nth(1).waitFor()
    // The connection stands still, so that there is something to cancel.
    await page.route('**/storage/parts/**', () => {})
    await page
      .locator('input[type=file]')
      .setInputFiles([
        { name: 'never.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(1000) },
      ])
    const row = page.locator('.uploads li', { hasText: 'never.bin' })
    await row.getByRole('button', { name: 'Cancel never.bin' }).click()
    await row.getByText('Cancelled').waitFor()
    expect(complaints).toEqual([])
    await page.context().close()
  }, 60_000)

  test('uploads as the account he has signed in with', async () => {
    const { page, complaints } = await open('/', { cookie: cookies.ann })
    await page
      .locator('input[type=file]')
      .setInputFiles([{ name: 'mine.txt', mimeType: 'text/plain', buffer: Buffer.from('mine') }])
    await page.locator('.uploads .links').first().waitFor()
    await page.goto(await page.getByLabel('Link', { exact: true }).inputValue())
    expect(await page.getByRole('link', { name: 'Statistics' }).count()).toBe(1)
    expect(complaints).toEqual([])
    await page.context().close()
  }, 60_000)

  test('reports a file', async () => {
    const { page, complaints } = await open(`/${slugs.other}`)
    await page.getByRole('link', { name: 'Report this file' }).click()
    expect(await violations(page)).toEqual([])
    await page.getByLabel('Something else').check()
    await page.getByRole('button', { name: 'Send the report' }).click()
    await page.getByRole('heading', { name: 'Thank you' }).waitFor()
    expect(complaints).toEqual([])
    await page.context().close()
  }, 60_000)

  test('copies the link with one click', async () => {
    const { page, complaints } = await open(`/${slugs.other}`)
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.getByRole('button', { name: 'Copy Link' }).click()
    await page.getByText('Copied').first().waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(`${server.url}/${slugs.other}`)
    expect(complaints).toEqual([])
    await page.context().close()
  }, 60_000)

  test('runs no script that a file brings', async () => {
    const run = `document.title='ran';parent.document.title='ran';top.document.title='ran'`
    const corpus: NewSiteFile[] = [
      {
        name: `<img src=x onerror="${run}">.md`,
        bytes: text(
          `<script>${run}</script>\n\n<img src=x onerror="${run}">\n\n[a](javascript:${run}) [b](data:text/html,<script>${run}</script>)\n\n\`\`\`html\n<script>${run}</script>\n\`\`\`\n`,
        ),
      },
      {
        name: 'a.svg',
        type: 'image/svg+xml',
        bytes: text(
          `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="${run}"><script>${run}</script><foreignObject><body xmlns="http://www.w3.org/1999/xhtml" onload="${run}"/></foreignObject></svg>`,
        ),
      },
      {
        name: 'a.html',
        type: 'text/html',
        bytes: text(`<!doctype html><script>${run}</script><body onload="${run}">`),
      },
      { name: 'b.html', type: 'application/pdf', bytes: text(`<!doctype html><script>${run}</script>`) },
      {
        name: 'a.pdf',
        type: 'application/pdf',
        bytes: pdf('Script', `app.alert\\('ran'\\); this.submitForm\\('${server.url}/ran'\\)`),
      },
      { name: 'polyglot.pdf', type: 'text/html', bytes: text(`<script>${run}</script>%PDF-1.4`) },
      { name: `"onload="${run}".json`, bytes: text(`{"a":"</code></pre><script>${run}</script>"}`) },
      {
        name: 'a.xml',
        type: 'application/xhtml+xml',
        bytes: text(`<html xmlns="http://www.w3.org/1999/xhtml"><script>${run}</script></html>`),
      },
    ]
    for (const file of corpus) {
      const slug = await site.file(file)
      const { page, complaints } = await open(`/${slug}`)
      await page.waitForLoadState('networkidle')
      expect([file.name, await page.title()]).toEqual([
        file.name,
        `${await page.locator('h1').first().textContent()} · Kist`,
      ])
      // What a document itself wants to do is stopped by its viewer; nothing else may speak up.
      const own = complaints.filter(
        (line) => !/sandbox|alert|Failed to load resource/i.test(line) || /dialog/.test(line),
      )
      expect([file.name, own]).toEqual([file.name, []])
      const link =
        (await page.getByRole('link', { name: 'Download', exact: true }).getAttribute('href')) ?? ''
      const direct = await fetch(server.url + link)
      expect(direct.headers.get('content-disposition')).toStartWith('attachment')
      await page.context().close()
    }
  }, 120_000)

  test('sees a document when he asks for it, and what its script does stays in its viewer', async () => {
    const script = `app.alert\\('ran'\\); this.submitForm\\('${server.url}/ran'\\); this.getURL\\('javascript:top.document.title=1'\\)`
    const slug = await site.file({
      name: 'script.pdf',
      type: 'application/pdf',
      bytes: pdf('Script', script),
    })
    const { page, complaints } = await open(`/${slug}`)
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await page.getByRole('button', { name: 'Show the document' }).click()
    await page.waitForEvent('dialog')
    await page.frameLocator('.stage iframe').locator('body').waitFor()
    expect(await page.title()).toBe('script.pdf · Kist')
    expect(
      asked.filter((url) => url.startsWith(server.url)).every((url) => url.includes(`/~show/${slug}?`)),
    ).toBe(true)
    // The viewer may open a dialog; that is all its script can do.
    expect(complaints.filter((line) => line !== 'a dialog says ran')).toEqual([])
    await page.context().close()
  }, 60_000)

  test('meets errors that look like the rest', async () => {
    for (const [path, heading] of [
      ['/nothing/here', 'Not found'],
      ['/zzzzzzzzzz', 'Not found'],
      ['/files/?fnf_share=0123456789abcdef0123456789abcdef', 'Not found'],
      [`/${slugs.other}?download_token=${'0'.repeat(64)}`, 'This link does not work'],
    ] as const) {
      for (const look of [{}, { dark: true, width: 360 }]) {
        const { page } = await open(path, look)
        expect(await page.locator('h1').textContent()).toBe(heading)
        expect([path, await violations(page), await overflows(page)]).toEqual([path, [], false])
        await page.context().close()
      }
    }
  }, 60_000)

  test('searches, and reads statistics and facts of a file', async () => {
    const pages = [
      '/search?q=a',
      '/search?q=nothing-is-named-so',
      `/${slugs.image}~i`,
      `/${slugs.image}~s`,
      '/',
    ]
    for (const path of pages) {
      for (const look of [{ cookie: cookies.ann }, { cookie: cookies.ann, dark: true }, { width: 360 }]) {
        const { page, complaints } = await open(path, look)
        expect([path, await violations(page), await overflows(page), complaints]).toEqual([
          path,
          [],
          false,
          [],
        ])
        await page.context().close()
      }
    }
  }, 60_000)
})

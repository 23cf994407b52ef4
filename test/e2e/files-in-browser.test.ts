/** The file manager in a real browser, on the compiled binary. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { createReadStream, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { createPlace, type Place } from '../support/binary.ts'
import { CHROMIUM, launchChromium } from '../support/chromium.ts'
import type { RunningServer } from '../support/server-process.ts'

if (CHROMIUM === null) process.stdout.write('NOT TESTED, for there is no Chromium: the file manager\n')

const MIB = 1024 * 1024
const BIG = 300 * MIB
const PASSWORD = 'correct horse battery'
const SETTINGS = `[registration]
package = "Gold"
[remote_import]
allow_private_addresses = true
[limits]
rate_limits = false
`

/** Bytes that no two parts share. */
function writeBig(path: string, size: number): string {
  const file = openSync(path, 'w')
  const hash = createHash('sha256')
  const block = Buffer.alloc(MIB)
  for (let at = 0; at < size; at += MIB) {
    block.fill(`${at} `)
    writeSync(file, block)
    hash.update(block)
  }
  return hash.digest('hex')
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

interface Visit {
  context: BrowserContext
  page: Page
  /** What the browser complained of. */
  complaints: string[]
}

describe.skipIf(CHROMIUM === null)('the file manager', () => {
  let place: Place
  let server: RunningServer
  let browser: Browser
  let dir: string
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'kist-files-'))
    place = createPlace({ settings: SETTINGS })
    server = await place.serve()
    browser = await launchChromium()
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await place?.remove()
    rmSync(dir, { recursive: true, force: true })
  }, 60_000)

  async function open(options: Parameters<Browser['newContext']>[0] = {}): Promise<Visit> {
    const context = await browser.newContext({ viewport: { width: 1200, height: 800 }, ...options })
    const page = await context.newPage()
    page.setDefaultTimeout(20_000)
    const complaints: string[] = []
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(error.message))
    return { context, page, complaints }
  }

  async function register(name: string, options?: Parameters<Browser['newContext']>[0]): Promise<Visit> {
    const visit = await open(options)
    await visit.page.goto(`${server.url}/register`)
    await visit.page.fill('#username', name)
    await visit.page.fill('#password', PASSWORD)
    await visit.page.click('button[type=submit]')
    await visit.page.waitForURL('**/files')
    await visit.page.waitForSelector('.empty')
    return visit
  }

  /** Not by waitForFunction, whose way is closed by the policy of the page. */
  async function until(page: Page, expression: string): Promise<void> {
    for (let time = 0; time < 400; time++) {
      if (await page.evaluate(expression)) return
      await page.waitForTimeout(50)
    }
    throw new Error(`never came true: ${expression}`)
  }

  const menuOf = async (page: Page, name: string, item: string): Promise<void> => {
    await page.click(`button[aria-label="More for ${name}"]`)
    await page.getByRole('menuitem', { name: item }).click()
  }

  test('an upload of 300 MB survives a reload, and is shared with a password and an end', async () => {
    const path = join(dir, 'big.bin')
    const sha256 = writeBig(path, BIG)
    const { context, page, complaints } = await register('ann')
    const session = await context.newCDPSession(page)
    await session.send('Network.enable')
    await session.send('Network.emulateNetworkConditions', {
      ...{ offline: false, latency: 5, downloadThroughput: -1, uploadThroughput: 40 * MIB },
    })
    await page.setInputFiles('#pick-files', path)
    // Some parts are there, others are on their way.
    const ask = async <Answer>(path: string): Promise<Answer> =>
      (await page.evaluate(`fetch('${path}').then((answer) => answer.json())`)) as Answer
    const arrived = async (): Promise<number> => {
      const { uploads } = await ask<{ uploads: Array<{ id: string }> }>('/web/uploads')
      if (!uploads[0]) return 0
      return (await ask<{ parts: unknown[] }>(`/web/uploads/${uploads[0].id}/parts`)).parts.length
    }
    await page.waitForSelector('.upload[data-state=uploading]')
    while ((await arrived()) < 4) await page.waitForTimeout(100)
    page.on('dialog', (dialog) => void dialog.accept())
    await page.reload()
    await page.waitForSelector('.upload[data-state=asking]')
    const before = await arrived()
    expect(before).toBeGreaterThanOrEqual(4)
    expect(before).toBeLessThan(Math.ceil(BIG / (16 * MIB)))
    const sent: string[] = []
    page.on('request', (request) => {
      if (request.method() === 'PUT') sent.push(request.url())
    })
    await page.setInputFiles('input[data-again="big.bin"]', path)
    await page.waitForSelector('.upload[data-state=done]', { timeout: 120_000 })
    // What had arrived was not sent again.
    expect(sent.length).toBe(Math.ceil(BIG / (16 * MIB)) - before)
    await page.getByRole('row', { name: /big\.bin/ }).waitFor()

    await menuOf(page, 'big.bin', 'Share…')
    await page.fill('#link-password', 'open sesame')
    await page.fill('#link-expires', '2099-01-01T00:00')
    await page.fill('#link-downloads', '1')
    await page.click('button:has-text("Make a link")')
    const link = await page.locator('.links input').inputValue()
    expect(complaints).toEqual([])
    await context.close()

    const stranger = await open({ acceptDownloads: true })
    await stranger.page.goto(link)
    await stranger.page.fill('#password', 'wrong')
    await stranger.page.keyboard.press('Enter')
    await stranger.page.waitForSelector('[role=alert]')
    await stranger.page.fill('#password', 'open sesame')
    await stranger.page.keyboard.press('Enter')
    await stranger.page.waitForSelector('h1:has-text("big.bin")')
    const download = stranger.page.waitForEvent('download')
    await stranger.page.click('a:has-text("Download")')
    const saved = join(dir, 'saved.bin')
    await (await download).saveAs(saved)
    expect(await hashOf(saved)).toBe(sha256)
    await stranger.page.goto(link)
    await stranger.page.waitForSelector('h1:has-text("This link does not work")')
    await stranger.context.close()
  }, 240_000)

  test('a folder keeps its tree, and search finds what is deep in it', async () => {
    const tree = join(dir, 'Trip')
    for (const [name, size] of [
      ['one.txt', 10],
      ['day 1/two.jpg', 2000],
      ['day 1/night/three.mp4', 70_000],
    ] as const) {
      mkdirSync(join(tree, name, '..'), { recursive: true })
      writeFileSync(join(tree, name), Buffer.alloc(size, name))
    }
    const { context, page, complaints } = await register('tree')
    await page.setInputFiles('#pick-folder', tree)
    await until(page, `document.querySelectorAll('.upload[data-state=done]').length === 3`)
    await page.click('.entry a:has-text("Trip")')
    await page.click('.entry a:has-text("day 1")')
    await page.click('.entry a:has-text("night")')
    await page.waitForSelector('.entry a:has-text("three.mp4")')
    expect(await page.locator('.crumbs').textContent()).toContain('Files')
    await page.fill('#finder', 'TWO')
    await page.waitForSelector('.entry a:has-text("two.jpg")')
    expect(new URL(page.url()).pathname).toBe('/files/search')
    expect(complaints).toEqual([])
    await context.close()
  }, 60_000)

  test('a file is fetched from elsewhere, with progress', async () => {
    const source = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      fetch: () => new Response('x'.repeat(5 * MIB)),
    })
    const { context, page, complaints } = await register('importer')
    await page.click('button[aria-label="New folder, import or request"]')
    await page.getByRole('menuitem', { name: 'Fetch from a URL' }).click()
    await page.fill('#import-urls', `http://127.0.0.1:${source.port}/far.iso`)
    await page.click('dialog button[type=submit]')
    await page.waitForURL('**/imports')
    await page.waitForSelector('[data-status=complete]')
    await page.click('a:has-text("Show it")')
    await page.waitForSelector('.entry a:has-text("far.iso")')
    expect(complaints).toEqual([])
    await context.close()
    await source.stop(true)
  }, 60_000)

  test('strangers send files by a link, and the owner finds them', async () => {
    const { context, page, complaints } = await register('asker')
    await page.click('a:has-text("File requests")')
    await page.click('button:has-text("New request")')
    await page.fill('#request-title', 'Photos of the party')
    await page.fill('#request-files', '2')
    await page.click('dialog button[type=submit]')
    const link = await page.locator('.cards input').inputValue()
    const stranger = await open()
    await stranger.page.goto(link)
    for (const name of ['a.jpg', 'b.jpg', 'c.jpg']) writeFileSync(join(dir, name), Buffer.alloc(5000, name))
    await stranger.page.setInputFiles(
      '#file',
      ['a.jpg', 'b.jpg', 'c.jpg'].map((name) => join(dir, name)),
    )
    await stranger.page.click('button:has-text("Send")')
    await stranger.page.waitForSelector('#news:has-text("2 of 3 files arrived.")')
    await page.goto(`${server.url}/files`)
    await page.waitForSelector('.entry a:has-text("a.jpg")')
    expect(await page.locator('.entry').count()).toBe(2)
    expect(complaints).toEqual([])
    expect(stranger.complaints.filter((text) => !text.includes('403'))).toEqual([])
    await stranger.context.close()
    await context.close()
  }, 60_000)

  test('the keyboard is enough: from the sign-in to a renamed, moved, trashed and restored file', async () => {
    const { context, page, complaints } = await register('keys')
    writeFileSync(join(dir, 'note.txt'), 'note')
    await page.setInputFiles('#pick-files', join(dir, 'note.txt'))
    await page.waitForSelector('.upload[data-state=done]')
    const { keyboard } = page
    const focus = (name: string) =>
      until(page, `document.activeElement?.closest('[role=row]')?.textContent.includes('${name}') ?? false`)
    // To the list by Tab alone.
    await page.locator('.skip').focus()
    for (let time = 0; time < 40; time++) {
      if (await page.evaluate(`document.activeElement?.getAttribute('role') === 'row'`)) break
      await keyboard.press('Tab')
    }
    await focus('note.txt')
    await keyboard.press('F2')
    await page.waitForSelector('#new-name:focus')
    await keyboard.type('letter')
    await keyboard.press('Enter')
    await page.waitForSelector('.entry a:has-text("letter.txt")')
    await until(page, `!document.querySelector('dialog')`)
    await focus('letter.txt')
    await keyboard.press('Space')
    await page.waitForSelector('.entry[aria-selected=true]')
    await keyboard.press('?')
    await page.waitForSelector('dialog:has-text("Keyboard")')
    await keyboard.press('Escape')
    await until(page, `!document.querySelector('dialog')`)
    await focus('letter.txt')
    await keyboard.press('Delete')
    await page.waitForSelector('.empty')
    await page.getByRole('button', { name: 'Undo' }).focus()
    await keyboard.press('Enter')
    await page.waitForSelector('.entry a:has-text("letter.txt")')
    await keyboard.press('/')
    await page.waitForSelector('#finder:focus')
    await keyboard.type('lett')
    await page.waitForURL('**/files/search?q=lett')
    await page.waitForSelector('.entry a:has-text("letter.txt")')
    expect(complaints).toEqual([])
    await context.close()
  }, 60_000)

  test('entries are chosen by mouse and moved by dragging, which can be taken back', async () => {
    const { context, page, complaints } = await register('mover')
    const paths = ['1.txt', '2.txt', '3.txt', '4.txt'].map((name) => join(dir, name))
    for (const path of paths) writeFileSync(path, 'x')
    await page.setInputFiles('#pick-files', paths)
    await page.waitForSelector('.entry >> nth=3')
    await until(page, `document.querySelectorAll('.upload[data-state=done]').length === 4`)
    await page.click('button:has-text("Clear")')
    await page.click('button[aria-label="New folder, import or request"]')
    await page.getByRole('menuitem', { name: 'New folder' }).click()
    await page.fill('#folder-name', 'Box')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.entry a:has-text("Box")')
    const row = (name: string) => page.locator('.entry', { hasText: name })
    const chosen = () => page.locator('.entry[aria-selected=true]').count()
    await row('1.txt').locator('.of-date').click()
    await row('3.txt')
      .locator('.of-date')
      .click({ modifiers: ['Shift'] })
    expect(await chosen()).toBe(3)
    await row('2.txt')
      .locator('.of-date')
      .click({ modifiers: ['Control'] })
    expect(await chosen()).toBe(2)
    await row('1.txt').locator('.of-date').dragTo(row('Box').locator('.of-date'))
    await until(page, `document.querySelectorAll('.entry').length === 3`)
    await page.getByRole('button', { name: 'Undo' }).click()
    await until(page, `document.querySelectorAll('.entry').length === 5`)
    await row('4.txt').locator('.of-date').dragTo(row('Box').locator('.of-date'))
    await until(page, `document.querySelectorAll('.entry').length === 4`)
    await page.click('.entry a:has-text("Box")')
    await page.waitForSelector('.entry a:has-text("4.txt")')
    expect(complaints).toEqual([])
    await context.close()
  }, 60_000)

  test('an upload is paused, goes on, is called off; what does not fit says why', async () => {
    const { context, page, complaints } = await register('pauser')
    const path = join(dir, 'film.bin')
    const sha256 = writeBig(path, 64 * MIB)
    const session = await context.newCDPSession(page)
    await session.send('Network.enable')
    const throttle = (uploadThroughput: number) =>
      session.send('Network.emulateNetworkConditions', {
        ...{ offline: false, latency: 5, downloadThroughput: -1, uploadThroughput },
      })
    await throttle(8 * MIB)
    await page.setInputFiles('#pick-files', path)
    await page.waitForSelector('.upload[data-state=uploading]')
    await until(page, `document.querySelector('.upload progress').value > ${MIB}`)
    await page.click('button[aria-label="Pause film.bin"]')
    await page.waitForSelector('.upload[data-state=paused]')
    const at = await page.evaluate(`document.querySelector('.upload progress').value`)
    await page.waitForTimeout(700)
    expect(await page.evaluate(`document.querySelector('.upload progress').value`)).toBe(at)
    await throttle(-1)
    await page.click('button[aria-label="Resume film.bin"]')
    await page.waitForSelector('.upload[data-state=done]', { timeout: 30_000 })
    const download = page.waitForEvent('download')
    await menuOf(page, 'film.bin', 'Download')
    const saved = join(dir, 'film-saved.bin')
    await (await download).saveAs(saved)
    expect(await hashOf(saved)).toBe(sha256)

    await throttle(4 * MIB)
    await page.setInputFiles('#pick-files', path)
    await page.click('dialog button:has-text("Keep both")')
    await page.waitForSelector('.upload[data-state=uploading]')
    await until(
      page,
      `fetch('/web/uploads').then((answer) => answer.json()).then(({ uploads }) => uploads.length === 1)`,
    )
    await page.click('.upload[data-state=uploading] button[aria-label="Cancel film.bin"]')
    await until(
      page,
      `fetch('/web/uploads').then((answer) => answer.json()).then(({ uploads }) => uploads.length === 0)`,
    )
    await throttle(-1)
    await place.lines(['package', 'set', 'Gold', 'max_storage_bytes=1000'])
    await page.setInputFiles('#pick-files', path)
    await page.click('dialog button:has-text("Keep both")')
    await page.waitForSelector('.upload[data-state=failed]:has-text("exceed your storage quota")')
    await place.lines(['package', 'set', 'Gold', 'max_storage_bytes=6597069766656'])
    expect(complaints.filter((text) => !text.includes('403'))).toEqual([])
    await context.close()
  }, 120_000)

  test('files are dropped and pasted anywhere on the page, into the folder that is shown', async () => {
    const { context, page, complaints } = await register('dropper')
    const give = (kind: 'drop' | 'paste', name: string) =>
      page.evaluate(`{
        const transfer = new DataTransfer()
        transfer.items.add(new File(['some text'], '${name}', { type: 'text/plain' }))
        const options = { bubbles: true, cancelable: true }
        document.querySelector('#content').dispatchEvent(
          '${kind}' === 'drop'
            ? new DragEvent('drop', { ...options, dataTransfer: transfer })
            : new ClipboardEvent('paste', { ...options, clipboardData: transfer }),
        )
      }`)
    await give('drop', 'dropped.txt')
    await page.waitForSelector('.entry a:has-text("dropped.txt")')
    await give('paste', 'pasted.txt')
    await page.waitForSelector('.entry a:has-text("pasted.txt")')
    await give('drop', 'dropped.txt')
    await page.click('dialog button:has-text("Keep both")')
    await until(page, `document.querySelectorAll('.upload[data-state=done]').length === 3`)
    expect(complaints).toEqual([])
    await context.close()
  }, 60_000)
})

/** The file manager in a real browser, on the compiled binary whose files are in a bucket. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { createReadStream, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { createPlace, type Place } from '../support/binary.ts'
import { type Bucket, newBucket, storageToml } from '../support/bucket.ts'
import { CHROMIUM, launchChromium } from '../support/chromium.ts'
import { createContent } from '../support/content.ts'
import { pictureOf } from '../support/pictures.ts'
import { CEPH, type S3Server, startS3 } from '../support/s3.ts'
import type { RunningServer } from '../support/server-process.ts'

if (CHROMIUM === null || !CEPH)
  process.stdout.write('NOT TESTED, for there is no Chromium or no Ceph: the file manager on a bucket\n')

const MIB = 1024 * 1024
const PART = 16 * MIB
const PARTS = 10
const PASSWORD = 'correct horse battery'
const SETTINGS = `[registration]
package = "Gold"
[downloads]
delivery = "signed_origin"
[limits]
rate_limits = false
`

function writeBig(path: string): string {
  const content = createContent(PARTS * PART - 12_345, 'a film')
  const file = openSync(path, 'w')
  for (const piece of content.read(0, content.size)) writeSync(file, piece)
  return content.sha256()
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** Evaluated from outside: what a page evaluates by itself its policy forbids. */
async function until(page: Page, expression: string): Promise<void> {
  for (const end = performance.now() + 40_000; !(await page.evaluate(expression)); await Bun.sleep(50))
    if (performance.now() > end) throw new Error(`never came true: ${expression}`)
}

interface Saved {
  sha256: string
  /** Where it came from in the end. */
  origin: string
}

interface Visit {
  context: BrowserContext
  page: Page
  /** What the browser complained of. */
  complaints: string[]
  /** Numbers of the parts that were sent, by where to. */
  sent: Array<{ origin: string; number: number }>
  /** Where it asked last. */
  last: { origin: string }
}

describe.skipIf(CHROMIUM === null || !CEPH)('the file manager on a bucket', () => {
  let bucket: Bucket
  let place: Place
  let server: RunningServer
  let browser: Browser
  let visit: Visit
  /** Where the bucket is. */
  let there: string
  beforeAll(async () => {
    bucket = await newBucket((await startS3()) as S3Server)
    there = new URL(bucket.access.endpoints[0] ?? '').origin
    place = createPlace({ settings: SETTINGS + storageToml(bucket) })
    server = await place.serve()
    await place.lines(['s3', 'setup', '--origin', server.url])
    browser = await launchChromium()
    visit = await open()
    const { page } = visit
    await page.goto(`${server.url}/register`)
    await page.fill('#username', 'ann')
    await page.fill('#password', PASSWORD)
    await page.click('button[type=submit]')
    await page.waitForURL('**/files')
    await page.waitForSelector('.empty')
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await place?.remove()
  }, 60_000)

  async function open(): Promise<Visit> {
    const context = await browser.newContext({ viewport: { width: 1200, height: 800 } })
    const page = await context.newPage()
    page.setDefaultTimeout(40_000)
    const complaints: string[] = []
    const sent: Visit['sent'] = []
    const last = { origin: '' }
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('request', (request) => {
      const { origin, searchParams } = new URL(request.url())
      last.origin = origin
      if (request.method() === 'PUT') sent.push({ origin, number: Number(searchParams.get('partNumber')) })
    })
    return { context, page, complaints, sent, last }
  }

  const ask = async <Answer>(page: Page, path: string): Promise<Answer> =>
    (await page.evaluate(`fetch('${path}').then((answer) => answer.json())`)) as Answer

  /** Numbers of the parts of the one open upload that are in the bucket. */
  async function arrived(page: Page): Promise<number[]> {
    const { uploads } = await ask<{ uploads: Array<{ id: string }> }>(page, '/web/uploads')
    if (!uploads[0]) return []
    const path = `/web/uploads/${uploads[0].id}/parts`
    return (await ask<{ parts: Array<{ number: number }> }>(page, path)).parts.map(({ number }) => number)
  }

  const menuOf = async (page: Page, name: string, item: string): Promise<void> => {
    await page.click(`button[aria-label="More for ${name}"]`)
    await page.getByRole('menuitem', { name: item }).click()
  }

  async function savedBy({ page, last }: Visit, click: () => Promise<void>): Promise<Saved> {
    const started = page.waitForEvent('download')
    await click()
    const download = await started
    expect(download.suggestedFilename()).toBe('film.bin')
    const saved = join(place.dir, 'saved.bin')
    await download.saveAs(saved)
    return { sha256: await hashOf(saved), origin: last.origin }
  }

  /** What a stranger gets who knows the password. */
  async function fetchedBy(visit: Visit, link: string): Promise<Saved> {
    const stranger = visit.page
    await stranger.goto(link)
    const field = stranger.locator('#password')
    await field.or(stranger.locator('h1:has-text("film.bin")')).first().waitFor()
    if (await field.isVisible()) {
      await field.fill('open sesame')
      await stranger.keyboard.press('Enter')
    }
    await stranger.waitForSelector('h1:has-text("film.bin")')
    return savedBy(visit, () => stranger.click('a:has-text("Download")'))
  }

  test('an upload that goes straight there survives a reload, and strangers get it with its password', async () => {
    const path = join(place.dir, 'film.bin')
    const sha256 = writeBig(path)
    const { context, page, complaints, sent } = visit
    const session = await context.newCDPSession(page)
    await session.send('Network.enable')
    await session.send('Network.emulateNetworkConditions', {
      ...{ offline: false, latency: 5, downloadThroughput: -1, uploadThroughput: 40 * MIB },
    })
    await page.setInputFiles('#pick-files', path)
    await page.waitForSelector('.upload[data-state=uploading]')
    while ((await arrived(page)).length < 3) await page.waitForTimeout(50)
    page.on('dialog', (dialog) => void dialog.accept())
    await page.reload()
    await page.waitForSelector('.upload[data-state=asking]')
    const before = await arrived(page)
    expect(before.length).toBeGreaterThanOrEqual(3)
    expect(before.length).toBeLessThan(PARTS)
    expect(new Set(sent.map(({ origin }) => origin))).toEqual(new Set([there]))
    sent.length = 0
    await page.setInputFiles('input[data-again="film.bin"]', path)
    await page.waitForSelector('.upload[data-state=done]')
    const all = Array.from({ length: PARTS }, (_, index) => index + 1)
    expect(sent.map(({ number }) => number).sort((a, b) => a - b)).toEqual(
      all.filter((number) => !before.includes(number)),
    )
    expect(new Set(sent.map(({ origin }) => origin))).toEqual(new Set([there]))
    await session.detach()

    await menuOf(page, 'film.bin', 'Share…')
    await page.fill('#link-password', 'open sesame')
    await page.fill('#link-expires', '2099-01-01T00:00')
    await page.click('button:has-text("Make a link")')
    const link = await page.locator('.links input').inputValue()
    await page.keyboard.press('Escape')
    const stranger = await open()
    // The uses of a link are counted, so its bytes come through Kist; the owner is sent to the bucket.
    expect(await fetchedBy(stranger, link)).toEqual({ sha256, origin: server.url })
    expect(await savedBy(visit, () => menuOf(page, 'film.bin', 'Download'))).toEqual({
      sha256,
      origin: there,
    })
    expect(complaints).toEqual([])
    // What the browser notes about the 401 itself is no fault of the page.
    expect(stranger.complaints.filter((line) => !line.includes('401'))).toEqual([])
    await stranger.context.close()
  }, 180_000)

  test('a folder keeps its tree, and its pictures are seen', async () => {
    const tree = join(place.dir, 'Trip')
    const picture = await pictureOf('jpeg', 800, 600)
    for (const [name, bytes] of [
      ['one.txt', Buffer.from('one')],
      ['day 1/two.jpg', picture],
      ['day 1/night/three.bin', Buffer.alloc(70_000, 'three')],
    ] as const) {
      mkdirSync(join(tree, name, '..'), { recursive: true })
      writeFileSync(join(tree, name), bytes)
    }
    const { page, complaints, sent } = visit
    sent.length = 0
    await page.goto(`${server.url}/files`)
    await page.setInputFiles('#pick-folder', tree)
    await until(page, `document.querySelectorAll('.upload[data-state=done]').length === 3`)
    expect(sent.map(({ origin }) => origin)).toEqual([there, there, there])
    await page.click('.entry a:has-text("Trip")')
    await page.waitForSelector('.entry a:has-text("one.txt")')
    await page.click('.entry a:has-text("day 1")')
    await page.waitForSelector('.entry a:has-text("two.jpg")')
    const folder = page.url()
    await page.click('.entry a:has-text("night")')
    await page.waitForSelector('.entry a:has-text("three.bin")')
    await page.goto(folder)
    await page.click('button[aria-label="Show as a grid"]')
    await until(page, `document.querySelector('.entry img')?.naturalWidth > 0`)
    expect(complaints).toEqual([])
  }, 120_000)

  test('what is thrown away comes back, with its bytes', async () => {
    const { page, complaints } = visit
    await page.goto(`${server.url}/files`)
    await page.waitForSelector('.entry a:has-text("Trip")')
    await menuOf(page, 'Trip', 'Move to the trash')
    await until(page, `![...document.querySelectorAll('.entry')].some((row) => /Trip/.test(row.textContent))`)
    await page.goto(`${server.url}/trash`)
    await page.click('button[aria-label="Restore Trip"]')
    await until(page, `!document.querySelector('.entry')`)
    await page.goto(`${server.url}/files`)
    await page.click('.entry a:has-text("Trip")')
    const started = page.waitForEvent('download')
    await menuOf(page, 'one.txt', 'Download')
    expect(await Bun.file(await (await started).path()).text()).toBe('one')
    expect(complaints).toEqual([])
    expect(await place.run(['check'])).toMatchObject({ code: 0, stdout: '' })
  }, 120_000)
})

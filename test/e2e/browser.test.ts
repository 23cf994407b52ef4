/** The pages in a real browser that reaches this machine and nothing else. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { createPlace, type Place } from '../support/binary.ts'
import { CHROMIUM } from '../support/chromium.ts'
import type { RunningServer } from '../support/server-process.ts'

if (CHROMIUM === null) process.stdout.write('NOT TESTED, for there is no Chromium: pages in a browser\n')

const ONLY_HERE = 'MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1'
/** Where to leave pictures to look at; none are made without it. */
const PICTURES = process.env.KIST_TEST_PICTURES

interface Watched {
  page: Page
  /** Requests to anywhere else, and what the console complained about. */
  complaints: string[]
}

async function open(
  browser: Browser,
  url: string,
  options: { dark?: boolean; width?: number } = {},
): Promise<Watched> {
  const { dark = false, width = 1280 } = options
  const page = await browser.newPage({
    viewport: { width, height: 800 },
    colorScheme: dark ? 'dark' : 'light',
  })
  const complaints: string[] = []
  const { origin } = new URL(url)
  page.on('request', (request) => {
    const there = request.url()
    if (!there.startsWith(`${origin}/`) && !/^(data|blob):/.test(there)) complaints.push(`asks ${there}`)
  })
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('requestfailed', (request) => complaints.push(`failed ${request.url()}`))
  await page.goto(url)
  return { page, complaints }
}

const picture = async (page: Page, name: string): Promise<void> => {
  if (PICTURES) await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: false })
}

const overflows = (page: Page): Promise<boolean> =>
  page.evaluate(
    'document.documentElement.scrollWidth > document.documentElement.clientWidth',
  ) as Promise<boolean>

const LOOKS = [
  { name: 'light', dark: false, width: 1280 },
  { name: 'dark', dark: true, width: 1280 },
  { name: 'phone', dark: false, width: 360 },
]

describe.skipIf(CHROMIUM === null)('in Chromium', () => {
  let place: Place
  let server: RunningServer
  let browser: Browser

  beforeAll(async () => {
    place = createPlace()
    server = await place.serve()
    browser = await chromium.launch({
      executablePath: CHROMIUM ?? '',
      args: ['--no-sandbox', `--host-resolver-rules=${ONLY_HERE}`],
    })
  }, 30_000)
  afterAll(async () => {
    await browser?.close()
    await place?.remove()
  })

  for (const { name, ...look } of LOOKS) {
    test(`the API documentation lists its operations without the internet (${name})`, async () => {
      const { page, complaints } = await open(browser, `${server.url}/swagger`, look)
      await page.waitForSelector('.opblock')
      expect(await page.locator('.opblock').count()).toBeGreaterThan(10)
      const text = await page.locator('#swagger-ui').textContent()
      for (const operation of ['/api/v1/uploads/sessions', '/api/v1/uploads/managed', '/api/v1/files/{id}'])
        expect(text).toContain(operation)
      const background = await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')
      expect([name, background === 'rgba(0, 0, 0, 0)' || background === 'rgb(255, 255, 255)']).toEqual([
        name,
        !look.dark,
      ])
      await picture(page, `swagger-${name}`)
      await page.locator('.opblock-summary').first().click()
      await page.waitForSelector('.opblock-body .responses-table')
      await picture(page, `swagger-open-${name}`)
      expect(complaints).toEqual([])
      await page.close()
    }, 30_000)
  }

  test('a request can be tried from the documentation', async () => {
    const { page, complaints } = await open(browser, `${server.url}/swagger`)
    const block = page.locator('.opblock', { hasText: '/api/v1/folders' }).first()
    await block.locator('.opblock-summary').click()
    await block.getByRole('button', { name: 'Try it out' }).click()
    await block.getByRole('button', { name: 'Execute' }).click()
    await block
      .locator('.live-responses-table .response-col_status')
      .filter({ hasText: '401' })
      .first()
      .waitFor()
    // What the browser notes about the 401 itself is no fault of the page.
    expect(complaints.filter((text) => !text.includes('401'))).toEqual([])
    await page.close()
  }, 30_000)

  for (const { name, ...look } of LOOKS) {
    test(`home, set-up and errors are pages without script or foreign parts (${name})`, async () => {
      const link = /http:\S+\/setup\?token=\S+/.exec(server.stdout())?.[0] ?? ''
      for (const [title, url, heading] of [
        ['home', `${server.url}/`, 'Kist'],
        ['setup', link, 'Make the first account'],
        ['spent', `${server.url}/setup?token=spent`, 'Not allowed'],
        ['missing', `${server.url}/nowhere`, 'Not found'],
      ] as const) {
        const { page, complaints } = await open(browser, url, look)
        expect(await page.locator('h1').first().textContent()).toBe(heading)
        expect(await page.locator('html').getAttribute('lang')).toBe('en')
        expect([title, await overflows(page)]).toEqual([title, false])
        await picture(page, `${title}-${name}`)
        // What the browser notes about a 403 or 404 itself is no fault of the page.
        expect([title, complaints.filter((text) => !/status of 40[34]/.test(text))]).toEqual([title, []])
        await page.close()
      }
    }, 30_000)
  }
})

/** Alice sees who has downloaded her files: in a real browser, on the compiled binary. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { createPlace, type Place } from '../support/binary.ts'
import { CHROMIUM, launchChromium } from '../support/chromium.ts'
import type { RunningServer } from '../support/server-process.ts'

if (CHROMIUM === null) process.stdout.write('NOT TESTED, for there is no Chromium: who downloaded\n')

/** Where to put pictures of every page, for people to look at. */
const PICTURES = process.env.KIST_TEST_PICTURES
const AXE = Bun.resolveSync('axe-core/axe.min.js', import.meta.dir)
const PASSWORD = 'correct horse battery'
const SETTINGS = `[registration]
package = "Gold"
[limits]
rate_limits = false
`
const LOOKS = [
  { name: 'light', colorScheme: 'light', width: 1280 },
  { name: 'dark', colorScheme: 'dark', width: 1280 },
  { name: 'phone', colorScheme: 'light', width: 360 },
  { name: 'phone-dark', colorScheme: 'dark', width: 360 },
] as const

interface Violation {
  id: string
  impact: string
  nodes: Array<{ html: string }>
}

/** By evaluate, since the page lets no script in that is not its own. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(await Bun.file(AXE).text())
  const { violations: found } = (await page.evaluate(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })`,
  )) as { violations: Violation[] }
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`))
}

describe.skipIf(CHROMIUM === null)('who downloaded', () => {
  let place: Place
  let server: RunningServer
  let browser: Browser
  beforeAll(async () => {
    place = createPlace({ settings: SETTINGS })
    server = await place.serve()
    browser = await launchChromium()
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await place?.remove()
  }, 60_000)

  async function open(options: Parameters<Browser['newContext']>[0] = {}) {
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options })
    const page = await context.newPage()
    page.setDefaultTimeout(20_000)
    return { context, page }
  }

  async function register(name: string): Promise<{ context: BrowserContext; page: Page }> {
    const { context, page } = await open()
    await page.goto(`${server.url}/register`)
    await page.fill('#username', name)
    await page.fill('#password', PASSWORD)
    await page.click('button[type=submit]')
    await page.waitForURL('**/files')
    await page.waitForSelector('.empty')
    return { context, page }
  }

  async function choose(page: Page, item: string): Promise<void> {
    await page.click('button[aria-label="More for plans.pdf"]')
    await page.getByRole('menuitem', { name: item }).click()
    await page.waitForSelector('dialog')
  }

  /** As somebody who follows a link and takes the file. */
  async function fetchBy(page: Page, link: string): Promise<void> {
    await page.goto(link)
    const arriving = page.waitForEvent('download')
    await page.getByRole('link', { name: /Download/ }).click()
    expect(await (await arriving).path()).not.toBeNull()
  }

  const wordsOf = async (page: Page, selector: string): Promise<string[]> =>
    (await page.locator(selector).allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim())

  test('alice sees bob and a guest, by the links they came by, and nobody sees it but her', async () => {
    const alice = await register('alice')
    await alice.page.goto(`${server.url}/downloads`)
    await alice.page.getByText('Nobody has downloaded any of your files yet.').waitFor()
    await alice.page.goto(`${server.url}/files`)
    await alice.page.setInputFiles('#pick-files', {
      ...{ name: 'plans.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(3000, 'p') },
    })
    await alice.page.getByRole('row', { name: /plans\.pdf/ }).waitFor()
    await choose(alice.page, 'Details')
    await alice.page.getByRole('region', { name: 'Downloaded by' }).getByText('Nobody yet.').waitFor()
    await alice.page.keyboard.press('Escape')
    await choose(alice.page, 'Share…')
    const links: string[] = []
    for (let made = 1; made <= 2; made++) {
      await alice.page.click('button:has-text("Make a link")')
      await alice.page.waitForSelector(`.links .link >> nth=${made - 1}`)
      links.push(await alice.page.locator('.links input').first().inputValue())
    }
    await alice.page.keyboard.press('Escape')
    const [forBob = '', forOthers = ''] = links
    const bob = await register('bob')
    await fetchBy(bob.page, forBob)
    const stranger = await open()
    await fetchBy(stranger.page, forOthers)
    await fetchBy(stranger.page, forOthers)

    const guest = new RegExp(
      String.raw`^Guest \(not signed in\) 2 times · 5\.9 KB · .* · by the link …${forOthers.slice(-6)} of `,
    )
    const named = new RegExp(String.raw`^bob once · 2\.9 KB · .* · by the link …${forBob.slice(-6)} of `)
    await alice.page.reload()
    await choose(alice.page, 'Details')
    await alice.page.waitForSelector('.downloaders li >> nth=1')
    const [first = '', second = ''] = await wordsOf(alice.page, 'dialog .downloaders li')
    expect([first, second]).toEqual([expect.stringMatching(guest), expect.stringMatching(named)])
    await alice.page.keyboard.press('Escape')

    await alice.page.getByRole('navigation', { name: 'Places' }).getByText('Downloads').click()
    await alice.page.waitForURL('**/downloads')
    await alice.page.waitForSelector('.downloaders li >> nth=1')
    expect(await wordsOf(alice.page, '.downloaders .row-words')).toEqual([
      `plans.pdf ${first}`,
      `plans.pdf ${second}`,
    ])
    await alice.page.getByRole('button', { name: 'Details of plans.pdf' }).first().click()
    await alice.page.waitForSelector('dialog .downloaders li')
    await alice.page.keyboard.press('Escape')
    await alice.page.locator('.downloaders li a').first().click()
    await alice.page.waitForURL('**/files')

    await alice.page.goto(`${server.url}/shares`)
    await alice.page.waitForSelector('.cards > li >> nth=1')
    await alice.page.locator('.by-link summary').last().click()
    await alice.page.waitForSelector('.by-link .downloaders li')
    expect(await wordsOf(alice.page, '.by-link .downloaders li')).toEqual([
      expect.stringMatching(/^bob once · 2\.9 KB · [^…]*$/),
    ])

    await bob.page.goto(`${server.url}/downloads`)
    await bob.page.getByText('Nobody has downloaded any of your files yet.').waitFor()
    await Promise.all([bob, stranger].map(({ context }) => context.close()))
    await looksOf(alice.context)
    await alice.context.close()
  }, 120_000)

  /** All places where it is told, in both themes, on a phone too. */
  async function looksOf(signedIn: BrowserContext): Promise<void> {
    const problems: string[] = []
    const storageState = await signedIn.storageState()
    for (const { name, colorScheme, width } of LOOKS) {
      const { context, page } = await open({ viewport: { width, height: 780 }, colorScheme, storageState })
      const look = async (title: string): Promise<void> => {
        await page.mouse.move(2, 2)
        if (PICTURES) await page.screenshot({ path: join(PICTURES, `${title}-${name}.png`) })
        problems.push(...(await violations(page)).map((problem) => `${title} ${name}: ${problem}`))
        const wide = await page.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        )
        if (wide !== 0) problems.push(`${title} ${name}: ${wide} pixels too wide`)
      }
      await page.goto(`${server.url}/downloads`)
      await page.waitForSelector('.downloaders li')
      await look('downloads')
      await page.goto(`${server.url}/shares`)
      await page.locator('.by-link summary').first().click()
      await page.waitForSelector('.by-link .downloaders li')
      await look('shares-who')
      await page.goto(`${server.url}/files`)
      await choose(page, 'Details')
      await page.waitForSelector('dialog .downloaders li')
      await look('details-who')
      const statistics = await page.getByRole('link', { name: 'Statistics' }).getAttribute('href')
      await page.goto(server.url + statistics)
      await page.getByRole('heading', { name: 'Downloaded by' }).scrollIntoViewIfNeeded()
      await look('statistics-who')
      await context.close()
    }
    expect(problems).toEqual([])
  }
})

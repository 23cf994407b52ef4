/** Alice sees who has downloaded her files: in a real browser, on the compiled binary. */
import { describe, expect, test } from 'bun:test'
import type { BrowserContext, Page } from 'playwright-core'
import { browserSite } from '../support/browser-site.ts'
import { CHROMIUM } from '../support/chromium.ts'
import { LOOKS, looker } from '../support/looks.ts'
import { until } from '../support/visit.ts'
import { menuOf } from './scenarios/steps.ts'

if (CHROMIUM === null) process.stdout.write('NOT TESTED, for there is no Chromium: who downloaded\n')

describe.skipIf(CHROMIUM === null)('who downloaded', () => {
  const site = browserSite()

  async function choose(page: Page, item: string): Promise<void> {
    await menuOf(page, 'plans.pdf', item)
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
    const alice = await site.register('alice')
    await alice.page.goto(`${site.server.url}/downloads`)
    await alice.page.getByText('Nobody has downloaded any of your files yet.').waitFor()
    await alice.page.goto(`${site.server.url}/files`)
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
    const bob = await site.register('bob')
    await fetchBy(bob.page, forBob)
    const stranger = await site.open()
    await fetchBy(stranger.page, forOthers)
    await fetchBy(stranger.page, forOthers)
    // Who fetches has the last byte a moment before it is known here.
    const taken = '({ downloaders }) => downloaders.reduce((sum, { bytes }) => sum + bytes, 0)'
    await until(
      alice.page,
      `fetch('/web/downloads').then((answer) => answer.json()).then(${taken}).then((sum) => sum === 9000)`,
    )

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

    await alice.page.goto(`${site.server.url}/shares`)
    await alice.page.waitForSelector('.cards > li >> nth=1')
    await alice.page.locator('.by-link summary').last().click()
    await alice.page.waitForSelector('.by-link .downloaders li')
    expect(await wordsOf(alice.page, '.by-link .downloaders li')).toEqual([
      expect.stringMatching(/^bob once · 2\.9 KB · [^…]*$/),
    ])

    await bob.page.goto(`${site.server.url}/downloads`)
    await bob.page.getByText('Nobody has downloaded any of your files yet.').waitFor()
    await Promise.all([bob, stranger].map(({ context }) => context.close()))
    await looksOf(alice.context)
    await alice.context.close()
  }, 120_000)

  /** All places where it is told, in both themes, on a phone too. */
  async function looksOf(signedIn: BrowserContext): Promise<void> {
    const storageState = await signedIn.storageState()
    for (const { name, screen } of LOOKS) {
      const { problems, look } = looker(name)
      await using visit = await site.open({ ...screen, storageState })
      const { page } = visit
      await page.goto(`${site.server.url}/downloads`)
      await page.waitForSelector('.downloaders li')
      await look(page, 'downloads')
      await page.goto(`${site.server.url}/shares`)
      await page.locator('.by-link summary').first().click()
      await page.waitForSelector('.by-link .downloaders li')
      await look(page, 'shares-who')
      await page.goto(`${site.server.url}/files`)
      await choose(page, 'Details')
      await page.waitForSelector('dialog .downloaders li')
      await look(page, 'details-who')
      const statistics = await page.getByRole('link', { name: 'Statistics' }).getAttribute('href')
      await page.goto(site.server.url + statistics)
      await page.getByRole('heading', { name: 'Downloaded by' }).scrollIntoViewIfNeeded()
      await look(page, 'statistics-who')
      expect([name, ...problems]).toEqual([name])
    }
  }
})

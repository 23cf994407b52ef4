/** The first minutes: the link that the first start prints makes the administrator. */
import { expect, test } from 'bun:test'
import { type BrowserSite, PASSWORD, TIMEOUT } from '../../support/browser-site.ts'
import { faultsOf } from '../../support/visit.ts'

export function setUp(site: BrowserSite): void {
  test(
    'the set-up link leads to the administration, signed in, by keyboard alone, and works once',
    async () => {
      const link = /http:\S+\/setup\?token=\S+/.exec(site.server.stdout())?.[0] ?? ''
      await using visit = await site.open()
      const { page } = visit
      await page.goto(link)
      await page.waitForSelector('#username:focus')
      await page.keyboard.type('root')
      await page.keyboard.press('Tab')
      await page.waitForSelector('#password:focus')
      await page.keyboard.type(PASSWORD)
      await page.keyboard.press('Enter')
      await page.waitForURL(`${site.server.url}/admin`)
      await page.getByRole('heading', { name: 'The site now' }).waitFor()
      const accounts = await site.place.lines(['user', 'list'])
      expect(accounts.map((line) => line.split('\t').slice(1, 6))).toContainEqual([
        ...['root', '-', 'Admin', 'active', 'admin'],
      ])
      await page.goto(link)
      await page.getByRole('heading', { name: 'Not allowed' }).waitFor()
      expect(faultsOf(visit)).toEqual([])
    },
    TIMEOUT,
  )
}

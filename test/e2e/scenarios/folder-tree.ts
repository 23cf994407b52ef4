/** Whole folders, with what is in them. */
import { expect, test } from 'bun:test'
import { dirname } from 'node:path'
import { type BrowserSite, TIMEOUT } from '../../support/browser-site.ts'
import { pictureOf } from '../../support/pictures.ts'
import { until } from '../../support/visit.ts'
import { uploaded } from './steps.ts'

export function folderTree(site: BrowserSite): void {
  test(
    'a folder keeps its tree, its pictures are seen, and search finds what is deep in it',
    async () => {
      site.file('Trip/day 1/two.jpg', await pictureOf('jpeg', 800, 600))
      site.file('Trip/day 1/night/three.mp4', Buffer.alloc(70_000, 'three'))
      const tree = dirname(site.file('Trip/one.txt', 'one'))
      await using visit = await site.register('tree')
      const { page, complaints, puts } = visit
      await page.setInputFiles('#pick-folder', tree)
      await uploaded(page, 3)
      const { storeOrigin } = site
      expect(puts.map(({ origin }) => origin)).toEqual([storeOrigin, storeOrigin, storeOrigin])
      await page.click('.entry a:has-text("Trip")')
      await page.waitForSelector('.entry a:has-text("one.txt")')
      await page.click('.entry a:has-text("day 1")')
      await page.waitForSelector('.entry a:has-text("two.jpg")')
      const folder = page.url()
      await page.click('.entry a:has-text("night")')
      await page.waitForSelector('.entry a:has-text("three.mp4")')
      expect(await page.locator('.crumbs').textContent()).toContain('Files')
      await page.goto(folder)
      await page.getByRole('button', { name: 'Show as a grid' }).click()
      await until(page, `document.querySelector('.entry img')?.naturalWidth > 0`)
      await page.fill('#finder', 'TWO')
      await page.waitForURL('**/files/search?q=TWO')
      await page.waitForSelector('.entry a:has-text("two.jpg")')
      expect(complaints).toEqual([])
    },
    TIMEOUT,
  )
}

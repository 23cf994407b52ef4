/** Small pictures in the grid that are not there yet: they come by themselves, and the server has peace. */
import { describe, expect, test } from 'bun:test'
import type { Page, Route } from 'playwright-core'
import { browserSite } from '../support/browser-site.ts'
import { CHROMIUM } from '../support/chromium.ts'
import { allUploaded } from '../support/files-visit.ts'
import { pictureOf } from '../support/pictures.ts'
import { until } from '../support/visit.ts'

if (CHROMIUM === null) process.stdout.write('NOT TESTED, for there is no Chromium: thumbnails\n')

const BUSY = { status: 503, headers: { 'retry-after': '1' }, body: '' }

describe.skipIf(CHROMIUM === null)('a thumbnail', () => {
  const site = browserSite()

  /** A grid of pictures; `answer` says what becomes of each question for one. */
  async function grid(name: string, count: number, answer: (route: Route) => Promise<void>) {
    const visit = await site.register(name)
    const { page } = visit
    await page.route('**/~preview/**', answer)
    const bytes = await pictureOf('jpeg')
    const paths = Array.from({ length: count }, (_, index) => site.file(`${name}-${index}.jpg`, bytes))
    await page.setInputFiles('#pick-files', paths)
    await allUploaded(page, count)
    await page.click('.dock button:has-text("Clear")')
    await page.click('button[aria-label="Show as a grid"]')
    return visit
  }
  const shown = (page: Page, count: number): Promise<void> =>
    until(
      page,
      `[...document.querySelectorAll('.tile img')].filter(({ naturalWidth }) => naturalWidth > 0).length === ${count}`,
    )

  test('that is not made yet appears when it is, without a reload', async () => {
    let refusals = 4
    const { context, page } = await grid('later', 1, (route) =>
      refusals-- > 0 ? route.fulfill(BUSY) : route.continue(),
    )
    await shown(page, 1)
    expect(refusals).toBeLessThan(0)
    await context.close()
  }, 60_000)

  test('of which the server says that there is none is not asked for again', async () => {
    const asked: string[] = []
    const { context, page } = await grid('never', 1, (route) => {
      asked.push(route.request().method())
      return route.fulfill({ status: 404, body: '' })
    })
    await until(page, `document.querySelector('.tile .no-picture') !== null`)
    while (!asked.includes('HEAD')) await page.waitForTimeout(20)
    const before = asked.length
    await page.clock.install()
    await page.click('button[aria-label="Show as a list"]')
    await page.click('button[aria-label="Show as a grid"]')
    await page.waitForSelector('.tile .no-picture .icon')
    await page.clock.runFor(600_000)
    expect(asked.length).toBe(before)
    expect(asked.filter((method) => method === 'HEAD').length).toBe(1)
    await context.close()
  }, 60_000)

  test('is asked for two at a time, and only where somebody looks', async () => {
    let under = 0
    let most = 0
    const heads = new Set<string>()
    const { context, page } = await grid('many', 60, async (route) => {
      if (route.request().method() !== 'HEAD') return route.fulfill(BUSY)
      heads.add(route.request().url())
      most = Math.max(most, ++under)
      await new Promise((resolve) => setTimeout(resolve, 20))
      under--
      await route.fulfill({ ...BUSY, headers: { 'retry-after': '60' } })
    })
    await until(page, `document.querySelectorAll('.tile .no-picture').length >= 20`)
    for (let before = -1; before < heads.size; await page.waitForTimeout(500)) before = heads.size
    const seen = (await page.evaluate(`(() => {
      const { top, bottom } = document.querySelector('.entries').getBoundingClientRect()
      return [...document.querySelectorAll('.tile')].map((tile) => tile.getBoundingClientRect())
        .filter((box) => box.bottom > top && box.top < bottom).length
    })()`)) as number
    expect(most).toBe(2)
    expect(heads.size).toBeGreaterThan(5)
    expect(heads.size).toBeLessThanOrEqual(seen)
    await context.close()
  }, 60_000)
})

/** An upload stands still, goes on, and is called off. */
import { expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { type BrowserSite, TIMEOUT } from '../../support/browser-site.ts'
import { createContent } from '../../support/content.ts'
import { ask, faultsOf, savedBy, throttle, until } from '../../support/visit.ts'
import { answer, menuOf } from './steps.ts'

const MiB = 2 ** 20
const CLIP = createContent(64 * MiB, 'a clip')

export function pausing(site: BrowserSite): void {
  test(
    'an upload is paused, goes on, is called off; what does not fit says why',
    async () => {
      await using visit = await site.register('pauser')
      const { page } = visit
      const path = site.file('clip.bin', CLIP)
      const limit = await throttle(page)
      await limit(8 * MiB)
      await page.setInputFiles('#pick-files', path)
      await page.waitForSelector('.upload[data-state=uploading]')
      await until(page, `document.querySelector('.upload progress').value > ${MiB}`)
      await page.getByRole('button', { name: 'Pause clip.bin' }).click()
      await page.waitForSelector('.upload[data-state=paused]')
      const at = await progress(page)
      await page.waitForTimeout(700)
      expect(await progress(page)).toBe(at)
      await limit(-1)
      await page.getByRole('button', { name: 'Resume clip.bin' }).click()
      await page.waitForSelector('.upload[data-state=done]')
      const saved = await savedBy(visit, () => menuOf(page, 'clip.bin', 'Download'))
      expect(saved).toEqual({ name: 'clip.bin', sha256: CLIP.sha256(), origin: site.storeOrigin })

      await limit(4 * MiB)
      await page.setInputFiles('#pick-files', path)
      await answer(page, {}, 'Keep both')
      await page.waitForSelector('.upload[data-state=uploading]')
      await uploadsOpen(page, 1)
      await page.click('.upload[data-state=uploading] button[aria-label="Cancel clip.bin"]')
      await uploadsOpen(page, 0)
      await limit(-1)
      await site.place.lines(['user', 'set', 'pauser', '--package', 'Free'])
      await site.place.lines(['package', 'set', 'Free', 'max_storage_bytes=1000'])
      await page.setInputFiles('#pick-files', path)
      await answer(page, {}, 'Keep both')
      await page.waitForSelector('.upload[data-state=failed]:has-text("exceed your storage quota")')
      expect(faultsOf(visit)).toEqual([])
    },
    TIMEOUT,
  )
}

const progress = (page: Page): Promise<number> =>
  page.evaluate(`document.querySelector('.upload progress').value`)

async function uploadsOpen(page: Page, count: number): Promise<void> {
  const open = async () => (await ask<{ uploads: unknown[] }>(page, '/web/uploads')).uploads.length
  for (const end = performance.now() + TIMEOUT / 4; (await open()) !== count; await Bun.sleep(50))
    if (performance.now() > end) throw new Error(`never ${count} open uploads`)
}

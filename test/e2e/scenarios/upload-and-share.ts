/** A large file goes up in spite of a reload, and a stranger gets it by a link with a password and an end. */
import { expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { PART_SIZE } from '../../../src/web/wire/uploads.ts'
import { type BrowserSite, TIMEOUT } from '../../support/browser-site.ts'
import { createContent } from '../../support/content.ts'
import { ask, faultsOf, savedBy, throttle, until } from '../../support/visit.ts'
import { menuOf } from './steps.ts'

const MiB = 2 ** 20
const NAME = 'film.bin'
/** Its last part is not a whole one. */
const FILM = createContent(300 * MiB - 12_345, 'a film')
const PARTS = Array.from({ length: Math.ceil(FILM.size / PART_SIZE) }, (_, index) => index + 1)
const LINK_PASSWORD = 'open sesame'

export function uploadAndShare(site: BrowserSite): void {
  test(
    'an upload of 300 MB survives a reload, and is shared with a password and an end',
    async () => {
      const [path, sha256] = [site.file(NAME, FILM), FILM.sha256()]
      await using owner = await site.register('ann-of-films')
      const limit = await throttle(owner.page)
      await limit(40 * MiB)
      await beginToSend(owner.page, path)
      owner.page.on('dialog', (dialog) => void dialog.accept())
      await owner.page.reload()
      await owner.page.waitForSelector('.upload[data-state=asking]')
      const before = await arrived(owner.page)
      expect(before.length).toBeGreaterThanOrEqual(4)
      expect(before.length).toBeLessThan(PARTS.length)
      const firstTime = owner.puts.splice(0)
      await limit(-1)
      await owner.page.setInputFiles(`input[data-again="${NAME}"]`, path)
      await owner.page.waitForSelector('.upload[data-state=done]')
      // What had arrived was not sent again, and all that was sent went to the store.
      const again = owner.puts.map(({ part }) => part).sort((a, b) => a - b)
      expect(again).toEqual(PARTS.filter((part) => !before.includes(part)))
      const origins = new Set([...firstTime, ...owner.puts].map(({ origin }) => origin))
      expect(origins).toEqual(new Set([site.storeOrigin]))
      expect(await site.stored(FILM.size)).toEqual([sha256])

      const link = await shareOnce(owner.page)
      await using stranger = await site.open()
      await unlock(stranger.page, link)
      const click = () => stranger.page.getByRole('link', { name: 'Download' }).click()
      // The uses of a link are counted, so its bytes come through Kist; the owner is sent to the store.
      const taken = await savedBy(stranger, click)
      expect(taken).toEqual({ name: NAME, sha256, origin: site.server.url })
      await stranger.page.goto(link)
      await stranger.page.getByRole('heading', { name: 'This link has ended' }).waitFor()
      const kept = await savedBy(owner, () => menuOf(owner.page, NAME, 'Download'))
      expect(kept).toEqual({ name: NAME, sha256, origin: site.storeOrigin })
      expect(owner.complaints).toEqual([])
      expect(faultsOf(stranger)).toEqual([])
    },
    2 * TIMEOUT,
  )
}

/** Resolves when some parts are there and others are on their way. */
async function beginToSend(page: Page, path: string): Promise<void> {
  await page.setInputFiles('#pick-files', path)
  await page.waitForSelector('.upload[data-state=uploading]')
  for (const end = performance.now() + TIMEOUT / 2; (await arrived(page)).length < 4; await Bun.sleep(50))
    if (performance.now() > end) throw new Error('no four parts have arrived')
}

/** Numbers of the parts of the one open upload that are in the store. */
async function arrived(page: Page): Promise<number[]> {
  const { uploads } = await ask<{ uploads: Array<{ id: string }> }>(page, '/web/uploads')
  if (!uploads[0]) return []
  const path = `/web/uploads/${uploads[0].id}/parts`
  return (await ask<{ parts: Array<{ number: number }> }>(page, path)).parts.map(({ number }) => number)
}

/** A link for one download. */
async function shareOnce(page: Page): Promise<string> {
  await page.getByRole('row', { name: new RegExp(NAME) }).waitFor()
  await menuOf(page, NAME, 'Share…')
  await page.fill('#link-password', LINK_PASSWORD)
  await page.fill('#link-expires', '2099-01-01T00:00')
  await page.fill('#link-downloads', '1')
  await page.getByRole('button', { name: 'Make a link' }).click()
  const link = await page.locator('.links input').inputValue()
  await page.keyboard.press('Escape')
  await until(page, `!document.querySelector('dialog')`)
  return link
}

async function unlock(page: Page, link: string): Promise<void> {
  await page.goto(link)
  await page.fill('#password', 'wrong')
  await page.keyboard.press('Enter')
  await page.waitForSelector('[role=alert]')
  await page.fill('#password', LINK_PASSWORD)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: NAME }).waitFor()
}

/** Others drop files into a folder of somebody who asked them to. */
import { expect, test } from 'bun:test'
import { type BrowserSite, TIMEOUT } from '../../support/browser-site.ts'
import { sampleBytes, sha256 } from '../../support/upload.ts'
import { faultsOf, savedBy } from '../../support/visit.ts'
import { menuOf } from './steps.ts'

const SIZE = 70_001
const PHOTOS: Record<string, Uint8Array> = {
  'a.jpg': sampleBytes(SIZE, 11),
  'b.jpg': sampleBytes(SIZE, 12),
  'c.jpg': sampleBytes(SIZE, 13),
}

export function fileRequest(site: BrowserSite): void {
  test(
    'strangers send files by a link, as many as were asked for, and the owner finds them',
    async () => {
      await using owner = await site.register('asker')
      const { page, complaints } = owner
      await page.getByRole('link', { name: 'File requests' }).click()
      await page.getByRole('button', { name: 'New request' }).click()
      await page.fill('#request-title', 'Photos of the party')
      await page.fill('#request-files', '2')
      await page.click('dialog button[type=submit]')
      const link = await page.locator('.cards input').inputValue()

      await using stranger = await site.open()
      await stranger.page.goto(link)
      const paths = Object.entries(PHOTOS).map(([name, bytes]) => site.file(name, bytes))
      await stranger.page.setInputFiles('#file', paths)
      await stranger.page.getByRole('button', { name: 'Send' }).click()
      await stranger.page.waitForSelector('#news:has-text("2 of 3 files arrived.")')

      await page.goto(`${site.server.url}/files`)
      await page.waitForSelector('.entry a:has-text("a.jpg")')
      expect(await page.locator('.entry').count()).toBe(2)
      const sent = ['a.jpg', 'b.jpg'].map((name) => sha256(PHOTOS[name] ?? new Uint8Array()))
      expect((await site.stored(SIZE)).sort()).toEqual(sent.sort())
      for (const name of ['a.jpg', 'b.jpg']) {
        const saved = await savedBy(owner, () => menuOf(page, name, 'Download'))
        expect(saved).toMatchObject({ name, sha256: sha256(PHOTOS[name] ?? new Uint8Array()) })
      }
      expect(complaints).toEqual([])
      expect(faultsOf(stranger)).toEqual([])
    },
    TIMEOUT,
  )
}

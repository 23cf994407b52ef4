/** What is thrown away comes back. */
import { expect, test } from 'bun:test'
import { type BrowserSite, TIMEOUT } from '../../support/browser-site.ts'
import { sampleBytes, sha256 } from '../../support/upload.ts'
import { savedBy, until } from '../../support/visit.ts'
import { menuOf, uploaded } from './steps.ts'

export function trash(site: BrowserSite): void {
  test(
    'a folder that is thrown away comes back with what is in it, and its bytes',
    async () => {
      await using visit = await site.register('thrower')
      const { page, complaints } = visit
      const bytes = sampleBytes(50_000, 21)
      site.file('Heap/deep/kept.bin', bytes)
      await page.setInputFiles('#pick-folder', site.file('Heap/one.txt', 'one').replace(/\/one\.txt$/, ''))
      await uploaded(page, 2)
      await menuOf(page, 'Heap', 'Move to the trash')
      await page.waitForSelector('.empty')
      await page.goto(`${site.server.url}/trash`)
      await page.getByRole('button', { name: 'Restore Heap' }).click()
      await until(page, `!document.querySelector('.entry')`)
      await page.goto(`${site.server.url}/files`)
      await page.click('.entry a:has-text("Heap")')
      await page.click('.entry a:has-text("deep")')
      await page.waitForSelector('.entry a:has-text("kept.bin")')
      const saved = await savedBy(visit, () => menuOf(page, 'kept.bin', 'Download'))
      expect(saved).toEqual({ name: 'kept.bin', sha256: sha256(bytes), origin: site.storeOrigin })
      expect(complaints).toEqual([])
      expect(await site.place.run(['check'])).toMatchObject({ code: 0, stdout: '' })
    },
    TIMEOUT,
  )
}

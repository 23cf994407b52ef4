/** A folder that others open: locked, looked at, taken home. */
import { expect, test } from 'bun:test'
import { type BrowserSite, TIMEOUT } from '../../support/browser-site.ts'
import { png } from '../../support/media.ts'
import { faultsOf, savedBy, until, violations } from '../../support/visit.ts'

const UNZIP = Bun.which('unzip')
const NAMES = ['a.png', 'b.png']
const picture = (name: string): Uint8Array => png(80, 60, [NAMES.indexOf(name) * 90, 90, 200])

export function lockedFolder(site: BrowserSite): void {
  test.skipIf(!UNZIP)(
    'a locked folder is opened, seen as a gallery and as a list, and taken as one archive',
    async () => {
      const people = await site.people()
      const folderId = await people.folder('Holiday', 'sesame')
      for (const name of NAMES) {
        await people.file({ name, bytes: picture(name), type: 'image/png', folderId })
      }
      await using visit = await site.open()
      const { page } = visit
      await page.goto(`${site.server.url}/folder/${folderId}/Holiday`)
      expect(await violations(page)).toEqual([])
      await page.getByLabel('Password').fill('sesame')
      await page.keyboard.press('Enter')
      await page.locator('.gallery img').first().waitFor()
      await until(
        page,
        '[...document.querySelectorAll(".gallery img")].every((image) => image.naturalWidth > 0)',
      )
      expect(await violations(page)).toEqual([])
      await page.getByRole('link', { name: 'List' }).click()
      await page.waitForURL(/view=list/)
      expect(await page.locator('.gallery').count()).toBe(0)
      await page.goto(`${site.server.url}/folder/${folderId}/Holiday`)
      await page.waitForURL(/view=list/)
      await page.getByRole('link', { name: 'Largest' }).click()
      await page.waitForURL(/sort=largest/)
      const all = () => page.getByRole('link', { name: 'Download all as ZIP' }).click()
      const archive = site.file('all.zip', '')
      expect((await savedBy(visit, all, archive)).name).toBe('Holiday.zip')
      for (const name of NAMES) {
        const unpacked = Bun.spawnSync(['unzip', '-p', archive, `*${name}`])
        expect([unpacked.exitCode, unpacked.stdout.equals(picture(name))]).toEqual([0, true])
      }
      expect(faultsOf(visit)).toEqual([])
    },
    TIMEOUT,
  )
}

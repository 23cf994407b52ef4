/** Files and folders are copied by the dialog that lists folders. */
import { expect, test } from 'bun:test'
import { type BrowserSite, TIMEOUT } from '../../support/browser-site.ts'
import { folderNamed, namesIn } from '../../support/files-visit.ts'
import { sampleBytes, sha256 } from '../../support/upload.ts'
import { savedBy } from '../../support/visit.ts'
import { menuOf, uploaded } from './steps.ts'

const BYTES = sampleBytes(90_001, 41)

export function copying(site: BrowserSite): void {
  test(
    'a file is copied into a folder, the folder into another, and again beside itself; the copies are the same bytes',
    async () => {
      await using visit = await site.register('copier')
      const { page, complaints } = visit
      const [from, to] = [await folderNamed(page, 'From'), await folderNamed(page, 'To')]
      await page.setInputFiles('#pick-files', site.file('plan.bin', BYTES))
      await uploaded(page)
      const copy = async (name: string, into: string): Promise<void> => {
        await page.goto(`${site.server.url}/files`)
        await menuOf(page, name, 'Copy to…')
        const dialog = page.getByRole('dialog', { name: 'Copy to…' })
        if (into !== '') await dialog.getByRole('button', { name: into, exact: true }).click()
        await dialog.getByRole('button', { name: 'Copy here' }).click()
        await dialog.waitFor({ state: 'detached' })
      }
      await copy('plan.bin', 'From')
      await copy('From', 'To')
      await copy('From', '')
      await copy('plan.bin', '')
      expect(await namesIn(page, from)).toEqual(['plan.bin'])
      expect(await namesIn(page, to)).toEqual(['From'])
      expect(await namesIn(page, 'top')).toEqual(['From', 'From (1)', 'To', 'plan (1).bin', 'plan.bin'])

      await page.goto(`${site.server.url}/files/folder/${to}`)
      await page.click('.entry a:has-text("From")')
      await page.waitForSelector('.entry a:has-text("plan.bin")')
      const saved = await savedBy(visit, () => menuOf(page, 'plan.bin', 'Download'))
      expect(saved).toEqual({ name: 'plan.bin', sha256: sha256(BYTES), origin: site.storeOrigin })
      // Copies share their bytes.
      expect(await site.stored(BYTES.length)).toEqual([sha256(BYTES)])
      expect(complaints).toEqual([])
    },
    TIMEOUT,
  )
}

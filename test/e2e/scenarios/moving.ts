/** Files are put in order with the mouse. */
import { expect, test } from 'bun:test'
import { type BrowserSite, TIMEOUT } from '../../support/browser-site.ts'
import { until } from '../../support/visit.ts'
import { addBy, uploaded } from './steps.ts'

export function moving(site: BrowserSite): void {
  test(
    'entries are chosen by mouse and moved by dragging, which can be taken back',
    async () => {
      await using visit = await site.register('mover')
      const { page, complaints } = visit
      const paths = ['1.txt', '2.txt', '3.txt', '4.txt'].map((name) => site.file(name, 'x'))
      await page.setInputFiles('#pick-files', paths)
      await page.waitForSelector('.entry >> nth=3')
      await uploaded(page, 4)
      await page.getByRole('button', { name: 'Clear' }).click()
      await addBy(page, 'New folder')
      await page.fill('#folder-name', 'Box')
      await page.keyboard.press('Enter')
      await page.waitForSelector('.entry a:has-text("Box")')
      const handle = (name: string) => page.locator('.entry', { hasText: name }).locator('.of-date')
      const chosen = () => page.locator('.entry[aria-selected=true]').count()
      await handle('1.txt').click()
      await handle('3.txt').click({ modifiers: ['Shift'] })
      expect(await chosen()).toBe(3)
      await handle('2.txt').click({ modifiers: ['Control'] })
      expect(await chosen()).toBe(2)
      await handle('1.txt').dragTo(handle('Box'))
      await until(page, `document.querySelectorAll('.entry').length === 3`)
      await page.getByRole('button', { name: 'Undo' }).click()
      await until(page, `document.querySelectorAll('.entry').length === 5`)
      await handle('4.txt').dragTo(handle('Box'))
      await until(page, `document.querySelectorAll('.entry').length === 4`)
      await page.click('.entry a:has-text("Box")')
      await page.waitForSelector('.entry a:has-text("4.txt")')
      expect(complaints).toEqual([])
    },
    TIMEOUT,
  )
}

/** Files come in by drop and by paste. */
import { expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { type BrowserSite, TIMEOUT } from '../../support/browser-site.ts'
import { sha256 } from '../../support/upload.ts'
import { savedBy } from '../../support/visit.ts'
import { answer, menuOf, uploaded } from './steps.ts'

export function dropping(site: BrowserSite): void {
  test(
    'files are dropped and pasted anywhere on the page, into the folder that is shown',
    async () => {
      await using visit = await site.register('dropper')
      const { page, complaints, puts } = visit
      await give(page, 'drop', 'dropped.txt')
      await page.waitForSelector('.entry a:has-text("dropped.txt")')
      await give(page, 'paste', 'pasted.txt')
      await page.waitForSelector('.entry a:has-text("pasted.txt")')
      await give(page, 'drop', 'dropped.txt')
      await answer(page, {}, 'Keep both')
      await uploaded(page, 3)
      await give(page, 'drop', '.gitkeep', '')
      await page.waitForSelector('.entry:has-text("0 bytes"):has-text(".gitkeep")')
      await page.waitForSelector('.entry a:has-text("dropped (1).txt")')
      await uploaded(page, 4)
      const saved = await savedBy(visit, () => menuOf(page, '.gitkeep', 'Download'))
      expect(saved.sha256).toBe(sha256(new Uint8Array()))
      const { storeOrigin } = site
      expect(puts.map(({ origin }) => origin)).toEqual([storeOrigin, storeOrigin, storeOrigin])
      expect(complaints).toEqual([])
    },
    TIMEOUT,
  )
}

const give = (page: Page, kind: 'drop' | 'paste', name: string, text = 'some text'): Promise<unknown> =>
  page.evaluate(`{
    const transfer = new DataTransfer()
    transfer.items.add(new File(['${text}'], '${name}', { type: 'text/plain' }))
    const options = { bubbles: true, cancelable: true }
    document.querySelector('#content').dispatchEvent(
      '${kind}' === 'drop'
        ? new DragEvent('drop', { ...options, dataTransfer: transfer })
        : new ClipboardEvent('paste', { ...options, clipboardData: transfer }),
    )
  }`)

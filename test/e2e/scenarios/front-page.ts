/** Files are uploaded on the front page, by whoever comes along. */
import { expect, test } from 'bun:test'
import { type BrowserSite, PART_SIZE, TIMEOUT } from '../../support/browser-site.ts'
import { pictureOf } from '../../support/pictures.ts'
import { sampleBytes, sha256 } from '../../support/upload.ts'
import { savedBy, until, violations } from '../../support/visit.ts'

export function frontPage(site: BrowserSite): void {
  test(
    'a guest uploads several files in parts, sees his picture, saves it and deletes it',
    async () => {
      await using visit = await site.open()
      const { page, complaints, puts } = visit
      await page.goto(site.server.url)
      expect(await violations(page)).toEqual([])
      // What stands behind the end of a picture belongs to its file and is not shown.
      const buffer = Buffer.concat([await pictureOf('jpeg', 640, 480), sampleBytes(2 * PART_SIZE)])
      await page.locator('input[type=file]').setInputFiles([
        { name: 'large.jpg', mimeType: 'image/jpeg', buffer },
        { name: 'small "x" <b>.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') },
        { name: 'empty.txt', mimeType: 'text/plain', buffer: Buffer.alloc(0) },
      ])
      await page.locator('.uploads .links').nth(1).waitFor()
      const { storeOrigin } = site
      expect(puts.map(({ origin }) => origin)).toEqual(Array(4).fill(storeOrigin))
      expect(puts.map(({ part }) => part).sort()).toEqual([1, 1, 2, 3])
      expect(await site.stored(buffer.length)).toEqual([sha256(buffer)])
      expect(await page.getByRole('alert').allTextContents()).toEqual(['This file is empty.'])
      expect(await violations(page)).toEqual([])
      const row = page.locator('.uploads li', { hasText: 'large.jpg' })
      const link = await row.getByLabel('Link', { exact: true }).inputValue()
      const toDelete = await row.getByLabel('Link to delete it, for you alone', { exact: true }).inputValue()

      await page.goto(link)
      await page.locator('.stage.picture img').waitFor()
      await until(page, 'document.querySelector(".stage img").naturalWidth > 0')
      const saved = await savedBy(visit, () =>
        page.getByRole('link', { name: 'Download', exact: true }).click(),
      )
      expect(saved).toEqual({ name: 'large.jpg', sha256: sha256(buffer), origin: storeOrigin })
      await page.goto(toDelete)
      await page.getByRole('button', { name: 'Delete the file' }).click()
      await page.getByRole('heading', { name: 'File deleted' }).waitFor()
      expect((await fetch(link)).status).toBe(404)
      expect(complaints).toEqual([])
    },
    TIMEOUT,
  )

  test(
    'a guest can drop a file and paste one, and change his mind',
    async () => {
      await using visit = await site.open()
      const { page, complaints } = visit
      await page.goto(site.server.url)
      await page.evaluate(`(() => {
        const give = (name) => { const data = new DataTransfer(); data.items.add(new File(['x'.repeat(9)], name)); return data }
        dispatchEvent(new DragEvent('drop', { dataTransfer: give('dropped.txt'), cancelable: true }))
        dispatchEvent(new ClipboardEvent('paste', { clipboardData: give('pasted.txt') }))
      })()`)
      await page.locator('.uploads .links').nth(1).waitFor()
      // The connection stands still, so that there is something to cancel.
      await page.route(/partNumber=/, () => {})
      await page
        .locator('input[type=file]')
        .setInputFiles([
          { name: 'never.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(1000) },
        ])
      const row = page.locator('.uploads li', { hasText: 'never.bin' })
      await row.getByRole('button', { name: 'Cancel never.bin' }).click()
      await row.getByText('Cancelled').waitFor()
      expect(complaints).toEqual([])
    },
    TIMEOUT,
  )

  test(
    'whoever has signed in uploads as his account',
    async () => {
      const cookie = await (await site.people()).signIn('ann')
      await using visit = await site.open({ cookie })
      const { page, complaints, puts } = visit
      await page.goto(site.server.url)
      await page
        .locator('input[type=file]')
        .setInputFiles([{ name: 'mine.txt', mimeType: 'text/plain', buffer: Buffer.from('mine') }])
      await page.locator('.uploads .links').first().waitFor()
      expect(puts.map(({ origin }) => origin)).toEqual([site.storeOrigin])
      await page.goto(await page.getByLabel('Link', { exact: true }).inputValue())
      expect(await page.getByRole('link', { name: 'Statistics' }).count()).toBe(1)
      expect(complaints).toEqual([])
    },
    TIMEOUT,
  )
}

/** The server fetches a file from somewhere else. */
import { expect, test } from 'bun:test'
import { type BrowserSite, TIMEOUT } from '../../support/browser-site.ts'
import { sampleBytes, sha256 } from '../../support/upload.ts'
import { savedBy } from '../../support/visit.ts'
import { addBy, menuOf } from './steps.ts'

const FAR = sampleBytes(5 * 2 ** 20, 7)

export function remoteImport(site: BrowserSite): void {
  test(
    'a file is fetched from elsewhere, with progress, and saved as it was there',
    async () => {
      await using source = elsewhere()
      await using visit = await site.register('importer')
      const { page, complaints } = visit
      await addBy(page, 'Fetch from a URL')
      await page.fill('#import-urls', `http://127.0.0.1:${source.port}/far.iso`)
      await page.click('dialog button[type=submit]')
      await page.waitForURL('**/imports')
      await page.waitForSelector('[data-status=complete]')
      await page.click('a:has-text("Show it")')
      await page.waitForSelector('.entry a:has-text("far.iso")')
      expect(await site.stored(FAR.length)).toEqual([sha256(FAR)])
      const saved = await savedBy(visit, () => menuOf(page, 'far.iso', 'Download'))
      expect(saved).toEqual({ name: 'far.iso', sha256: sha256(FAR), origin: site.storeOrigin })
      expect(complaints).toEqual([])
    },
    TIMEOUT,
  )
}

function elsewhere(): { port: number; [Symbol.asyncDispose](): Promise<void> } {
  const server = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: () => new Response(Buffer.from(FAR)) })
  return { port: server.port ?? 0, [Symbol.asyncDispose]: () => server.stop(true) }
}

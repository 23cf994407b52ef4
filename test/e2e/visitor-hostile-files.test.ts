/** Files that want to be more than files, opened in a real browser. */
import { describe, expect, test } from 'bun:test'
import type { NewSiteFile } from '../support/binary-site.ts'
import { browserSite, TIMEOUT } from '../support/browser-site.ts'
import { CHROMIUM } from '../support/chromium.ts'
import { text } from '../support/file-kinds.ts'
import { pdf } from '../support/media.ts'
import { noteDialogs } from '../support/visit.ts'

if (CHROMIUM === null)
  process.stdout.write('NOT TESTED, for there is no Chromium: files that bring scripts\n')

describe.skipIf(CHROMIUM === null)('a visitor in Chromium', () => {
  const site = browserSite()

  test(
    'runs no script that a file brings',
    async () => {
      const people = await site.people()
      const run = `document.title='ran';parent.document.title='ran';top.document.title='ran'`
      const corpus: NewSiteFile[] = [
        {
          name: `<img src=x onerror="${run}">.md`,
          bytes: text(
            `<script>${run}</script>\n\n<img src=x onerror="${run}">\n\n[a](javascript:${run}) [b](data:text/html,<script>${run}</script>)\n\n\`\`\`html\n<script>${run}</script>\n\`\`\`\n`,
          ),
        },
        {
          name: 'a.svg',
          type: 'image/svg+xml',
          bytes: text(
            `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="${run}"><script>${run}</script><foreignObject><body xmlns="http://www.w3.org/1999/xhtml" onload="${run}"/></foreignObject></svg>`,
          ),
        },
        {
          name: 'a.html',
          type: 'text/html',
          bytes: text(`<!doctype html><script>${run}</script><body onload="${run}">`),
        },
        { name: 'b.html', type: 'application/pdf', bytes: text(`<!doctype html><script>${run}</script>`) },
        {
          name: 'a.pdf',
          type: 'application/pdf',
          bytes: pdf('Script', `app.alert\\('ran'\\); this.submitForm\\('${site.server.url}/ran'\\)`),
        },
        { name: 'polyglot.pdf', type: 'text/html', bytes: text(`<script>${run}</script>%PDF-1.4`) },
        { name: `"onload="${run}".json`, bytes: text(`{"a":"</code></pre><script>${run}</script>"}`) },
        { name: 'c.html', type: 'video/mp4', bytes: text(`<!doctype html><script>${run}</script>`) },
        { name: 'd.html', type: 'image/png', bytes: text(`<!doctype html><script>${run}</script>`) },
        {
          name: 'a.xml',
          type: 'application/xhtml+xml',
          bytes: text(`<html xmlns="http://www.w3.org/1999/xhtml"><script>${run}</script></html>`),
        },
      ]
      for (const file of corpus) {
        const slug = await people.file(file)
        await using visit = await site.open()
        noteDialogs(visit)
        const { page, complaints } = visit
        await page.goto(`${site.server.url}/${slug}`)
        await page.waitForLoadState('networkidle')
        expect([file.name, await page.title()]).toEqual([
          file.name,
          `${await page.locator('h1').first().textContent()} · Kist`,
        ])
        // What a document itself wants to do is stopped by its viewer; nothing else may speak up.
        const own = complaints.filter(
          (line) => !/sandbox|alert|Failed to load resource/i.test(line) || /dialog/.test(line),
        )
        expect([file.name, own]).toEqual([file.name, []])
        const link =
          (await page.getByRole('link', { name: 'Download', exact: true }).getAttribute('href')) ?? ''
        const direct = await fetch(site.server.url + link)
        expect(direct.headers.get('content-disposition')).toStartWith('attachment')
        // The viewer of documents lets their scripts open dialogs.
        if (file.type === 'application/pdf') continue
        // Where the page has it shown, opened by itself.
        await page.goto(site.server.url + link.replace('/', '/~show/'))
        expect([file.name, await page.title(), complaints.filter((line) => /dialog/.test(line))]).toEqual([
          ...[file.name, expect.not.stringContaining('ran'), []],
        ])
      }
    },
    TIMEOUT,
  )
})

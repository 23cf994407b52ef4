/** How pages of files look to visitors: in both themes, on wide and narrow screens, without script; errors as well. */
import { beforeAll, describe, expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { browserSite, TIMEOUT } from '../support/browser-site.ts'
import { CHROMIUM } from '../support/chromium.ts'
import { FILE_KIND_NAMES, FILE_KINDS, type FileKindName } from '../support/file-kinds.ts'
import { sha256 } from '../support/upload.ts'
import { overflow, savedBy, until, violations } from '../support/visit.ts'

if (CHROMIUM === null)
  process.stdout.write('NOT TESTED, for there is no Chromium: how pages look to visitors\n')

const LOOKS = {
  light: {},
  dark: { dark: true },
  'on a phone': { width: 360 },
  'dark, on a phone': { dark: true, width: 360 },
}

/** What keeps people from reading a page. */
async function problemsOf(page: Page): Promise<string[]> {
  const pixels = await overflow(page)
  return [...(await violations(page)), ...(pixels === 0 ? [] : [`${pixels} pixels too wide`])]
}

describe.skipIf(CHROMIUM === null)('a visitor in Chromium', () => {
  const site = browserSite()
  const slugs = {} as Record<FileKindName, string>
  beforeAll(async () => {
    const people = await site.people()
    for (const kind of FILE_KIND_NAMES) slugs[kind] = await people.file(await FILE_KINDS[kind].make())
  }, TIMEOUT)

  for (const [name, look] of Object.entries(LOOKS))
    test(
      `can read files of every kind by every means (${name})`,
      async () => {
        await using visit = await site.open(look)
        for (const kind of FILE_KIND_NAMES) {
          await visit.page.goto(`${site.server.url}/${slugs[kind]}`)
          await visit.page.locator(FILE_KINDS[kind].seen).first().waitFor()
          expect([kind, await problemsOf(visit.page), visit.complaints]).toEqual([kind, [], []])
        }
      },
      TIMEOUT,
    )

  for (const kind of FILE_KIND_NAMES)
    test(
      `can have a file without script: ${kind}`,
      async () => {
        await using visit = await site.openAt(`/${slugs[kind]}`, { javaScriptEnabled: false })
        const click = () => visit.page.getByRole('link', { name: 'Download', exact: true }).click()
        const { bytes } = await FILE_KINDS[kind].make()
        expect((await savedBy(visit, click)).sha256).toBe(sha256(bytes))
      },
      TIMEOUT,
    )

  test(
    'gets a page of no more than 50 KB that does not move',
    async () => {
      for (const kind of ['picture', 'document', 'video', 'other'] as const) {
        await using visit = await site.open()
        const { context, page } = visit
        const session = await context.newCDPSession(page)
        await session.send('Network.enable')
        const paths = new Map<string, string>()
        let size = 0
        session.on('Network.requestWillBeSent', ({ requestId, request }) => paths.set(requestId, request.url))
        session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
          const url = paths.get(requestId) ?? ''
          if (url.startsWith(site.server.url) && !/~preview|~show|download_token/.test(url))
            size += encodedDataLength
        })
        await page.addInitScript(`window.shift = 0; new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) window.shift += entry.value }).observe({ type: 'layout-shift', buffered: true })`)
        await page.goto(`${site.server.url}/${slugs[kind]}`, { waitUntil: 'load' })
        await page.locator(FILE_KINDS[kind].seen).first().waitFor()
        await until(
          page,
          'document.fonts.status === "loaded" && document.documentElement.classList.contains("scripted")',
        )
        expect([kind, await page.evaluate('window.shift')]).toEqual([kind, 0])
        expect(size).toBeGreaterThan(5000)
        expect(size).toBeLessThan(50 * 1024)
      }
    },
    TIMEOUT,
  )

  test(
    'meets errors that look like the rest',
    async () => {
      const errors = {
        '/nothing/here': 'Not found',
        '/zzzzzzzzzz': 'Not found',
        '/files/?fnf_share=0123456789abcdef0123456789abcdef': 'Not found',
        [`/${slugs.other}?download_token=${'0'.repeat(64)}`]: 'This link does not work',
      }
      for (const look of [LOOKS.light, LOOKS['dark, on a phone']]) {
        await using visit = await site.open(look)
        for (const [path, heading] of Object.entries(errors)) {
          await visit.page.goto(site.server.url + path)
          expect(await visit.page.locator('h1').textContent()).toBe(heading)
          expect([path, await problemsOf(visit.page)]).toEqual([path, []])
        }
      }
    },
    TIMEOUT,
  )

  test(
    'searches, and reads statistics and facts of a file',
    async () => {
      const cookie = await (await site.people()).signIn('ann')
      const pages = [
        '/search?q=a',
        '/search?q=nothing-is-named-so',
        `/${slugs.picture}~i`,
        `/${slugs.picture}~s`,
        '/',
      ]
      for (const look of [{ cookie }, { cookie, dark: true }, LOOKS['on a phone']]) {
        await using visit = await site.open(look)
        for (const path of pages) {
          await visit.page.goto(site.server.url + path)
          expect([path, await problemsOf(visit.page), visit.complaints]).toEqual([path, [], []])
        }
      }
    },
    TIMEOUT,
  )
})

/** On a phone: a narrow screen, and fingers. */
import { expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { type BrowserSite, TIMEOUT } from '../../support/browser-site.ts'
import { pictureOf } from '../../support/pictures.ts'
import { sha256 } from '../../support/upload.ts'
import { faultsOf, overflow, savedBy, until, type VisitOptions } from '../../support/visit.ts'
import { answer, uploaded } from './steps.ts'

const PHONE: VisitOptions = {
  ...{ viewport: { width: 360, height: 740 }, deviceScaleFactor: 2 },
  ...{ hasTouch: true, isMobile: true },
}

export function phone(site: BrowserSite): void {
  test(
    'on a phone files are uploaded, renamed and shared by touch, and a link is opened on another one',
    async () => {
      const bytes = await pictureOf('jpeg', 900, 1200)
      await using owner = await site.register('walker', PHONE)
      const { page } = owner
      await fits(page)
      await page.setInputFiles('#pick-files', site.file('beach.jpg', bytes))
      await uploaded(page)
      await fits(page)
      await page.getByRole('button', { name: 'Clear' }).tap()
      await tapMenuOf(page, 'beach.jpg', 'Rename…')
      await fits(page)
      await answer(page, { 'New name': 'sea.jpg' }, 'Rename')
      await page.getByRole('link', { name: 'sea.jpg' }).waitFor()
      await until(page, `!document.querySelector('dialog')`)
      await tapMenuOf(page, 'sea.jpg', 'Share…')
      await page.getByRole('button', { name: 'Make a link' }).tap()
      const link = await page.locator('.links input').inputValue()
      await fits(page)
      expect(owner.puts.map(({ origin }) => origin)).toEqual([site.storeOrigin])

      await using stranger = await site.open(PHONE)
      await stranger.page.goto(link)
      await fits(stranger.page)
      const tap = () => stranger.page.getByRole('link', { name: 'Download' }).tap()
      expect(await savedBy(stranger, tap)).toMatchObject({ name: 'sea.jpg', sha256: sha256(bytes) })
      expect([...owner.complaints, ...stranger.complaints]).toEqual([])
    },
    TIMEOUT,
  )

  test(
    'on a phone a download under way is seen as it goes, and a reported file goes to the trash',
    async () => {
      const { url } = site.server
      const slug = await uploadAsGuest(url)
      await using visit = await site.member('guard', { ...PHONE, isAdmin: true })
      const { page } = visit
      const speed = await setGuestSpeed(page, url, '40 KB')
      await reportIt(site, slug)
      try {
        const stop = new AbortController()
        const download = await fetch(`${url}/file/${slug}`, { signal: stop.signal })
        expect([download.status, new URL(download.url).origin]).toEqual([200, url])
        const received = download.bytes().catch((error: Error) => error.name)
        await page.goto(`${url}/admin/downloads`)
        const bar = page.getByRole('progressbar', { name: 'Delivered of slow.bin' })
        const first = Number(await bar.getAttribute('value'))
        while (Number(await bar.getAttribute('value')) <= first) await page.waitForTimeout(200)
        await fits(page)
        stop.abort()
        expect(await received).toBe('AbortError')
        await page.getByText('Nothing is downloaded at this moment.').waitFor()
      } finally {
        await setGuestSpeed(page, url, speed)
      }
      await page.getByRole('link', { name: 'Reports' }).tap()
      await page.getByRole('button', { name: 'Trash the file slow.bin' }).tap()
      await page.getByText('Nothing waits.').waitFor()
      expect((await fetch(`${url}/file/${slug}`)).status).not.toBe(200)
      expect(faultsOf(visit)).toEqual([])
    },
    TIMEOUT,
  )
}

const fits = async (page: Page): Promise<void> =>
  expect([page.url(), await overflow(page)]).toEqual([page.url(), 0])

async function tapMenuOf(page: Page, name: string, item: string): Promise<void> {
  await page.getByRole('button', { name: `More for ${name}`, exact: true }).tap()
  await page.getByRole('menuitem', { name: item }).tap()
}

async function uploadAsGuest(url: string): Promise<string> {
  const form = new FormData()
  form.set('file', new File([new Uint8Array(3_000_000)], 'slow.bin'))
  const sent = await fetch(`${url}/api/upload`, { method: 'POST', body: form })
  return ((await sent.json()) as { file_url: string }).file_url
}

/** What it was before. */
async function setGuestSpeed(page: Page, url: string, speed: string): Promise<string> {
  await page.goto(`${url}/admin/packages`)
  await page.getByRole('button', { name: 'Change Guest' }).tap()
  const before = await page.getByRole('dialog').getByLabel('Download speed, a second').inputValue()
  await answer(page, { 'Download speed, a second': speed }, 'Save')
  await until(page, `!document.querySelector('dialog')`)
  return before
}

async function reportIt(site: BrowserSite, slug: string): Promise<void> {
  await using visitor = await site.open(PHONE)
  await visitor.page.goto(`${site.server.url}/~report/${slug}`)
  await visitor.page.getByLabel('It does harm').check()
  await visitor.page.getByRole('button', { name: 'Send the report' }).tap()
  await visitor.page.getByRole('heading', { name: 'Thank you' }).waitFor()
  await fits(visitor.page)
  expect(visitor.complaints).toEqual([])
}

/** The page of a file: every kind of file, for its owner, another account and a stranger. */
import { expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import type { NewSiteFile } from '../../support/binary-site.ts'
import { type BrowserSite, TIMEOUT } from '../../support/browser-site.ts'
import {
  FILE_KIND_NAMES,
  FILE_KINDS,
  type FileKind,
  type FileKindName,
  text,
} from '../../support/file-kinds.ts'
import { sha256 } from '../../support/upload.ts'
import { faultsOf, openVisit, savedBy, until, type Visit } from '../../support/visit.ts'

type Viewer = 'ann' | 'bob' | null
/** The owner, another account, a stranger. */
const VIEWERS: Viewer[] = ['ann', 'bob', null]

export function filePages(site: BrowserSite): void {
  const cookies = new Map<Viewer, Promise<string>>()
  const openAs = async (viewer: Viewer): Promise<Visit> => {
    const signedIn = viewer === null ? undefined : (cookies.get(viewer) ?? signIn(site, viewer))
    if (signedIn !== undefined) cookies.set(viewer, signedIn)
    return openForViewer(site, await signedIn)
  }
  for (const kind of FILE_KIND_NAMES)
    test(
      `a file is seen and saved by its owner, another account and a stranger: ${kind}`,
      async () => {
        const people = await site.people()
        const file: NewSiteFile = await FILE_KINDS[kind].make()
        const slug = await people.file(file)
        for (const viewer of VIEWERS) {
          await using visit = await openAs(viewer)
          const ranges = rangesOf(visit.page)
          await visit.page.goto(`${site.server.url}/${slug}`)
          await look(visit.page, kind, slug, ranges)
          const links = await linksOf(visit.page)
          expect([kind, viewer, links]).toEqual([
            ...[kind, viewer],
            { statistics: viewer === 'ann' ? 1 : 0, report: viewer === 'ann' ? 0 : 1 },
          ])
          expect([kind, viewer, visit.complaints]).toEqual([kind, viewer, []])
          const saved = await savedBy(visit, () =>
            visit.page.getByRole('link', { name: 'Download', exact: true }).click(),
          )
          expect(saved).toEqual({ name: file.name, sha256: sha256(file.bytes), origin: site.storeOrigin })
        }
      },
      TIMEOUT,
    )

  test(
    'a private file is its owner’s or nobody’s',
    async () => {
      const people = await site.people()
      const slug = await people.privateFile({ name: 'secret name.txt', bytes: text('secret') })
      for (const viewer of VIEWERS) {
        await using visit = await openAs(viewer)
        await visit.page.goto(`${site.server.url}/${slug}`)
        const isOwner = viewer === 'ann'
        expect(await visit.page.locator('h1').textContent()).toBe(isOwner ? 'secret name.txt' : 'Not public')
        expect((await visit.page.content()).includes('secret')).toBe(isOwner)
        expect(await visit.page.getByText('nobody else can open this page').count()).toBe(isOwner ? 1 : 0)
        expect(faultsOf(visit)).toEqual([])
      }
    },
    TIMEOUT,
  )
}

const signIn = async (site: BrowserSite, name: string): Promise<string> => (await site.people()).signIn(name)

/** Pages show what Kist itself sends, so that the bucket need not let pages of it read. */
const openForViewer = ({ browser, server }: BrowserSite, cookie: string | undefined): Promise<Visit> =>
  openVisit(browser, [server.url], cookie === undefined ? {} : { cookie })

async function look(page: Page, kind: FileKindName, slug: string, ranges: number[]): Promise<void> {
  const { seen, isShown = 'true' }: FileKind = FILE_KINDS[kind]
  await page.locator(seen).first().waitFor()
  // Nothing is fetched before somebody plays it.
  expect(ranges).toEqual([])
  if (kind === 'picture') await showOriginal(page)
  if (kind === 'video') await play(page)
  if (kind === 'audio') await seek(page)
  if (kind === 'document') await showDocument(page, slug)
  await until(page, isShown)
  if (kind !== 'audio') return
  // What lies between is not fetched to get at the end.
  expect(ranges[0]).toBe(0)
  expect(Math.max(...ranges)).toBeGreaterThan(10_000_000)
}

/** First bytes of all ranges the page asks for from now on. */
function rangesOf(page: Page): number[] {
  const starts: number[] = []
  page.on('request', (request) => {
    const start = /bytes=(\d+)-/.exec(request.headers().range ?? '')?.[1]
    if (start) starts.push(Number(start))
  })
  return starts
}

async function showOriginal(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Show the original' }).click()
  const original = 'document.querySelector(".stage img").src.includes("/~show/")'
  await until(page, `${original} && document.querySelector(".stage img").complete`)
}

async function play(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Play a.webm' }).click()
  await until(page, 'document.querySelector("video").currentTime > 0.2')
}

async function seek(page: Page): Promise<void> {
  await page.evaluate('document.querySelector("audio").play()')
  await until(page, 'document.querySelector("audio").currentTime > 0')
  await page.evaluate('document.querySelector("audio").currentTime = 200')
  await until(page, 'document.querySelector("audio").currentTime > 200.2')
}

async function showDocument(page: Page, slug: string): Promise<void> {
  const shown = page.waitForResponse((response) => response.url().includes(`/~show/${slug}?`))
  await page.getByRole('button', { name: 'Show the document' }).click()
  const response = await shown
  expect([response.status(), response.headers()['content-type']]).toEqual([200, 'application/pdf'])
  await page.frameLocator('.stage iframe').locator('body').waitFor()
}

const linksOf = async (page: Page): Promise<{ statistics: number; report: number }> => ({
  statistics: await page.getByRole('link', { name: 'Statistics' }).count(),
  report: await page.getByRole('link', { name: 'Report this file' }).count(),
})

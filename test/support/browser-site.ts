/** The compiled binary with its files in one of the stores, and a Chromium that opens it: for all tests of a suite. */
import { afterAll, beforeAll } from 'bun:test'
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { createPlace, type Place } from './binary.ts'
import { type BinarySite, binarySite } from './binary-site.ts'
import { launchChromium } from './chromium.ts'
import type { Content } from './content.ts'
import type { RunningServer } from './server-process.ts'
import { ON_DISK, type OpenStore, type SiteStore } from './site-stores.ts'
import { openVisit, type Visit, type VisitOptions } from './visit.ts'

/** Of everybody. */
export const PASSWORD = 'correct horse battery'

/** Milliseconds for a test in which a browser does a few things. */
export const TIMEOUT = 120_000

/** Of uploads by APIs and by guests; the file manager has one of its own. */
export const PART_SIZE = 5 * 2 ** 20

const SETTINGS = `[registration]
package = "Gold"
[uploads]
part_size = "5MiB"
[remote_import]
allow_private_addresses = true
[limits]
rate_limits = false
`

export interface BrowserSite {
  readonly place: Place
  readonly browser: Browser
  /** May be replaced by one that was started anew in the same place. */
  server: RunningServer
  /** Whom browsers send parts to, and who sends them what an owner saves: Kist itself, or the bucket. */
  readonly storeOrigin: string
  /** Files and folders of `ann`, made without a browser, and a `bob`. */
  people(): Promise<BinarySite>
  /** SHA-256 of every object of this size in the store. */
  stored(size: number): Promise<string[]>
  /** Path of a new file of somebody's own disk. */
  file(name: string, bytes: Uint8Array | string | Content): string
  /** Somebody with a browser who has not signed in. */
  open(options?: VisitOptions): Promise<Visit>
  /** Somebody who has come to that path of the site. */
  openAt(path: string, options?: VisitOptions): Promise<Visit>
  /** Somebody who has just made an account of package Gold, and sees that he has no files. */
  register(name: string, options?: VisitOptions): Promise<Visit>
  /** Somebody whose account was made by the operator, and who has just signed in. */
  member(name: string, options?: VisitOptions & { isAdmin?: boolean }): Promise<Visit>
}

interface Running {
  place: Place
  browser: Browser
  server: RunningServer
  store: OpenStore
}

/** To be called in a `describe`: starts before its tests and ends after them. */
export function browserSite({ settings = SETTINGS, store = ON_DISK as SiteStore } = {}): BrowserSite {
  let running: Running | null = null
  beforeAll(async () => {
    running = await start(settings, store)
  }, 120_000)
  afterAll(async () => {
    await running?.browser.close()
    await running?.place.remove()
  }, 60_000)
  return siteOf(() => {
    if (running === null) throw new Error('the site has not started')
    return running
  })
}

async function start(settings: string, store: SiteStore): Promise<Running> {
  const opened = await store.open()
  const place = createPlace({ settings: settings + opened.settings })
  const [server, browser] = await Promise.all([place.serve(), launchChromium()])
  if (opened.origin !== null) await place.lines(['s3', 'setup', '--origin', server.url])
  return { place, server, browser, store: opened }
}

function siteOf(running: () => Running): BrowserSite {
  let people: Promise<BinarySite> | undefined
  const site: BrowserSite = {
    get place() {
      return running().place
    },
    get browser() {
      return running().browser
    },
    get server() {
      return running().server
    },
    set server(server) {
      running().server = server
    },
    get storeOrigin() {
      return running().store.origin ?? site.server.url
    },
    people() {
      people ??= binarySite(site.place, site.server)
      return people
    },
    stored: (size) => running().store.hashes(site.place, size),
    file: (name, bytes) => writeIn(join(site.place.dir, 'own'), name, bytes),
    open: (options) => openVisit(site.browser, [site.server.url, site.storeOrigin], options),
    async openAt(path, options) {
      const visit = await site.open(options)
      await visit.page.goto(site.server.url + path)
      return visit
    },
    async register(name, options) {
      const visit = await site.open(options)
      await fillIn(visit.page, `${site.server.url}/register`, name)
      await visit.page.waitForSelector('.empty')
      return visit
    },
    async member(name, { isAdmin = false, ...options } = {}) {
      const flags = isAdmin ? ['--admin'] : []
      await site.place.lines(['user', 'add', name, '--password-stdin', ...flags], { input: PASSWORD })
      const visit = await site.open(options)
      await fillIn(visit.page, `${site.server.url}/sign-in`, name)
      return visit
    },
  }
  return site
}

function writeIn(dir: string, name: string, bytes: Uint8Array | string | Content): string {
  const path = join(dir, name)
  mkdirSync(dirname(path), { recursive: true })
  if (typeof bytes === 'string' || bytes instanceof Uint8Array) writeFileSync(path, bytes)
  else writeContent(path, bytes)
  return path
}

function writeContent(path: string, content: Content): void {
  const file = openSync(path, 'w')
  for (const piece of content.read(0, content.size)) writeSync(file, piece)
  closeSync(file)
}

async function fillIn(page: Page, address: string, name: string): Promise<void> {
  await page.goto(address)
  await page.getByLabel('User name').fill(name)
  await page.getByLabel('Password').fill(PASSWORD)
  await page.keyboard.press('Enter')
  await page.waitForURL('**/files')
}

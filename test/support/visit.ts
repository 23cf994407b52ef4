/** Somebody who opens pages in a browser, what his browser noticed, and what it saved for him. */
import { createHash } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'

/** How long anything that a page is to do may take, in milliseconds. */
const PATIENCE = 40_000
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** One sending of bytes of a file. */
export interface Put {
  origin: string
  /** Number of the part where the address tells it, else 0. */
  part: number
}

export interface Visit extends AsyncDisposable {
  context: BrowserContext
  page: Page
  /** What the browser complained of, and requests to where no page of ours has anything to ask. */
  complaints: string[]
  puts: Put[]
}

export interface VisitOptions extends BrowserContextOptions {
  /** Pixels of the screen; 1280 without. */
  width?: number
  dark?: boolean
  /** The value of a Cookie header, by which the first of the origins knows him. */
  cookie?: string
}

/** A browser of its own, with an empty page; `origins` are all that a page may ask anything of. */
export async function openVisit(
  browser: Browser,
  origins: readonly string[],
  { width = 1280, dark = false, cookie, ...options }: VisitOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width, height: 800 },
    colorScheme: dark ? 'dark' : 'light',
    ...options,
  })
  if (cookie !== undefined) {
    const [name = '', value = ''] = cookie.split('=')
    await context.addCookies([{ name, value, url: origins[0] ?? '' }])
  }
  const page = await context.newPage()
  const visit: Visit = {
    ...{ context, page, complaints: [], puts: [] },
    [Symbol.asyncDispose]: () => context.close(),
  }
  watch(visit, page, origins)
  return visit
}

/** Has what happens in `page`, which may be another one of the visit, noted. */
export function watch({ complaints, puts }: Visit, page: Page, origins: readonly string[]): void {
  page.setDefaultTimeout(PATIENCE)
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => {
    const { origin, protocol, searchParams } = new URL(request.url())
    if (/^(https?|wss?):$/.test(protocol) && !origins.includes(origin))
      complaints.push(`asks ${request.url()}`)
    if (request.method() === 'PUT') puts.push({ origin, part: Number(searchParams.get('partNumber')) })
  })
}

/** Has the dialogs of the page noted as complaints, and closes them. */
export const noteDialogs = ({ page, complaints }: Visit): void => {
  page.on('dialog', (dialog) => {
    complaints.push(`a dialog says ${dialog.message()}`)
    return dialog.dismiss()
  })
}

/** What browsers note about an answer that is a refusal is no fault of the page. */
export const faultsOf = ({ complaints }: Visit): string[] =>
  complaints.filter((line) => !/the server responded with a status of 4\d\d/.test(line))

/** Evaluated from outside, not by waitForFunction: what a page evaluates by itself its policy forbids. */
export async function until(page: Page, expression: string): Promise<void> {
  for (const end = performance.now() + PATIENCE; !(await page.evaluate(expression)); await Bun.sleep(25))
    if (performance.now() > end) throw new Error(`never came true: ${expression}`)
}

/** Asks in the name of whoever has signed in. */
export const ask = async <Answer>(page: Page, path: string): Promise<Answer> =>
  (await page.evaluate(`fetch('${path}').then((answer) => answer.json())`)) as Answer

export interface Saved {
  name: string
  sha256: string
  /** Where its bytes came from in the end. */
  origin: string
}

/** What the click has the browser save; kept at `to`, if it is wanted. */
export async function savedBy({ page }: Visit, click: () => Promise<void>, to?: string): Promise<Saved> {
  const started = page.waitForEvent('download')
  await click()
  const download = await started
  const path = await download.path()
  if (to !== undefined) await download.saveAs(to)
  return {
    name: download.suggestedFilename(),
    sha256: await hashOf(path),
    origin: new URL(download.url()).origin,
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** Sets the bytes a second that the page can send; -1 for no limit, 0 for no connection. */
export async function throttle(page: Page): Promise<(uploadThroughput: number) => Promise<void>> {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  return async (uploadThroughput) => {
    const limits = { offline: uploadThroughput === 0, latency: 5, downloadThroughput: -1, uploadThroughput }
    await session.send('Network.emulateNetworkConditions', limits)
  }
}

/** Serious violations of the rules of accessibility, each with what breaks it. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  return page.evaluate(`axe.run(document, { iframes: false, runOnly: ${JSON.stringify(RULES)} }).then(({ violations }) => violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 200))))`)
}

/** Pixels by which the page is wider than the screen. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')

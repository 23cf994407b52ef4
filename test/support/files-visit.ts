/** People at the file manager: a browser, the compiled binary, and what they do there again and again. */
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core'

const PASSWORD = 'correct horse battery'

export interface Guest {
  context: BrowserContext
  page: Page
  /** What the browser complained of. */
  complaints: string[]
}

async function openPage(
  browser: Browser,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<Guest> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 }, ...options })
  return { context, ...(await watchedPage(context)) }
}

/** One more tab, whose complaints are gathered. */
async function watchedPage(context: BrowserContext): Promise<{ page: Page; complaints: string[] }> {
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  const complaints: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  return { page, complaints }
}

/** A new account, looking at its empty folder. */
export async function register(
  browser: Browser,
  url: string,
  name: string,
  options?: Parameters<Browser['newContext']>[0],
): Promise<Guest> {
  const guest = await openPage(browser, options)
  await guest.page.goto(`${url}/register`)
  await guest.page.fill('#username', name)
  await guest.page.fill('#password', PASSWORD)
  await guest.page.click('button[type=submit]')
  await guest.page.waitForURL('**/files')
  await guest.page.waitForSelector('.empty')
  return guest
}

/** Not by waitForFunction, whose way is closed by the policy of the page. */
export async function until(page: Page, expression: string): Promise<void> {
  for (let time = 0; time < 400; time++) {
    if (await page.evaluate(expression)) return
    await page.waitForTimeout(50)
  }
  throw new Error(`never came true: ${expression}`)
}

/** A call as the page makes it. */
export const callFrom = <Answer>(page: Page, method: string, path: string, body?: object): Promise<Answer> =>
  page.evaluate(`fetch('/web/me').then((answer) => answer.json()).then(({ csrf }) => fetch('${path}', {
    method: '${method}',
    headers: { 'content-type': 'application/json', 'x-csrf-token': csrf },
    ${body === undefined ? '' : `body: ${JSON.stringify(JSON.stringify(body))},`}
  })).then((answer) => answer.json())`) as Promise<Answer>

/** Id of a new folder. */
export async function folderNamed(page: Page, name: string, parentId: number | null = null): Promise<number> {
  return (await callFrom<{ id: number }>(page, 'POST', '/web/folders', { name, parentId })).id
}

/** Names in a folder, `top` for the topmost. */
export async function namesIn(page: Page, folder: number | 'top'): Promise<string[]> {
  const path = `/web/folders/${folder}/entries`
  const { entries } = await callFrom<{ entries: Array<{ name: string }> }>(page, 'GET', path)
  return entries.map(({ name }) => name)
}

export const allUploaded = (page: Page, count: number): Promise<void> =>
  until(page, `document.querySelectorAll('.upload[data-state=done]').length === ${count}`)

/** Files and folders of the disk in the hand of somebody who has not let go yet. */
export interface Carried {
  over(selector: string): Promise<void>
  drop(): Promise<void>
}

export async function carry(page: Page, session: CDPSession, paths: string[]): Promise<Carried> {
  const data = { items: [], files: paths, dragOperationsMask: 1 }
  let at = { x: 1, y: 1 }
  const send = (type: 'dragEnter' | 'dragOver' | 'drop') =>
    session.send('Input.dispatchDragEvent', { type, data, ...at })
  await send('dragEnter')
  return {
    async over(selector) {
      const box = await page.locator(selector).first().boundingBox()
      if (!box) throw new Error(`nothing to be seen of ${selector}`)
      at = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
      // The first tells what is left and entered, the next that something is above it.
      await send('dragOver')
      await send('dragOver')
    },
    drop: async () => void (await send('drop')),
  }
}

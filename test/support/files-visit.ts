/** What people do at the file manager again and again. */
import type { CDPSession, Page } from 'playwright-core'
import { until } from './visit.ts'

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

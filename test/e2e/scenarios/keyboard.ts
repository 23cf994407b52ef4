/** Everything by keyboard alone. */
import { expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { type BrowserSite, PASSWORD, TIMEOUT } from '../../support/browser-site.ts'
import { until } from '../../support/visit.ts'
import { uploaded } from './steps.ts'

export function keyboard(site: BrowserSite): void {
  test(
    'the keyboard is enough: from the account to a renamed, trashed, restored, found and shared file',
    async () => {
      await using visit = await site.open()
      const { page, complaints } = visit
      await registerByKeys(page, `${site.server.url}/register`)
      await uploadByKeys(page, site.file('note.txt', 'note'))
      await changeByKeys(page)
      await findByKeys(page)
      await shareByKeys(page)
      expect(complaints).toEqual([])
    },
    TIMEOUT,
  )

  test(
    'a token is made by keyboard alone',
    async () => {
      await using visit = await site.register('keys-and-tokens')
      const { page, complaints } = visit
      await page.goto(`${site.server.url}/account/tokens`)
      await page.getByRole('button', { name: 'New token…' }).focus()
      await page.keyboard.press('Enter')
      await page.waitForSelector('dialog input[name=name]:focus')
      await page.keyboard.type('Keys')
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: 'I have kept it' }).waitFor()
      await page.keyboard.press('Escape')
      await page.getByText('Keys', { exact: true }).waitFor()
      // Through the page in order: every tab of the area can be reached and followed.
      await page.getByRole('link', { name: 'Activity' }).focus()
      await page.keyboard.press('Enter')
      await page.getByText('nating: Keys').waitFor()
      expect(await page.evaluate('document.activeElement.textContent')).toBe('Activity')
      expect(complaints).toEqual([])
    },
    TIMEOUT,
  )
}

async function registerByKeys(page: Page, address: string): Promise<void> {
  await page.goto(address)
  await tabTo(page, `document.activeElement?.id === 'username'`)
  await page.keyboard.type('keys')
  await tabTo(page, `document.activeElement?.id === 'password'`)
  await page.keyboard.type(PASSWORD)
  await page.keyboard.press('Enter')
  await page.waitForURL('**/files')
  await page.waitForSelector('.empty')
}

/** The button opens the window of the browser in which files are picked. */
async function uploadByKeys(page: Page, path: string): Promise<void> {
  // From before the key is pressed: it takes a moment until the browser asks the test instead of a window.
  const asked = page.waitForEvent('filechooser')
  // The newer way to pick files, which tests cannot answer, is not in every browser.
  await page.evaluate('delete window.showOpenFilePicker')
  await tabTo(page, `document.activeElement?.textContent.trim() === 'Upload'`)
  await page.keyboard.press('Enter')
  await (await asked).setFiles(path)
  await uploaded(page)
}

async function changeByKeys(page: Page): Promise<void> {
  await page.waitForSelector('.entry a:has-text("note.txt")')
  await page.locator('.skip').focus()
  await tabTo(page, `document.activeElement?.getAttribute('role') === 'row'`)
  await focusIs(page, 'note.txt')
  await page.keyboard.press('F2')
  await page.waitForSelector('#new-name:focus')
  await page.keyboard.type('letter')
  await page.keyboard.press('Enter')
  await page.waitForSelector('.entry a:has-text("letter.txt")')
  await dialogIsGone(page)
  await focusIs(page, 'letter.txt')
  await page.keyboard.press('Space')
  await page.waitForSelector('.entry[aria-selected=true]')
  await page.keyboard.press('?')
  await page.waitForSelector('dialog:has-text("Keyboard")')
  await page.keyboard.press('Escape')
  await dialogIsGone(page)
  await focusIs(page, 'letter.txt')
  await page.keyboard.press('Delete')
  await page.waitForSelector('.empty')
  await page.getByRole('button', { name: 'Undo' }).focus()
  await page.keyboard.press('Enter')
  await page.waitForSelector('.entry a:has-text("letter.txt")')
}

async function findByKeys(page: Page): Promise<void> {
  await page.keyboard.press('/')
  await page.waitForSelector('#finder:focus')
  await page.keyboard.type('lett')
  await page.waitForURL('**/files/search?q=lett')
  await page.waitForSelector('.entry a:has-text("letter.txt")')
}

async function shareByKeys(page: Page): Promise<void> {
  await tabTo(page, `document.activeElement?.getAttribute('role') === 'row'`)
  await page.keyboard.press('i')
  await page.waitForSelector('dialog')
  await tabTo(page, `document.activeElement?.textContent.trim() === 'Make a link'`)
  await page.keyboard.press('Enter')
  await page.locator('.links input').waitFor()
  await page.keyboard.press('Escape')
  await dialogIsGone(page)
}

/** Presses Tab until it is so. */
async function tabTo(page: Page, isThere: string): Promise<void> {
  for (let time = 0; time < 60; time++) {
    if (await page.evaluate(isThere)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab never leads there: ${isThere}`)
}

const focusIs = (page: Page, name: string): Promise<void> =>
  until(page, `document.activeElement?.closest('[role=row]')?.textContent.includes('${name}') ?? false`)

const dialogIsGone = (page: Page): Promise<void> => until(page, `!document.querySelector('dialog')`)

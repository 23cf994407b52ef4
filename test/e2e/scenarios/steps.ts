/** What is done in the browser in more than one scenario. */
import type { Page } from 'playwright-core'
import type { BrowserSite } from '../../support/browser-site.ts'

/** Answers the dialog that is open. */
export async function answer(page: Page, fields: Record<string, string>, button: string): Promise<void> {
  const dialog = page.getByRole('dialog').last()
  for (const [label, text] of Object.entries(fields)) await dialog.getByLabel(label).fill(text)
  await dialog.getByRole('button', { name: button }).click()
}

/** Chooses from the menu of a file or folder. */
export async function menuOf(page: Page, name: string, item: string): Promise<void> {
  await page.getByRole('button', { name: `More for ${name}`, exact: true }).click()
  await page.getByRole('menuitem', { name: item }).click()
}

/** Chooses from the menu of what can be added to a folder. */
export async function addBy(page: Page, item: string): Promise<void> {
  await page.getByRole('button', { name: 'New folder, import or request' }).click()
  await page.getByRole('menuitem', { name: item }).click()
}

/** Resolves when that many uploads are done. */
export const uploaded = async (page: Page, count = 1): Promise<void> => {
  await page.locator(`.upload[data-state=done] >> nth=${count - 1}`).waitFor()
}

/** Makes a token of the nating API, that is shown in a dialog; its text. */
export async function makeToken({ server }: BrowserSite, page: Page, name: string): Promise<string> {
  await page.goto(`${server.url}/account/tokens`)
  await page.getByRole('button', { name: 'New token…' }).click()
  await answer(page, { Name: name }, 'Make the token')
  return page.getByRole('textbox', { name: 'Token', exact: true }).inputValue()
}

/** Sessions that end while somebody works at the file manager: nothing is lost, and nothing lands at somebody else. */
import { describe, expect, test } from 'bun:test'
import { browserSite, PASSWORD } from '../support/browser-site.ts'
import { CHROMIUM } from '../support/chromium.ts'
import { allUploaded, folderNamed, namesIn } from '../support/files-visit.ts'
import { until } from '../support/visit.ts'

if (CHROMIUM === null)
  process.stdout.write('NOT TESTED, for there is no Chromium: sessions that end at the file manager\n')

const textFile = (name: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.alloc(10, name) })

describe.skipIf(CHROMIUM === null)('at the end of a session', () => {
  const site = browserSite()

  test('a session that has ended is begun again on the spot, and what was begun goes on', async () => {
    const { context, page } = await site.register('ended')
    await page.click('button[aria-label="New folder, import or request"]')
    await page.getByRole('menuitem', { name: 'New folder' }).click()
    await page.fill('#folder-name', 'Not lost')
    await context.clearCookies()
    await page.keyboard.press('Enter')
    await page.waitForSelector('#again-password:focus')
    await page.keyboard.type('wrong password')
    await page.keyboard.press('Enter')
    await page.waitForSelector('dialog [role=alert]:has-text("do not fit")')
    await page.fill('#again-password', PASSWORD)
    await page.keyboard.press('Enter')
    await page.waitForSelector('.entry:has-text("Not lost")')
    await until(page, `!document.querySelector('dialog')`)
    expect(await namesIn(page, 'top')).toEqual(['Not lost'])
    await context.close()
  }, 60_000)

  test('many calls at the end of a session ask once, and another tab may answer', async () => {
    const { context, page } = await site.register('asked-once')
    await context.clearCookies()
    await page.setInputFiles('#pick-files', [textFile('a.txt'), textFile('b.txt'), textFile('c.txt')])
    await page.waitForSelector('#again-password')
    expect(await page.locator('dialog').count()).toBe(1)
    const other = await context.newPage()
    await other.goto(`${site.server.url}/sign-in`)
    await other.fill('#username', 'asked-once')
    await other.fill('#password', PASSWORD)
    await other.click('button[type=submit]')
    await other.waitForURL('**/files')
    await page.bringToFront()
    await page.evaluate(`dispatchEvent(new Event('focus'))`)
    await allUploaded(page, 3)
    expect(await page.locator('dialog').count()).toBe(0)
    await context.close()
  }, 60_000)

  test('when somebody else signs in in another tab, nothing of the one lands at the other', async () => {
    const { context: theirs } = await site.register('second')
    await theirs.close()
    const { context, page } = await site.register('first')
    await page.click('button[aria-label="New folder, import or request"]')
    await page.getByRole('menuitem', { name: 'New folder' }).click()
    await page.fill('#folder-name', 'Of the first')
    await context.clearCookies()
    const other = await context.newPage()
    await other.goto(`${site.server.url}/sign-in`)
    await other.fill('#username', 'second')
    await other.fill('#password', PASSWORD)
    await other.click('button[type=submit]')
    await other.waitForURL('**/files')
    await page.bringToFront()
    await page.click('dialog button[type=submit]')
    await page.waitForSelector('button[aria-label="Account of second"]')
    await page.waitForSelector('.empty')
    expect(await namesIn(page, 'top')).toEqual([])
    await context.close()
  }, 60_000)

  test('who would rather leave is led to the sign-in, and back to the same place', async () => {
    const { context, page } = await site.register('leaver')
    const folder = await folderNamed(page, 'Place')
    await page.goto(`${site.server.url}/files/folder/${folder}`)
    await page.waitForSelector('.empty')
    await context.clearCookies()
    await page.setInputFiles('#pick-files', textFile('late.txt'))
    await page.waitForSelector('#again-password')
    page.on('dialog', (dialog) => void dialog.accept())
    await page.click('dialog button:has-text("Leave")')
    await page.waitForURL('**/sign-in?to=*')
    expect(new URL(page.url()).searchParams.get('to')).toBe(`/files/folder/${folder}`)
    await context.close()
  }, 60_000)
})

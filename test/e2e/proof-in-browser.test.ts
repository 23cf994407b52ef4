/** The password asked again, the filters of the audit log and QR codes, in Chromium on the binary. */
import { Database } from 'bun:sqlite'
import { beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { browserSite, PASSWORD, TIMEOUT } from '../support/browser-site.ts'
import { CHROMIUM } from '../support/chromium.ts'
import { callFrom, folderNamed } from '../support/files-visit.ts'
import { LOOKS } from '../support/looks.ts'
import { faultsOf, overflow, until, type Visit, violations } from '../support/visit.ts'

if (CHROMIUM === null)
  process.stdout.write('NOT TESTED, for there is no Chromium: proofs, filters of the audit log, QR codes\n')

describe.skipIf(CHROMIUM === null)('in the browser', () => {
  const site = browserSite()
  let admin: Visit
  beforeAll(async () => {
    admin = await site.member('root', { isAdmin: true })
    await using stranger = await site.openAt('/sign-in')
    await stranger.page.getByLabel('User name').fill('root')
    await stranger.page.getByLabel('Password').fill('not mine')
    await stranger.page.getByRole('button', { name: 'Sign in' }).click()
    await stranger.page.getByRole('alert').waitFor()
  }, TIMEOUT)

  /** The administrator's page, at that path of the site. */
  async function at(path: string): Promise<Page> {
    await admin.page.goto(site.server.url + path)
    return admin.page
  }

  /** As if everybody had signed in long ago. */
  function letTimePass(): void {
    using records = new Database(join(site.place.dir, 'data/kist.db'))
    records.run('UPDATE web_sessions SET proved_at = proved_at - 3600000000')
  }

  async function inEveryLook(path: string, show: (page: Page, name: string) => Promise<void>): Promise<void> {
    const storageState = await admin.context.storageState()
    for (const { name, screen } of LOOKS) {
      await using visit = await site.openAt(path, { ...screen, storageState })
      await show(visit.page, name)
      expect([name, ...(await violations(visit.page)), await overflow(visit.page)]).toEqual([name, 0])
      expect(faultsOf(visit)).toEqual([])
    }
  }

  test(
    'a dialog asks for the password, says when it is wrong, and the call is then made by itself',
    async () => {
      letTimePass()
      const page = await at('/account/tokens')
      await page.getByRole('button', { name: 'New token…' }).click()
      const form = page.getByRole('dialog', { name: 'New token' })
      await form.getByLabel('Name').fill('Backup')
      await form.getByRole('button', { name: 'Make the token' }).click()
      const dialog = page.getByRole('dialog', { name: 'Is it still you?' })
      await page.waitForSelector('dialog input[name=password]:focus')
      await page.keyboard.press('Escape')
      await dialog.waitFor({ state: 'detached' })
      await form.getByText('Your password is asked for again before that.').waitFor()
      await form.getByRole('button', { name: 'Make the token' }).click()
      await page.waitForSelector('dialog input[name=password]:focus')
      await page.keyboard.type('not mine')
      await page.keyboard.press('Enter')
      await dialog.getByText('Wrong password').waitFor()
      await dialog.getByLabel('Your password').fill(PASSWORD)
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: 'I have kept it' }).click()
      await page.getByText('Backup', { exact: true }).waitFor()
      // Nothing is asked any more.
      await page.getByRole('button', { name: 'New uploader token' }).click()
      await page.getByRole('button', { name: 'I have kept it' }).click()
      letTimePass()
      const download = page.waitForEvent('download')
      await page.getByRole('link', { name: 'For the File Uploader API' }).click()
      await dialog.getByLabel('Your password').fill(PASSWORD)
      await page.keyboard.press('Enter')
      expect((await download).suggestedFilename()).toBe('uploader.sxcu')
    },
    TIMEOUT,
  )

  test(
    'an administrator is asked before making another one',
    async () => {
      await site.place.run(['user', 'add', 'bob', '--password-stdin'], { input: PASSWORD })
      letTimePass()
      const page = await at('/admin/users')
      await page.getByRole('button', { name: 'Actions for bob' }).click()
      await page.getByRole('menuitem', { name: 'Change…' }).click()
      const form = page.getByRole('dialog', { name: 'Change bob' })
      await form.getByLabel('Role').selectOption('admin')
      await form.getByRole('button', { name: 'Save' }).click()
      const dialog = page.getByRole('dialog', { name: 'Is it still you?' })
      await dialog.getByLabel('Your password').fill(PASSWORD)
      await page.keyboard.press('Enter')
      await page.getByText('bob is changed.').first().waitFor()
      await page.getByText('admin', { exact: true }).nth(1).waitFor()
    },
    TIMEOUT,
  )

  test(
    'the dialog is readable for everybody, in both themes and on a phone',
    async () => {
      await inEveryLook('/account/tokens', async (page, _name) => {
        letTimePass()
        await page.getByRole('button', { name: 'New uploader token' }).click()
        await page.getByRole('dialog', { name: 'Is it still you?' }).waitFor()
      })
    },
    TIMEOUT,
  )

  test(
    'the audit log shows what is asked for, in both themes and on a phone',
    async () => {
      await inEveryLook('/admin/audit', async (page, _name) => {
        await page.locator('li').getByText('Sign-in failed').first().waitFor()
        await page.getByLabel('What', { exact: true }).selectOption('sign_in.failed')
        await page.getByRole('textbox', { name: 'Account' }).fill('ROOT')
        const today = await page.evaluate('new Date().toLocaleDateString("sv")')
        await page.getByLabel('From').fill(String(today))
        await page.getByLabel('To', { exact: true }).fill(String(today))
        await page.getByRole('button', { name: 'Show', exact: true }).click()
        await until(page, `document.querySelectorAll('ul.rows li').length === 1`)
        await page.getByText('Browser: wrong password').waitFor()
        await page.getByLabel('To', { exact: true }).fill('2020-01-01')
        await page.getByRole('button', { name: 'Show', exact: true }).click()
        await page.getByText('The period ends before it begins.').waitFor()
        await page.getByRole('button', { name: 'Show everything' }).click()
        await until(page, `document.querySelectorAll('ul.rows li').length > 3`)
      })
    },
    TIMEOUT,
  )

  test(
    'the activity says with what somebody signed in, and who could not',
    async () => {
      const page = await at('/account/activity')
      await page.getByText('Chrome on Linux').first().waitFor()
      await page.getByText('Browser: wrong password').first().waitFor()
    },
    TIMEOUT,
  )

  test(
    'a link is shown as a QR code, dark on white in both themes, loaded when it is wanted',
    async () => {
      const page = await at('/files')
      const folderId = await folderNamed(page, 'Holiday')
      const { url } = await callFrom<{ url: string }>(page, 'POST', '/web/shares', { folderId })
      await inEveryLook('/shares', async (looked, name) => {
        await looked.waitForLoadState('networkidle')
        const scripts: string[] = []
        looked.on('request', (request) => scripts.push(request.url()))
        const button = looked.getByRole('button', { name: 'QR code' })
        await button.click()
        const image = looked.getByRole('img', { name: `QR code of the link ${url}` })
        await image.waitFor()
        expect([name, scripts.filter((script) => script.endsWith('.js')).length]).toEqual([name, 1])
        const colours = await looked.evaluate(
          `[...document.querySelectorAll('svg.qr path')].map((path) => getComputedStyle(path).fill)`,
        )
        expect(colours).toEqual(['rgb(255, 255, 255)', 'rgb(0, 0, 0)'])
        await button.click()
        await image.waitFor({ state: 'detached' })
      })
    },
    TIMEOUT,
  )

  test('no page complained', () => expect(faultsOf(admin)).toEqual([]))
})

/** The password asked again, the filters of the audit log and QR codes, in Chromium on the binary. */
import { Database } from 'bun:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { createPlace, type Place } from '../support/binary.ts'
import { CHROMIUM, launchChromium } from '../support/chromium.ts'
import type { RunningServer } from '../support/server-process.ts'

if (CHROMIUM === null)
  process.stdout.write('NOT TESTED, for there is no Chromium: proofs, filters of the audit log, QR codes\n')

const PASSWORD = 'correct horse battery'
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')
const TIMEOUT = 120_000

interface Finding {
  id: string
  impact: string
  nodes: Array<{ html: string }>
}

describe.skipIf(CHROMIUM === null)('in the browser', () => {
  let place: Place
  let server: RunningServer
  let browser: Browser
  let admin: BrowserContext
  const complaints: string[] = []

  beforeAll(async () => {
    place = createPlace()
    await place.run(['user', 'add', 'root', '--admin', '--password-stdin'], { input: PASSWORD })
    server = await place.serve()
    browser = await launchChromium()
    admin = await browser.newContext()
    const page = await open(admin, '/sign-in')
    await page.getByLabel('User name').fill('root')
    await page.getByLabel('Password').fill('not mine')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').waitFor()
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL(`${server.url}/files`)
    await page.close()
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await place?.remove()
  })

  /** A page whose console says nothing bad, but for answers that are refusals. */
  async function open(context: BrowserContext, path: string): Promise<Page> {
    const page = await context.newPage()
    page.on('console', (message) => {
      if (message.type() === 'error' && !/status of 4\d\d/.test(message.text()))
        complaints.push(`${page.url()}: ${message.text()}`)
    })
    page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`))
    await page.goto(server.url + path)
    return page
  }

  /** As if everybody had signed in long ago. */
  function letTimePass(): void {
    using records = new Database(join(place.dir, 'data/kist.db'))
    records.run('UPDATE web_sessions SET proved_at = proved_at - 3600000000')
  }

  /** What axe finds that keeps people out, and whether the page is wider than the window. */
  async function flaws(page: Page): Promise<unknown[]> {
    await page.evaluate(AXE)
    const found = (await page.evaluate('axe.run().then(({ violations }) => violations)')) as Finding[]
    const wide = await page.evaluate('document.documentElement.scrollWidth > innerWidth')
    return [
      ...found
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => [id, nodes[0]?.html]),
      ...(wide ? ['too wide'] : []),
    ]
  }

  async function inEveryLook(path: string, look: (page: Page, name: string) => Promise<void>): Promise<void> {
    for (const colorScheme of ['light', 'dark'] as const)
      for (const width of [1280, 360]) {
        const options = { colorScheme, viewport: { width, height: 740 }, bypassCSP: true }
        const context = await browser.newContext({ ...options, storageState: await admin.storageState() })
        await look(await open(context, path), `${colorScheme}-${width}`)
        await context.close()
      }
  }

  test(
    'a dialog asks for the password, says when it is wrong, and the call is then made by itself',
    async () => {
      letTimePass()
      const page = await open(admin, '/account/tokens')
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
      await page.close()
    },
    TIMEOUT,
  )

  test(
    'an administrator is asked before making another one',
    async () => {
      await place.run(['user', 'add', 'bob', '--password-stdin'], { input: PASSWORD })
      letTimePass()
      const page = await open(admin, '/admin/users')
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
      await page.close()
    },
    TIMEOUT,
  )

  test(
    'the dialog is readable for everybody, in both themes and on a phone',
    async () => {
      await inEveryLook('/account/tokens', async (page, name) => {
        letTimePass()
        await page.getByRole('button', { name: 'New uploader token' }).click()
        await page.getByRole('dialog', { name: 'Is it still you?' }).waitFor()
        expect([name, await flaws(page)]).toEqual([name, []])
      })
    },
    TIMEOUT,
  )

  test(
    'the audit log shows what is asked for, in both themes and on a phone',
    async () => {
      await inEveryLook('/admin/audit', async (page, name) => {
        await page.locator('li').getByText('Sign-in failed').first().waitFor()
        await page.getByLabel('What', { exact: true }).selectOption('sign_in.failed')
        await page.getByRole('textbox', { name: 'Account' }).fill('ROOT')
        const today = await page.evaluate('new Date().toLocaleDateString("sv")')
        await page.getByLabel('From').fill(String(today))
        await page.getByLabel('To', { exact: true }).fill(String(today))
        await page.getByRole('button', { name: 'Show', exact: true }).click()
        await page.waitForFunction(`document.querySelectorAll('ul.rows li').length === 1`)
        await page.getByText('Browser: wrong password').waitFor()
        expect([name, await flaws(page)]).toEqual([name, []])
        await page.getByLabel('To', { exact: true }).fill('2020-01-01')
        await page.getByRole('button', { name: 'Show', exact: true }).click()
        await page.getByText('The period ends before it begins.').waitFor()
        await page.getByRole('button', { name: 'Show everything' }).click()
        await page.waitForFunction(`document.querySelectorAll('ul.rows li').length > 3`)
      })
    },
    TIMEOUT,
  )

  test(
    'the activity says with what somebody signed in, and who could not',
    async () => {
      const page = await open(admin, '/account/activity')
      await page.getByText('Chrome on Linux').first().waitFor()
      await page.getByText('Browser: wrong password').first().waitFor()
      await page.close()
    },
    TIMEOUT,
  )

  test(
    'a link is shown as a QR code, dark on white in both themes, loaded when it is wanted',
    async () => {
      const page = await open(admin, '/files')
      const made = await page.evaluate(`(async () => {
        const { csrf } = await (await fetch('/web/me')).json()
        const headers = { 'x-csrf-token': csrf, 'content-type': 'application/json' }
        const post = async (path, body) =>
          (await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) })).json()
        const { ids } = await post('/web/folders/paths', { parentId: null, paths: [['Holiday']] })
        return post('/web/shares', { folderId: ids[0] })
      })()`)
      const { url } = made as { url: string }
      await page.close()
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
        expect([name, await flaws(looked)]).toEqual([name, []])
        await button.click()
        await image.waitFor({ state: 'detached' })
      })
      // Also where scripts and styles of others are forbidden, as they are.
      const plain = await open(admin, '/shares')
      await plain.getByRole('button', { name: 'QR code' }).click()
      await plain.getByRole('img', { name: /QR code of the link/ }).waitFor()
      await plain.close()
    },
    TIMEOUT,
  )

  test('no page complained', () => expect(complaints).toEqual([]))
})

/** Account and administration in Chromium, on the binary: by mouse, by keyboard, on a phone, in both themes. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { codeAt, stepOf } from '../../src/core/one-time-code.ts'
import { createPlace, type Place } from '../support/binary.ts'
import { CHROMIUM, launchChromium } from '../support/chromium.ts'
import type { RunningServer } from '../support/server-process.ts'

if (CHROMIUM === null)
  process.stdout.write('NOT TESTED, for there is no Chromium: account and administration\n')

const PASSWORD = 'correct horse battery'
const ACCOUNT_PAGES = ['', '/security', '/devices', '/tokens', '/activity'].map((path) => `/account${path}`)
const ADMIN_PAGES = [
  '',
  '/users',
  '/packages',
  '/files',
  '/reports',
  '/downloads',
  '/settings',
  '/audit',
].map((path) => `/admin${path}`)
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')
const TIMEOUT = 120_000

interface Finding {
  id: string
  impact: string
  nodes: Array<{ html: string }>
}

describe.skipIf(CHROMIUM === null)('account and administration', () => {
  let place: Place
  let server: RunningServer
  let browser: Browser
  let admin: BrowserContext
  const complaints: string[] = []

  beforeAll(async () => {
    place = createPlace({ settings: '[limits]\nrate_limits = false\n' })
    server = await place.serve()
    browser = await launchChromium()
    admin = await browser.newContext()
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

  async function signIn(context: BrowserContext, name: string): Promise<Page> {
    const page = await open(context, '/sign-in')
    await page.getByLabel('User name').fill(name)
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    return page
  }

  /** An account of its own with a browser of its own. */
  async function member(name: string): Promise<{ context: BrowserContext; page: Page }> {
    await place.run(['user', 'add', name, '--password-stdin'], { input: PASSWORD })
    const context = await browser.newContext()
    const page = await signIn(context, name)
    await page.waitForURL(`${server.url}/files`)
    return { context, page }
  }

  /** Answers the dialog that is open. */
  async function answer(page: Page, fields: Record<string, string>, button: string): Promise<void> {
    const dialog = page.getByRole('dialog').last()
    for (const [label, text] of Object.entries(fields)) await dialog.getByLabel(label).fill(text)
    await dialog.getByRole('button', { name: button }).click()
  }

  test(
    'the set-up link leads to the administration, signed in',
    async () => {
      const link = /http:\S+\/setup\?token=\S+/.exec(server.stdout())?.[0] ?? ''
      const page = await open(admin, link.slice(server.url.length))
      await page.getByLabel('User name').fill('root')
      await page.getByLabel('Password').fill(PASSWORD)
      await page.getByRole('button').click()
      await page.waitForURL(`${server.url}/admin`)
      await page.getByRole('heading', { name: 'The site now' }).waitFor()
      await page.close()
    },
    TIMEOUT,
  )

  test(
    'a token made in the browser is shown once and opens the API until it is revoked',
    async () => {
      const { context, page } = await member('ann')
      await page.goto(`${server.url}/account/tokens`)
      await page.getByRole('button', { name: 'New token…' }).click()
      await answer(page, { Name: 'Backup' }, 'Make the token')
      const token = await page.getByRole('textbox', { name: 'Token', exact: true }).inputValue()
      expect(token).toMatch(/^fyu_[0-9a-f]{48}$/)
      await page.getByRole('button', { name: 'I have kept it' }).click()
      const use = async () =>
        (await fetch(`${server.url}/api/v1/folders`, { headers: { authorization: `Bearer ${token}` } }))
          .status
      expect(await use()).toBe(200)
      await page.reload()
      await page.getByText('Backup', { exact: true }).waitFor()
      expect(await page.content()).not.toContain(token)
      await page.getByRole('button', { name: 'Revoke Backup' }).click()
      await answer(page, {}, 'Revoke it')
      await page.getByText('You have none.').waitFor()
      expect(await use()).toBe(401)
      const download = page.waitForEvent('download')
      await page.getByRole('link', { name: 'For the File Uploader API' }).click()
      expect((await download).suggestedFilename()).toBe('uploader.sxcu')
      await context.close()
    },
    TIMEOUT,
  )

  test(
    'a second factor is asked for at the next sign-in, and a recovery code does as well',
    async () => {
      const { context, page } = await member('fay')
      await page.goto(`${server.url}/account/security`)
      await page.getByRole('button', { name: 'Set up…' }).click()
      await page.getByRole('img', { name: 'QR code for the authenticator' }).waitFor()
      const secret = (await page.locator('dialog code.secret').textContent()) ?? ''
      const now = stepOf(new Date())
      await answer(page, { 'The code it shows now': codeAt(secret, now) }, 'Turn it on')
      const codes = (await page.getByRole('textbox', { name: 'Recovery codes' }).inputValue()).split('\n')
      expect(codes).toHaveLength(10)
      await page.getByRole('button', { name: 'I have kept it' }).click()
      await page.getByText(/10 recovery codes left/).waitFor()

      const enter = async (code: string): Promise<void> => {
        await page.getByRole('button', { name: 'Account of fay' }).click()
        await page.getByRole('menuitem', { name: 'Sign out' }).click()
        await page.waitForURL(`${server.url}/sign-in`)
        await page.getByLabel('User name').fill('fay')
        await page.getByLabel('Password').fill(PASSWORD)
        await page.keyboard.press('Enter')
        await page.waitForSelector('#code:focus')
        await page.keyboard.type('000000')
        await page.keyboard.press('Enter')
        await page.getByText('That code is not right').waitFor()
        await page.getByLabel(/^Code/).fill(code)
        await page.keyboard.press('Enter')
        await page.waitForURL(`${server.url}/files`)
      }
      await enter(codeAt(secret, now + 1))
      await enter(codes[0] ?? '')
      await context.close()
    },
    TIMEOUT,
  )

  test(
    'whoever an administrator suspends is signed out at once',
    async () => {
      const { context, page: victim } = await member('bob')
      const page = await open(admin, '/admin/users')
      await page.getByLabel('Name or e-mail').fill('bo')
      await page.getByText('1 account', { exact: true }).waitFor()
      await page.getByRole('button', { name: 'Actions for bob' }).click()
      await page.getByRole('menuitem', { name: 'Suspend' }).click()
      await page.getByText('suspended').waitFor()
      await victim.goto(`${server.url}/account`)
      await victim.waitForURL(/\/sign-in/)
      await page.goto(`${server.url}/admin/audit`)
      await page.getByText('status: suspended').waitFor()
      await page.close()
      await context.close()
    },
    TIMEOUT,
  )

  test(
    'a member finds nothing to administer',
    async () => {
      const { context, page } = await member('eve')
      await page.goto(`${server.url}/admin`)
      await page.getByRole('heading', { name: 'Not allowed' }).waitFor()
      expect(await page.evaluate(`fetch('/web/admin/dashboard').then(({ status }) => status)`)).toBe(403)
      await context.close()
    },
    TIMEOUT,
  )

  test(
    'packages take sizes as people write them, and switches and the notice hold at once',
    async () => {
      const page = await open(admin, '/admin/packages')
      await page.getByRole('button', { name: 'Change Free' }).click()
      await answer(page, { Storage: '2.5 GB' }, 'Save')
      await page.getByText('Storage: 2.5 GB').waitFor()
      await page.goto(`${server.url}/admin/settings`)
      await page.getByLabel('Registration').click()
      await page.getByText('The configuration says on.').waitFor()
      await page.getByLabel('Text').fill('We move to <new> disks tonight.')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('Saved.').first().waitFor()
      const stranger = await open(await browser.newContext(), '/sign-in')
      await stranger.getByText('We move to <new> disks tonight.').waitFor()
      expect(await stranger.getByRole('link', { name: 'Make one' }).count()).toBe(0)
      await stranger.goto(`${server.url}/`)
      await stranger.getByText('We move to <new> disks tonight.').waitFor()
      await stranger.context().close()
      await page.close()
    },
    TIMEOUT,
  )

  test(
    'a token is made by keyboard alone',
    async () => {
      const page = await open(admin, '/account/tokens')
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
      await page.close()
    },
    TIMEOUT,
  )

  test(
    'on a phone a download under way is seen as it goes, and a reported file goes to the trash',
    async () => {
      const form = new FormData()
      form.set('file', new File([new Uint8Array(3_000_000)], 'slow.bin'))
      const sent = await fetch(`${server.url}/api/upload`, { method: 'POST', body: form })
      const { file_url } = (await sent.json()) as { file_url: string }
      const context = await browser.newContext({
        ...{ viewport: { width: 360, height: 740 }, storageState: await admin.storageState() },
      })
      const page = await open(context, '/admin/packages')
      await page.getByRole('button', { name: 'Change Guest' }).click()
      await answer(page, { 'Download speed, a second': '40 KB' }, 'Save')
      await page.getByText('Download speed: 40 KB/s').waitFor()
      const visitor = await open(await browser.newContext(), `/~report/${file_url}`)
      await visitor.getByLabel('It does harm').check()
      await visitor.getByRole('button', { name: 'Send the report' }).click()
      await visitor.getByRole('heading', { name: 'Thank you' }).waitFor()
      await visitor.context().close()

      const stop = new AbortController()
      const download = await fetch(`${server.url}/file/${file_url}`, { signal: stop.signal })
      expect(download.status).toBe(200)
      const received = download.bytes().catch((error: Error) => error.name)
      await page.goto(`${server.url}/admin/downloads`)
      const bar = page.getByRole('progressbar', { name: 'Delivered of slow.bin' })
      const first = Number(await bar.getAttribute('value'))
      while (Number(await bar.getAttribute('value')) <= first) await page.waitForTimeout(200)
      stop.abort()
      expect(await received).toBe('AbortError')
      await page.getByText('Nothing is downloaded at this moment.').waitFor()

      await page.getByRole('link', { name: 'Reports' }).click()
      await page.getByRole('button', { name: 'Trash the file slow.bin' }).click()
      await page.getByText('Nothing waits.').waitFor()
      expect((await fetch(`${server.url}/file/${file_url}`)).status).not.toBe(200)
      await context.close()
    },
    TIMEOUT,
  )

  test(
    'an account is deleted by its owner, with the password',
    async () => {
      const { context, page } = await member('zoe')
      await page.goto(`${server.url}/account`)
      await page.getByRole('button', { name: 'Delete my account…' }).click()
      await answer(page, { 'Your password': 'not mine' }, 'Delete it for good')
      await page.getByText('Wrong password').waitFor()
      await answer(page, { 'Your password': PASSWORD }, 'Delete it for good')
      await page.waitForURL(`${server.url}/`)
      expect(await place.lines(['user', 'list'])).not.toContainEqual(expect.stringContaining('zoe'))
      await context.close()
    },
    TIMEOUT,
  )

  for (const scheme of ['light', 'dark'] as const) {
    for (const width of [1280, 360]) {
      test(
        `pages are readable for everybody (${scheme}, ${width} px)`,
        async () => {
          const state = await admin.storageState()
          const context = await browser.newContext({
            ...{
              colorScheme: scheme,
              viewport: { width, height: 740 },
              storageState: state,
              bypassCSP: true,
            },
          })
          const page = await open(context, '/account')
          for (const path of [...ACCOUNT_PAGES, ...ADMIN_PAGES]) {
            await page.goto(server.url + path)
            await page.waitForSelector('h2')
            await page.waitForFunction(`!document.body.textContent.includes('Loading…')`)
            const wide = await page.evaluate('document.documentElement.scrollWidth > innerWidth')
            expect([path, wide]).toEqual([path, false])
            await page.evaluate(AXE)
            const found = (await page.evaluate('axe.run().then(({ violations }) => violations)')) as Finding[]
            const serious = found
              .filter(({ impact }) => impact === 'serious' || impact === 'critical')
              .map(({ id, nodes }) => [id, nodes[0]?.html])
            expect([path, serious]).toEqual([path, []])
          }
          await context.close()
        },
        TIMEOUT,
      )
    }
  }

  test('no page complained', () => expect(complaints).toEqual([]))
})

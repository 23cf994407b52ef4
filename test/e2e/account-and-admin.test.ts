/** Account and administration in Chromium, on the binary: by mouse, on wide and narrow screens, in both themes. */
import { beforeAll, describe, expect, test } from 'bun:test'
import { browserSite, PASSWORD, TIMEOUT } from '../support/browser-site.ts'
import { CHROMIUM } from '../support/chromium.ts'
import { faultsOf, overflow, type Visit, violations } from '../support/visit.ts'
import { answer } from './scenarios/steps.ts'

if (CHROMIUM === null)
  process.stdout.write('NOT TESTED, for there is no Chromium: account and administration\n')

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

describe.skipIf(CHROMIUM === null)('account and administration', () => {
  const site = browserSite()
  let admin: Visit
  beforeAll(async () => {
    admin = await site.member('root', { isAdmin: true })
  }, TIMEOUT)

  test(
    'whoever an administrator suspends is signed out at once',
    async () => {
      await using victim = await site.member('bob')
      const { page } = admin
      await page.goto(`${site.server.url}/admin/users`)
      await page.getByLabel('Name or e-mail').fill('bo')
      await page.getByText('1 account', { exact: true }).waitFor()
      await page.getByRole('button', { name: 'Actions for bob' }).click()
      await page.getByRole('menuitem', { name: 'Suspend' }).click()
      await page.getByText('suspended').waitFor()
      await victim.page.goto(`${site.server.url}/account`)
      await victim.page.waitForURL(/\/sign-in/)
      await page.goto(`${site.server.url}/admin/audit`)
      await page.getByText('status: suspended').waitFor()
      expect([...faultsOf(admin), ...faultsOf(victim)]).toEqual([])
    },
    TIMEOUT,
  )

  test(
    'a member finds nothing to administer',
    async () => {
      await using visit = await site.member('eve')
      const { page } = visit
      await page.goto(`${site.server.url}/admin`)
      await page.getByRole('heading', { name: 'Not allowed' }).waitFor()
      expect(await page.evaluate(`fetch('/web/admin/dashboard').then(({ status }) => status)`)).toBe(403)
      expect(faultsOf(visit)).toEqual([])
    },
    TIMEOUT,
  )

  test(
    'packages take sizes as people write them, and switches and the notice hold at once',
    async () => {
      const { page } = admin
      await page.goto(`${site.server.url}/admin/packages`)
      await page.getByRole('button', { name: 'Change Free' }).click()
      await answer(page, { Storage: '2.5 GB' }, 'Save')
      await page.getByText('Storage: 2.5 GB').waitFor()
      await page.goto(`${site.server.url}/admin/settings`)
      await page.getByLabel('Registration').click()
      await page.getByText('The configuration says on.').waitFor()
      await page.getByLabel('Text').fill('We move to <new> disks tonight.')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('Saved.').first().waitFor()
      await using visit = await site.open()
      const stranger = visit.page
      await stranger.goto(`${site.server.url}/sign-in`)
      await stranger.getByText('We move to <new> disks tonight.').waitFor()
      expect(await stranger.getByRole('link', { name: 'Make one' }).count()).toBe(0)
      await stranger.goto(`${site.server.url}/`)
      await stranger.getByText('We move to <new> disks tonight.').waitFor()
      expect([...faultsOf(admin), ...faultsOf(visit)]).toEqual([])
    },
    TIMEOUT,
  )

  test(
    'an account is deleted by its owner, with the password',
    async () => {
      await using visit = await site.member('zoe')
      const { page } = visit
      await page.goto(`${site.server.url}/account`)
      await page.getByRole('button', { name: 'Delete my account…' }).click()
      await answer(page, { 'Your password': 'not mine' }, 'Delete it for good')
      await page.getByText('Wrong password').waitFor()
      await answer(page, { 'Your password': PASSWORD }, 'Delete it for good')
      await page.waitForURL(`${site.server.url}/`)
      expect(await site.place.lines(['user', 'list'])).not.toContainEqual(expect.stringContaining('zoe'))
      expect(faultsOf(visit)).toEqual([])
    },
    TIMEOUT,
  )

  for (const scheme of ['light', 'dark'] as const) {
    for (const width of [1280, 360]) {
      test(
        `pages are readable for everybody (${scheme}, ${width} px)`,
        async () => {
          const storageState = await admin.context.storageState()
          const screen = { colorScheme: scheme, viewport: { width, height: 740 } }
          await using visit = await site.open({ ...screen, storageState, bypassCSP: true })
          const { page } = visit
          for (const path of [...ACCOUNT_PAGES, ...ADMIN_PAGES]) {
            await page.goto(site.server.url + path)
            await page.waitForSelector('h2')
            await page.waitForFunction(`!document.body.textContent.includes('Loading…')`)
            expect([path, await overflow(page), await violations(page)]).toEqual([path, 0, []])
          }
          expect(faultsOf(visit)).toEqual([])
        },
        TIMEOUT,
      )
    }
  }
})

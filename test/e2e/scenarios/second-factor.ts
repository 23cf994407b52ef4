/** Signing in with a code beside the password. */
import { expect, test } from 'bun:test'
import { codeAt, stepOf } from '../../../src/core/one-time-code.ts'
import { type BrowserSite, PASSWORD, TIMEOUT } from '../../support/browser-site.ts'
import { faultsOf } from '../../support/visit.ts'
import { answer } from './steps.ts'

export function secondFactor(site: BrowserSite): void {
  test(
    'a second factor is asked for at the next sign-in, and a recovery code does as well',
    async () => {
      await using visit = await site.register('fay')
      const { page } = visit
      await page.goto(`${site.server.url}/account/security`)
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
        await page.waitForURL(`${site.server.url}/sign-in`)
        await page.getByLabel('User name').fill('fay')
        await page.getByLabel('Password').fill(PASSWORD)
        await page.keyboard.press('Enter')
        await page.waitForSelector('#code:focus')
        await page.keyboard.type('000000')
        await page.keyboard.press('Enter')
        await page.getByText('That code is not right').waitFor()
        await page.getByLabel(/^Code/).fill(code)
        await page.keyboard.press('Enter')
        await page.waitForURL(`${site.server.url}/files`)
      }
      await enter(codeAt(secret, now + 1))
      await enter(codes[0] ?? '')
      expect(faultsOf(visit)).toEqual([])
    },
    TIMEOUT,
  )
}

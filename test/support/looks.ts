/** How pages look: on a wide screen and on a phone, light and dark, with what is wrong with them gathered. */
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { overflow, violations } from './visit.ts'

/** Where to put pictures of every page, for people to look at. */
const PICTURES = process.env.KIST_TEST_PICTURES

const WIDE = { width: 1280, height: 780 }
const PHONE = { width: 360, height: 780 }

/** Each with what its browser is told. */
export const LOOKS = [
  { name: 'light', screen: { colorScheme: 'light', viewport: WIDE } },
  { name: 'dark', screen: { colorScheme: 'dark', viewport: WIDE } },
  { name: 'phone', screen: { colorScheme: 'light', viewport: PHONE } },
  { name: 'phone-dark', screen: { colorScheme: 'dark', viewport: PHONE } },
] as const

export interface Looker {
  /** What keeps people out of the pages that were looked at, or is wider than the screen. */
  problems: string[]
  look(page: Page, title: string): Promise<void>
}

export function looker(name: string): Looker {
  const problems: string[] = []
  return {
    problems,
    async look(page, title) {
      // A click leaves the pointer on something, which would look chosen.
      await page.mouse.move(2, 2)
      if (PICTURES) await page.screenshot({ path: join(PICTURES, `${title}-${name}.png`) })
      problems.push(...(await violations(page)).map((problem) => `${title}: ${problem}`))
      const wide = await overflow(page)
      if (wide !== 0) problems.push(`${title}: ${wide} pixels too wide`)
    },
  }
}

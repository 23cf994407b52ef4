/** A real browser, where the machine has one: CHROMIUM names it, else it is looked for at the usual places. */
import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const PLACES = [
  process.env.CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]

/** Path of the browser, or null. */
export const CHROMIUM: string | null = PLACES.find((path) => path !== '' && existsSync(path)) ?? null

export function launchChromium(): Promise<Browser> {
  if (CHROMIUM === null) throw new Error('there is no Chromium on this machine')
  // Its own sandbox needs rights that containers do not have; it only opens our pages here.
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
}

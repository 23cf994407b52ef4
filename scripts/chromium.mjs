/** A browser for the tests that open pages in one. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/**
 * Installs Chromium where the machine has none and lets us; elsewhere CHROMIUM can name one. Without a browser
 * those tests are skipped.
 */
export function prepareChromium() {
  if ([process.env.CHROMIUM ?? '', ...PLACES].some((path) => path !== '' && existsSync(path))) return
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']])
      spawnSync('apt-get', args, { stdio: ['ignore', 2, 2], env })
    if (existsSync(PLACES[0])) return
  }
  console.error('There is no Chromium here: tests in a browser are skipped. CHROMIUM can name one.')
}

/** nginx for the tests that put one in front of Kist. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './toolchain.mjs'

/** Where it is unpacked, not installed: an installed one would be started, and take port 80. */
const FOLDER = join(ROOT, 'dist/nginx')
const UNPACKED = join(FOLDER, 'usr/sbin/nginx')
/** The package with the program, by the age of the distribution. */
const PACKAGES = ['nginx', 'nginx-core', 'nginx-light']

const works = (path) => spawnSync(path, ['-v']).status === 0

/**
 * Fetches nginx from the distribution where the machine has none and lets us; elsewhere NGINX can name one.
 * Without it those tests are skipped.
 */
export function prepareNginx() {
  if ([process.env.NGINX ?? '', '/usr/sbin/nginx', UNPACKED].some((path) => path !== '' && works(path)))
    return
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    mkdirSync(FOLDER, { recursive: true })
    const run = (...command) =>
      spawnSync(command[0], command.slice(1), { cwd: FOLDER, stdio: ['ignore', 2, 2] })
    run('apt-get', 'update')
    for (const name of PACKAGES) {
      run('apt-get', 'download', name)
      for (const file of readdirSync(FOLDER).filter((entry) => entry.startsWith(`${name}_`)))
        run('dpkg-deb', '--extract', file, '.')
      if (works(UNPACKED)) return
    }
  }
  console.error('There is no nginx here: tests behind one are skipped. NGINX can name one.')
}

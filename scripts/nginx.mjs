/** nginx for the tests that put one in front of Kist. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ROOT } from './toolchain.mjs'
import { canUnpack, unpack } from './unpacked.mjs'

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
  if (canUnpack()) unpack(FOLDER, PACKAGES, () => works(UNPACKED))
  if (works(UNPACKED)) return
  console.error('There is no nginx here: tests behind one are skipped. NGINX can name one.')
}

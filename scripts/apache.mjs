/** Apache with mod_xsendfile for the tests that put one in front of Kist. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT } from './toolchain.mjs'
import { canUnpack, unpack } from './unpacked.mjs'

const FOLDER = join(ROOT, 'dist/apache')
const UNPACKED = join(FOLDER, 'usr/sbin/apache2')
/** The program, its libraries by the age of the distribution, and the module that sends files. */
const PACKAGES = [
  ...['apache2-bin', 'libapr1', 'libapr1t64', 'libaprutil1', 'libaprutil1t64'],
  'libapache2-mod-xsendfile',
]

const libraries = () =>
  existsSync(join(FOLDER, 'usr/lib'))
    ? readdirSync(join(FOLDER, 'usr/lib'))
        .filter((name) => name.includes('-linux-'))
        .map((name) => join(FOLDER, 'usr/lib', name))
        .join(':')
    : ''

const works = (path) =>
  existsSync(join(dirname(path), '../lib/apache2/modules/mod_xsendfile.so')) &&
  spawnSync(path, ['-v'], { env: { LD_LIBRARY_PATH: libraries() } }).status === 0

/**
 * Fetches Apache from the distribution where the machine has none and lets us; elsewhere APACHE can name one.
 * Without it those tests are skipped.
 */
export function prepareApache() {
  if ([process.env.APACHE ?? '', '/usr/sbin/apache2', UNPACKED].some((path) => path !== '' && works(path)))
    return
  if (canUnpack()) unpack(FOLDER, PACKAGES, () => works(UNPACKED))
  if (works(UNPACKED)) return
  console.error(
    'There is no Apache with mod_xsendfile here: tests behind one are skipped. APACHE can name one.',
  )
}

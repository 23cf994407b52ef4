/** Programs some tests call, and the Debian packages they come in. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const PACKAGES = { curl: 'curl', ip: 'iproute2', unzip: 'unzip', bsdtar: 'libarchive-tools' }
const FOLDERS = ['/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/** Installs what is missing where the machine lets us. Without a program the tests that need it are skipped. */
export function prepareTools() {
  const missing = Object.keys(PACKAGES).filter((tool) => !isThere(tool))
  if (missing.length === 0) return
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    const packages = missing.map((tool) => PACKAGES[tool])
    for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]])
      spawnSync('apt-get', args, { stdio: ['ignore', 2, 2], env })
  }
  const still = missing.filter((tool) => !isThere(tool))
  if (still.length > 0) console.error(`Not here: ${still.join(', ')}. Tests that need them are skipped.`)
}

const isThere = (tool) => FOLDERS.some((folder) => existsSync(join(folder, tool)))

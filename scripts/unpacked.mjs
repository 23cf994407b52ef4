/** Programs of the distribution that are unpacked below dist/, not installed: they would be started, and take port 80. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'

/** Whether this machine has packages and lets us fetch them. */
export const canUnpack = () => process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')

/** Fetches packages into `folder` until `isEnough`; those the distribution does not know are passed over. */
export function unpack(folder, packages, isEnough) {
  mkdirSync(folder, { recursive: true })
  const run = (...command) =>
    spawnSync(command[0], command.slice(1), { cwd: folder, stdio: ['ignore', 2, 2] })
  run('apt-get', 'update')
  for (const name of packages) {
    run('apt-get', 'download', name)
    for (const file of readdirSync(folder).filter((entry) => entry.startsWith(`${name}_`)))
      run('dpkg-deb', '--extract', file, '.')
    if (isEnough()) return
  }
}

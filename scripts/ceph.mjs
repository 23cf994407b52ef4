/** Ceph and clients of S3 for the tests that keep bytes in a real object store. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** What is called, and the Debian package it comes in. */
const PACKAGES = {
  '/usr/bin/ceph-mon': 'ceph-mon',
  '/usr/bin/ceph-osd': 'ceph-osd',
  '/usr/bin/radosgw': 'radosgw',
  '/usr/bin/ceph': 'ceph-common',
  '/usr/bin/rclone': 'rclone',
  '/usr/bin/s3cmd': 's3cmd',
}

/**
 * Installs what is missing where the machine lets us. Without Ceph the tests on S3 are skipped, without a client those
 * that need it.
 */
export function prepareCeph() {
  const missing = () => Object.keys(PACKAGES).filter((path) => !existsSync(path))
  if (missing().length === 0) return
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    // Its units would start a watcher of crashes on a machine with systemd: we run daemons of our own only.
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', SYSTEMD_OFFLINE: '1' }
    const packages = missing().map((path) => PACKAGES[path])
    for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]])
      spawnSync('apt-get', args, { stdio: ['ignore', 2, 2], env })
  }
  if (missing().length > 0)
    console.error(`Not here: ${missing().join(', ')}. Tests on S3 that need them are skipped.`)
}

/** All four languages with the files in a real bucket. Where there is none they are not run twice. */
import { test } from 'bun:test'
import { CEPH } from '../support/s3.ts'
import '../support/s3-apps.ts'

if (CEPH) {
  await import('./families.test.ts')
  await import('./yetishare/imports.test.ts')
} else {
  test.skip('the dialects on a bucket', () => {})
}

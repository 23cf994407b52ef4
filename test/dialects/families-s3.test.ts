/** All four languages with the files in a real bucket. Where there is none they are not run twice. */
import { expect, test } from 'bun:test'
import { createTestApp } from '../support/app.ts'
import { CEPH } from '../support/s3.ts'
import { appsOnS3 } from '../support/s3-apps.ts'

/** A module is run once; with another query it is another module. */
const SUITES = ['./families.test.ts?s3', './yetishare/imports.test.ts?s3']

if (CEPH) {
  appsOnS3()
  test('files are in a bucket', async () => {
    const app = await createTestApp()
    expect(app.storage.name).toBe('s3')
    await app.close()
  })
  for (const suite of SUITES) await import(suite)
} else {
  test.skip('the dialects on a bucket', () => {})
}

/** Pages that upload may send to the bucket and to nowhere else. Nothing is asked of the store for that. */
import { expect, test } from 'bun:test'
import { type ConfigChanges, createTestApp } from '../support/app.ts'

const S3 = { region: 'eu-west-1', bucket: 'chest', accessKeyId: 'key', secretAccessKey: 'secret' }
const CASES: Record<string, { storage: NonNullable<ConfigChanges['storage']>; connect: string }> = {
  'the local disk': { storage: { driver: 'local' }, connect: "'self'" },
  'a bucket named in the path': {
    storage: { driver: 's3', s3: { ...S3, endpoint: 'https://s3.example.com:8443/store' } },
    connect: "'self' https://s3.example.com:8443",
  },
  'a bucket that is a host': {
    storage: { driver: 's3', s3: { ...S3, endpoint: 'https://s3.example.com', forcePathStyle: false } },
    connect: "'self' https://chest.s3.example.com",
  },
  "the region's own address": {
    storage: { driver: 's3', s3: { ...S3, endpoint: '' } },
    connect: "'self' https://s3.eu-west-1.amazonaws.com",
  },
  'the local disk again, where uploads begun in the bucket go on there': {
    storage: { driver: 'local', s3: { ...S3, endpoint: 'https://s3.example.com' } },
    connect: "'self' https://s3.example.com",
  },
}

for (const [where, { storage, connect }] of Object.entries(CASES))
  test(`with files in ${where} the front page and the file manager connect to ${connect}`, async () => {
    const app = await createTestApp({ config: { storage } })
    for (const path of ['/', '/sign-in']) {
      const { status, headers } = await app.request('GET', path)
      const policy = headers.get('content-security-policy') ?? ''
      const directive = policy.split('; ').find((part) => part.startsWith('connect-src '))
      expect([path, status, directive]).toEqual([path, 200, `connect-src ${connect}`])
    }
    await app.close()
  })

import { describe, expect, test } from 'bun:test'
import {
  GetBucketCorsCommand,
  GetBucketLifecycleConfigurationCommand,
  PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand,
} from '@aws-sdk/client-s3'
import { checkS3 } from '../../../src/storage/s3/check.ts'
import { s3Driver } from '../../../src/storage/s3/s3-driver.ts'
import { setUpBucket } from '../../../src/storage/s3/set-up.ts'
import { collect } from '../../contract/storage-tools.ts'
import { CEPH, s3Client } from '../../support/s3.ts'
import { bucketOptions, withServer } from './bucket.ts'

withServer()

const ORIGINS = ['https://files.example.com']

describe.skipIf(!CEPH)('setting up a bucket', () => {
  test('a missing bucket is made, told the rules and tried, and nothing of the probe is left', async () => {
    const options = { ...(await bucketOptions()), bucket: `fresh-${process.pid}` }
    const heard: string[] = []
    const report = await setUpBucket(options, { origins: ORIGINS, onStep: ({ name }) => heard.push(name) })
    expect(report.steps.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['bucket', 'done'],
      ['object', 'done'],
      ['parts', 'done'],
      ['download', 'done'],
      ['cors', 'done'],
      ['lifecycle', 'done'],
      ['delete', 'done'],
    ])
    expect(report.ok).toBe(true)
    expect(heard).toEqual(report.steps.map(({ name }) => name))
    const driver = await s3Driver(options)
    expect(await collect(driver.list())).toEqual([])
    expect(await collect(driver.listUploads())).toEqual([])
    await driver.close()
  })

  test('a second run finds everything right', async () => {
    const options = await bucketOptions()
    await setUpBucket(options, { origins: ORIGINS })
    const { steps } = await setUpBucket(options, { origins: ORIGINS })
    expect(steps.filter(({ outcome }) => outcome === 'kept').map(({ name }) => name)).toEqual([
      'bucket',
      'cors',
      'lifecycle',
    ])
  })

  test('other origins replace the rule of Kist; rules of others stay', async () => {
    const options = await bucketOptions()
    const client = s3Client({ ...options, endpoints: [options.endpoint] })
    const Bucket = options.bucket
    const theirs = { ID: 'theirs', AllowedOrigins: ['https://other.example'], AllowedMethods: ['GET'] }
    await client.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: [theirs] } }))
    const expiry = {
      ID: 'logs',
      Status: 'Enabled',
      Filter: { Prefix: 'logs/' },
      Expiration: { Days: 3 },
    } as const
    const LifecycleConfiguration = { Rules: [expiry] }
    await client.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration }))
    for (const origins of [ORIGINS, ['https://a.example', 'https://b.example']]) {
      const report = await setUpBucket(options, { origins })
      expect(report.steps.find(({ name }) => name === 'cors')).toMatchObject({ outcome: 'done' })
      expect(report.ok).toBe(true)
      const cors = await client.send(new GetBucketCorsCommand({ Bucket }))
      expect(
        cors.CORSRules?.map(({ ID, AllowedOrigins }) => [ID, AllowedOrigins?.toSorted()]).sort(),
      ).toEqual([
        ['kist', origins],
        ['theirs', ['https://other.example']],
      ])
    }
    const { Rules } = await client.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))
    expect(Rules?.map(({ ID }) => ID).sort()).toEqual(['kist-abort-uploads', 'logs'])
    client.destroy()
  })

  test('a wrong secret, key or address is said in words, without the secret, and the rest is skipped', async () => {
    const options = await bucketOptions()
    const secretAccessKey = 'not-the-secret-of-this-key'
    const report = await setUpBucket({ ...options, secretAccessKey }, { origins: [] })
    expect(report.ok).toBe(false)
    expect(report.steps.map(({ outcome }) => outcome)).toEqual(['failed', ...Array(6).fill('skipped')])
    expect(report.steps[0]?.message).toContain('secret_access_key')
    expect(JSON.stringify(report)).not.toContain(secretAccessKey)
  })
})

describe.skipIf(!CEPH)('checking a bucket at the start', () => {
  test('a bucket that can be used is no problem', async () => {
    expect(await checkS3(await bucketOptions())).toBeNull()
  })

  test('each mistake is named', async () => {
    const options = await bucketOptions()
    const quick = { ...options, timeouts: { retry: 100 } }
    expect(await checkS3({ ...quick, bucket: 'no-such-bucket' })).toMatchObject({ kind: 'no_bucket' })
    const secret = await checkS3({ ...quick, secretAccessKey: 'wrong' })
    expect(secret).toMatchObject({ kind: 'refused', message: expect.stringContaining('secret_access_key') })
    const key = await checkS3({ ...quick, accessKeyId: 'NOBODY' })
    expect(key).toMatchObject({ kind: 'refused', message: expect.stringContaining('access_key_id') })
    const address = await checkS3({ ...quick, endpoint: 'http://127.0.0.1:1' })
    expect(address).toMatchObject({ kind: 'unreachable', message: expect.stringContaining('127.0.0.1:1') })
  })
})

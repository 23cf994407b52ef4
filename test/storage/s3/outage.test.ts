/** A store that is down, refuses us or has another clock; what callers and the operator hear of it. */
import { describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { randomIds } from '../../../src/core/ids.ts'
import type { Log } from '../../../src/core/log.ts'
import type { StorageDriver } from '../../../src/core/storage.ts'
import { type S3Options, s3Driver } from '../../../src/storage/s3/s3-driver.ts'
import { bytesOf, md5Of, piecesOf } from '../../contract/byte-sources.ts'
import { collect, expectFault, readObject, uploadTools } from '../../contract/storage-tools.ts'
import { startFaultProxy } from '../../support/fault-proxy.ts'
import { fixedClock } from '../../support/fixed-clock.ts'
import { CEPH, s3Client, startS3 } from '../../support/s3.ts'
import { bucketOptions, withServer } from './bucket.ts'

withServer()

const MiB = 1024 ** 2
const timeouts = { request: 300, idle: 300, retry: 300 }

/** A log that keeps all lines as text. */
function keptLog(): { log: Log; lines: string[] } {
  const lines: string[] = []
  const line = (level: string) => (event: string, fields?: Record<string, unknown>) =>
    void lines.push(`${level} ${event} ${Bun.inspect(fields, { depth: 20 })}`)
  return { log: { info: line('info'), warn: line('warn'), error: line('error') }, lines }
}

/** One of every kind of call; all must fail alike. */
function everyCall(driver: StorageDriver): Record<string, () => Promise<unknown>> {
  const key = randomIds.objectKey()
  const ref = { key, upload: '2~abcdef', size: 5 * MiB, partSize: 5 * MiB }
  const part = { number: 1, size: 5 * MiB }
  return {
    put: () => driver.put(key, piecesOf(bytesOf(1000))),
    'put of a large body': () => driver.put(key, piecesOf(bytesOf(300_000), 100_000)),
    open: () => driver.open(key),
    head: () => driver.head(key),
    delete: () => driver.delete(key),
    list: () => collect(driver.list()),
    createUpload: () => driver.createUpload(key, ref),
    putPart: () => driver.putPart(ref, part, piecesOf(bytesOf(5 * MiB), 100_000)),
    completeUpload: () => driver.completeUpload(ref, [{ ...part, etag: md5Of(bytesOf(1)) }]),
    abortUpload: () => driver.abortUpload(ref),
    listUploads: () => collect(driver.listUploads()),
    findPart: async () => driver.direct?.findPart(ref, 1),
  }
}

describe.skipIf(!CEPH)('a store that is down', () => {
  for (const how of ['refused', 'unavailable'] as const)
    test(`every call is unavailable, with when to come again, and all is well afterwards (${how})`, async () => {
      const options = await bucketOptions()
      const proxy = await startFaultProxy({ target: options.endpoint })
      const { log, lines } = keptLog()
      const driver = await s3Driver({ ...options, endpoint: proxy.url, timeouts, log })
      await proxy.goDown(how)
      for (const call of Object.values(everyCall(driver))) {
        const fault = await expectFault('unavailable', call)
        expect(fault.retryAfter).toBeGreaterThan(0)
      }
      expect(lines.filter((line) => line.startsWith('warn storage.s3_unavailable'))).not.toBeEmpty()
      await proxy.comeBack()
      const key = randomIds.objectKey()
      await driver.put(key, piecesOf(bytesOf(1000)))
      expect(await readObject(driver, key)).toEqual(bytesOf(1000))
      await driver.close()
      await proxy.stop()
    }, 20_000)

  test('a store that never answers is given up after its time', async () => {
    const options = await bucketOptions()
    const proxy = await startFaultProxy({
      target: options.endpoint,
      plan: { fractions: { 'hang-before': 1 } },
    })
    const driver = await s3Driver({ ...options, endpoint: proxy.url, timeouts })
    for (const call of Object.values(everyCall(driver))) await expectFault('unavailable', call)
    await driver.close()
    await proxy.stop()
  }, 20_000)

  test('one that hangs is soon refused at once, and used again once it answers', async () => {
    const options = await bucketOptions()
    const proxy = await startFaultProxy({ target: options.endpoint })
    const { log, lines } = keptLog()
    const driver = await s3Driver({ ...options, endpoint: proxy.url, timeouts, log })
    proxy.plan({ fractions: { 'hang-before': 1 } })
    await expectFault('unavailable', driver.head(randomIds.objectKey()))
    while (!lines.some((line) => line.includes('s3_hangs'))) await Bun.sleep(10)
    const begun = performance.now()
    const calls = Object.values(everyCall(driver)).map((call) => expectFault('unavailable', call))
    for (const fault of await Promise.all(calls)) expect(fault.retryAfter).toBeGreaterThan(0)
    expect(performance.now() - begun).toBeLessThan(timeouts.request)
    proxy.plan({ fractions: {} })
    while (!lines.some((line) => line.includes('s3_answers_again'))) await Bun.sleep(10)
    const key = randomIds.objectKey()
    await driver.put(key, piecesOf(bytesOf(1000)))
    expect(await readObject(driver, key)).toEqual(bytesOf(1000))
    await driver.close()
    await proxy.stop()
  }, 20_000)

  test('signing asks nothing of the store', async () => {
    const options = await bucketOptions()
    const driver = await s3Driver({ ...options, endpoint: 'http://127.0.0.1:1' })
    const key = randomIds.objectKey()
    const url = await driver.direct?.signObject(key, { name: 'a.txt', mimeType: 'text/plain' }, 60)
    expect(url).toStartWith(`http://127.0.0.1:1/${options.bucket}/${key}?`)
    await driver.close()
  })
})

describe.skipIf(!CEPH)('a store that refuses us', () => {
  const WRONG = {
    'a wrong secret': { secretAccessKey: 'this-is-not-the-secret' },
    'an unknown key': { accessKeyId: 'NOBODYKNOWSME' },
  }
  for (const [what, wrong] of Object.entries(WRONG))
    test(`${what} makes every call unavailable; the log says why, without secrets and signed URLs`, async () => {
      const { log, lines } = keptLog()
      const options = { ...(await bucketOptions()), ...wrong, timeouts, log }
      const driver = await s3Driver(options)
      for (const call of Object.values(everyCall(driver))) {
        const fault = await expectFault('unavailable', call)
        expect(Bun.inspect(fault, { depth: 20 })).not.toContain(options.secretAccessKey)
        expect(Bun.inspect(fault, { depth: 20 })).not.toContain('X-Amz-Signature')
      }
      const text = lines.join('\n')
      expect(text).toContain('error storage.s3_refused')
      expect(text).toContain('PutObject')
      for (const secret of [options.secretAccessKey, 'X-Amz-Signature', 'Authorization'])
        expect(text).not.toContain(secret)
      await driver.close()
    })

  test('a bucket that is gone makes writing and listing unavailable', async () => {
    const { log, lines } = keptLog()
    const driver = await s3Driver({ ...(await bucketOptions()), bucket: 'never-made', timeouts, log })
    const calls = everyCall(driver)
    for (const name of ['put', 'list', 'createUpload', 'listUploads'])
      await expectFault('unavailable', calls[name] as () => Promise<unknown>)
    expect(lines.join('\n')).toContain('NoSuchBucket')
    await driver.close()
  })
})

describe.skipIf(!CEPH)('a clock that is wrong', () => {
  for (const start of ['2020-01-01T00:00:00Z', '2033-01-01T00:00:00Z'])
    test(`is put right by the store's own (${start})`, async () => {
      const options = { ...(await bucketOptions()), clock: fixedClock(start) }
      const driver = await s3Driver(options)
      const key = randomIds.objectKey()
      await driver.put(key, piecesOf(bytesOf(1000)))
      expect(await readObject(driver, key)).toEqual(bytesOf(1000))
      const url = (await driver.direct?.signObject(key, { name: 'a', mimeType: 'text/plain' }, 600)) ?? ''
      expect((await fetch(url)).status).toBe(200)
      const { start: begin } = uploadTools(() => driver, 5 * MiB)
      const ref = await begin(5 * MiB)
      await driver.putPart(ref, { number: 1, size: 5 * MiB }, piecesOf(bytesOf(5 * MiB), 100_000))
      await driver.abortUpload(ref)
      await driver.close()
    })
})

describe.skipIf(!CEPH)('a store that is full for us', () => {
  /** Somebody who may keep 10 MiB. */
  async function poorOptions(): Promise<S3Options> {
    const server = await startS3()
    if (!server) throw new Error('there is no S3 server')
    const access = { accessKeyId: 'POORKEY', secretAccessKey: 'POORSECRET' }
    const admin = async (...args: string[]): Promise<void> => {
      const command = ['radosgw-admin', '-c', join(server.dir, 'ceph.conf'), ...args, '--uid=poor']
      const child = Bun.spawn(command, { stdout: 'ignore', stderr: 'pipe' })
      if ((await child.exited) !== 0) throw new Error(await child.stderr.text())
    }
    const keys = [`--access-key=${access.accessKeyId}`, `--secret-key=${access.secretAccessKey}`]
    await admin('user', 'create', '--display-name=poor', ...keys)
    await admin('quota', 'set', '--quota-scope=user', `--max-size=${10 * MiB}`)
    await admin('quota', 'enable', '--quota-scope=user')
    const options = { ...(await bucketOptions()), ...access, bucket: 'bucket-of-the-poor' }
    const client = s3Client({ ...options, endpoints: [options.endpoint] })
    await client.send(new CreateBucketCommand({ Bucket: options.bucket }))
    client.destroy()
    return options
  }

  test('says so of whole objects and of parts, at once, and keeps nothing of them', async () => {
    const options = await poorOptions()
    const driver = await s3Driver({ ...options, ingestPartSize: 5 * MiB })
    const tools = uploadTools(() => driver, 5 * MiB)
    await expectFault('storage_full', driver.put(randomIds.objectKey(), piecesOf(bytesOf(16 * MiB), MiB)))
    const ref = await tools.start(16 * MiB)
    const sendAll = (): Promise<unknown> => tools.sendAll(ref, bytesOf(16 * MiB))
    const key = randomIds.objectKey()
    await driver.put(key, piecesOf(bytesOf(9 * MiB), MiB))
    await expectFault('storage_full', sendAll())
    expect((await readObject(driver, key)).length).toBe(9 * MiB)
    await driver.abortUpload(ref)
    expect(await collect(driver.listUploads())).toEqual([])
    await driver.close()
  }, 30_000)
})

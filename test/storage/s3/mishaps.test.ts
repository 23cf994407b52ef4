/** A store that fails, stalls and lies, in front of a real one: what was acknowledged is there, all else is said. */
import { describe, expect, test } from 'bun:test'
import { readdir } from 'node:fs/promises'
import { isFault } from '../../../src/core/fault.ts'
import { randomIds } from '../../../src/core/ids.ts'
import type { StorageDriver, StoredPart, UploadRef } from '../../../src/core/storage.ts'
import { type S3Options, s3Driver } from '../../../src/storage/s3/s3-driver.ts'
import { bytesOf, md5Of, piecesOf, sha256Of } from '../../contract/byte-sources.ts'
import { collect, expectFault, readObject, uploadTools } from '../../contract/storage-tools.ts'
import { type FaultProxy, type Mishap, type MishapPlan, startFaultProxy } from '../../support/fault-proxy.ts'
import { CEPH } from '../../support/s3.ts'
import { bucketOptions, withServer } from './bucket.ts'

withServer()

const MiB = 1024 ** 2
const PART = 5 * MiB
const IMPATIENT = { request: 500, idle: 500, retry: 6000 }
/** For many requests at one time, which take longer on a busy machine. */
const CALM = { request: 2000, idle: 2000, retry: 12_000 }

interface Spoilt extends AsyncDisposable {
  proxy: FaultProxy
  /** Behind the proxy. */
  driver: StorageDriver
  /** Past it, to see what really is. */
  clean: StorageDriver
  options: S3Options
}

async function spoilt(changes: Partial<S3Options> = {}): Promise<Spoilt> {
  const options = { ...(await bucketOptions()), timeouts: IMPATIENT, ingestPartSize: PART, ...changes }
  const proxy = await startFaultProxy({ target: options.endpoint })
  const driver = await s3Driver({ ...options, endpoint: proxy.url })
  const clean = await s3Driver({ ...options, timeouts: {} })
  return {
    proxy,
    driver,
    clean,
    options,
    async [Symbol.asyncDispose]() {
      await driver.close()
      await clean.close()
      await proxy.stop()
    },
  }
}

/** Three of ten requests go wrong, in every way there is. */
const ROUGH: MishapPlan['fractions'] = {
  'slow-down': 0.1,
  'reset-before': 0.05,
  'reset-after': 0.05,
  cut: 0.04,
  'hang-before': 0.01,
  'hang-after': 0.01,
  'complete-fails-before': 0.02,
  'complete-fails-after': 0.02,
}

/** Removes what is left in the store of uploads, as the sweeper does; how many there were. */
async function sweep(clean: StorageDriver): Promise<number> {
  const left = await collect(clean.listUploads())
  for (const { key = '', upload } of left) await clean.abortUpload({ key, upload })
  return left.length
}

async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let left = 30; ; left--) {
    try {
      return await work()
    } catch (error) {
      if (left === 0 || !isFault(error, 'unavailable')) throw error
    }
  }
}

describe.skipIf(!CEPH)('a store that fails three requests of ten', () => {
  test('whole objects that were acknowledged are there, the others are unavailable, and nothing is left over', async () => {
    await using s = await spoilt({ timeouts: CALM })
    s.proxy.plan({ fractions: ROUGH })
    const sizes = [0, 1, 70_000, 300_000, PART, PART + 1, 2 * PART + 77]
    const put = async (size: number, seed: number): Promise<boolean> => {
      const key = randomIds.objectKey()
      const bytes = bytesOf(size, seed)
      try {
        const written = await s.driver.put(key, piecesOf(bytes, 64 * 1024))
        expect(written).toMatchObject({ size, md5: md5Of(bytes), sha256: sha256Of(bytes) })
      } catch (error) {
        if (!isFault(error, 'unavailable')) throw error
        return false
      }
      expect(sha256Of(await readObject(s.clean, key))).toBe(sha256Of(bytes))
      return true
    }
    const outcomes = await Promise.all(
      Array.from({ length: 42 }, (_, n) => put(sizes[n % 7] as number, n + 1)),
    )
    expect(s.proxy.requests.filter(({ mishap }) => mishap !== 'pass').length).toBeGreaterThan(20)
    expect(outcomes.filter(Boolean).length).toBeGreaterThan(38)
    await sweep(s.clean)
    expect(await collect(s.clean.listUploads())).toEqual([])
    expect(await readdir(s.options.spoolDir)).toEqual([])
  }, 120_000)

  for (const partChecksums of [false, true])
    test(`uploads in parts get through when their calls are repeated (${partChecksums ? 'spooled' : 'streamed'})`, async () => {
      await using s = await spoilt({ partChecksums, timeouts: CALM })
      s.proxy.plan({ fractions: ROUGH })
      const upload = async (seed: number): Promise<void> => {
        const bytes = bytesOf(PART * 2 + 999, seed)
        const key = randomIds.objectKey()
        const plan = { size: bytes.length, partSize: PART }
        const ref = { key, upload: await again(() => s.driver.createUpload(key, plan)), ...plan }
        const tools = uploadTools(() => s.driver, PART)
        const parts: StoredPart[] = []
        for (const number of [3, 1, 2]) parts.push(await again(() => tools.send(ref, bytes, number)))
        const done = await again(() => s.driver.completeUpload(ref, parts, { sha256: sha256Of(bytes) }))
        expect(done).toMatchObject({ size: bytes.length, sha256: sha256Of(bytes) })
        expect(sha256Of(await readObject(s.clean, key))).toBe(sha256Of(bytes))
      }
      await Promise.all(Array.from({ length: 6 }, (_, n) => upload(n + 1)))
      await sweep(s.clean)
      expect(await collect(s.clean.listUploads())).toEqual([])
    }, 120_000)

  test('whole reads and ranges are the right bytes, or fail', async () => {
    await using s = await spoilt({ timeouts: CALM })
    const bytes = bytesOf(3 * MiB, 5)
    const key = randomIds.objectKey()
    await s.clean.put(key, piecesOf(bytes, MiB))
    s.proxy.plan({ fractions: { ...ROUGH, cut: 0.3 } })
    for (let n = 0; n < 40; n++) {
      const range = { start: n * 1000, end: n * 50_000 + 1_000_000 }
      expect(sha256Of(await readObject(s.driver, key, range))).toBe(
        sha256Of(bytes.subarray(range.start, range.end + 1)),
      )
    }
    expect(s.proxy.requests.length).toBeGreaterThan(50)
  }, 120_000)
})

describe.skipIf(!CEPH)('one mishap at a time', () => {
  async function uploaded(s: Spoilt): Promise<{ ref: UploadRef; parts: StoredPart[]; bytes: Uint8Array }> {
    const bytes = bytesOf(PART + 5, 9)
    const tools = uploadTools(() => s.clean, PART)
    const ref = await tools.start(bytes.length)
    return { ref, parts: await tools.sendAll(ref, bytes), bytes }
  }

  const ON_COMPLETE: Mishap[] = [
    'complete-fails-before',
    'complete-fails-after',
    'slow-down',
    'reset-before',
    'reset-after',
    'cut',
    'hang-before',
    'hang-after',
  ]
  for (const mishap of ON_COMPLETE)
    test(`an upload is completed once although the store answers with ${mishap}`, async () => {
      await using s = await spoilt()
      const { ref, parts, bytes } = await uploaded(s)
      s.proxy.next('pass', mishap)
      const done = await s.driver.completeUpload(ref, parts)
      expect(done).toEqual({ size: bytes.length, sha256: null })
      expect(s.proxy.requests[1]).toMatchObject({ method: 'POST', mishap })
      expect(sha256Of(await readObject(s.clean, ref.key))).toBe(sha256Of(bytes))
    })

  test('a read that breaks off goes on where it was, and asks for the same object', async () => {
    await using s = await spoilt()
    const bytes = bytesOf(8 * MiB, 2)
    const key = randomIds.objectKey()
    await s.clean.put(key, piecesOf(bytes, MiB))
    s.proxy.next('cut', 'cut', 'reset-before', 'hang-before')
    expect(sha256Of(await readObject(s.driver, key))).toBe(sha256Of(bytes))
    expect(s.proxy.requests.map(({ mishap }) => mishap)).toEqual([
      'cut',
      'cut',
      'reset-before',
      'hang-before',
      'pass',
    ])
  })

  test('a read that breaks off while the object is replaced fails, and never mixes the two', async () => {
    await using s = await spoilt()
    const key = randomIds.objectKey()
    const old = bytesOf(8 * MiB, 2)
    await s.clean.put(key, piecesOf(old, MiB))
    s.proxy.next('cut')
    const stream = (await s.driver.open(key)) as ReadableStream<Uint8Array>
    await s.clean.put(key, piecesOf(bytesOf(8 * MiB, 3), MiB))
    let seen = 0
    const reading = async (): Promise<void> => {
      for await (const chunk of stream) {
        expect(Buffer.from(chunk).equals(old.subarray(seen, seen + chunk.length))).toBe(true)
        seen += chunk.length
      }
    }
    await expectFault('object_missing', reading())
    expect(seen).toBeLessThan(8 * MiB)
  })

  test('a streamed part that the store breaks off is unavailable at once, though its client is silent', async () => {
    await using s = await spoilt()
    const tools = uploadTools(() => s.clean, PART)
    const ref = await tools.start(PART)
    const silence = Promise.withResolvers<void>()
    async function* stalling(): AsyncGenerator<Uint8Array> {
      yield bytesOf(1000)
      yield bytesOf(1000)
      await silence.promise
    }
    s.proxy.next('reset-before')
    const fault = await expectFault(
      'unavailable',
      s.driver.putPart(ref, { number: 1, size: PART }, stalling()),
    )
    expect(fault.retryAfter).toBeGreaterThan(0)
    silence.resolve()
    await s.clean.abortUpload(ref)
  })

  test('an abort whose answer is lost is done all the same', async () => {
    await using s = await spoilt()
    const { ref } = await uploaded(s)
    s.proxy.next('reset-after')
    await s.driver.abortUpload(ref)
    expect(await collect(s.clean.listUploads())).toEqual([])
  })

  test('a reader that goes away ends the connection to the store', async () => {
    await using s = await spoilt()
    const key = randomIds.objectKey()
    await s.clean.put(key, piecesOf(bytesOf(64 * MiB), MiB))
    const reader = ((await s.driver.open(key)) as ReadableStream<Uint8Array>).getReader()
    expect((await reader.read()).value?.length).toBeGreaterThan(0)
    await reader.cancel()
    expect(await s.driver.head(key)).toEqual({ key, size: 64 * MiB })
    expect(s.proxy.requests[0]?.received).toBeLessThan(32 * MiB)
  })
})

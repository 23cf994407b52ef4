/** What the driver does beyond the contract: plain objects, signed access, the spool, the quirks of stores. */
import { describe, expect, test } from 'bun:test'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { randomIds } from '../../../src/core/ids.ts'
import type { DirectAccess, UploadRef } from '../../../src/core/storage.ts'
import { s3Driver } from '../../../src/storage/s3/s3-driver.ts'
import { bytesOf, cutAfter, md5Of, piecesOf, repeated, sha256Of } from '../../contract/byte-sources.ts'
import { collect, expectFault, readObject, uploadTools } from '../../contract/storage-tools.ts'
import { CEPH, s3Client } from '../../support/s3.ts'
import { type Bucket, bucketOptions, openBucket, withServer } from './bucket.ts'

withServer()

const MiB = 1024 ** 2
const PART = 5 * MiB
const HTML = { name: 'häßlich "x".html', mimeType: 'text/html' }
const DISPOSITION = `attachment; filename="h__lich _x_.html"; filename*=UTF-8''h%C3%A4%C3%9Flich%20%22x%22.html`

const sdkOf = ({ options }: Bucket): S3Client => s3Client({ ...options, endpoints: [options.endpoint] })

function directOf({ driver }: Bucket): DirectAccess {
  if (!driver.direct) throw new Error('no direct access')
  return driver.direct
}

const toolsOf = ({ driver }: Bucket) => uploadTools(() => driver, PART)

describe.skipIf(!CEPH)('objects as others see them', () => {
  test('a small and a large object have their type and name, and never run in the origin of the bucket', async () => {
    await using bucket = await openBucket({ ingestPartSize: PART })
    const client = sdkOf(bucket)
    for (const size of [10, PART * 2 + 1]) {
      const Key = randomIds.objectKey()
      await bucket.driver.put(Key, piecesOf(bytesOf(size), MiB), undefined, HTML)
      const head = await client.send(new HeadObjectCommand({ Bucket: bucket.options.bucket, Key }))
      expect(head).toMatchObject({
        ContentType: 'text/html',
        ContentDisposition: DISPOSITION,
        ContentLength: size,
      })
    }
    client.destroy()
  })

  test('an upload in parts has them too, and without a description it is an attachment of bytes', async () => {
    await using bucket = await openBucket()
    const client = sdkOf(bucket)
    const described = async (description?: typeof HTML) => {
      const Key = randomIds.objectKey()
      const plan = { size: 3, partSize: PART }
      const ref = { key: Key, upload: await bucket.driver.createUpload(Key, plan, description), ...plan }
      await bucket.driver.completeUpload(ref, await toolsOf(bucket).sendAll(ref, bytesOf(3)))
      return client.send(new HeadObjectCommand({ Bucket: bucket.options.bucket, Key }))
    }
    expect(await described(HTML)).toMatchObject({ ContentType: 'text/html', ContentDisposition: DISPOSITION })
    expect(await described()).toMatchObject({
      ContentType: 'application/octet-stream',
      ContentDisposition: 'attachment',
    })
    client.destroy()
  })

  test('what others keep in the bucket is not listed', async () => {
    await using bucket = await openBucket()
    const client = sdkOf(bucket)
    const Bucket = bucket.options.bucket
    await client.send(new PutObjectCommand({ Bucket, Key: 'backup/of another.txt', Body: 'x' }))
    await client.send(new CreateMultipartUploadCommand({ Bucket, Key: 'backup/unfinished' }))
    expect(await collect(bucket.driver.list())).toEqual([])
    expect(await collect(bucket.driver.listUploads())).toEqual([])
    client.destroy()
  })

  test('a list longer than a page is whole', async () => {
    await using bucket = await openBucket()
    const keys = Array.from({ length: 1010 }, () => randomIds.objectKey())
    const rest = keys.values()
    const client = sdkOf(bucket)
    const put = async (): Promise<void> => {
      for (const Key of rest)
        await client.send(new PutObjectCommand({ Bucket: bucket.options.bucket, Key, Body: 'x' }))
    }
    await Promise.all(Array.from({ length: 8 }, put))
    const listed = (await collect(bucket.driver.list())).map(({ key }) => key)
    expect(listed.sort()).toEqual(keys.sort())
    client.destroy()
  }, 60_000)
})

describe.skipIf(!CEPH)('signed access', () => {
  test('a part sent by its URL is found with MD5 and size, and becomes the object', async () => {
    await using bucket = await openBucket()
    const bytes = bytesOf(PART + 3)
    const ref = await toolsOf(bucket).start(bytes.length)
    const direct = directOf(bucket)
    expect(await direct.findPart(ref, 1)).toBeNull()
    for (const number of [2, 1]) {
      const body = bytes.slice((number - 1) * PART, number * PART)
      const url = await direct.signPart(ref, { number, size: body.length }, 60)
      const response = await fetch(url, { method: 'PUT', body })
      expect(response.headers.get('etag')).toBe(`"${md5Of(body)}"`)
      expect(await direct.findPart(ref, number)).toEqual({ number, size: body.length, etag: md5Of(body) })
    }
    expect(await direct.findPart(ref, 3)).toBeNull()
    const parts = [1, 2].map((number) => {
      const body = bytes.subarray((number - 1) * PART, number * PART)
      return { number, etag: md5Of(body), size: body.length }
    })
    await bucket.driver.completeUpload(ref, parts, { sha256: sha256Of(bytes) })
    expect(sha256Of(await readObject(bucket.driver, ref.key))).toBe(sha256Of(bytes))
  })

  test('a URL of a part takes no other length, number or upload', async () => {
    await using bucket = await openBucket()
    const ref = await toolsOf(bucket).start(PART)
    const url = await directOf(bucket).signPart(ref, { number: 1, size: 100 }, 60)
    const put = async (to: string, size: number): Promise<number> =>
      (await fetch(to, { method: 'PUT', body: bytesOf(size) })).status
    expect(await put(url, 101)).toBe(403)
    expect(await put(url.replace('partNumber=1', 'partNumber=2'), 100)).toBe(403)
    expect(await put(url.replace(/uploadId=[^&]+/, 'uploadId=2~other'), 100)).toBe(403)
    expect(await directOf(bucket).findPart(ref, 1)).toBeNull()
    expect(await put(url, 100)).toBe(200)
  })

  test('parts outside the plan are not signed, and an upload that is gone is not found', async () => {
    await using bucket = await openBucket()
    const ref = await toolsOf(bucket).start(PART + 5)
    const direct = directOf(bucket)
    for (const number of [0, 3, 1.5])
      await expectFault('part_number_invalid', direct.signPart(ref, { number, size: 1 }, 60))
    await expectFault('part_too_large', direct.signPart(ref, { number: 2, size: 6 }, 60))
    await bucket.driver.abortUpload(ref)
    await expectFault('upload_not_found', direct.findPart(ref, 1))
  })

  test('an object by its URL is an attachment of the name now, whole and in ranges', async () => {
    await using bucket = await openBucket()
    const key = randomIds.objectKey()
    await bucket.driver.put(key, piecesOf(bytesOf(1000)), undefined, {
      name: 'old.txt',
      mimeType: 'text/plain',
    })
    const url = await directOf(bucket).signObject(key, HTML, 60)
    const whole = await fetch(url)
    expect(whole.headers.get('content-disposition')).toBe(DISPOSITION)
    expect(whole.headers.get('content-type')).toBe('text/html')
    expect(whole.headers.get('content-length')).toBe('1000')
    expect(await whole.bytes()).toEqual(bytesOf(1000))
    const range = await fetch(url, { headers: { range: 'bytes=10-19' } })
    expect(range.status).toBe(206)
    expect(await range.bytes()).toEqual(bytesOf(1000).slice(10, 20))
  })

  test('the public URL is below the address of the CDN, or there is none', async () => {
    await using bucket = await openBucket({ publicCdnUrl: 'https://cdn.example.com/files/' })
    const key = randomIds.objectKey()
    expect(directOf(bucket).publicUrl(key)).toBe(`https://cdn.example.com/files/${key}`)
    await using none = await openBucket()
    expect(directOf(none).publicUrl(key)).toBeNull()
  })
})

describe.skipIf(!CEPH)('the truth about parts', () => {
  async function uploaded(bucket: Bucket, size = PART * 2) {
    const bytes = bytesOf(size)
    const ref = await toolsOf(bucket).start(size)
    return { bytes, ref, parts: await toolsOf(bucket).sendAll(ref, bytes) }
  }

  test('a part that was replaced past us, or reported wrongly, is part_mismatch', async () => {
    await using bucket = await openBucket()
    const { ref, parts } = await uploaded(bucket)
    const url = await directOf(bucket).signPart(ref, { number: 2, size: PART }, 60)
    await fetch(url, { method: 'PUT', body: bytesOf(PART, 77) })
    await expectFault('part_mismatch', bucket.driver.completeUpload(ref, parts))
    await toolsOf(bucket).nothingAt(ref.key)
    const found = await directOf(bucket).findPart(ref, 2)
    const repaired = [...parts.slice(0, 1), ...(found ? [found] : [])]
    expect((await bucket.driver.completeUpload(ref, repaired)).size).toBe(ref.size)
  })

  test('a part that was reported and never sent is part_mismatch', async () => {
    await using bucket = await openBucket()
    const bytes = bytesOf(PART * 2)
    const ref = await toolsOf(bucket).start(bytes.length)
    const first = await toolsOf(bucket).send(ref, bytes, 1)
    const made = { number: 2, size: PART, etag: md5Of(bytes.subarray(PART)) }
    await expectFault('part_mismatch', bucket.driver.completeUpload(ref, [first, made]))
  })

  test('a part shorter than was reported is size_mismatch', async () => {
    await using bucket = await openBucket()
    const { ref, parts } = await uploaded(bucket, PART + 100)
    const url = await directOf(bucket).signPart(ref, { number: 2, size: 50 }, 60)
    await fetch(url, { method: 'PUT', body: bytesOf(50, 77) })
    const claimed = { number: 2, size: 100, etag: md5Of(bytesOf(50, 77)) }
    const reported = [...parts.slice(0, 1), claimed]
    await expectFault('size_mismatch', bucket.driver.completeUpload(ref, reported))
  })

  test('ETags may be reported in capitals', async () => {
    await using bucket = await openBucket()
    const { ref, parts } = await uploaded(bucket)
    const shouted = parts.map((part) => ({ ...part, etag: part.etag.toUpperCase() }))
    expect((await bucket.driver.completeUpload(ref, shouted)).size).toBe(ref.size)
  })

  test('a checksum of more than is read back at once is left to be verified: null', async () => {
    await using bucket = await openBucket({ verifyInline: PART })
    const { ref, parts } = await uploaded(bucket)
    const sha256 = sha256Of(bytesOf(3))
    expect(await bucket.driver.completeUpload(ref, parts, { sha256 })).toEqual({
      size: ref.size,
      sha256: null,
    })
  })

  test('parts that race an abort leave nothing in the store', async () => {
    await using bucket = await openBucket()
    const client = sdkOf(bucket)
    for (let round = 0; round < 5; round++) {
      const ref: UploadRef = await toolsOf(bucket).start(PART * 4)
      const urls = await Promise.all(
        [1, 2, 3, 4].map((number) => directOf(bucket).signPart(ref, { number, size: PART }, 60)),
      )
      const racing = urls.map(
        async (url) => (await fetch(url, { method: 'PUT', body: bytesOf(PART) })).status,
      )
      await Bun.sleep(round * 8)
      await bucket.driver.abortUpload(ref)
      await Promise.all(racing)
      await bucket.driver.abortUpload(ref)
      const list = new ListPartsCommand({ Bucket: bucket.options.bucket, Key: ref.key, UploadId: ref.upload })
      expect(await client.send(list).catch(({ name }) => name)).toBe('NoSuchKey')
    }
    expect(await collect(bucket.driver.listUploads())).toEqual([])
    client.destroy()
  })
})

describe.skipIf(!CEPH)('bytes of unknown length', () => {
  test('sizes around the part boundary become what was sent, and the spool is empty after each', async () => {
    await using bucket = await openBucket({ ingestPartSize: PART })
    for (const size of [PART - 1, PART, PART + 1, PART * 2, PART * 3 - 7]) {
      const key = randomIds.objectKey()
      const bytes = bytesOf(size, size)
      const written = await bucket.driver.put(key, piecesOf(bytes, 777_777))
      expect(written).toMatchObject({ size, md5: md5Of(bytes), sha256: sha256Of(bytes) })
      expect(sha256Of(await readObject(bucket.driver, key))).toBe(sha256Of(bytes))
      expect(await readdir(bucket.options.spoolDir)).toEqual([])
    }
    expect(await collect(bucket.driver.listUploads())).toEqual([])
  })

  test('one piece larger than several parts is cut into them', async () => {
    await using bucket = await openBucket({ ingestPartSize: PART })
    const key = randomIds.objectKey()
    const bytes = bytesOf(PART * 3 + 5)
    await bucket.driver.put(key, piecesOf(bytes, bytes.length))
    expect(sha256Of(await readObject(bucket.driver, key))).toBe(sha256Of(bytes))
  })

  test('a body that breaks or is too long leaves neither parts nor spooled bytes', async () => {
    await using bucket = await openBucket({ ingestPartSize: PART })
    for (const cut of [300_000, PART + 5, PART * 3 - 1])
      await expectFault(
        'client_gone',
        bucket.driver.put(randomIds.objectKey(), cutAfter(bytesOf(PART * 3), cut)),
      )
    const long = piecesOf(bytesOf(PART * 3), 100_000)
    await expectFault('file_too_large', bucket.driver.put(randomIds.objectKey(), long, PART * 2 + 1))
    expect(await collect(bucket.driver.listUploads())).toEqual([])
    expect(await collect(bucket.driver.list())).toEqual([])
    expect(await readdir(bucket.options.spoolDir)).toEqual([])
  })

  test('while it is written it is no unfinished upload that a sweeper may remove', async () => {
    await using bucket = await openBucket({ ingestPartSize: PART })
    const key = randomIds.objectKey()
    let seen = -1
    async function* watched(): AsyncGenerator<Uint8Array> {
      yield* piecesOf(bytesOf(PART * 2 + 1), MiB)
      seen = (await collect(bucket.driver.listUploads())).length
    }
    await bucket.driver.put(key, watched())
    expect(seen).toBe(0)
  })

  test('what a process that died had spooled is removed at the start, and nothing else', async () => {
    const options = await bucketOptions()
    const left = `spool-${'0'.repeat(32)}`
    for (const name of [left, 'notes.txt']) await writeFile(join(options.spoolDir, name), 'x')
    await (await s3Driver(options)).close()
    expect((await readdir(options.spoolDir)).sort()).toEqual(['notes.txt', left].sort())
    await (await s3Driver({ ...options, recover: true })).close()
    expect(await readdir(options.spoolDir)).toEqual(['notes.txt'])
  })

  test('a spool directory that is missing is made, for the owner only', async () => {
    const options = await bucketOptions()
    const spoolDir = join(options.spoolDir, 'a', 'b')
    await (await s3Driver({ ...options, spoolDir })).close()
    expect(await readdir(spoolDir)).toEqual([])
  })

  test('many at once all arrive, whatever the number of requests allowed', async () => {
    await using bucket = await openBucket({ ingestPartSize: PART, concurrency: 3, sends: 2 })
    const put = async (seed: number): Promise<void> => {
      const key = randomIds.objectKey()
      const bytes = bytesOf((seed % 4) * 3 * MiB + seed, seed)
      await bucket.driver.put(key, piecesOf(bytes, 300_000))
      expect(sha256Of(await readObject(bucket.driver, key))).toBe(sha256Of(bytes))
    }
    await Promise.all(Array.from({ length: 40 }, (_, n) => put(n + 1)))
    expect(await readdir(bucket.options.spoolDir)).toEqual([])
  }, 60_000)

  test('1 GiB is written and read with little memory', async () => {
    await using bucket = await openBucket()
    const chunk = bytesOf(256 * 1024)
    const key = randomIds.objectKey()
    Bun.gc(true)
    const before = process.memoryUsage.rss()
    let peak = before
    let pieces = 0
    const look = (): void => {
      if (++pieces % 64 === 0) Bun.gc(true)
      peak = Math.max(peak, process.memoryUsage.rss())
    }
    async function* body(): AsyncGenerator<Uint8Array> {
      for await (const piece of repeated(chunk, 1024 * MiB)) {
        yield piece.slice()
        look()
      }
    }
    const written = await bucket.driver.put(key, body())
    const hasher = new Bun.CryptoHasher('sha256')
    for await (const piece of (await bucket.driver.open(key)) as ReadableStream<Uint8Array>) {
      hasher.update(piece)
      look()
    }
    expect(hasher.digest('hex')).toBe(written.sha256)
    expect(peak - before).toBeLessThan(100 * MiB)
    await bucket.driver.delete(key)
  }, 120_000)
})

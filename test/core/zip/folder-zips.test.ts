/** Archives of folders whose objects came without a checksum, or come from a store that streams. */
import { describe, expect, test } from 'bun:test'
import type { Account } from '../../../src/core/model.ts'
import { createObjectChecksums } from '../../../src/core/zip/object-checksums.ts'
import { bytesOf, crc32Of } from '../../contract/byte-sources.ts'
import { sampleBytes } from '../../support/upload.ts'
import { type CoreUnderTest, coresUnderTest, faultOf } from '../core-under-test.ts'
import { bytesOf as body } from '../upload-steps.ts'

const open = coresUnderTest()

async function filled(product: CoreUnderTest, owner: Account) {
  const folder = await product.core.folders.create(owner, {
    ...{ name: 'Box', parentId: null, visibility: 1, passwordMd5: null },
  })
  const content = {
    mimeType: null,
    uploadedIp: null,
    leastSize: 0,
    source: 'api',
    folderId: folder.id,
  } as const
  const data = sampleBytes(100_000)
  const { file } = await product.core.ingest.receive(owner, { ...content, name: 'a.bin' }, body(data))
  return { folder, file, data }
}

/** As an earlier version left it: no checksum is known. */
async function withoutCrc32(product: CoreUnderTest): Promise<void> {
  const contents = product.metadata.files.contents
  product.metadata.files.contents = async (...wanted) => {
    const found = await contents(...wanted)
    const known = await product.metadata.objects.page(0, 10)
    return found.map((file) => ({
      ...file,
      crc32: noted.has(file.objectId) ? (known.find(({ id }) => id === file.objectId)?.crc32 ?? null) : null,
    }))
  }
  const noted = new Set<number>()
  const setCrc32 = product.metadata.objects.setCrc32
  product.metadata.objects.setCrc32 = async (id, crc32) => {
    await setCrc32(id, crc32)
    noted.add(id)
  }
}

const visit = (folderId: number) => ({
  ...{ folderId, pass: null, token: null, visitor: { account: null, ip: '192.0.2.1' } },
})

const read = async (zip: Awaited<ReturnType<CoreUnderTest['core']['folderZips']['of']>>) => {
  const { body: stream, transfer } = await zip.begin()
  const bytes = await new Response(stream).bytes()
  transfer.end({ bytes: bytes.length, completed: true })
  return bytes
}

describe('an archive of a folder', () => {
  test('whose objects came without a checksum has the right one, computed once', async () => {
    const product = await open()
    const ann = await product.account('ann')
    const { folder, data } = await filled(product, ann)
    const known = await product.core.folderZips.of(visit(folder.id))
    const expected = await read(known)
    await withoutCrc32(product)
    const opened: string[] = []
    const storageOpen = product.storage.open
    product.storage.open = (key, range) => {
      opened.push(key)
      return storageOpen(key, range)
    }
    const computed = await product.core.folderZips.of(visit(folder.id))
    expect(opened).toHaveLength(1)
    expect(computed.etag).toBe(known.etag)
    await product.core.folderZips.of(visit(folder.id))
    expect(opened).toHaveLength(1)
    expect(Bun.hash(await read(computed))).toBe(Bun.hash(expected))
    expect(Buffer.from(expected).includes(Buffer.from(data))).toBe(true)
  })

  test('is the same from a store that streams', async () => {
    const product = await open()
    const ann = await product.account('ann')
    const { folder } = await filled(product, ann)
    const zip = await product.core.folderZips.of(visit(folder.id))
    const expected = await read(zip)
    const storageOpen = product.storage.open
    product.storage.open = async (key, range) => {
      const blob = await storageOpen(key, range)
      return blob instanceof Blob ? blob.stream() : blob
    }
    expect(Bun.hash(await read(zip))).toBe(Bun.hash(expected))
  })

  test('that is not read to its end holds nothing, and its client may come again', async () => {
    const product = await open()
    await product.core.packages.set('Guest', { concurrent_downloads: '1' })
    const { folder } = await filled(product, await product.account('ann'))
    const zip = await product.core.folderZips.of(visit(folder.id))
    const first = await zip.begin()
    if (first.body instanceof ReadableStream) await first.body.cancel()
    first.transfer.end({ bytes: 0, completed: false })
    expect((await read(zip)).length).toBe(zip.size)
  })
})

describe('checksums of objects', () => {
  test('that take longer than a request may wait are ready when it comes again', async () => {
    const product = await open()
    const bytes = bytesOf(2_000_000)
    const { file } = await product.core.ingest.receive(
      null,
      { ...{ name: 'a', leastSize: 0, mimeType: null, folderId: null, source: 'api', uploadedIp: '::1' } },
      body(bytes),
    )
    const found = await product.metadata.files.findWithObject(file.id)
    const object = { objectId: file.objectId, key: found?.object.key ?? '', size: file.size }
    const gate = Promise.withResolvers<void>()
    const storage = {
      open: async (...wanted: Parameters<typeof product.storage.open>) => {
        await gate.promise
        return product.storage.open(...wanted)
      },
    }
    const { metadata, log } = product
    const checksums = createObjectChecksums({ metadata, storage, log, patienceMs: 20 })
    const fault = await faultOf(checksums.of([object]), 'not_yet')
    expect(fault.retryAfter).toBe(15)
    gate.resolve()
    const patient = createObjectChecksums({ metadata, storage, log })
    expect([...(await patient.of([object]))]).toEqual([[file.objectId, crc32Of(bytes)]])
  })

  test('of bytes that are gone are a fault, also the next time', async () => {
    const product = await open()
    const { metadata, storage, log } = product
    const checksums = createObjectChecksums({ metadata, storage, log })
    const object = { objectId: 1, key: 'ab/cd/abcd0000000000000000000000000000', size: 5 }
    for (let tries = 0; tries < 2; tries++) await faultOf(checksums.of([object]), 'object_missing')
    expect(log.events).toContain('warn object_not_read')
  })
})

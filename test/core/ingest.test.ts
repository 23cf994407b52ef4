import { describe, expect, spyOn, test } from 'bun:test'
import { Fault } from '../../src/core/fault.ts'
import type { NewContent } from '../../src/core/ingest.ts'
import { crc32Of } from '../contract/byte-sources.ts'
import { md5, sampleBytes } from '../support/upload.ts'
import { type CoreUnderTest, coresUnderTest, errorOf, failOnce, faultOf, OUTAGE } from './core-under-test.ts'
import { bytesOf, stored } from './upload-steps.ts'

const open = coresUnderTest()
const CONTENT: NewContent = {
  name: 'a.txt',
  leastSize: 0,
  mimeType: 'text/plain',
  folderId: null,
  source: 'direct',
  uploadedIp: null,
}
const data = sampleBytes(250)

async function* cut(): AsyncGenerator<Uint8Array> {
  yield data.subarray(0, 100)
  throw new Fault('client_gone')
}

const nothingLeft = async ({ storage, problems }: CoreUnderTest): Promise<void> => {
  expect(await Array.fromAsync(storage.list())).toEqual([])
  expect(await problems()).toEqual([])
}

describe('a one-shot upload', () => {
  test('is a file with the bytes that came', async () => {
    const product = await open()
    const ann = await product.account('ann')
    const received = await product.core.ingest.receive(ann, CONTENT, bytesOf(data))
    expect(received.md5).toBe(md5(data))
    expect(received.file).toMatchObject({ name: 'a.txt', size: 250, accountId: ann.id, visibility: 1 })
    const found = await product.metadata.files.findWithObject(received.file.id)
    expect(found?.object.crc32).toBe(crc32Of(data))
    expect(await stored(product, found?.object.key ?? '')).toEqual(data)
    expect((await product.metadata.accounts.find(ann.id))?.storageUsed).toBe(250)
    expect(await product.problems()).toEqual([])
  })

  test('that is cut, empty or not recorded leaves nothing', async () => {
    const product = await open()
    const ann = await product.account('ann')
    await faultOf(product.core.ingest.receive(ann, CONTENT, cut()), 'client_gone')
    await faultOf(product.core.ingest.receive(ann, CONTENT, bytesOf()), 'empty_file')
    failOnce(product.metadata.files, 'add')
    expect(await errorOf(product.core.ingest.receive(ann, CONTENT, bytesOf(data)))).toEqual(OUTAGE)
    await nothingLeft(product)
    expect((await product.metadata.accounts.find(ann.id))?.storageUsed).toBe(0)
  })

  test('tells why it failed even when its bytes cannot be removed, which the next start does', async () => {
    const product = await open()
    const ann = await product.account('ann')
    failOnce(product.metadata.files, 'add', new Fault('quota_exceeded'))
    failOnce(product.storage, 'delete')
    await faultOf(product.core.ingest.receive(ann, CONTENT, bytesOf(data)), 'quota_exceeded')
    expect(product.log.events).toEqual(['warn unfinished_upload_left'])
    expect(await Array.fromAsync(product.storage.list())).toHaveLength(1)
    expect(await product.problems()).toEqual([])
    await (await product.core.sweeper.recover())()
    await nothingLeft(product)
  })

  test('whose storage is out of reach is answered at once, and swept when it is back', async () => {
    const product = await open()
    const ann = await product.account('ann')
    const upload = () => product.core.ingest.receive(ann, CONTENT, bytesOf(data))
    failOnce(product.storage, 'put', new Fault('unavailable'))
    const removal = spyOn(product.storage, 'delete')
    await faultOf(upload(), 'unavailable')
    failOnce(product.metadata.files, 'add', new Fault('unavailable'))
    await faultOf(upload(), 'unavailable')
    expect(removal).not.toHaveBeenCalled()
    expect(await Array.fromAsync(product.storage.list())).toHaveLength(1)
    removal.mockImplementationOnce(() => Promise.reject(new Fault('unavailable')))
    expect(await product.core.sweeper.sweep()).toMatchObject({ discarded: 0 })
    expect(await product.core.sweeper.sweep()).toMatchObject({ discarded: 2 })
    expect(await product.core.sweeper.sweep()).toMatchObject({ discarded: 0 })
    await nothingLeft(product)
  })

  test('beyond the quota is stopped at its first byte too many', async () => {
    const product = await open()
    await product.core.packages.add('Small', { max_storage_bytes: '200' })
    const ann = await product.account('ann', 'Small')
    await faultOf(product.core.ingest.receive(ann, CONTENT, bytesOf(data)), 'quota_exceeded')
    await nothingLeft(product)
    await product.core.ingest.receive(ann, CONTENT, bytesOf(data.subarray(0, 200)))
    await faultOf(product.core.ingest.receive(ann, CONTENT, bytesOf(data.subarray(0, 1))), 'quota_exceeded')
  })
})

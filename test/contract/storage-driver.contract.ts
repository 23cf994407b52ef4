/** What every StorageDriver must do. A driver's test is its factory and a call of this. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Fault } from '../../src/core/fault.ts'
import { randomIds } from '../../src/core/ids.ts'
import type { StorageDriver } from '../../src/core/storage.ts'
import {
  bytesOf,
  crc32Of,
  cutAfter,
  failAfter,
  md5Of,
  piecesOf,
  sha256Of,
  watchedStream,
} from './byte-sources.ts'
import {
  collect,
  type DriverTraits,
  ESCAPES,
  expectFault,
  type OpenedDriver,
  readObject,
  uploadTools,
} from './storage-tools.ts'
import { storageUploadsContract } from './storage-uploads.contract.ts'

/** Runs all cases on a driver that `open` gives. */
export function storageDriverContract(
  name: string,
  open: () => Promise<OpenedDriver>,
  traits: DriverTraits,
): void {
  storageObjectsContract(name, open, traits)
  storageUploadsContract(name, open, traits)
}

function storageObjectsContract(name: string, open: () => Promise<OpenedDriver>, traits: DriverTraits): void {
  const { partSize } = traits
  let opened: OpenedDriver
  let driver: StorageDriver
  const { start, send, nothingAt } = uploadTools(() => driver, partSize)

  beforeAll(async () => {
    opened = await open()
    driver = opened.driver
  })
  afterAll(() => opened.cleanup())

  describe(`${name}: whole objects`, () => {
    test('what was put is what is read, with size and both hashes', async () => {
      const key = randomIds.objectKey()
      const bytes = bytesOf(300_001)
      const written = await driver.put(key, piecesOf(bytes))
      expect(written).toMatchObject({ size: 300_001, md5: md5Of(bytes), sha256: sha256Of(bytes) })
      expect(written.crc32 ?? crc32Of(bytes)).toBe(crc32Of(bytes))
      expect(await readObject(driver, key)).toEqual(bytes)
      expect(await driver.head(key)).toEqual({ key, size: 300_001 })
    })

    test('a ReadableStream is as good as an iterator', async () => {
      const key = randomIds.objectKey()
      const bytes = bytesOf(150_000)
      await driver.put(key, new Blob([bytes]).stream())
      expect(await readObject(driver, key)).toEqual(bytes)
    })

    test('an empty object is an object', async () => {
      const key = randomIds.objectKey()
      const empty = new Uint8Array(0)
      const written = await driver.put(key, piecesOf(empty))
      expect(written).toMatchObject({ size: 0, md5: md5Of(empty), sha256: sha256Of(empty) })
      expect(written.crc32 ?? 0).toBe(0)
      expect(await driver.head(key)).toEqual({ key, size: 0 })
      expect((await readObject(driver, key)).length).toBe(0)
    })

    test('a reader that is already open sees the old object whole while it is replaced', async () => {
      const key = randomIds.objectKey()
      const old = bytesOf(2_000_000, 1)
      await driver.put(key, piecesOf(old))
      const source = await driver.open(key)
      const reader = (source instanceof Blob ? source.stream() : source).getReader()
      const first = await reader.read()
      await driver.put(key, piecesOf(bytesOf(2_000_000, 2)))
      const seen = [first.value ?? new Uint8Array(0)]
      for (let next = await reader.read(); !next.done; next = await reader.read()) seen.push(next.value)
      expect(sha256Of(Buffer.concat(seen))).toBe(sha256Of(old))
      expect(await readObject(driver, key)).toEqual(bytesOf(2_000_000, 2))
    })

    test('a missing object is a Fault to open, null to head, and nothing to delete', async () => {
      const key = randomIds.objectKey()
      await nothingAt(key)
      await driver.delete(key)
      await nothingAt(key)
    })

    test('a deleted object is gone', async () => {
      const key = randomIds.objectKey()
      await driver.put(key, piecesOf(bytesOf(10)))
      await driver.delete(key)
      await nothingAt(key)
    })

    test('ranges give exactly the bytes from first to last, both included', async () => {
      const key = randomIds.objectKey()
      const bytes = bytesOf(100_000)
      await driver.put(key, piecesOf(bytes))
      for (const [start, end] of [
        [0, 0],
        [99_999, 99_999],
        [0, 99_999],
        [50_000, 50_000],
        [12_345, 67_890],
      ] as const)
        expect(await readObject(driver, key, { start, end })).toEqual(bytes.subarray(start, end + 1))
    })

    test('a range of a missing object is object_missing', async () => {
      await expectFault('object_missing', driver.open(randomIds.objectKey(), { start: 0, end: 9 }))
    })

    test('a body that is cut leaves nothing', async () => {
      const key = randomIds.objectKey()
      await expectFault('client_gone', driver.put(key, cutAfter(bytesOf(100_000), 50_000)))
      await nothingAt(key)
    })

    test('a Fault of the body passes through unchanged', async () => {
      const key = randomIds.objectKey()
      const stalled = new Fault('upload_stalled')
      expect(await expectFault('upload_stalled', driver.put(key, failAfter(bytesOf(9), 5, stalled)))).toBe(
        stalled,
      )
      await nothingAt(key)
    })

    test('an unknown error of the body is not taken for a client that went away', async () => {
      const broken = new TypeError('a defect')
      await expect(driver.put(randomIds.objectKey(), failAfter(bytesOf(9), 5, broken))).rejects.toBe(broken)
    })

    test('a body of exactly the limit is kept, one byte more leaves nothing', async () => {
      const key = randomIds.objectKey()
      await driver.put(key, piecesOf(bytesOf(50_000)), 50_000)
      expect(await driver.head(key)).toEqual({ key, size: 50_000 })
      const other = randomIds.objectKey()
      await expectFault('file_too_large', driver.put(other, piecesOf(bytesOf(50_001)), 50_000))
      await nothingAt(other)
    })

    test('a failed put leaves the object that was there', async () => {
      const key = randomIds.objectKey()
      await driver.put(key, piecesOf(bytesOf(1000)))
      await expectFault('client_gone', driver.put(key, cutAfter(bytesOf(100_000, 2), 50_000)))
      expect(await readObject(driver, key)).toEqual(bytesOf(1000))
    })

    test('a body that is too long is cancelled and not read on', async () => {
      const { seen, stream } = watchedStream(bytesOf(1000), 1_000_000)
      await expectFault('file_too_large', driver.put(randomIds.objectKey(), stream, 5000))
      expect(seen.cancelled).toBe(true)
      expect(seen.pulled).toBeLessThan(20)
    })

    test('keys that try to escape are refused by every method', async () => {
      const plan = { size: 1, partSize: 1 }
      for (const key of ESCAPES) {
        await expectFault('invalid', () => driver.put(key, piecesOf(bytesOf(1))))
        await expectFault('invalid', () => driver.open(key))
        await expectFault('invalid', () => driver.head(key))
        await expectFault('invalid', () => driver.delete(key))
        await expectFault('invalid', () => driver.createUpload(key, plan))
      }
    })

    test('the list has every object once and nothing else', async () => {
      const before = await collect(driver.list())
      const keys = Array.from({ length: 20 }, () => randomIds.objectKey())
      await Promise.all(keys.map((key, size) => driver.put(key, piecesOf(bytesOf(size)))))
      const unfinished = await start(partSize)
      await send(unfinished, bytesOf(partSize), 1)
      await driver.delete(keys[3] ?? '')
      const listed = await collect(driver.list())
      const expected = keys.flatMap((key, size) => (size === 3 ? [] : [{ key, size }]))
      const byKey = (a: { key: string }, b: { key: string }): number => (a.key < b.key ? -1 : 1)
      expect(listed.sort(byKey)).toEqual([...before, ...expected].sort(byKey))
      await driver.abortUpload(unfinished)
    })

    test('free bytes are a number or unknown', async () => {
      const free = await driver.freeBytes()
      expect(free === null || (Number.isInteger(free) && free > 0)).toBe(true)
    })
  })
}

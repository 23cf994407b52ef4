/** What every StorageDriver must do with uploads in parts. Called by the contract of the whole driver. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Fault, type FaultCode } from '../../src/core/fault.ts'
import { randomIds } from '../../src/core/ids.ts'
import type { ByteSource, StorageDriver, StoredPart } from '../../src/core/storage.ts'
import {
  bytesOf,
  crc32Of,
  cutAfter,
  failAfter,
  md5Of,
  piecesOf,
  repeated,
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

export function storageUploadsContract(
  name: string,
  open: () => Promise<OpenedDriver>,
  traits: DriverTraits,
): void {
  const { partSize } = traits
  let opened: OpenedDriver
  let driver: StorageDriver
  const { start, slice, send, sendAll, uploadNames, nothingAt } = uploadTools(() => driver, partSize)
  /** What a completion tells of bytes whose checksum was not given. */
  const unasked = (bytes: Uint8Array): string | null => (traits.hashesUnasked ? sha256Of(bytes) : null)

  beforeAll(async () => {
    opened = await open()
    driver = opened.driver
  })
  afterAll(() => opened.cleanup())

  describe(`${name}: uploads in parts`, () => {
    test('parts in order become the object, with the MD5 of each and the SHA-256 of all', async () => {
      const bytes = bytesOf(partSize * 2 + 777)
      const ref = await start(bytes.length)
      const parts = await sendAll(ref, bytes)
      expect(parts).toEqual(
        [1, 2, 3].map((number) => {
          const part = slice(bytes, number)
          return { number, etag: md5Of(part), size: part.length }
        }),
      )
      const done = await driver.completeUpload(ref, parts, { sha256: sha256Of(bytes) })
      expect(done).toMatchObject({ size: bytes.length, sha256: sha256Of(bytes) })
      expect(done.crc32 ?? crc32Of(bytes)).toBe(crc32Of(bytes))
      expect(sha256Of(await readObject(driver, ref.key))).toBe(sha256Of(bytes))
      expect(await uploadNames()).not.toContain(ref.upload)
    })

    test('parts out of order and at once become the same object', async () => {
      const bytes = bytesOf(partSize * 5 + 1, 3)
      const ref = await start(bytes.length)
      const parts = await Promise.all([6, 2, 4, 1, 5, 3].map((number) => send(ref, bytes, number)))
      const done = await driver.completeUpload(ref, parts)
      expect(done.sha256).toBe(unasked(bytes))
      expect(sha256Of(await readObject(driver, ref.key))).toBe(sha256Of(bytes))
    })

    test('nothing is visible before complete', async () => {
      const bytes = bytesOf(partSize)
      const ref = await start(bytes.length)
      await sendAll(ref, bytes)
      await nothingAt(ref.key)
      await driver.abortUpload(ref)
    })

    test('an empty file completes with its one empty part or with none', async () => {
      const one = await start(0)
      const part = await driver.putPart(one, { number: 1, size: 0 }, piecesOf(new Uint8Array(0)))
      const empty = { size: 0, sha256: unasked(new Uint8Array(0)) }
      expect(await driver.completeUpload(one, [part])).toMatchObject(empty)
      const none = await start(0)
      expect(await driver.completeUpload(none, [])).toMatchObject(empty)
      expect(await driver.head(none.key)).toEqual({ key: none.key, size: 0 })
    })

    test('a part sent again replaces the first, even after hashing had passed it', async () => {
      const first = bytesOf(partSize * 3, 4)
      const second = bytesOf(partSize * 3, 5)
      const ref = await start(first.length)
      const parts: StoredPart[] = []
      for (const number of [1, 2, 3]) {
        parts.push(await send(ref, first, number))
        driver.hashAhead?.(ref, number)
      }
      const replaced = await send(ref, second, 2)
      driver.hashAhead?.(ref, 3)
      const whole = Buffer.concat([slice(first, 1), slice(second, 2), slice(first, 3)])
      const done = await driver.completeUpload(ref, [
        parts[0] as StoredPart,
        replaced,
        parts[2] as StoredPart,
      ])
      expect(done.sha256).toBe(unasked(whole))
      expect(sha256Of(await readObject(driver, ref.key))).toBe(sha256Of(whole))
    })

    const badBodies: Array<[string, FaultCode, (part: Uint8Array) => ByteSource]> = [
      [
        'too long by one byte',
        'part_too_large',
        (part) => piecesOf(Buffer.concat([part, new Uint8Array(1)])),
      ],
      [
        'too long in one piece',
        'part_too_large',
        (part) => piecesOf(bytesOf(part.length * 3, 9), part.length * 3),
      ],
      ['too short by one byte', 'part_too_small', (part) => piecesOf(part.subarray(1))],
      ['empty', 'part_too_small', () => piecesOf(new Uint8Array(0))],
      ['cut half way', 'client_gone', (part) => cutAfter(part, part.length / 2)],
      ['stalled', 'upload_stalled', (part) => failAfter(part, 1, new Fault('upload_stalled'))],
    ]
    for (const [what, code, body] of badBodies)
      test(`a body that is ${what} is ${code}, and its neighbours are untouched`, async () => {
        const bytes = bytesOf(partSize * 3, 6)
        const ref = await start(bytes.length)
        const parts = [await send(ref, bytes, 1), await send(ref, bytes, 3)]
        const wrong = bytesOf(partSize, 7)
        await expectFault(code, driver.putPart(ref, { number: 2, size: partSize }, body(wrong)))
        parts.push(await send(ref, bytes, 2))
        expect((await driver.completeUpload(ref, parts)).sha256).toBe(unasked(bytes))
      })

    test('a part that is too long is cancelled and not read on', async () => {
      const ref = await start(partSize * 2)
      const { seen, stream } = watchedStream(bytesOf(partSize), 1_000_000)
      await expectFault('part_too_large', driver.putPart(ref, { number: 1, size: partSize }, stream))
      expect(seen.cancelled).toBe(true)
      expect(seen.pulled).toBeLessThan(20)
      await driver.abortUpload(ref)
    })

    test('a part number outside the plan, or a size beyond it, is refused', async () => {
      const ref = await start(partSize * 2 + 5)
      const body = (): ByteSource => piecesOf(bytesOf(5))
      for (const number of [0, -1, 4, 1.5, Number.NaN])
        await expectFault('part_number_invalid', driver.putPart(ref, { number, size: 5 }, body()))
      await expectFault('part_too_large', driver.putPart(ref, { number: 3, size: 6 }, body()))
      await expectFault('part_too_large', driver.putPart(ref, { number: 1, size: partSize + 1 }, body()))
      await driver.abortUpload(ref)
    })

    test('complete with a missing, doubled or shortened part is size_mismatch and can be repaired', async () => {
      const bytes = bytesOf(partSize * 2 + 9)
      const ref = await start(bytes.length)
      const parts = await sendAll(ref, bytes)
      const [one, two, three] = parts as [StoredPart, StoredPart, StoredPart]
      for (const bad of [
        [one, three],
        [],
        [one, one, three],
        [one, two, three, three],
        [one, two, { ...three, size: 8 }],
      ])
        await expectFault('size_mismatch', driver.completeUpload(ref, bad))
      await nothingAt(ref.key)
      expect((await driver.completeUpload(ref, parts)).sha256).toBe(unasked(bytes))
    })

    test('a wrong checksum leaves no object and no upload', async () => {
      const bytes = bytesOf(partSize + 1)
      const ref = await start(bytes.length)
      const parts = await sendAll(ref, bytes)
      const sha256 = sha256Of(bytesOf(3))
      await expectFault('checksum_mismatch', driver.completeUpload(ref, parts, { sha256 }))
      await nothingAt(ref.key)
      expect(await uploadNames()).not.toContain(ref.upload)
      await expectFault('upload_not_found', driver.completeUpload(ref, parts))
    })

    test('a checksum in capitals is the same checksum', async () => {
      const bytes = bytesOf(100)
      const ref = await start(bytes.length)
      const sha256 = sha256Of(bytes).toUpperCase()
      const done = await driver.completeUpload(ref, await sendAll(ref, bytes), { sha256 })
      expect(done.sha256).toBe(sha256Of(bytes))
    })

    test('complete can be repeated by a caller that died before it heard the answer', async () => {
      const bytes = bytesOf(partSize * 2)
      const ref = await start(bytes.length)
      const parts = await sendAll(ref, bytes)
      const first = await driver.completeUpload(ref, parts)
      const sha256 = sha256Of(bytes)
      expect(await driver.completeUpload(ref, parts, { sha256 })).toMatchObject({ ...first, sha256 })
      expect(sha256Of(await readObject(driver, ref.key))).toBe(sha256)
    })

    test('two completes at once give the same answer', async () => {
      const bytes = bytesOf(partSize * 3, 8)
      const ref = await start(bytes.length)
      const parts = await sendAll(ref, bytes)
      const both = await Promise.all([driver.completeUpload(ref, parts), driver.completeUpload(ref, parts)])
      const right = { size: bytes.length, sha256: unasked(bytes) }
      expect(both).toMatchObject([right, right])
      expect(sha256Of(await readObject(driver, ref.key))).toBe(sha256Of(bytes))
    })

    test('abort removes everything, twice is fine, and later calls find no upload', async () => {
      const bytes = bytesOf(partSize)
      const ref = await start(bytes.length)
      const parts = await sendAll(ref, bytes)
      expect(await uploadNames()).toContain(ref.upload)
      await driver.abortUpload(ref)
      await driver.abortUpload(ref)
      expect(await uploadNames()).not.toContain(ref.upload)
      await expectFault('upload_not_found', send(ref, bytes, 1))
      expect(await uploadNames()).not.toContain(ref.upload)
      await expectFault('upload_not_found', driver.completeUpload(ref, parts))
      await nothingAt(ref.key)
    })

    test('abort after complete leaves the object', async () => {
      const bytes = bytesOf(partSize)
      const ref = await start(bytes.length)
      await driver.completeUpload(ref, await sendAll(ref, bytes))
      await driver.abortUpload(ref)
      expect(await readObject(driver, ref.key)).toEqual(bytes)
    })

    test('a part that is under way when the upload is aborted is not acknowledged', async () => {
      const ref = await start(partSize)
      async function* abortedMeanwhile(): AsyncGenerator<Uint8Array> {
        yield bytesOf(partSize - 1)
        await driver.abortUpload(ref)
        yield bytesOf(1)
      }
      const part = { number: 1, size: partSize }
      await expectFault('upload_not_found', driver.putPart(ref, part, abortedMeanwhile()))
      expect(await uploadNames()).not.toContain(ref.upload)
    })

    test('names of uploads that try to escape are not found', async () => {
      for (const upload of ESCAPES) {
        const ref = { key: randomIds.objectKey(), upload, size: 1, partSize }
        const part = { number: 1, size: 1 }
        await expectFault('upload_not_found', driver.putPart(ref, part, piecesOf(bytesOf(1))))
        const stored = [{ ...part, etag: md5Of(bytesOf(1)) }]
        await expectFault('upload_not_found', driver.completeUpload(ref, stored))
      }
    })

    test('two uploads to one key do not mix', async () => {
      const key = randomIds.objectKey()
      const mine = bytesOf(partSize * 2, 10)
      const theirs = bytesOf(partSize * 2, 11)
      const [one, two] = [await start(mine.length, key), await start(theirs.length, key)]
      const first = await Promise.all([send(one, mine, 1), send(two, theirs, 1)])
      const second = await Promise.all([send(one, mine, 2), send(two, theirs, 2)])
      expect((await driver.completeUpload(one, [first[0], second[0]])).sha256).toBe(unasked(mine))
      expect(await readObject(driver, key)).toEqual(mine)
      expect((await driver.completeUpload(two, [first[1], second[1]])).sha256).toBe(unasked(theirs))
      expect(await readObject(driver, key)).toEqual(theirs)
    })

    test('open uploads are listed with when they were last written to', async () => {
      const ref = await start(partSize)
      const found = (await collect(driver.listUploads())).find(({ upload }) => upload === ref.upload)
      expect(found?.modifiedAt).toBeInstanceOf(Date)
      expect(found?.modifiedAt.getTime()).toBeGreaterThan(0)
      await driver.abortUpload(ref)
    })

    // Elsewhere it would be ten thousand times the least part.
    if (traits.tinyParts)
      test('ten thousand parts make one object', async () => {
        const bytes = bytesOf(29_999)
        const key = randomIds.objectKey()
        const plan = { size: bytes.length, partSize: 3 }
        const ref = { key, upload: await driver.createUpload(key, plan), ...plan }
        const numbers = Array.from({ length: 10_000 }, (_, index) => 10_000 - index).values()
        const parts: StoredPart[] = []
        const sender = async (): Promise<void> => {
          for (const number of numbers) {
            const body = bytes.subarray((number - 1) * 3, number * 3)
            parts.push(await driver.putPart(ref, { number, size: body.length }, piecesOf(body)))
          }
        }
        await Promise.all(Array.from({ length: 8 }, sender))
        expect(await driver.completeUpload(ref, parts)).toMatchObject({
          size: 29_999,
          sha256: sha256Of(bytes),
        })
        expect(await readObject(driver, key)).toEqual(bytes)
      }, 120_000)

    test('memory stays bounded while a part of 512 MiB streams in', async () => {
      const size = 512 * 1024 * 1024
      const key = randomIds.objectKey()
      const plan = { size, partSize: size }
      const ref = { key, upload: await driver.createUpload(key, plan), ...plan }
      const chunk = bytesOf(256 * 1024)
      Bun.gc(true)
      const before = process.memoryUsage.rss()
      let peak = before
      let pieces = 0
      async function* watched(): AsyncGenerator<Uint8Array> {
        for await (const piece of repeated(chunk, size)) {
          // A fresh copy each time, as a socket gives them; what was dropped of them does not count.
          yield piece.slice()
          if (++pieces % 64 === 0) Bun.gc(true)
          peak = Math.max(peak, process.memoryUsage.rss())
        }
      }
      await driver.putPart(ref, { number: 1, size }, watched())
      expect(peak - before).toBeLessThan(100 * 1024 * 1024)
      await driver.abortUpload(ref)
    }, 60_000)
  })
}

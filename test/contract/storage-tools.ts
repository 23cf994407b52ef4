/** What the cases of the storage contract share. */
import { expect } from 'bun:test'
import { type Fault, type FaultCode, isFault } from '../../src/core/fault.ts'
import { randomIds } from '../../src/core/ids.ts'
import type { StorageDriver, StoredPart, UploadRef } from '../../src/core/storage.ts'
import { piecesOf } from './byte-sources.ts'

export interface OpenedDriver {
  driver: StorageDriver
  cleanup(): Promise<void>
}

export interface DriverTraits {
  /** A part size the driver takes for parts that are not the last. */
  partSize: number
  /** True when parts can be so small that 10,000 of them make a quick test. */
  tinyParts: boolean
  /** True when completeUpload tells the SHA-256 even if nobody gave one to compare with. */
  hashesUnasked: boolean
}

/** The bytes of an object, whole or a range. */
export async function readObject(
  driver: StorageDriver,
  key: string,
  range?: { start: number; end: number },
): Promise<Uint8Array> {
  return new Response(await driver.open(key, range)).bytes()
}

/** Expects a Fault of one code and returns it. */
export async function expectFault(code: FaultCode, work: Promise<unknown> | (() => unknown)): Promise<Fault> {
  try {
    await (typeof work === 'function' ? work() : work)
  } catch (error) {
    if (!isFault(error, code)) throw error
    return error
  }
  throw new Error(`expected Fault ${code}, but it succeeded`)
}

/** All items of an iteration. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** Names that must never reach the file system. */
export const ESCAPES = [
  '../../etc/passwd',
  '/etc/passwd',
  '',
  '.',
  'ab/cd/../../x',
  'ab/cd/xy\0',
  'AB/CD/x',
  'ab//cd',
]

/** Shorthand for uploads of one driver, which is opened after the cases are declared. */
export function uploadTools(driver: () => StorageDriver, partSize: number) {
  const slice = (bytes: Uint8Array, number: number): Uint8Array =>
    bytes.subarray((number - 1) * partSize, number * partSize)
  const send = (ref: UploadRef, bytes: Uint8Array, number: number): Promise<StoredPart> => {
    const part = slice(bytes, number)
    return driver().putPart(ref, { number, size: part.length }, piecesOf(part))
  }
  return {
    slice,
    send,
    async start(size: number, key = randomIds.objectKey()): Promise<UploadRef> {
      return { key, upload: await driver().createUpload(key, { size, partSize }), size, partSize }
    },
    async sendAll(ref: UploadRef, bytes: Uint8Array): Promise<StoredPart[]> {
      const parts: StoredPart[] = []
      for (let number = 1; number <= Math.ceil(bytes.length / partSize); number++)
        parts.push(await send(ref, bytes, number))
      return parts
    },
    async uploadNames(): Promise<string[]> {
      return (await collect(driver().listUploads())).map(({ upload }) => upload)
    },
    async nothingAt(key: string): Promise<void> {
      expect(await driver().head(key)).toBeNull()
      await expectFault('object_missing', driver().open(key))
    },
  }
}

/** Whether a file is the one of which parts have arrived. */
import { expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { holdsParts } from '../../src/web/ui/upload/compare.ts'
import { sampleBytes } from '../support/upload.ts'

const hashed = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')

test('a part of any length is known by its MD5, also when it is read in several pieces', async () => {
  const lengths = [...Array.from({ length: 300 }, (_, index) => index + 1), 5_000_001]
  for (const size of lengths) {
    const bytes = sampleBytes(size)
    const part = { number: 1, etag: hashed(bytes), size }
    expect([size, await holdsParts(new Blob([Buffer.from(bytes)]), size, [part])]).toEqual([size, true])
  }
})

test('a file goes on only when all that has arrived is in it at its place', async () => {
  const bytes = sampleBytes(7_000_000)
  const partSize = 3_000_000
  const part = (number: number) => {
    const some = bytes.subarray((number - 1) * partSize, number * partSize)
    return { number, etag: hashed(some), size: some.length }
  }
  const file = new Blob([Buffer.from(bytes)])
  expect(await holdsParts(file, partSize, [])).toBe(true)
  expect(await holdsParts(file, partSize, [part(1), part(3)])).toBe(true)
  const changed = Buffer.from(bytes)
  changed[6_500_000] = (changed[6_500_000] ?? 0) ^ 1
  expect(await holdsParts(new Blob([changed]), partSize, [part(1), part(2)])).toBe(true)
  expect(await holdsParts(new Blob([changed]), partSize, [part(1), part(3)])).toBe(false)
  expect(await holdsParts(file.slice(0, 6_000_000), partSize, [part(3)])).toBe(false)
  expect(await holdsParts(file, partSize, [{ ...part(1), etag: `${part(1).etag}-1` }])).toBe(false)
})

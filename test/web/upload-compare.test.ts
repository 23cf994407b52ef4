/** Whether a file is the one of which parts have arrived. */
import { expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { holdsParts } from '../../src/web/ui/upload/compare.ts'
import { createMd5 } from '../../src/web/ui/upload/md5.ts'
import { sampleBytes } from '../support/upload.ts'

const hashed = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex')

test('the MD5 of the page is that of everybody, for every length and however it is cut', () => {
  const bytes = sampleBytes(300)
  for (let length = 0; length <= 300; length++) {
    const md5 = createMd5()
    for (let at = 0; at < length; at += 1 + (length % 77)) {
      md5.update(bytes.subarray(at, Math.min(length, at + 1 + (length % 77))))
    }
    expect(md5.hex()).toBe(hashed(bytes.subarray(0, length)))
  }
  const long = sampleBytes(5_000_001)
  const whole = createMd5()
  whole.update(long)
  expect(whole.hex()).toBe(hashed(long))
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

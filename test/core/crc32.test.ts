import { expect, test } from 'bun:test'
import { Crc32 } from '../../src/core/crc32.ts'
import { bytesOf, crc32Of } from '../contract/byte-sources.ts'

const crcOf = (...pieces: Uint8Array[]): number => {
  const crc = new Crc32()
  for (const piece of pieces) crc.update(piece)
  return crc.value
}

test('is the one of the standard', () => {
  expect(crcOf(new TextEncoder().encode('123456789'))).toBe(0xcbf43926)
  expect(crcOf()).toBe(0)
  expect(crcOf(new Uint8Array(0))).toBe(0)
  for (const length of [1, 2, 63, 64, 65, 4097, 100_003])
    expect(crcOf(bytesOf(length, length))).toBe(crc32Of(bytesOf(length, length)))
})

test('does not depend on where the pieces begin', () => {
  const bytes = bytesOf(10_000, 3)
  const whole = crc32Of(bytes)
  for (const at of [0, 1, 7, 64, 5000, 9999, 10_000])
    expect(crcOf(bytes.subarray(0, at), bytes.subarray(at))).toBe(whole)
})

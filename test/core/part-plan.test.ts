import { describe, expect, test } from 'bun:test'
import {
  isPartNumber,
  LARGEST_FILE,
  MAX_PARTS,
  partCount,
  partLength,
  partSizeFor,
} from '../../src/core/part-plan.ts'

const MiB = 2 ** 20
const GiB = 2 ** 30
const TiB = 2 ** 40

describe('the part size', () => {
  const table: Array<[what: string, size: number, configured: number, expected: number]> = [
    ['the example of the API', 10_737_418_240, 64 * MiB, 67_108_864],
    ['a small file', 1, 64 * MiB, 64 * MiB],
    ['a small file and the least configured size that grows', 1, 8 * MiB, 16 * MiB],
    ['2 GiB exactly', 2 * GiB, 8 * MiB, 16 * MiB],
    ['more than 2 GiB', 2 * GiB + 1, 8 * MiB, 64 * MiB],
    ['more than 2 GiB and a larger configured size', 2 * GiB + 1, 100 * MiB, 100 * MiB],
    ['20 GiB exactly', 20 * GiB, 64 * MiB, 64 * MiB],
    ['more than 20 GiB', 20 * GiB + 1, 64 * MiB, 128 * MiB],
    ['more than 20 GiB and a larger configured size', 20 * GiB + 1, 256 * MiB, 256 * MiB],
    ['as many parts as there may be', 10_000 * 128 * MiB, 64 * MiB, 128 * MiB],
    ['one byte more: a whole MiB more', 10_000 * 128 * MiB + 1, 64 * MiB, 129 * MiB],
    ['2 TiB, in whole MiB', 2 * TiB, 64 * MiB, 210 * MiB],
    ['the largest file', LARGEST_FILE, 64 * MiB, 5 * GiB],
    ['a configured size above the largest part', 1, 6 * GiB, 5 * GiB],
    ['a configured size below 8 MiB, as it is', 20 * GiB, 8 * MiB - 1, 8 * MiB - 1],
    ['a tiny configured size, as it is', 655_360_000, 65_536, 65_536],
    ['a tiny configured size with too many parts', 655_360_001, 65_536, 65_537],
    ['one byte parts', 10, 1, 1],
  ]
  test.each(table)('of %s', (_what, size, configured, expected) => {
    expect(partSizeFor(size, configured)).toBe(expected)
  })

  test('never makes more than 10,000 parts nor a part above 5 GiB', () => {
    for (let size = 1; size <= LARGEST_FILE; size = size * 3 + 1) {
      for (const configured of [1, 65_536, 8 * MiB, 64 * MiB, 5 * GiB]) {
        const partSize = partSizeFor(size, configured)
        expect(partCount({ expectedSize: size, partSize })).toBeLessThanOrEqual(MAX_PARTS)
        expect(partSize).toBeLessThanOrEqual(5 * GiB)
      }
    }
  })
})

describe('a plan', () => {
  const plan = { expectedSize: 250, partSize: 100 }

  test('covers the file without gap or overlap', () => {
    expect(partCount(plan)).toBe(3)
    expect([1, 2, 3].map((number) => partLength(plan, number))).toEqual([100, 100, 50])
    expect(partLength({ expectedSize: 200, partSize: 100 }, 2)).toBe(100)
    expect(partCount({ expectedSize: 200, partSize: 100 })).toBe(2)
  })

  test('knows its part numbers', () => {
    const numbers = [0, 1, 2, 3, 4, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]
    expect(numbers.filter((number) => isPartNumber(plan, number))).toEqual([1, 2, 3])
  })
})

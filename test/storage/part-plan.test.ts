import { expect, test } from 'bun:test'
import { isFault } from '../../src/core/fault.ts'
import { checkCovered, partOffset, prefixLength } from '../../src/storage/part-plan.ts'

const plan = { size: 25, partSize: 10 }
const part = (number: number, size: number) => ({ number, size, etag: '' })
const codeOf = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    if (isFault(error)) return error.code
    throw error
  }
  return 'fine'
}

test('parts lie one behind the other', () => {
  expect([1, 2, 3].map((number) => partOffset(plan, { number, size: 5 }))).toEqual([0, 10, 20])
})

test('no part reaches into the next one or past the end', () => {
  expect(codeOf(() => partOffset(plan, { number: 1, size: 11 }))).toBe('part_too_large')
  expect(codeOf(() => partOffset(plan, { number: 3, size: 6 }))).toBe('part_too_large')
  expect(codeOf(() => partOffset(plan, { number: 4, size: 0 }))).toBe('part_number_invalid')
})

test('offsets stay exact for the largest files', () => {
  const huge = { size: 10_000 * 5 * 1024 ** 3, partSize: 5 * 1024 ** 3 }
  expect(partOffset(huge, { number: 10_000, size: huge.partSize })).toBe(9_999 * 5 * 1024 ** 3)
})

test('the first parts together never hold more than the file', () => {
  expect([0, 1, 2, 3, 4].map((parts) => prefixLength(plan, parts))).toEqual([0, 10, 20, 25, 25])
})

const covers: Array<[string, ReturnType<typeof part>[], string]> = [
  ['all parts', [part(3, 5), part(1, 10), part(2, 10)], 'fine'],
  ['a missing part', [part(1, 10), part(2, 10)], 'size_mismatch'],
  ['a part twice', [part(1, 10), part(1, 10), part(3, 5)], 'size_mismatch'],
  ['a part too many', [part(1, 10), part(2, 10), part(3, 5), part(4, 0)], 'size_mismatch'],
  ['a short part', [part(1, 9), part(2, 10), part(3, 5)], 'size_mismatch'],
  ['sizes that add up by chance', [part(1, 10), part(2, 5), part(3, 10)], 'size_mismatch'],
  ['none', [], 'size_mismatch'],
]
for (const [what, parts, outcome] of covers)
  test(`${what}: ${outcome}`, () => {
    expect(codeOf(() => checkCovered(plan, parts))).toBe(outcome)
  })

test('an empty file is covered by one empty part or by none, not by two', () => {
  const empty = { size: 0, partSize: 10 }
  expect(codeOf(() => checkCovered(empty, []))).toBe('fine')
  expect(codeOf(() => checkCovered(empty, [part(1, 0)]))).toBe('fine')
  expect(codeOf(() => checkCovered(empty, [part(1, 0), part(2, 0)]))).toBe('size_mismatch')
})

import { expect, test } from 'bun:test'
import { createHotObjects, HOT_OVERHEAD_BYTES } from '../../../src/storage/local/hot-objects.ts'

const KiB = 1024
const blob = (size: number): Blob => new Blob([new Uint8Array(size)])

test('what was asked for longest ago makes room for what is new', () => {
  const hot = createHotObjects(100 * KiB)
  for (const key of ['a', 'b', 'c']) hot.keep(key, blob(30 * KiB - HOT_OVERHEAD_BYTES))
  expect(hot.get('a')?.size).toBe(29 * KiB)
  hot.keep('d', blob(40 * KiB - HOT_OVERHEAD_BYTES))
  expect(['a', 'b', 'c', 'd'].filter((key) => hot.get(key) !== null)).toEqual(['a', 'c', 'd'])
})

test('a key that is kept again or forgotten gives its room back', () => {
  const hot = createHotObjects(100 * KiB)
  for (let times = 0; times < 10; times++) hot.keep('a', blob(60 * KiB - HOT_OVERHEAD_BYTES))
  hot.keep('b', blob(40 * KiB - HOT_OVERHEAD_BYTES))
  expect([hot.get('a')?.size, hot.get('b')?.size]).toEqual([59 * KiB, 39 * KiB])
  hot.forget('a')
  hot.forget('a')
  hot.keep('c', blob(60 * KiB - HOT_OVERHEAD_BYTES))
  expect([hot.get('a'), hot.get('b')?.size, hot.get('c')?.size]).toEqual([null, 39 * KiB, 59 * KiB])
})

test('what alone is more than there is room for is not kept', () => {
  const hot = createHotObjects(100 * KiB)
  hot.keep('a', blob(101 * KiB - HOT_OVERHEAD_BYTES))
  expect(hot.get('a')).toBeNull()
})

test('ones of no bytes take room as well', () => {
  const hot = createHotObjects(10 * KiB)
  for (let number = 0; number < 100; number++) hot.keep(String(number), blob(0))
  expect(Array.from({ length: 100 }, (_, number) => hot.get(String(number))).filter(Boolean).length).toBe(10)
})

import { expect, test } from 'bun:test'
import { createHotObjects } from '../../../src/storage/local/hot-objects.ts'

const blob = (size: number): Blob => new Blob([new Uint8Array(size)])

test('what was asked for longest ago makes room for what is new', () => {
  const hot = createHotObjects(100)
  for (const key of ['a', 'b', 'c']) hot.keep(key, blob(30))
  expect(hot.get('a')?.size).toBe(30)
  hot.keep('d', blob(40))
  expect(['a', 'b', 'c', 'd'].filter((key) => hot.get(key) !== null)).toEqual(['a', 'c', 'd'])
})

test('a key that is kept again or forgotten gives its room back', () => {
  const hot = createHotObjects(100)
  for (let times = 0; times < 10; times++) hot.keep('a', blob(60))
  hot.keep('b', blob(40))
  expect([hot.get('a')?.size, hot.get('b')?.size]).toEqual([60, 40])
  hot.forget('a')
  hot.forget('a')
  hot.keep('c', blob(60))
  expect([hot.get('a'), hot.get('b')?.size, hot.get('c')?.size]).toEqual([null, 40, 60])
})

test('what alone is more than there is room for is not kept', () => {
  const hot = createHotObjects(100)
  hot.keep('a', blob(101))
  expect(hot.get('a')).toBeNull()
})

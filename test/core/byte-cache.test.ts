import { expect, test } from 'bun:test'
import { createByteCache } from '../../src/core/byte-cache.ts'

const bytes = (size: number) => new Uint8Array(size)

test('what was not asked for the longest makes room', () => {
  const cache = createByteCache(10, 5)
  cache.set('a', bytes(4))
  cache.set('b', bytes(4))
  expect(cache.get('a')).toHaveLength(4)
  cache.set('c', bytes(4))
  expect([cache.get('a')?.length, cache.get('b'), cache.get('c')?.length]).toEqual([4, undefined, 4])
})

test('what is large is not kept, and what comes again takes its own place', () => {
  const cache = createByteCache(10, 5)
  cache.set('large', bytes(6))
  expect(cache.get('large')).toBeUndefined()
  for (let round = 0; round < 5; round++) cache.set('same', bytes(5))
  cache.set('other', bytes(5))
  expect([cache.get('same')?.length, cache.get('other')?.length]).toEqual([5, 5])
})

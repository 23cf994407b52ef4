import { expect, test } from 'bun:test'
import { randomIds } from '../../src/core/ids.ts'
import { countingIds } from '../support/counting-ids.ts'

const shapes = {
  slug: /^[0-9A-Za-z]{10}$/,
  deleteKey: /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  uploadSession: /^ups_[0-9a-f]{20}$/,
  token: /^atk_[0-9a-f]{16}$/,
  objectKey: /^([0-9a-f]{2})\/([0-9a-f]{2})\/\1\2[0-9a-f]{28}$/,
} as const

test.each(Object.entries(shapes))('a random %s has its shape and does not come twice', (kind, shape) => {
  const drawn = Array.from({ length: 1000 }, () => randomIds[kind as keyof typeof shapes]())
  expect(drawn.filter((id) => !shape.test(id))).toEqual([])
  expect(new Set(drawn).size).toBe(1000)
})

test('slugs use all of their characters, none much more than others', () => {
  const counts = new Map<string, number>()
  for (let draw = 0; draw < 6200; draw++)
    for (const letter of randomIds.slug()) counts.set(letter, (counts.get(letter) ?? 0) + 1)
  expect(counts.size).toBe(62)
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(250)
})

test('a secret has as many bytes as asked for, in hex', () => {
  for (const bytes of [3, 16, 32, 64])
    expect(randomIds.secret(bytes)).toMatch(new RegExp(`^[0-9a-f]{${bytes * 2}}$`))
})

test('counted ids have the shapes of random ones', () => {
  const ids = countingIds()
  for (const [kind, shape] of Object.entries(shapes))
    expect(ids[kind as keyof typeof shapes]()).toMatch(shape)
})

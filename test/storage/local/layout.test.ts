import { describe, expect, test } from 'bun:test'
import { randomIds } from '../../../src/core/ids.ts'
import {
  isTemporaryName,
  isUploadName,
  layoutOf,
  temporaryName,
  uploadName,
} from '../../../src/storage/local/layout.ts'
import { isObjectKey } from '../../../src/storage/object-key.ts'

const layout = layoutOf('/data')
const hex = '3f9a0123456789abcdef0123456789ab'

describe('names on the disk', () => {
  test('a key is a path below the objects', () => {
    expect(layout.object(`3f/9a/${hex}`)).toBe(`/data/objects/3f/9a/${hex}`)
    expect(isObjectKey(randomIds.objectKey())).toBe(true)
  })

  const wrong = [
    `3f/9a/${hex}0`,
    `3f/9a/${hex.slice(1)}`,
    `9a/3f/${hex}`,
    `3F/9A/${hex.toUpperCase()}`,
    `3f/9a/${hex}\n`,
    ` 3f/9a/${hex}`,
    `3f/9a/../${hex}`,
    `../3f/9a/${hex}`,
    `3f\\9a\\${hex}`,
    hex,
    '',
  ]
  for (const key of wrong)
    test(`${JSON.stringify(key)} is no key`, () => {
      expect(() => layout.object(key)).toThrow('not valid')
    })

  test('uploads and temporary files are told apart, and neither takes foreign names', () => {
    expect(isUploadName(uploadName(hex))).toBe(true)
    expect(isTemporaryName(temporaryName(hex))).toBe(true)
    expect(isUploadName(temporaryName(hex))).toBe(false)
    expect(isTemporaryName(uploadName(hex))).toBe(false)
    for (const name of ['', '.', '..', 'up-', `up-${hex}/x`, `../up-${hex}`, `up-${hex}\n`])
      expect(() => layout.upload(name)).toThrow('not found')
  })
})

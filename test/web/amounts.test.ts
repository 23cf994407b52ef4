import { describe, expect, test } from 'bun:test'
import { AMOUNT_PATTERN, readAmount, writeAmount } from '../../src/web/ui/admin/amounts.ts'

describe('a size that somebody types', () => {
  test.each<[string, number | null]>([
    ['0', 0],
    ['1500', 1500],
    ['5 GB', 5 * 1024 ** 3],
    ['1.5mb', 1.5 * 1024 ** 2],
    [' 2 TB ', 2 * 1024 ** 4],
    ['100b', 100],
    ['', null],
    ['-5', null],
    ['5 XB', null],
    ['much', null],
  ])('%j is %j bytes', (text, bytes) => {
    expect(readAmount(text)).toBe(bytes)
    if (bytes !== null) expect(text).toMatch(new RegExp(`^(?:${AMOUNT_PATTERN})$`))
  })

  test.each([0, 1, 1023, 1024, 1500, 100 * 1024 ** 2, 6 * 1024 ** 4, 1024 ** 5 * 3])(
    'of %d bytes is shown so that it reads back the same',
    (bytes) => expect(readAmount(writeAmount(bytes))).toBe(bytes),
  )
})

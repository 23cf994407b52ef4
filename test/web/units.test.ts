import { expect, test } from 'bun:test'
import { counted, humanSize, sizeHtml, timeHtml } from '../../src/web/units.ts'

test.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [1023, '1023 bytes'],
  [1024, '1 KB'],
  [1536, '1.5 KB'],
  [102_348, '99.9 KB'],
  [102_400, '100 KB'],
  [1_048_063, '1023 KB'],
  [1_048_064, '1 MB'],
  [1_048_575, '1 MB'],
  [1024 ** 3 * 10, '10 GB'],
  [1024 ** 4 * 6, '6 TB'],
  [Number.MAX_SAFE_INTEGER, '8 PB'],
  [1024 ** 5 * 5000, '5000 PB'],
])('%d bytes are %s', (bytes, text) => {
  expect(humanSize(bytes)).toBe(text)
})

test('a size is exact where the short form is not', () => {
  expect(sizeHtml(5)).toBe('5 bytes')
  expect(sizeHtml(1_289_000)).toBe('1.2 MB <span class="soft">(1,289,000 bytes)</span>')
})

test('one thing is no plural', () => {
  expect([0, 1, 2, 1234].map((count) => counted(count, 'file'))).toEqual([
    '0 files',
    '1 file',
    '2 files',
    '1,234 files',
  ])
})

test('a time is in UTC, and may never have come', () => {
  expect(timeHtml(new Date('2030-01-01T23:59:59.999Z'))).toBe(
    '<time datetime="2030-01-01T23:59:59.999Z">2030-01-01 23:59 UTC</time>',
  )
  expect(timeHtml(null)).toBe('never')
})

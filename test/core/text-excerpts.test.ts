import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTextExcerpts, decodeText, MOST_TEXT_BYTES } from '../../src/core/text-excerpts.ts'

const dir = mkdtempSync(join(tmpdir(), 'kist-text-'))
afterAll(() => rmSync(dir, { recursive: true }))
const texts = createTextExcerpts({
  storage: {
    open: async (key, range) => Bun.file(join(dir, key)).slice(range?.start ?? 0, (range?.end ?? 0) + 1),
  },
})

test('a text is read in the encoding it has', () => {
  const utf16 = Buffer.from('\ufeffä\n☃', 'utf16le')
  for (const [bytes, encoding, text] of [
    [Buffer.from('ä\n☃'), 'utf-8', 'ä\n☃'],
    [Buffer.from('\ufeffä'), 'utf-8', 'ä'],
    [Buffer.from('grün', 'latin1'), 'latin1', 'grün'],
    [utf16, 'utf-16le', 'ä\n☃'],
    [Buffer.from(utf16).swap16(), 'utf-16be', 'ä\n☃'],
    [Buffer.from('ab☃').subarray(0, 4), 'utf-8', 'ab'],
  ] as const)
    expect(decodeText(bytes)).toEqual({ encoding, text })
})

test('what is no text is none', () => {
  for (const bytes of [
    Buffer.from('a\0b'),
    Buffer.from([1, 2, 3, 4, 5]),
    Buffer.from('\x89PNG\r\n\x1a\n\0\0', 'latin1'),
  ])
    expect(decodeText(bytes)).toBeNull()
})

test('of a long one the beginning is read', async () => {
  writeFileSync(join(dir, 'long'), 'x'.repeat(MOST_TEXT_BYTES + 1))
  const long = await texts.of({ key: 'long', size: MOST_TEXT_BYTES + 1 })
  expect([long?.text.length, long?.truncated]).toEqual([MOST_TEXT_BYTES, true])
  expect(await texts.of({ key: 'none', size: 0 })).toEqual({ text: '', encoding: 'utf-8', truncated: false })
  await expect(texts.of({ key: 'long', size: MOST_TEXT_BYTES - 1 })).resolves.toMatchObject({
    truncated: false,
  })
})

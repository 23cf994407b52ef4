import { describe, expect, test } from 'bun:test'
import { cleanFilename, cleanMimeType, refuseBlocked } from '../../src/core/filename.ts'

const bytes = (text: string): number => new TextEncoder().encode(text).length

describe('a file name', () => {
  const kept: Array<[what: string, given: string, expected: string]> = [
    ['a plain name', 'archive.iso', 'archive.iso'],
    ['spaces inside', 'my  file.txt', 'my  file.txt'],
    ['the last segment of a path', '../../etc/passwd', 'passwd'],
    ['the last segment of a Windows path', 'C:\\Users\\me\\..\\report.pdf', 'report.pdf'],
    ['the last segment where both slashes are mixed', 'a\\b/c\\d.txt', 'd.txt'],
    ['no control characters', 'a\u0000b\r\nc\u001b\u007f\u0085.txt', 'abc.txt'],
    ['no line and paragraph separators', 'a\u2028b\u2029.txt', 'ab.txt'],
    ['no characters that turn the direction', 'photo\u202egpj.exe', 'photogpj.exe'],
    ['no isolates and marks', '\u2066a\u2067b\u2068c\u2069d\u200ee\u200ff\u061cg.txt', 'abcdefg.txt'],
    ['U+FFFD for a lone surrogate', 'a\ud800b\udc00.txt', 'a\ufffdb\ufffd.txt'],
    ['pairs of surrogates', '😀.txt', '😀.txt'],
    ['letters of all scripts as they are written', 'Füße-Ωμέγα-文件.txt', 'Füße-Ωμέγα-文件.txt'],
    ['a name of dots', '...', '...'],
    ['a hidden file', '.profile', '.profile'],
    ['no space around it', '  a.txt\u00a0\ufeff', 'a.txt'],
  ]
  test.each(kept)('keeps %s', (_what, given, expected) => {
    expect(cleanFilename(given)).toBe(expected)
  })

  test.each([
    '',
    ' ',
    '.',
    '..',
    '/',
    'folder/',
    'folder\\',
    'a/..',
    'a\\.',
    '\u0000',
    '\u202e',
    ' \t\n',
    '\u0000.',
    '.\u200e.',
  ])('%j is refused', (given) => {
    expect(() => cleanFilename(given)).toThrow(
      expect.objectContaining({ code: 'invalid', field: 'filename', message: 'A filename is required.' }),
    )
  })
})

describe('a name that is too long', () => {
  test('of exactly 255 bytes is kept whole, of 256 is cut to 255', () => {
    const fits = `${'a'.repeat(251)}.txt`
    expect(cleanFilename(fits)).toBe(fits)
    expect(cleanFilename(`a${fits}`)).toBe(fits)
  })

  test('keeps its extension as it was written', () => {
    const cleaned = cleanFilename(`${'x'.repeat(400)}.Tar`)
    expect(cleaned).toBe(`${'x'.repeat(251)}.Tar`)
  })

  test('keeps an extension whose lower case is longer than itself', () => {
    expect(cleanFilename(`${'x'.repeat(400)}.İİ`)).toBe(`${'x'.repeat(250)}.İİ`)
  })

  test.each(['é', '文', '😀', 'a😀'])('is cut between characters when it is made of %s', (letter) => {
    const cleaned = cleanFilename(`${letter.repeat(300)}.txt`)
    expect(bytes(cleaned)).toBeLessThanOrEqual(255)
    expect(bytes(cleaned)).toBeGreaterThan(251)
    expect(cleaned.isWellFormed()).toBe(true)
    expect(cleaned).toEndWith('.txt')
    expect(`${letter.repeat(300)}.txt`).toStartWith(cleaned.slice(0, -4))
  })

  test('is simply cut when what follows the last dot is too long for an extension', () => {
    expect(cleanFilename(`a.${'b'.repeat(400)}`)).toBe(`a.${'b'.repeat(253)}`)
  })

  test('does not end in the space before the cut', () => {
    expect(cleanFilename(`${'a'.repeat(254)} ${'b'.repeat(50)}`)).toBe('a'.repeat(254))
  })

  test('of eight million characters is cut at once', () => {
    const before = performance.now()
    expect(bytes(cleanFilename(`${'😀'.repeat(4_000_000)}.txt`))).toBe(255 - ((255 - 4) % 4))
    expect(cleanFilename('/'.repeat(8_000_000).concat('a'))).toBe('a')
    expect(performance.now() - before).toBeLessThan(2000)
  })
})

describe('an extension', () => {
  const blocked = new Set(['exe', 'htaccess'])
  test.each(['a.exe', 'a.EXE', 'a.txt.exe', '.exe', '.htaccess', 'a.exe.', 'a.exe. . ', 'a.exe '])(
    '%j is refused where exe and htaccess are blocked',
    (name) => {
      expect(() => refuseBlocked(name, blocked)).toThrow(
        expect.objectContaining({
          code: 'extension_refused',
          message: expect.stringMatching(/^Security Error: file type \(\.(exe|htaccess)\) is not allowed\.$/),
        }),
      )
    },
  )
  test.each(['exe', 'a.txt', 'a.exe.txt', 'aexe', 'a.', '...'])('%j is not', (name) => {
    expect(() => refuseBlocked(name, blocked)).not.toThrow()
  })
  test('nothing is refused where nothing is blocked', () => {
    expect(() => refuseBlocked('a.exe', new Set())).not.toThrow()
  })
})

describe('a media type', () => {
  test.each([
    ['image/png', 'image/png'],
    [' Text/HTML; charset=utf-8', 'text/html'],
    ['application/vnd.oasis.opendocument.text', 'application/vnd.oasis.opendocument.text'],
    ['application/x-7z+zip', 'application/x-7z+zip'],
  ])('%j is kept as %j', (given, kept) => {
    expect(cleanMimeType(given)).toBe(kept)
  })
  test.each([
    null,
    '',
    'text',
    'text/',
    '/html',
    'text/html\r\nX-Evil: 1',
    'text/<script>',
    'text/html,text/plain',
    'té/xt',
    `text/${'a'.repeat(129)}`,
    `${'a'.repeat(65)}/b`,
    '*/*',
  ])('%j becomes application/octet-stream', (given) => {
    expect(cleanMimeType(given)).toBe('application/octet-stream')
  })
})

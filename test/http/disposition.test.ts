import { describe, expect, test } from 'bun:test'
import { contentDisposition } from '../../src/http/disposition.ts'

/** What a client reads from the extended form. */
const nameIn = (value: string): string => decodeURIComponent(/filename\*=UTF-8''(.*)$/.exec(value)?.[1] ?? '')

const rows: Array<[name: string, given: string, read: string]> = [
  ['a plain name', 'report.pdf', 'report.pdf'],
  ['a space', 'my report.pdf', 'my report.pdf'],
  ['a double quote', 'a"b.txt', 'a"b.txt'],
  [
    'a quote and a semicolon that would end the value',
    'a"; filename=evil.exe; x="',
    'a"; filename=evil.exe; x="',
  ],
  ['a backslash', 'a\\b.txt', 'a_b.txt'],
  ['a slash', '../../etc/passwd', '.._.._etc_passwd'],
  ['a drive', 'C:\\dir\\x.txt', 'C:_dir_x.txt'],
  ['CR and LF that would add a header', 'a\r\nSet-Cookie: x=1\r\n.txt', 'a__Set-Cookie: x=1__.txt'],
  ['NUL', 'a\0b.txt', 'a_b.txt'],
  ['escape and delete', 'a\x1b[31m\x7fb', 'a_[31m_b'],
  ['C1 controls', 'a\u0085b\u009fc', 'a_b_c'],
  ['Chinese', '文件.txt', '文件.txt'],
  ['an umlaut', 'Übergröße.txt', 'Übergröße.txt'],
  ['combining marks', 'e\u0301.txt', 'e\u0301.txt'],
  ['an emoji', '👩‍👩‍👧.png', '👩_👩_👧.png'],
  ['a flag', '🇺🇸.png', '🇺🇸.png'],
  ['right-to-left override that hides an extension', 'photo\u202egnp.exe', 'photo_gnp.exe'],
  ['bidi isolates', '\u2066a\u2069.txt', '_a_.txt'],
  ['Hebrew without marks', 'שלום.txt', 'שלום.txt'],
  ['a lone high surrogate', 'a\ud800.txt', 'a\ufffd.txt'],
  ['a lone low surrogate', '\udc00b', '\ufffdb'],
  ['line and paragraph separators', 'a\u2028b\u2029c', 'a_b_c'],
  ['a byte order mark', '\ufeffa.txt', '_a.txt'],
  ['percent signs', '100%25.txt', '100%25.txt'],
  ['what RFC 8187 wants encoded', "it's (1)*.txt", "it's (1)*.txt"],
  ['255 bytes of UTF-8', `${'漢'.repeat(83)}.txt`.slice(0, 87), `${'漢'.repeat(83)}.txt`],
  ['255 ASCII bytes', 'x'.repeat(255), 'x'.repeat(255)],
  ['nothing', '', 'download'],
  ['spaces only', '   ', 'download'],
  ['one dot', '.', '_'],
  ['two dots', '..', '__'],
  ['a hidden file', '.htaccess', '.htaccess'],
]

describe('Content-Disposition', () => {
  test.each(rows)('survives a Response: %s', (_name, given, read) => {
    const value = contentDisposition('attachment', given)
    const response = new Response('', { headers: { 'content-disposition': value } })
    const seen = response.headers.get('content-disposition') ?? ''
    expect(seen).toBe(value)
    expect(seen).toMatch(/^attachment; filename="[\x20-\x7e]*"; filename\*=UTF-8''[A-Za-z0-9!#$&+.^_`|~%-]+$/)
    expect(nameIn(seen)).toBe(read)
  })

  test('has no quote, backslash or percent sign inside the ASCII form', () => {
    for (const [, given] of rows) {
      const inside = /filename="(.*)"; filename\*/.exec(contentDisposition('attachment', given))?.[1]
      expect(inside).not.toMatch(/["\\%]/)
    }
  })

  test('says inline when asked to', () => {
    expect(contentDisposition('inline', 'a.png')).toBe(`inline; filename="a.png"; filename*=UTF-8''a.png`)
  })
})

import { describe, expect, test } from 'bun:test'
import { dispositionNames } from '../../src/remote/content-disposition.ts'

/** As it arrives: one character a byte. */
const raw = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

const ROWS: Array<[why: string, header: string, names: string[]]> = [
  ['nothing', '', []],
  ['a type alone', 'attachment', []],
  ['a token', 'attachment; filename=report.pdf', ['report.pdf']],
  ['a quoted text', 'attachment; filename="annual report.pdf"', ['annual report.pdf']],
  ['a token with spaces', 'attachment; filename=annual report.pdf', ['annual report.pdf']],
  ['odd case and spaces', 'ATTACHMENT ;  FileName = "a.txt" ', ['a.txt']],
  ['an escaped quote', 'attachment; filename="say \\"hi\\".txt"', ['say "hi".txt']],
  ['a path of Windows', 'attachment; filename="C:\\tmp\\a.txt"', ['C:\\tmp\\a.txt']],
  ['a semicolon inside quotes', 'attachment; filename="a;b.txt"; size=5', ['a;b.txt']],
  ['a missing quote', 'attachment; filename="a b.txt', ['a b.txt']],
  ['no type at all', 'filename=a.txt', ['a.txt']],
  ['an extended name', "attachment; filename*=UTF-8''na%C3%AFve%20file.txt", ['naïve file.txt']],
  ['an extended name with a language', "attachment; filename*=utf-8'en'%e2%82%ac.txt", ['€.txt']],
  ['an extended name in Latin-1', "attachment; filename*=ISO-8859-1''%A3.txt", ['£.txt']],
  ['an extended name in quotes', 'attachment; filename*="UTF-8\'\'a%20b.txt"', ['a b.txt']],
  ['an extended name without character set', 'attachment; filename*=a%20b.txt', ['a b.txt']],
  [
    'both, the plain one first',
    `attachment; filename="x.txt"; filename*=UTF-8''%C3%A9.txt`,
    ['é.txt', 'x.txt'],
  ],
  [
    'both, the extended one first',
    `attachment; filename*=UTF-8''%C3%A9.txt; filename="x.txt"`,
    ['é.txt', 'x.txt'],
  ],
  ['a broken extended name', `attachment; filename*=UTF-8''%FF.txt; filename="x.txt"`, ['x.txt']],
  ['an unknown character set', `attachment; filename*=KLINGON''a.txt; filename="x.txt"`, ['x.txt']],
  ['raw UTF-8', raw('attachment; filename="größe.txt"'), ['größe.txt']],
  ['raw Latin-1', 'attachment; filename="gr\xf6\xdfe.txt"', ['gr\xf6\xdfe.txt']],
  ['a base64 word', 'attachment; filename="=?UTF-8?B?w6kudHh0?="', ['é.txt']],
  ['a quoted-printable word', 'attachment; filename="=?utf-8?Q?=C3=A9_1.txt?="', ['é 1.txt']],
  ['an empty name', 'attachment; filename=""', []],
  ['two names', 'attachment; filename="a.txt"; filename="b.txt"', ['a.txt']],
  ['something that only ends like it', 'attachment; xfilename="b.txt"', []],
]

describe('the name in Content-Disposition', () => {
  test.each(ROWS)('is read from %s', (_, header, names) => {
    expect(dispositionNames(header)).toEqual(names)
  })

  test('is read in no time from a header made to be slow', () => {
    const started = performance.now()
    for (const piece of ['filename="\\', 'a=', ';;;;', '=?x?q?', 'filename=;', '"\\"']) {
      dispositionNames(`attachment; ${piece.repeat(32_768 / piece.length)}`)
    }
    expect(performance.now() - started).toBeLessThan(500)
  })
})

import { describe, expect, test } from 'bun:test'
import { CUT, END, FILE, file, formRequest, outcome, outcomeOf, part } from './form-request.ts'

describe('a sloppy form', () => {
  const hello = { fields: {}, files: [file()] }
  const H = 'Content-Disposition: form-data; name="file"; filename="a.txt"'
  const rows: Array<[name: string, body: string]> = [
    ['without the last line end', `--BB\r\n${H}\r\n\r\nhello\r\n--BB--`],
    ['with half of the last line end', `--BB\r\n${H}\r\n\r\nhello\r\n--BB--\r`],
    [
      'with text before and after',
      `for\r\npeople\r\n--BB\r\n${H}\r\n\r\nhello\r\n--BB--\r\nmore\r\n--BB\r\n`,
    ],
    ['with an empty line first', `\r\n--BB\r\n${H}\r\n\r\nhello\r\n--BB--\r\n`],
    ['with blanks behind its boundaries', `--BB \t\r\n${H}\r\n\r\nhello\r\n--BB-- \r\n`],
    ['whose header lines end with LF', `--BB\r\n${H}\n\nhello\r\n--BB--\r\n`],
    ['whose lines all end with LF', `--BB\n${H}\n\nhello\n--BB--\n`],
    ['whose lines end with LF but for the file', `--BB\n${H}\n\nhello\r\n--BB--\n`],
    ['in lower case', `--BB\r\n${H.toLowerCase()}\r\n\r\nhello\r\n--BB--\r\n`],
    [
      'in upper case',
      `--BB\r\nCONTENT-DISPOSITION: FORM-DATA; NAME="file"; FILENAME="a.txt"\r\n\r\nhello\r\n--BB--`,
    ],
    ['with a folded header', `--BB\r\n${H.replace('; file', ';\r\n file')}\r\n\r\nhello\r\n--BB--`],
    ['with unknown headers and lines that are none', `--BB\r\nnone\r\nX-A: b\r\n${H}\r\n\r\nhello\r\n--BB--`],
    ['with blanks before the colon', `--BB\r\n${H.replace(':', ' :')}\r\n\r\nhello\r\n--BB--`],
    ['with an attachment', `--BB\r\n${H.replace('form-data', 'attachment')}\r\n\r\nhello\r\n--BB--`],
  ]
  test.each(rows)('%s is understood', async (_name, body) => {
    expect(await outcome(body)).toEqual(hello)
    expect(await outcomeOf(formRequest([...body]))).toEqual(hello)
  })

  test.each([
    ['multipart/form-data; boundary="BB"', 'BB'],
    ['Multipart/Form-Data;BOUNDARY=BB', 'BB'],
    ['multipart/form-data; boundary="a b\'()+_,-./:=?"', "a b'()+_,-./:=?"],
    ['multipart/form-data; boundary=a:b/c=d', 'a:b/c=d'],
    ['multipart/form-data; boundary=----', '----'],
    ['multipart/form-data; charset=UTF-8; boundary=-; x=y', '-'],
  ])('%s is understood', async (type, boundary) => {
    const body = `--${boundary}\r\n${H}\r\n\r\nhello\r\n--${boundary}--\r\n`
    expect(await outcome(body, type)).toEqual(hello)
  })

  const types: Array<[sent: string | undefined, seen: string]> = [
    [undefined, ''],
    ['', ''],
    ['  ', ''],
    ['IMAGE/Jpeg', 'IMAGE/Jpeg'],
    ['text/plain; charset="utf-8"', 'text/plain; charset="utf-8"'],
    ['nonsense', 'nonsense'],
  ]
  test.each(types)('may give its file the type %p', async (sent, seen) => {
    expect(await outcome(part(FILE, 'hello', sent) + END)).toEqual({
      fields: {},
      files: [file('hello', { mimeType: seen })],
    })
  })

  const names: Array<[sent: string, seen: string]> = [
    ['filename="ü漢🙂.txt"', 'ü漢🙂.txt'],
    ['filename="a%20b.txt"', 'a%20b.txt'],
    ['filename="C:\\Users\\me\\new file.txt"', 'C:\\Users\\me\\new file.txt'],
    ['filename="../../etc/passwd"', '../../etc/passwd'],
    ['filename="a\\"b.txt"', 'a"b.txt'],
    ['filename="a%22b.txt"', 'a%22b.txt'],
    ['filename="a;b=c.txt"', 'a;b=c.txt'],
    ['filename=plain.txt', 'plain.txt'],
    ["filename*=UTF-8''%C3%BC.txt", 'ü.txt'],
    ['filename="=?utf-8?B?w7w=?="; filename*=utf-8\'\'%C3%BC.txt', 'ü.txt'],
    ['filename="a.txt"; filename*=UTF-8\'\'%zz', 'a.txt'],
    ['filename="constructor"', 'constructor'],
  ]
  test.each(names)('may name its file %s', async (sent, seen) => {
    expect((await outcome(part(`name="file"; ${sent}`, 'hello') + END)).files).toEqual([
      file('hello', { name: seen }),
    ])
  })

  test('may send names in Latin-1', async () => {
    const body = Buffer.from(part('name="file"; filename="für.txt"', 'hello') + END, 'latin1')
    expect((await outcome(body)).files).toEqual([file('hello', { name: 'für.txt' })])
  })

  test('may send texts in the character set they name', async () => {
    const body = Buffer.from(part('name="a"', 'ü', 'text/plain; charset=ISO-8859-1') + END, 'latin1')
    expect((await outcome(body)).fields).toEqual({ a: 'ü' })
  })
})

describe('a broken form', () => {
  const whole = part('name="a"', '1') + part(FILE, 'hello')
  test('is refused wherever it is cut off, before its closing boundary is complete', async () => {
    const complete = `${whole}--BB--`
    for (let at = 1; at < complete.length; at += 1) {
      const { fault, fields } = await outcome(complete.slice(0, at))
      expect(fields).toBeUndefined()
      expect(fault?.code).toBe('invalid')
    }
    expect((await outcome(complete)).fault).toBeUndefined()
  })

  test('never ends a file that is not whole', async () => {
    const body = part(FILE, 'hello')
    for (let at = 1; at <= body.length - 2; at += 1)
      expect((await outcome(body.slice(0, at))).files).toEqual([])
  })

  const H = 'Content-Disposition: form-data; name="file"; filename="a.txt"'
  const rows: Array<[name: string, body: string, message: string]> = [
    ['of garbage', 'garbage', 'The form does not begin with its boundary.'],
    ['of another boundary', '--AA\r\n\r\n--AA--', 'The form does not begin with its boundary.'],
    [
      'of endless garbage',
      'x'.repeat(100_000) + part(FILE) + END,
      'The form does not begin with its boundary.',
    ],
    ['without its end', whole, CUT.message],
    ['with half of its end', `${whole}--BB`, CUT.message],
    ['with half of its end and a line end', `${whole}--BB\r\n`, CUT.message],
    ['with one dash at its end', `${whole}--BB-`, CUT.message],
    [
      'whose headers have no end',
      `--BB\r\n${H}\r\n--BB--\r\n`,
      'A part of the form has no end of its headers.',
    ],
    ['whose part is empty', '--BB\r\n--BB--\r\n', 'A part of the form has no end of its headers.'],
    [
      'with headers beyond 16 KiB',
      `--BB\r\nX-A: ${'a'.repeat(16 * 1024)}\r\n${H}\r\n\r\n\r\n${END}`,
      'The headers of a part of the form are too long.',
    ],
    [
      'with one endless header',
      `--BB\r\nX-A: ${'a'.repeat(100_000)}`,
      'The headers of a part of the form are too long.',
    ],
  ]
  test.each(rows)('%s is refused', async (_name, body, message) => {
    expect((await outcome(body)).fault).toEqual({ code: 'invalid', message })
    expect((await outcomeOf(formRequest(body.match(/[\s\S]{1,997}/g) ?? []))).fault).toEqual({
      code: 'invalid',
      message,
    })
  })

  test('without a boundary to its name is refused', async () => {
    const { fault } = await outcome(whole + END, 'multipart/form-data')
    expect(fault).toEqual({ code: 'invalid', message: 'The form names no boundary.' })
  })

  test('cannot bring a __proto__ key', async () => {
    const body = part('name="__proto__"', '1') + part('name="__proto__[]"', '1') + part('name="a"', '1') + END
    expect(Object.keys((await outcome(body)).fields ?? {})).toEqual(['a'])
  })
})

import { describe, expect, test } from 'bun:test'
import {
  boundaryOf,
  decodeExtended,
  decodeField,
  decodeHeader,
  parseHeaderValue,
} from '../../src/http/form-header.ts'

describe('a header value with parameters', () => {
  const rows: Array<[header: string, value: string, parameters: Record<string, string>]> = [
    ['form-data; name="a"; filename="b.txt"', 'form-data', { name: 'a', filename: 'b.txt' }],
    ['FORM-DATA;NAME=a;FileName=b.txt', 'form-data', { name: 'a', filename: 'b.txt' }],
    ['form-data ; name = "a" ; filename= b c.txt ', 'form-data', { name: 'a', filename: 'b c.txt' }],
    ['form-data; name="a;b=c"; x="1"', 'form-data', { name: 'a;b=c', x: '1' }],
    ['form-data; filename="a\\"b.txt"', 'form-data', { filename: 'a"b.txt' }],
    ['form-data; filename="a"b.txt"; name="f"', 'form-data', { filename: 'a"b.txt', name: 'f' }],
    ['form-data; filename="a%22b%0D%0A.txt"', 'form-data', { filename: 'a%22b%0D%0A.txt' }],
    ['form-data; filename="C:\\temp\\new.txt"', 'form-data', { filename: 'C:\\temp\\new.txt' }],
    ['form-data; filename="\\\\\\\\host\\\\a.txt"', 'form-data', { filename: '\\\\host\\a.txt' }],
    ['form-data; filename="never closed', 'form-data', { filename: 'never closed' }],
    ['form-data; filename=""; name=""', 'form-data', { filename: '', name: '' }],
    ['form-data; filename=', 'form-data', { filename: '' }],
    ['form-data; name="a"; name="b"', 'form-data', { name: 'a' }],
    ['form-data; flag; name="a";;', 'form-data', { name: 'a' }],
    ['form-data; ="x"; name="a"', 'form-data', { name: 'a' }],
    ['', '', {}],
    [';', '', {}],
    ['text/plain', 'text/plain', {}],
    ['form-data; name="\\', 'form-data', { name: '\\' }],
  ]
  test.each(rows)('%s', (header, value, parameters) => {
    const parsed = parseHeaderValue(header)
    expect(parsed.value).toBe(value)
    expect(Object.fromEntries(parsed.parameters)).toEqual(parameters)
  })

  test('of hostile length is read in one pass', () => {
    const started = performance.now()
    for (const hostile of [
      '"'.repeat(16_000),
      `a="${'" '.repeat(8000)}`,
      ' '.repeat(16_000),
      '\\"'.repeat(8000),
    ])
      parseHeaderValue(`form-data; name=${hostile}`)
    expect(performance.now() - started).toBeLessThan(500)
  })
})

describe('the boundary of a form', () => {
  const rows: Array<[type: string, boundary: string]> = [
    ['multipart/form-data; boundary=abc', 'abc'],
    ['Multipart/Form-Data; BOUNDARY=AbC', 'AbC'],
    ['multipart/form-data; charset=utf-8; boundary="a b"', 'a b'],
    ['multipart/form-data; boundary=abc; charset=utf-8', 'abc'],
    ["multipart/form-data;boundary='()+_,-./:=?", "'()+_,-./:=?"],
    ['multipart/form-data; boundary="--\'()+_,-./:=?"', "--'()+_,-./:=?"],
  ]
  test.each(rows)('%s', (type, boundary) => expect(boundaryOf(type)).toBe(boundary))

  test('does not exist for another type', () => {
    for (const type of [
      null,
      '',
      'application/json',
      'multipart/mixed; boundary=a',
      'text/plain; x=multipart/form-data',
    ])
      expect(boundaryOf(type)).toBeNull()
  })

  test('that is missing or beyond sense is refused', () => {
    for (const type of [
      'multipart/form-data',
      'multipart/form-data; boundary=',
      'multipart/form-data; boundary=""',
    ])
      expect(() => boundaryOf(type)).toThrow('The form names no boundary.')
    expect(() => boundaryOf(`multipart/form-data; boundary=${'x'.repeat(201)}`)).toThrow()
  })
})

describe('text of a header', () => {
  test('may be in the extended form of any known character set', () => {
    expect(decodeExtended("UTF-8''%C3%BC%20%E6%BC%A2.txt")).toBe('ü 漢.txt')
    expect(decodeExtended("utf-8'en'it's")).toBe("it's")
    expect(decodeExtended("ISO-8859-1''%FC.txt")).toBe('ü.txt')
  })

  test('in a malformed extended form is none', () => {
    for (const bad of [
      '',
      'plain',
      "UTF-8''%C3",
      "UTF-8''%zz",
      "UTF-8''%",
      "nonsense''a",
      "UTF-8''漢",
      "UTF-8'a",
    ])
      expect(decodeExtended(bad)).toBeNull()
  })

  test('is UTF-8, or Latin-1 when it is not that', () => {
    expect(decodeHeader(Buffer.from('ü漢'))).toBe('ü漢')
    expect(decodeHeader(Buffer.from([0x66, 0xfc, 0x72]))).toBe('für')
  })

  test('of a field follows the character set of its part as far as that goes', () => {
    expect(decodeField(Buffer.from('ü'), undefined)).toBe('ü')
    expect(decodeField(Buffer.from([0xfc]), 'iso-8859-1')).toBe('ü')
    expect(decodeField(Buffer.from('ü'), 'nonsense')).toBe('ü')
    expect(decodeField(Buffer.from([0xff]), undefined)).toBe('\ufffd')
  })
})

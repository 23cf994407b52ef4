import { expect, test } from 'bun:test'
import { archiveName, uniqueNames } from '../../../src/core/zip/zip-names.ts'

test('a name is one segment that every system can have', () => {
  for (const [given, made] of [
    ['a.txt', 'a.txt'],
    ['../../x', '.._.._x'],
    ['/abs', '_abs'],
    ['C:\\x', 'C__x'],
    ['a<b>c:"d|e?f*', 'a_b_c__d_e_f_'],
    ['a\u0000b\r\nc\u202ed', 'abcd'],
    ['..', '__'],
    ['.', '_'],
    ['', '_'],
    ['   ', '_'],
    ['dots...', 'dots___'],
    ['CON', '_CON'],
    ['con.txt', '_con.txt'],
    ['console', 'console'],
    ['COM1.tar.gz', '_COM1.tar.gz'],
    ['lpt¹', '_lpt¹'],
    ['.bashrc', '.bashrc'],
    ['e\u0301', 'é'],
    ['\ud800x', '\ufffdx'],
  ] as const)
    expect([given, archiveName(given)]).toEqual([given, made])
  expect(Buffer.byteLength(archiveName('ü'.repeat(300)))).toBeLessThanOrEqual(255)
  expect(Buffer.byteLength(archiveName(`con.${'x'.repeat(300)}`))).toBeLessThanOrEqual(255)
})

test('names are given once, whatever their letter case', () => {
  const once = uniqueNames()
  const given = ['a.txt', 'A.TXT', 'a (1).txt', 'a.txt', 'É', 'e\u0301', '.x', '.x', 'a.tar.gz', 'a.tar.gz']
  expect(given.map(once)).toEqual([
    ...['a.txt', 'A (1).TXT', 'a (1) (1).txt', 'a (2).txt', 'É', 'é (1)', '.x', '.x (1)'],
    ...['a.tar.gz', 'a.tar (1).gz'],
  ])
  const long = uniqueNames()
  const name = `${'x'.repeat(251)}.txt`
  const names = [long(name), long(name), long(name)]
  expect(new Set(names).size).toBe(3)
  for (const one of names) expect(Buffer.byteLength(one)).toBeLessThanOrEqual(255)
})

test('ten thousand times the same name take no time to speak of', () => {
  const once = uniqueNames()
  const begun = performance.now()
  const names = new Set(Array.from({ length: 20_000 }, () => once('same.txt')))
  expect(names.size).toBe(20_000)
  expect(performance.now() - begun).toBeLessThan(2000)
})

import { describe, expect, test } from 'bun:test'
import { authenticatorUri, codeAt, matchingStep, stepOf, toBase32 } from '../../src/core/one-time-code.ts'

/** `12345678901234567890`, of RFC 6238, appendix B; its eight digits end in our six. */
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
const VECTORS: Array<[seconds: number, code: string]> = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
]

describe('codes', () => {
  for (const [seconds, code] of VECTORS)
    test(`at ${seconds} seconds it is ${code}`, () => {
      expect(codeAt(SECRET, stepOf(new Date(seconds * 1000)))).toBe(code)
    })

  test('one step behind and ahead are good, two are not', () => {
    const now = new Date(1_234_567_890_000)
    for (const drift of [-1, 0, 1])
      expect(matchingStep(SECRET, codeAt(SECRET, stepOf(now) + drift), now)).toBe(stepOf(now) + drift)
    for (const drift of [-2, 2])
      expect(matchingStep(SECRET, codeAt(SECRET, stepOf(now) + drift), now)).toBeNull()
  })
})

describe('base32', () => {
  for (const [text, coded] of [
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
    ['12345678901234567890', SECRET],
  ] as const)
    test(`${text || 'nothing'} is ${coded || 'nothing'} (RFC 4648, 10)`, () => {
      expect(toBase32(Buffer.from(text))).toBe(coded)
    })
})

test('what an authenticator reads names the site and the account, whatever they are called', () => {
  const uri = new URL(authenticatorUri(SECRET, 'My Kist & more', 'ann@example.org'))
  expect(uri.pathname).toBe('/My%20Kist%20%26%20more:ann%40example.org')
  expect(uri.searchParams.get('issuer')).toBe('My Kist & more')
  expect(uri.searchParams.get('secret')).toBe(SECRET)
})

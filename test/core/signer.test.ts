import { describe, expect, test } from 'bun:test'
import { type Claim, createSigner, fingerprint } from '../../src/core/signer.ts'
import { fixedClock } from '../support/fixed-clock.ts'

const KEY = 'ab'.repeat(32)
const EXPIRES = Date.parse('2030-01-01T01:00:00Z') / 1000
const part: Claim = { kind: 'part', session: 'ups_00000000000000000001', number: 3, expires: EXPIRES }
const download: Claim = { kind: 'download', fileId: 7, expires: EXPIRES }
const refused = (code: string) => expect.objectContaining({ code })

test('a signature is 64 hex digits and opens what it was made for', () => {
  const signer = createSigner(KEY, fixedClock())
  for (const claim of [part, download]) {
    expect(signer.sign(claim)).toMatch(/^[0-9a-f]{64}$/)
    expect(() => signer.verify(claim, signer.sign(claim))).not.toThrow()
    expect(() => signer.verify(claim, signer.sign(claim).toUpperCase())).not.toThrow()
  }
})

test('a signature with any one digit changed is refused', () => {
  const signer = createSigner(KEY, fixedClock())
  const signature = signer.sign(part)
  for (let at = 0; at < 64; at++) {
    const digit = ((Number.parseInt(signature[at] ?? '', 16) + 1) % 16).toString(16)
    const forged = signature.slice(0, at) + digit + signature.slice(at + 1)
    expect(() => signer.verify(part, forged)).toThrow(refused('signature_invalid'))
  }
})

test.each(['', '0', 'ab'.repeat(31), 'ab'.repeat(33), 'g'.repeat(64), '0'.repeat(64), `${'a'.repeat(64)}\n`])(
  'what has not the form of a signature is refused: %j',
  (signature) => {
    expect(() => createSigner(KEY, fixedClock()).verify(part, signature)).toThrow(
      refused('signature_invalid'),
    )
  },
)

describe('a signature does not open', () => {
  const signer = createSigner(KEY, fixedClock())
  const others: Array<[what: string, made: Claim, asked: Claim]> = [
    ['another session', part, { ...part, session: 'ups_00000000000000000002' }],
    ['another part', part, { ...part, number: 4 }],
    ['a later expiry', part, { ...part, expires: EXPIRES + 1 }],
    ['another file', download, { ...download, fileId: 8 }],
    ['a later expiry of a download', download, { ...download, expires: EXPIRES + 1 }],
    ['another purpose', download, { kind: 'part', session: '7', number: 7, expires: EXPIRES }],
  ]
  test.each(others)('%s', (_what, made, asked) => {
    expect(() => signer.verify(asked, signer.sign(made))).toThrow(refused('signature_invalid'))
  })

  test('what another key signed', () => {
    const other = createSigner('cd'.repeat(32), fixedClock())
    expect(() => other.verify(part, signer.sign(part))).toThrow(refused('signature_invalid'))
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 1.5, 2 ** 60])('anything at the time %p', (expires) => {
    const claim: Claim = { kind: 'download', fileId: 7, expires }
    expect(() => signer.sign(claim)).toThrow(RangeError)
    expect(() => signer.verify(claim, '0'.repeat(64))).toThrow(refused('signature_invalid'))
  })
})

test('a signature is good until the second of its expiry', () => {
  const clock = fixedClock()
  const signer = createSigner(KEY, clock)
  const signature = signer.sign(part)
  clock.advance(3599.999)
  expect(() => signer.verify(part, signature)).not.toThrow()
  clock.advance(0.001)
  expect(() => signer.verify(part, signature)).toThrow(refused('signature_expired'))
})

test('after the expiry a right signature has expired, a wrong one is invalid', () => {
  const clock = fixedClock()
  const signer = createSigner(KEY, clock)
  const signature = signer.sign(part)
  clock.advance(7200)
  expect(() => signer.verify(part, signature)).toThrow(refused('signature_expired'))
  expect(() => signer.verify({ ...part, number: 4 }, signature)).toThrow(refused('signature_invalid'))
})

test.each([
  ['nothing', ''],
  ['31 bytes', 'ab'.repeat(31)],
  ['text', 'not hexadecimal at all, but long enough to be a key of 32 bytes'],
  ['hex with something behind it', `${'ab'.repeat(32)}zz`],
  ['half a byte', `${'ab'.repeat(32)}a`],
])('%s is no key', (_what, key) => {
  expect(() => createSigner(key, fixedClock())).toThrow('at least 32 bytes')
})

test('a fingerprint is the SHA-256 in hex', () => {
  expect(fingerprint('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
})

/**
 * The download_token of a file's page: 64 hex digits that carry their own times. From when on (5 bytes), for
 * how long (4), a nonce (3), and 20 bytes of the signature over all of it.
 */
import { timingSafeEqual } from 'node:crypto'
import type { Clock } from './clock.ts'
import { Fault } from './fault.ts'
import type { Ids } from './ids.ts'
import type { Signer } from './signer.ts'

export interface DownloadTokens {
  /** Good from `waitSeconds` from now on, for `lifetime` seconds. */
  issue(fileId: number, times: { waitSeconds: number; lifetime: number }): string
  /** Faults: link_invalid; not_yet with the seconds that are left to wait. */
  verify(fileId: number, token: string): void
}

const FORMAT = /^([0-9a-f]{10})([0-9a-f]{8})([0-9a-f]{6})([0-9a-f]{40})$/
const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')

export function createDownloadTokens({
  signer,
  clock,
  ids,
}: {
  signer: Signer
  clock: Clock
  ids: Ids
}): DownloadTokens {
  const seal = (fileId: number, from: number, lifetime: number, nonce: string): string =>
    signer.sign({ kind: 'page', fileId, from, nonce, expires: from + lifetime }).slice(0, 40)
  const now = (): number => Math.floor(clock.now().getTime() / 1000)
  return {
    issue(fileId, { waitSeconds, lifetime }) {
      const from = now() + waitSeconds
      const nonce = ids.secret(3)
      return hex(from, 10) + hex(lifetime, 8) + nonce + seal(fileId, from, lifetime, nonce)
    },
    verify(fileId, token) {
      const [, first = '', second = '', nonce = '', given = ''] = FORMAT.exec(token.toLowerCase()) ?? []
      const [from, lifetime] = [Number.parseInt(first, 16), Number.parseInt(second, 16)]
      if (given === '') throw new Fault('link_invalid')
      const expected = seal(fileId, from, lifetime, nonce)
      if (!timingSafeEqual(Buffer.from(given, 'hex'), Buffer.from(expected, 'hex')))
        throw new Fault('link_invalid')
      if (now() >= from + lifetime) throw new Fault('link_invalid')
      if (now() < from) throw new Fault('not_yet', undefined, { retryAfter: from - now() })
    },
  }
}

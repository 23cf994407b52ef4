/**
 * The download_token of a file's page: 64 hex digits that say from when on it is good (5 bytes) and for which
 * account it was made (4, 0 for a guest); then a nonce (3), and 20 bytes of the signature over all of it.
 */
import { timingSafeEqual } from 'node:crypto'
import type { Clock } from './clock.ts'
import { Fault } from './fault.ts'
import type { Ids } from './ids.ts'
import type { Signer } from './signer.ts'

export interface DownloadTokens {
  /** Good from `waitSeconds` from now on, for 24 hours. */
  issue(fileId: number, made: { accountId: number | null; waitSeconds: number }): string
  /** The account it was made for. Faults: link_invalid; not_yet with the seconds that are left to wait. */
  verify(fileId: number, token: string): number | null
}

const LIFETIME = 86_400

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
  const seal = (fileId: number, from: number, account: number, nonce: string): string =>
    signer.sign({ kind: 'page', fileId, from, account, nonce, expires: from + LIFETIME }).slice(0, 40)
  const now = (): number => Math.floor(clock.now().getTime() / 1000)
  return {
    issue(fileId, { accountId, waitSeconds }) {
      const account = accountId ?? 0
      const from = now() + waitSeconds
      const nonce = ids.secret(3)
      return hex(from, 10) + hex(account, 8) + nonce + seal(fileId, from, account, nonce)
    },
    verify(fileId, token) {
      const [, first = '', second = '', nonce = '', given = ''] = FORMAT.exec(token.toLowerCase()) ?? []
      const [from, account] = [Number.parseInt(first, 16), Number.parseInt(second, 16)]
      if (given === '') throw new Fault('link_invalid')
      const expected = seal(fileId, from, account, nonce)
      if (!timingSafeEqual(Buffer.from(given, 'hex'), Buffer.from(expected, 'hex')))
        throw new Fault('link_invalid')
      if (now() >= from + LIFETIME) throw new Fault('link_invalid')
      if (now() < from) throw new Fault('not_yet', undefined, { retryAfter: from - now() })
      return account === 0 ? null : account
    },
  }
}

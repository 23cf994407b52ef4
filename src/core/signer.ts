/**
 * The one HMAC of the product. A signature is bound to a purpose, the thing it opens and an expiry,
 * never to an address. Compared in constant time.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock } from './clock.ts'
import { Fault } from './fault.ts'

/** What a signature permits. */
export type Claim =
  | { kind: 'part'; session: string; number: number; expires: number }
  | { kind: 'download'; fileId: number; expires: number }
  /** Direct access to the bytes of a file, for minutes. */
  | { kind: 'presigned'; fileId: number; expires: number }
  /** The download_token of a file's page: not before `from`, for an account (0: a guest); `nonce` makes each one new. */
  | { kind: 'page'; fileId: number; from: number; account: number; nonce: string; expires: number }
  /** That a folder's password was given; another password needs another one. */
  | { kind: 'folder'; folderId: number; passwordMd5: string; expires: number }
  /** The pictures derived from a file, for who may see that it is there: in a folder that was opened. */
  | { kind: 'preview'; fileId: number; expires: number }
  /** That the password of a link was given; `lock` tells one password from another. */
  | { kind: 'link'; token: string; lock: string; expires: number }

export interface Signer {
  /** HMAC-SHA256 over the claim, 64 hex digits. */
  sign(claim: Claim): string
  /** Faults: signature_invalid, signature_expired (only for a signature that is otherwise right). */
  verify(claim: Claim, signature: string): void
}

/**
 * `key` is a secret of at least 32 bytes, as hex. `claim.expires` is in whole Unix seconds; nothing else can
 * be signed, so there is no signature without an end.
 */
export function createSigner(key: string, clock: Clock): Signer {
  if (!/^([0-9a-f]{2}){32,}$/i.test(key)) throw new Error('the signing key must be hex, at least 32 bytes')
  const secret = Buffer.from(key, 'hex')
  const digest = (claim: Claim): Buffer => createHmac('sha256', secret).update(canonical(claim)).digest()
  return {
    sign(claim) {
      if (!Number.isSafeInteger(claim.expires)) throw new RangeError('an expiry is a whole number of seconds')
      return digest(claim).toString('hex')
    },
    verify(claim, signature) {
      if (!Number.isSafeInteger(claim.expires)) throw new Fault('signature_invalid')
      const given = /^[0-9a-f]{64}$/i.test(signature) ? Buffer.from(signature, 'hex') : Buffer.alloc(32)
      if (!timingSafeEqual(given, digest(claim))) throw new Fault('signature_invalid')
      if (clock.now().getTime() >= claim.expires * 1000) throw new Fault('signature_expired')
    },
  }
}

/** Field order is fixed by the code, so equal claims give equal text. */
function canonical(claim: Claim): string {
  switch (claim.kind) {
    case 'part':
      return JSON.stringify(['part', claim.session, claim.number, claim.expires])
    case 'download':
      return JSON.stringify(['download', claim.fileId, claim.expires])
    case 'presigned':
      return JSON.stringify(['presigned', claim.fileId, claim.expires])
    case 'page':
      return JSON.stringify(['page', claim.fileId, claim.from, claim.account, claim.nonce, claim.expires])
    case 'folder':
      return JSON.stringify(['folder', claim.folderId, claim.passwordMd5, claim.expires])
    case 'preview':
      return JSON.stringify(['preview', claim.fileId, claim.expires])
    case 'link':
      return JSON.stringify(['link', claim.token, claim.lock, claim.expires])
  }
}

/** SHA-256 as hex: how secrets of programs and browsers are stored. */
export const fingerprint = (secret: string): string => createHash('sha256').update(secret).digest('hex')

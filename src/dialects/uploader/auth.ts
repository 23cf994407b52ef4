/** The uploader's credential: a JWT that names a live sign-in. */
import { jwtVerify, SignJWT } from 'jose'
import type { Core } from '../../core/core.ts'
import { Fault } from '../../core/fault.ts'
import type { Account, LoginToken } from '../../core/model.ts'

/** A JWT; clients read `ExpiresAt`, in Unix seconds, from its payload. */
export const encode = (core: Core, token: LoginToken): Promise<string> =>
  new SignJWT({ user_id: token.accountId, ExpiresAt: token.expiresAt.getTime() / 1000, jti: token.id })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .sign(core.loginTokens.key)

/** The id of the sign-in. Fault: credential_unreadable (no JWT, or not signed by us). */
export async function decode(core: Core, jwt: string): Promise<string> {
  try {
    const { payload } = await jwtVerify(jwt, core.loginTokens.key, { algorithms: ['HS256'] })
    if (typeof payload.jti !== 'string') throw new Error('a JWT without jti')
    return payload.jti
  } catch (cause) {
    throw new Fault('credential_unreadable', undefined, { cause })
  }
}

/** Faults, in this order: credential_missing, credential_malformed. */
function readBearer(headers: Headers): string {
  const header = headers.get('authorization')?.trim() ?? ''
  if (header === '') throw new Fault('credential_missing')
  const words = header.split(/\s+/)
  if (words.length !== 2 || words[0]?.toLowerCase() !== 'bearer') throw new Fault('credential_malformed')
  return words[1] ?? ''
}

export interface SignedIn {
  account: Account
  token: LoginToken
}

/** Faults: those of readBearer, then credential_unreadable, credential_unknown, credential_expired. */
export async function authenticate(core: Core, headers: Headers): Promise<SignedIn> {
  return core.loginTokens.authenticate(await decode(core, readBearer(headers)))
}

/** What a yetishare client signs in for: a token that lives an hour after its last use. */

import type { AccountService } from './accounts.ts'
import type { AuditService } from './audit.ts'
import { type Clock, plusSeconds } from './clock.ts'
import { Fault, isFault } from './fault.ts'
import type { Ids } from './ids.ts'
import { createLockout } from './lockout.ts'
import type { MetadataStore } from './metadata.ts'
import type { AccessToken, Account, Principal } from './model.ts'
import { networkOf } from './network.ts'
import type { PackageService } from './packages.ts'
import { fingerprint } from './signer.ts'
import type { TokenService } from './tokens.ts'

/** Seconds. */
const IDLE_TTL = 3600
/** A use is noted at most this often, in seconds. */
const TOUCH_AFTER = 60
const MANY_TOKENS = 10_000

export type SignIn =
  | { kind: 'keys'; key1: string; key2: string }
  | { kind: 'password'; name: string; password: string }

export interface AccessTokenService {
  /**
   * Faults: bad_credentials (also while locked out after five failures from one address, and when the password
   * changes at this moment), api_refused,
   * unavailable (too many at once).
   */
  authorise(signIn: SignIn, ip: string): Promise<{ secret: string; account: Account }>
  /** For one request, without a token. Faults as in `authorise`. */
  byKeys(key1: string, key2: string, ip: string): Promise<Account>
  /** Unknown, idle for too long, or of an account that is not active: bad_credentials. */
  authenticate(secret: string, ip: string): Promise<Principal & { account: Account }>
  /** It is dead at once. */
  disable(secret: string): Promise<void>
}

interface Deps {
  metadata: MetadataStore
  accounts: AccountService
  tokens: TokenService
  packages: PackageService
  audit: Pick<AuditService, 'tries'>
  clock: Clock
  ids: Ids
}

export function createAccessTokens(deps: Deps): AccessTokenService {
  const { metadata, accounts, tokens, packages, audit, clock, ids } = deps
  const lockout = createLockout(clock)
  const uses = createUses(clock)

  const identify = async (signIn: SignIn, ip: string): Promise<Account> => {
    if (signIn.kind === 'password') return accounts.signIn(signIn.name, signIn.password)
    const { account } = await tokens.authenticate('yetishare', signIn.key1 + signIn.key2, ip)
    if (!account) throw new Fault('bad_credentials')
    return account
  }

  const identifyUnlessLocked = (signIn: SignIn, ip: string): Promise<Account> => {
    const who = signIn.kind === 'password' ? signIn.name.trim().toLowerCase() : fingerprint(signIn.key1)
    return lockout.attempt(`${signIn.kind}/${who}/${networkOf(ip)}`, () => identify(signIn, ip))
  }

  /** Now and then in the records, each time in memory. A full disk must not lock programs out. */
  const noteUse = async (hash: string, token: AccessToken, now: Date): Promise<void> => {
    uses.set(hash, now)
    if (token.lastUsedAt > plusSeconds(now, -TOUCH_AFTER)) return
    await metadata.accessTokens.touch(hash, now).catch((error: unknown) => {
      if (!isFault(error, 'storage_full')) throw error
    })
  }

  const lastUse = (hash: string, { lastUsedAt }: AccessToken): Date => {
    const use = uses.get(hash)
    return use && use > lastUsedAt ? use : lastUsedAt
  }

  const admit = async (signIn: SignIn, ip: string): Promise<Account> => {
    const account = await identifyUnlessLocked(signIn, ip)
    if (!(await packages.of(account)).apiAccess) throw new Fault('api_refused')
    return account
  }

  const admitNoted = (signIn: SignIn, ip: string): Promise<Account> =>
    signIn.kind === 'keys'
      ? admit(signIn, ip)
      : audit.tries.watch({ door: 'YetiShare API', name: signIn.name, ip }, () => admit(signIn, ip))

  return {
    byKeys: (key1, key2, ip) => admit({ kind: 'keys', key1, key2 }, ip),
    async authorise(signIn, ip) {
      const account = await admitNoted(signIn, ip)
      const now = clock.now()
      const secret = ids.secret(64)
      const record = { hash: fingerprint(secret), accountId: account.id, createdAt: now, lastUsedAt: now }
      await metadata.accessTokens.create(record, account)
      await metadata.accounts.noteSignIn(account.id, now, ip)
      return { secret, account }
    },
    async authenticate(secret, ip) {
      const now = clock.now()
      const hash = fingerprint(secret)
      const found = await metadata.accessTokens.find(hash)
      const isLive = found && lastUse(hash, found.token) > plusSeconds(now, -IDLE_TTL)
      if (!isLive || found.account.status !== 'active') throw new Fault('bad_credentials')
      await noteUse(hash, found.token, now)
      return { actor: `access:${hash.slice(0, 16)}`, account: found.account, tokenId: null, scopes: null, ip }
    },
    disable: (secret) => metadata.accessTokens.delete(fingerprint(secret)),
  }
}

/** Tokens whose noted use is before this are of no use any more, whatever use was not noted. */
export const accessTokensEndBefore = (now: Date): Date => plusSeconds(now, -IDLE_TTL - TOUCH_AFTER)

/** When tokens were last used, exactly. What is older than an hour is forgotten, as its token is dead. */
function createUses(clock: Clock) {
  const uses = new Map<string, Date>()
  const tidy = (): void => {
    const dead = plusSeconds(clock.now(), -IDLE_TTL)
    for (const [hash, at] of uses) if (at <= dead) uses.delete(hash)
  }
  return {
    get: (hash: string): Date | undefined => uses.get(hash),
    set(hash: string, at: Date): void {
      if (uses.size >= MANY_TOKENS && !uses.has(hash)) tidy()
      uses.set(hash, at)
    },
  }
}

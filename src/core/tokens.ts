/** Credentials for programs: shown once, kept as SHA-256, revoked at once. */
import { type Clock, plusSeconds } from './clock.ts'
import { Fault, invalid } from './fault.ts'
import { printable } from './filename.ts'
import type { Ids } from './ids.ts'
import type { Log } from './log.ts'
import type { MetadataStore } from './metadata.ts'
import type { Account, Principal, Token, TokenKind } from './model.ts'
import type { PackageService } from './packages.ts'
import { fingerprint } from './signer.ts'

/** Scopes a nating token can carry; `*` stands for all of them. */
export const TOKEN_SCOPES = ['files.upload', 'files.read', 'files.write', '*'] as const
export const DEFAULT_SCOPES: string[] = ['files.upload', 'files.read']

const DAY = 86_400
const TOUCH_INTERVAL_MS = 5 * 60_000

export interface NewTokenInput {
  kind: TokenKind
  name?: string
  /** nating only. */
  scopes?: string[]
  /** Absent or 0: never. */
  expiresInDays?: number
}

export interface TokenService {
  /**
   * `secrets` are shown to the user now and never again: one, or key1 and key2 for yetishare. Faults: invalid;
   * bad_credentials when the account has another password or status by now.
   */
  issue(account: Account, input: NewTokenInput): Promise<{ token: Token; secrets: string[] }>
  /** Likewise, when the account's package has the API. Faults: and api_refused, insufficient_tier. */
  issueOwn(account: Account, input: NewTokenInput): Promise<{ token: Token; secrets: string[] }>
  /** A wrong, expired or revoked secret, and a suspended account, are one Fault: bad_credentials. */
  authenticate(kind: TokenKind, secret: string, ip: string): Promise<Principal>
  list(account: Account): Promise<Token[]>
  /** Fault: token_not_found. */
  revoke(id: string): Promise<void>
  /** Fault: token_not_found, also for one of another account. */
  revokeOwn(account: Account, id: string): Promise<Token>
}

export const isExpired = (token: Token, now: Date): boolean =>
  token.expiresAt !== null && token.expiresAt <= now

export function createTokens({
  metadata,
  packages,
  clock,
  ids,
  log,
}: {
  metadata: MetadataStore
  packages: Pick<PackageService, 'of'>
  clock: Clock
  ids: Ids
  log: Log
}): TokenService {
  /** For the owner's information only: a full disk must not lock programs out. */
  const touch = async (token: Token, now: Date, ip: string): Promise<void> => {
    try {
      await metadata.tokens.touch(token.id, now, ip)
    } catch (error) {
      log.warn('token_use_not_noted', { token: token.id, cause: String(error) })
    }
  }
  const issue: TokenService['issue'] = async (account, input) => {
    const now = clock.now()
    const secrets = newSecrets(input.kind, ids)
    const secret = secrets.join('')
    const expiresInDays = readDays(input.expiresInDays ?? 0)
    const record = {
      id: ids.token(),
      accountId: account.id,
      kind: input.kind,
      name: readTokenName(input.name ?? 'Desktop API Token'),
      prefix: secret.slice(0, 12),
      last4: secret.slice(-4),
      scopes: input.kind === 'nating' ? readScopes(input.scopes ?? DEFAULT_SCOPES) : [],
      createdAt: now,
      expiresAt: expiresInDays === 0 ? null : plusSeconds(now, expiresInDays * DAY),
      hash: fingerprint(secret),
    }
    return { token: await metadata.tokens.create(record, account), secrets }
  }
  return {
    issue,
    async issueOwn(account, input) {
      const { apiAccess, flamenetApi } = await packages.of(account)
      if (input.kind === 'flamenet' && !flamenetApi) throw new Fault('insufficient_tier')
      if (input.kind !== 'flamenet' && !apiAccess) throw new Fault('api_refused')
      return issue(account, input)
    },
    async authenticate(kind, secret, ip) {
      const now = clock.now()
      const found = await metadata.tokens.findByHash(kind, fingerprint(secret))
      if (!found || !isUsable(found.token, found.account, now)) throw new Fault('bad_credentials')
      const { token, account } = found
      const lastUsed = token.lastUsedAt?.getTime() ?? 0
      if (now.getTime() - lastUsed >= TOUCH_INTERVAL_MS) await touch(token, now, ip)
      return { actor: `token:${token.id}`, account, tokenId: token.id, scopes: token.scopes, ip }
    },
    list: (account) => metadata.tokens.list(account.id),
    revoke: (id) => metadata.tokens.revoke(id),
    async revokeOwn(account, id) {
      const token = (await metadata.tokens.list(account.id)).find((one) => one.id === id)
      if (!token) throw new Fault('token_not_found')
      await metadata.tokens.revoke(id)
      return token
    },
  }
}

const isUsable = (token: Token, account: Account, now: Date): boolean =>
  token.status === 'active' && !isExpired(token, now) && account.status === 'active'

function newSecrets(kind: TokenKind, ids: Ids): string[] {
  if (kind === 'yetishare') return [ids.secret(32), ids.secret(32)]
  return [`${kind === 'nating' ? 'fyu_' : 'fn_'}${ids.secret(24)}`]
}

function readTokenName(value: string): string {
  const name = printable(value.replace(/\s+/g, ' ')).trim()
  if (name === '') throw invalid('name', 'Token name is required.')
  if (name.length > 100) throw invalid('name', 'A token name has at most 100 characters.')
  return name
}

function readScopes(scopes: string[]): string[] {
  if (scopes.length === 0) throw invalid('scopes', 'Select at least one API token scope.')
  for (const scope of scopes) {
    if (!(TOKEN_SCOPES as readonly string[]).includes(scope)) {
      throw invalid('scopes', `${scope} is not a scope. Known: ${TOKEN_SCOPES.join(', ')}.`)
    }
  }
  return [...new Set(scopes)]
}

function readDays(days: number): number {
  if (!Number.isInteger(days) || days < 0 || days > 3650) {
    throw invalid('expires_days', 'The lifetime is 0 (never) to 3650 days.')
  }
  return days
}

/** Fault: insufficient_scope. Browsers and guests carry no scopes and may do what the account may. */
export function requireScope(principal: Principal, scope: string): void {
  const { scopes } = principal
  if (scopes !== null && !scopes.includes(scope) && !scopes.includes('*'))
    throw new Fault('insufficient_scope')
}

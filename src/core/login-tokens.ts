/** Sign-ins of the uploader API: a list of live tokens, whose ids are signed into JWTs by the dialect. */
import type { AccountService } from './accounts.ts'
import type { AuditService } from './audit.ts'
import { type Clock, plusSeconds } from './clock.ts'
import { Fault, isFault } from './fault.ts'
import type { Ids } from './ids.ts'
import type { MetadataStore } from './metadata.ts'
import type { Account, LoginToken } from './model.ts'

/** Seconds. */
const LIFETIME = 5 * 86_400
const BOT_LIFETIME = 180 * 86_400
/** The oldest beyond these are signed out. */
const MOST_LIVE = 10

export interface LoginTokenService {
  /** HMAC key of the JWTs; the same for all time. */
  readonly key: Uint8Array
  /** Any password that is not empty. Faults: forbidden (visitors may not), name_taken, invalid (name). */
  register(name: string, password: string, isBot: boolean): Promise<{ account: Account; token: LoginToken }>
  /** From `ip`. Faults: account_not_found, wrong_password (also for an account that is not active). */
  login(
    name: string,
    password: string,
    isBot: boolean,
    ip: string,
  ): Promise<{ account: Account; token: LoginToken }>
  /** Fault: bad_credentials when the account has another password or status by now. */
  issue(account: Account, isBot: boolean): Promise<LoginToken>
  /** Faults: credential_unknown, credential_expired (the record is then gone). */
  authenticate(id: string): Promise<{ account: Account; token: LoginToken }>
  /** The old one is dead, the new one lives as long as one of its kind. Faults as in `authenticate`. */
  refresh(id: string): Promise<{ account: Account; token: LoginToken }>
  logout(id: string): Promise<void>
  /** Live ones of the account, the newest first. */
  list(account: Account): Promise<LoginToken[]>
  /** One of the account's. Fault: token_not_found. */
  end(account: Account, id: string): Promise<void>
}

/** What `register` says where visitors may not make accounts. */
export const REGISTRATION_CLOSED = 'Registration is closed on this site.'

interface Deps {
  metadata: MetadataStore
  accounts: AccountService
  audit: Pick<AuditService, 'tries'>
  clock: Clock
  ids: Ids
  key: Uint8Array
  /** Whether visitors may make accounts for themselves. */
  registration(): boolean
}

export function createLoginTokens({
  metadata,
  accounts,
  audit,
  clock,
  ids,
  key,
  registration,
}: Deps): LoginTokenService {
  const fresh = (accountId: number, isBot: boolean): LoginToken => {
    const createdAt = clock.now()
    const expiresAt = plusSeconds(createdAt, isBot ? BOT_LIFETIME : LIFETIME)
    return { id: ids.secret(16), accountId, isBot, createdAt, expiresAt }
  }
  const issue = async (account: Account, isBot: boolean): Promise<LoginToken> => {
    const token = fresh(account.id, isBot)
    await metadata.loginTokens.create(token, MOST_LIVE, account)
    return token
  }
  const authenticate = async (id: string) => {
    const found = await metadata.loginTokens.find(id)
    if (found?.account.status !== 'active') throw new Fault('credential_unknown')
    if (found.token.expiresAt > clock.now()) return found
    await metadata.loginTokens.delete(id)
    throw new Fault('credential_expired')
  }
  return {
    key,
    async register(name, password, isBot) {
      if (!registration()) throw new Fault('forbidden', REGISTRATION_CLOSED)
      const account = await accounts.create({ name, password, anyPassword: true })
      return { account, token: await issue(account, isBot) }
    },
    async login(name, password, isBot, ip) {
      const account = await audit.tries.watch({ door: 'File Uploader API', name, ip }, () =>
        accounts.signInByName(name, password),
      )
      const token = await issue(account, isBot).catch((error: unknown) => {
        throw isFault(error, 'bad_credentials') ? new Fault('wrong_password') : error
      })
      return { account, token }
    },
    issue,
    authenticate,
    async refresh(id) {
      const { account, token } = await authenticate(id)
      const next = fresh(account.id, token.isBot)
      await metadata.loginTokens.replace(id, next)
      return { account, token: next }
    },
    logout: (id) => metadata.loginTokens.delete(id),
    async list(account) {
      const now = clock.now()
      return (await metadata.loginTokens.list(account.id)).filter(({ expiresAt }) => expiresAt > now)
    },
    end: (account, id) => metadata.loginTokens.end(account.id, id),
  }
}

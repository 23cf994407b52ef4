/** Browsers that signed in: a cookie, and a CSRF token that changes with each use. */
import type { AccountService } from './accounts.ts'
import type { AuditService } from './audit.ts'
import { type Clock, plusSeconds } from './clock.ts'
import { Fault } from './fault.ts'
import { printable } from './filename.ts'
import type { Ids } from './ids.ts'
import type { Log } from './log.ts'
import type { MetadataStore } from './metadata.ts'
import type { Account, Principal, WebSession } from './model.ts'
import type { SecondFactorService } from './second-factors.ts'
import { fingerprint } from './signer.ts'

/** Seconds a session lives after its last use. */
export const WEB_SESSION_TTL = 14 * 86_400

const TOUCH_INTERVAL_MS = 5 * 60_000
const LONGEST_USER_AGENT = 300

/** What a browser says of itself, fit to be shown. */
const readable = (userAgent: string): string => printable(userAgent).slice(0, LONGEST_USER_AGENT)

export interface SignedInBrowser {
  principal: Principal & { account: Account }
  session: WebSession
}

export interface SignInDetails {
  /** Of the authenticator, or a recovery code. */
  code?: string
  ip?: string
  userAgent?: string
}

export interface WebSessionService {
  /**
   * Returns the cookie's value and the first CSRF token. Faults: bad_credentials; second_factor_required and
   * second_factor_wrong, both only when the password is right.
   */
  signIn(
    name: string,
    password: string,
    from?: SignInDetails,
  ): Promise<{ account: Account; cookie: string; csrf: string }>
  /** Of the account, the one used last first. */
  list(account: Account): Promise<WebSession[]>
  /** One of the account's sessions. Fault: token_not_found. */
  end(account: Account, id: number): Promise<void>
  /** All sessions of the account but this one; returns how many. */
  endOthers(session: WebSession): Promise<number>
  /** Null when the cookie is unknown, has ended, or its account is suspended. */
  authenticate(cookie: string, ip: string): Promise<SignedInBrowser | null>
  /** Accepts the current CSRF token or, once, the one before; returns the next one. Fault: csrf_invalid. */
  verifyCsrf(session: WebSession, presented: string | null): Promise<string>
  /**
   * Accepts the current CSRF token and the one before, and changes nothing: calls at the same time do not get in
   * each other's way. Fault: csrf_invalid.
   */
  checkCsrf(session: WebSession, presented: string | null): void
  /** For a browser whose owner has just proved who it is. Fault: bad_credentials when that is not so any more. */
  begin(
    account: Account,
    from?: Omit<SignInDetails, 'code'>,
  ): Promise<{ account: Account; cookie: string; csrf: string }>
  signOut(cookie: string): Promise<void>
}

interface Deps {
  metadata: MetadataStore
  accounts: AccountService
  secondFactors: SecondFactorService
  audit: Pick<AuditService, 'tries'>
  clock: Clock
  ids: Ids
  log: Log
}

export function createWebSessions(deps: Deps): WebSessionService {
  const { metadata, accounts, secondFactors, audit, clock, ids, log } = deps

  /** There is half of its time left to try again: a full disk must not sign anybody out. */
  const extendWhenHalfGone = async (session: WebSession, now: Date): Promise<void> => {
    const remaining = session.expiresAt.getTime() - now.getTime()
    if (remaining >= WEB_SESSION_TTL * 500) return
    try {
      await metadata.webSessions.extend(session.id, plusSeconds(now, WEB_SESSION_TTL))
    } catch (error) {
      log.warn('browser_session_not_extended', { session: session.id, cause: String(error) })
    }
  }
  /** For the owner's information only, now and then. */
  const noteUse = async (session: WebSession, now: Date, ip: string): Promise<void> => {
    if (now.getTime() - (session.lastSeenAt?.getTime() ?? 0) < TOUCH_INTERVAL_MS) return
    try {
      await metadata.webSessions.touch(session.id, { lastSeenAt: now, ip, userAgent: session.userAgent })
    } catch (error) {
      log.warn('browser_session_use_not_noted', { session: session.id, cause: String(error) })
    }
  }
  const begin: WebSessionService['begin'] = async (account, { ip, userAgent } = {}) => {
    const now = clock.now()
    const cookie = ids.secret(32)
    const csrf = ids.secret(16)
    const record = {
      accountId: account.id,
      csrf,
      ip: ip ?? null,
      userAgent: userAgent === undefined ? null : readable(userAgent),
      lastSeenAt: now,
      provedAt: now,
      createdAt: now,
      expiresAt: plusSeconds(now, WEB_SESSION_TTL),
    }
    await metadata.webSessions.create({ ...record, hash: fingerprint(cookie) }, account)
    return { account, cookie, csrf }
  }
  const identify = async (name: string, password: string, code: string): Promise<Account> => {
    const account = await accounts.verify(name, password)
    if (await secondFactors.isOn(account.id)) {
      if (code.trim() === '') throw new Fault('second_factor_required')
      await secondFactors.require(account.id, code)
    }
    return account
  }
  return {
    begin,
    async signIn(name, password, from = {}) {
      const { code = '', ip = null } = from
      const account = await audit.tries.watch({ door: 'Browser', name, ip }, () =>
        identify(name, password, code),
      )
      return begin(account, from)
    },
    checkCsrf({ csrf, previousCsrf }, presented) {
      const given = fingerprint(presented ?? '')
      const known = [csrf, previousCsrf].filter((token) => token !== null && fingerprint(token) === given)
      if (presented === null || known.length === 0) throw new Fault('csrf_invalid')
    },
    async authenticate(cookie, ip) {
      const now = clock.now()
      const found = await metadata.webSessions.findByHash(fingerprint(cookie))
      if (!found || found.session.expiresAt <= now || found.account.status !== 'active') return null
      await extendWhenHalfGone(found.session, now)
      await noteUse(found.session, now, ip)
      const { account, session } = found
      return { principal: { actor: `user:${account.id}`, account, tokenId: null, scopes: null, ip }, session }
    },
    async verifyCsrf(session, presented) {
      const current = presented
        ? await metadata.webSessions.rotateCsrf(session.id, presented, ids.secret(16))
        : null
      if (current === null) throw new Fault('csrf_invalid')
      return current
    },
    list: (account) => metadata.webSessions.list(account.id),
    end: (account, id) => metadata.webSessions.end(account.id, id),
    endOthers: ({ accountId, id }) => metadata.webSessions.endOthers(accountId, id),
    signOut: (cookie) => metadata.webSessions.delete(fingerprint(cookie)),
  }
}

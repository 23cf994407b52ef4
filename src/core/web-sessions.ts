/** Browsers that signed in: a cookie, and a CSRF token that changes with each use. */
import type { AccountService } from './accounts.ts'
import { type Clock, plusSeconds } from './clock.ts'
import { Fault } from './fault.ts'
import type { Ids } from './ids.ts'
import type { Log } from './log.ts'
import type { MetadataStore } from './metadata.ts'
import type { Account, Principal, WebSession } from './model.ts'
import { fingerprint } from './signer.ts'

/** Seconds a session lives after its last use. */
export const WEB_SESSION_TTL = 14 * 86_400

export interface SignedInBrowser {
  principal: Principal & { account: Account }
  session: WebSession
}

export interface WebSessionService {
  /** Returns the cookie's value and the first CSRF token. Fault: bad_credentials. */
  signIn(name: string, password: string): Promise<{ account: Account; cookie: string; csrf: string }>
  /** Null when the cookie is unknown, has ended, or its account is suspended. */
  authenticate(cookie: string, ip: string): Promise<SignedInBrowser | null>
  /** Accepts the current CSRF token or, once, the one before; returns the next one. Fault: csrf_invalid. */
  verifyCsrf(session: WebSession, presented: string | null): Promise<string>
  /**
   * Accepts the current CSRF token and the one before, and changes nothing: calls at the same time do not get in
   * each other's way. Fault: csrf_invalid.
   */
  checkCsrf(session: WebSession, presented: string | null): void
  /** For a browser whose owner has just proved who it is. */
  begin(account: Account): Promise<{ account: Account; cookie: string; csrf: string }>
  signOut(cookie: string): Promise<void>
}

interface Deps {
  metadata: MetadataStore
  accounts: AccountService
  clock: Clock
  ids: Ids
  log: Log
}

export function createWebSessions({ metadata, accounts, clock, ids, log }: Deps): WebSessionService {
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
  const begin: WebSessionService['begin'] = async (account) => {
    const now = clock.now()
    const cookie = ids.secret(32)
    const csrf = ids.secret(16)
    const record = {
      accountId: account.id,
      csrf,
      createdAt: now,
      expiresAt: plusSeconds(now, WEB_SESSION_TTL),
    }
    await metadata.webSessions.create({ ...record, hash: fingerprint(cookie) })
    return { account, cookie, csrf }
  }
  return {
    begin,
    signIn: async (name, password) => begin(await accounts.signIn(name, password)),
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
    signOut: (cookie) => metadata.webSessions.delete(fingerprint(cookie)),
  }
}

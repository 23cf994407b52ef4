/** What proves who somebody is, as records: tokens of programs, sessions of browsers. */
import type { AccessToken, Account, LoginToken, Token, TokenKind, WebSession } from '../model.ts'

/**
 * The account as it was when somebody proved to be its owner. A credential is made, or a password replaced, only while
 * it has this password and this status: what ends when these change must not be followed by one that did not know of it.
 */
export type AccountProof = Pick<Account, 'passwordHash' | 'status'>

export type NewToken = Omit<Token, 'status' | 'lastUsedAt' | 'lastUsedIp'> & { hash: string }

export interface TokenStore {
  /** Faults: account_not_found, bad_credentials (see AccountProof), conflict. */
  create(token: NewToken, proof?: AccountProof): Promise<Token>
  /** Whatever its status and expiry; the caller judges. */
  findByHash(kind: TokenKind, hash: string): Promise<{ token: Token; account: Account } | null>
  list(accountId: number): Promise<Token[]>
  /** Revoking twice is fine. Fault: token_not_found. */
  revoke(id: string): Promise<void>
  touch(id: string, at: Date, ip: string): Promise<void>
}

export type SeenBrowser = Pick<WebSession, 'userAgent' | 'ip' | 'lastSeenAt'>
export type NewWebSession = Omit<WebSession, 'id' | 'previousCsrf' | 'provedAt' | keyof SeenBrowser> &
  Partial<SeenBrowser & Pick<WebSession, 'provedAt'>> & { hash: string }

export interface WebSessionStore {
  /** Faults: account_not_found, bad_credentials (see AccountProof), conflict. */
  create(session: NewWebSession, proof?: AccountProof): Promise<WebSession>
  findByHash(hash: string): Promise<{ session: WebSession; account: Account } | null>
  /**
   * Accepts the current CSRF token, which `next` then replaces, or the previous one, which is then used up
   * and leaves the current one as it is. Returns the token that is current now, or null when refused.
   */
  rotateCsrf(id: number, presented: string, next: string): Promise<string | null>
  extend(id: number, expiresAt: Date): Promise<void>
  delete(hash: string): Promise<void>
  /** Of the account, the one used last first. */
  list(accountId: number): Promise<WebSession[]>
  /** Notes a use. */
  touch(id: number, seen: SeenBrowser): Promise<void>
  /** The owner has proved who it is. */
  prove(id: number, at: Date): Promise<void>
  /** One of the account's sessions. Fault: token_not_found. */
  end(accountId: number, id: number): Promise<void>
  /** All of the account's sessions but one; returns how many. */
  endOthers(accountId: number, keptId: number): Promise<number>
  /** Removes sessions that ended before `now`; returns how many. */
  purge(now: Date): Promise<number>
}

export interface AccessTokenStore {
  /** Faults: account_not_found, bad_credentials (see AccountProof), conflict. */
  create(token: AccessToken & { hash: string }, proof?: AccountProof): Promise<void>
  find(hash: string): Promise<{ token: AccessToken; account: Account } | null>
  touch(hash: string, at: Date): Promise<void>
  delete(hash: string): Promise<void>
  /** Removes tokens last used before the given time; returns how many. */
  purge(before: Date): Promise<number>
}

export interface LoginTokenStore {
  /**
   * Beyond `mostLive` tokens of the account the oldest are removed. Faults: account_not_found, bad_credentials (see
   * AccountProof), conflict.
   */
  create(token: LoginToken, mostLive: number, proof?: AccountProof): Promise<void>
  find(id: string): Promise<{ token: LoginToken; account: Account } | null>
  /** The new one lives, the old one is gone, or neither. Fault: credential_unknown when the old one is gone. */
  replace(id: string, next: LoginToken): Promise<void>
  delete(id: string): Promise<void>
  /** Of the account, the newest first; those that have ended, too. */
  list(accountId: number): Promise<LoginToken[]>
  /** One of the account's. Fault: token_not_found. */
  end(accountId: number, id: string): Promise<void>
  /** Removes tokens that ended before `now`; returns how many. */
  purge(now: Date): Promise<number>
}

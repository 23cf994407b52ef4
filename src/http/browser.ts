/** Calls that come with the session cookie: who it is, and that it was meant. */
import { Fault } from '../core/fault.ts'
import type { SignedInBrowser, WebSessionService } from '../core/web-sessions.ts'
import { hostOf, type PeerSource } from './client-address.ts'

export type Browser = SignedInBrowser

export interface BrowserSessions {
  /** The client's address as the outside sees it. */
  address(request: Request, server: PeerSource): string
  /** The site's own origin, without a slash at the end. */
  origin(request: Request, server: PeerSource): string
  /** Null without a cookie, or with one that is not good any more. */
  find(request: Request, ip: string): Promise<Browser | null>
  /**
   * That the call was meant by the page it came from. Returns the next CSRF token.
   * Fault: csrf_invalid (token missing, wrong, used up; another site's page).
   */
  verify(browser: Browser, request: Request, body: Record<string, unknown>): Promise<string>
  /**
   * Likewise by the header X-CSRF-Token alone, whose token stays as it is: calls of one page may come at the same
   * time. Fault: csrf_invalid.
   */
  check(browser: Browser, request: Request): void
}

export const isMutating = (request: Request): boolean => !['GET', 'HEAD', 'OPTIONS'].includes(request.method)

const NAME = 'kist_session'
/** The prefix binds a cookie to this host and to TLS; it cannot be used without TLS. */
const SECURE_NAME = `__Host-${NAME}`

/** The value of the session cookie, or null. */
export function readSessionCookie(headers: Headers): string | null {
  const pairs =
    headers
      .get('cookie')
      ?.split(';')
      .map((pair) => pair.trim()) ?? []
  for (const name of [SECURE_NAME, NAME]) {
    const value = pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1)
    if (value !== undefined && /^[0-9a-f]{64}$/.test(value)) return value
  }
  return null
}

/** A Set-Cookie header; `maxAge` in seconds, 0 removes the cookie. `origin` tells whether TLS is in use. */
export function sessionCookie(value: string, maxAge: number, origin: string): string {
  const secure = origin.startsWith('https:')
  const attributes = `Path=/; HttpOnly; SameSite=Lax; Max-Age=${maxAge}${secure ? '; Secure' : ''}`
  return `${secure ? SECURE_NAME : NAME}=${value}; ${attributes}`
}

/** Fault: csrf_invalid for a page of another origin. */
export function requireSameOrigin(request: Request, origin: string): void {
  const sent = request.headers.get('origin')
  if (sent === null) {
    const site = request.headers.get('sec-fetch-site')
    if (site !== null && site !== 'same-origin' && site !== 'none') throw new Fault('csrf_invalid')
    return
  }
  const expected = [origin, `http://${hostOf(request)}`, `https://${hostOf(request)}`]
  if (!expected.includes(sent.toLowerCase())) throw new Fault('csrf_invalid')
}

interface Deps {
  webSessions: WebSessionService
  address(request: Request, server: PeerSource): string
  origin(request: Request, server: PeerSource): string
}

export function browserSessions({ webSessions, address, origin }: Deps): BrowserSessions {
  return {
    address,
    origin,
    async find(request, ip) {
      const cookie = readSessionCookie(request.headers)
      return cookie === null ? null : webSessions.authenticate(cookie, ip)
    },
    check(browser, request) {
      requireSameOrigin(request, origin(request, null))
      webSessions.checkCsrf(browser.session, request.headers.get('x-csrf-token'))
    },
    verify(browser, request, body) {
      requireSameOrigin(request, origin(request, null))
      const field = typeof body.csrf_token === 'string' ? body.csrf_token : null
      return webSessions.verifyCsrf(browser.session, request.headers.get('x-csrf-token') ?? field)
    },
  }
}

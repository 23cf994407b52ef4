/**
 * The one way into calls that come with the session cookie: who it is, and that the call was meant by a page of
 * ours. Tokens stay as they are, so that a page can call many times at once.
 */
import type { Core } from '../../core/core.ts'
import type { Account, Principal, WebSession } from '../../core/model.ts'
import { readJson } from '../../http/body.ts'
import { isMutating } from '../../http/browser.ts'
import { JSON_HEADERS, queryOf } from '../../http/dialect.ts'
import { exchangeOf } from '../../http/exchange.ts'
import type { Fields } from '../../http/fields.ts'
import type { WebDeps } from '../session.ts'
import { requireSignedIn } from '../signed-in.ts'
import type { Visit } from '../visit.ts'

export interface Call {
  core: Core
  account: Account
  principal: Principal & { account: Account }
  session: WebSession
  /** The CSRF token of the session. */
  csrf: string
  /** Of the site, without a slash at the end. */
  origin: string
  params: Record<string, string>
  query: URLSearchParams
  /** Of calls that change something; else nothing. */
  body: Fields
}

/** 10,000 parts with their ETags are the longest that any call has to say. */
const BODY_LIMIT = 2 * 1024 * 1024

/** How routes say what they are: their schema is in the wire, and the API documentation is for programs. */
export const hidden = { detail: { hide: true } } as const
export const changing = { ...hidden, parse: 'none' } as const

type Handler = (visit: Visit & { params: Record<string, string> }) => Promise<Response>

/**
 * JSON of whatever the call gives. Faults: unauthenticated, rate_limited, csrf_invalid, json_malformed,
 * body_too_large.
 */
export const calls =
  (deps: WebDeps) =>
  (work: (call: Call) => Promise<object>): Handler =>
  async (visit) =>
    new Response(JSON.stringify(await work(await enter(deps, visit))), { headers: JSON_HEADERS })

async function enter(
  deps: WebDeps,
  { request, server, params }: Visit & { params: Record<string, string> },
): Promise<Call> {
  const { core, browsers } = deps
  const browser = await requireSignedIn(deps, { request, server })
  const { principal, session } = browser
  exchangeOf(request).actor = principal.actor
  const changes = isMutating(request)
  if (changes) browsers.check(browser, request)
  return {
    core,
    principal,
    session,
    account: principal.account,
    csrf: session.csrf,
    origin: browsers.origin(request, server),
    params: params ?? {},
    query: new URLSearchParams(queryOf(request)),
    body: changes ? await readJson(request, BODY_LIMIT) : {},
  }
}

/** Who calls, and whether they may: in the order of checks the API promises. */

import { Elysia } from 'elysia'
import type { Core } from '../../core/core.ts'
import { Fault } from '../../core/fault.ts'
import type { Allowance, Limiter } from '../../core/limiter.ts'
import type { Principal } from '../../core/model.ts'
import { networkOf } from '../../core/network.ts'
import { requireScope } from '../../core/tokens.ts'
import { readBody } from '../../http/body.ts'
import { type Browser, type BrowserSessions, isMutating } from '../../http/browser.ts'
import { JSON_HEADERS } from '../../http/dialect.ts'
import { exchangeOf } from '../../http/exchange.ts'
import type { Fields } from './read.ts'

/** Requests per minute and token; an account has three times, an address twice as many. */
export interface NatingLimits {
  create: number
  managed: number
  complete: number
  abort: number
  link: number
  partUpload: number
  other: number
}

export interface Rule {
  scope: string
  /** Upload endpoints can be switched off, and are open to guests where the site allows it. */
  upload?: boolean
  bucket: keyof NatingLimits
  /** `fields`: the body is read as fields. `bytes`: it is left to the handler. */
  body?: 'fields' | 'bytes'
}

export interface Caller {
  principal: Principal
  body: Fields
}

export interface AdmissionDeps {
  core: Core
  limiter: Limiter
  limits: NatingLimits
  browsers: BrowserSessions
}

/** API calls are small: the longest has 10,000 part numbers. */
const BODY_LIMIT = 1024 * 1024

/** The macro `admit` of a route checks its rule and gives the handler a `caller`. */
export const admission = (deps: AdmissionDeps) =>
  new Elysia().macro({
    admit: (rule: Rule) => ({
      async resolve({ request, server, set }) {
        Object.assign(set.headers, JSON_HEADERS)
        const ip = deps.browsers.address(request, server)
        return { caller: await admit(deps, rule, { request, ip, headers: set.headers }) }
      },
    }),
  })

interface Visit {
  request: Request
  ip: string
  /** Of the answer, whatever it will be: a refusal too must bring the next CSRF token. */
  headers: Record<string, string | number | undefined>
}

async function admit(deps: AdmissionDeps, rule: Rule, { request, ip, headers }: Visit): Promise<Caller> {
  const { core, browsers } = deps
  if (rule.upload) core.uploads.requireEnabled()
  const identity = await identify(deps, rule, request, ip)
  const { principal, browser } = identity
  exchangeOf(request).actor = principal.actor
  requireScope(principal, rule.scope)
  const body = rule.body === 'fields' ? await readBody(request, BODY_LIMIT) : {}
  if (browser && isMutating(request)) headers['x-csrf-token'] = await browsers.verify(browser, request, body)
  deps.limiter.take(allowances(deps.limits, rule, principal))
  return { principal, body }
}

/** A credential that is present but wrong never falls back to the browser's session. */
async function identify({ core, browsers }: AdmissionDeps, rule: Rule, request: Request, ip: string) {
  const secret = readCredential(request.headers)
  if (secret !== null) return { principal: await authenticate(core, secret, ip), browser: null }
  const browser: Browser | null = await browsers.find(request, ip)
  if (browser) return { principal: browser.principal, browser }
  if (!rule.upload) throw new Fault('unauthenticated')
  const guest: Principal = { actor: `guest:${ip}`, account: null, tokenId: null, scopes: null, ip }
  core.uploads.requireAllowed(guest)
  return { principal: guest, browser: null }
}

async function authenticate(core: Core, secret: string, ip: string): Promise<Principal> {
  const principal = await core.tokens.authenticate('nating', secret, ip)
  if (!(await core.packages.of(principal.account)).apiAccess) throw new Fault('api_refused')
  return principal
}

/** `Authorization: Bearer …` in any letter case, else `X-API-Token`. */
function readCredential(headers: Headers): string | null {
  const bearer = /^\s*Bearer\s+(.+)$/i.exec(headers.get('authorization') ?? '')?.[1]
  return bearer?.trim() ?? headers.get('x-api-token')?.trim() ?? null
}

function allowances(
  limits: NatingLimits,
  { bucket }: Rule,
  { tokenId, account, ip }: Principal,
): Allowance[] {
  const limit = limits[bucket]
  const counted: Allowance[] = []
  const name = `nating/${bucket}`
  if (tokenId)
    counted.push({ key: `${name}/token/${tokenId}`, limit, message: 'API token rate limit exceeded.' })
  if (account) {
    counted.push({
      key: `${name}/user/${account.id}`,
      limit: limit * 3,
      message: 'User API rate limit exceeded.',
    })
  }
  counted.push({ key: `${name}/ip/${networkOf(ip)}`, limit: limit * 2, message: 'IP rate limit exceeded.' })
  return counted
}

/** Who calls: an API key of a package that has this API. */
import { Elysia } from 'elysia'
import { Fault } from '../../core/fault.ts'
import type { Account } from '../../core/model.ts'
import type { PeerSource } from '../../http/client-address.ts'
import { JSON_HEADERS, queryOf } from '../../http/dialect.ts'
import { exchangeOf } from '../../http/exchange.ts'
import type { FlamenetDeps } from './deps.ts'
import { requireId } from './read.ts'

/** The key of the call: a header before the query. Fault: unauthenticated. */
function readKey(request: Request): string {
  const bearer = /^\s*Bearer\s+(\S+)\s*$/i.exec(request.headers.get('authorization') ?? '')?.[1]
  const key = bearer ?? new URLSearchParams(queryOf(request)).get('api_key') ?? ''
  if (key === '')
    throw new Fault(request.headers.get('authorization') ? 'bad_credentials' : 'unauthenticated')
  return key
}

/** Faults: unauthenticated, bad_credentials, insufficient_tier, rate_limited. */
async function authenticate(deps: FlamenetDeps, request: Request, server: PeerSource): Promise<Account> {
  const { core, browsers, limiter, callsPerMinute } = deps
  const principal = await core.tokens.authenticate(
    'flamenet',
    readKey(request),
    browsers.address(request, server),
  )
  const { account, actor } = principal
  exchangeOf(request).actor = actor
  if (!account || !(await core.packages.of(account)).flamenetApi) throw new Fault('insufficient_tier')
  limiter.take([{ key: `flamenet/${actor}`, limit: callsPerMinute }])
  return account
}

/**
 * The macro `keyed` gives the handler the account of the key and the site's origin. What is no id is no route
 * for anybody, with a key or without.
 */
export const keyed = (deps: FlamenetDeps) =>
  new Elysia().macro({
    keyed: {
      async resolve({ request, server, params, set }) {
        if (params && 'id' in params) requireId(params.id)
        Object.assign(set.headers, JSON_HEADERS)
        const account = await authenticate(deps, request, server)
        return { account, origin: deps.browsers.origin(request, server) }
      },
    },
  })

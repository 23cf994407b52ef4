/** Credentials for programs: `/web/account/tokens`, and those of the uploader API: `/web/account/logins`. */
import { Elysia } from 'elysia'
import { Fault, invalid } from '../../core/fault.ts'
import type { LoginToken, Token, TokenKind } from '../../core/model.ts'
import { isExpired, type NewTokenInput } from '../../core/tokens.ts'
import type { Fields } from '../../http/fields.ts'
import type { WebDeps } from '../session.ts'
import type { IssuedSecret, LoginTokenView, TokenView } from '../wire/security.ts'
import { noteOwn } from './account.ts'
import { calls, changing, hidden } from './calls.ts'
import { freshProof } from './proof.ts'
import { nullableNumber, optionalText } from './read.ts'

const KINDS: readonly TokenKind[] = ['nating', 'flamenet', 'yetishare']

const toToken = (token: Token, now: Date): TokenView => ({
  id: token.id,
  kind: token.kind,
  name: token.name,
  prefix: token.prefix,
  last4: token.last4,
  scopes: token.scopes,
  status: token.status === 'active' && isExpired(token, now) ? 'expired' : token.status,
  created: token.createdAt.toISOString(),
  expires: token.expiresAt?.toISOString() ?? null,
  lastUsed: token.lastUsedAt?.toISOString() ?? null,
  lastUsedIp: token.lastUsedIp,
})

const toLogin = ({ id, isBot, createdAt, expiresAt }: LoginToken): LoginTokenView => ({
  id,
  isBot,
  created: createdAt.toISOString(),
  expires: expiresAt.toISOString(),
})

function kindField({ kind }: Fields): TokenKind {
  const known = KINDS.find((one) => one === kind)
  if (known === undefined) throw invalid('kind', `The kind is one of ${KINDS.join(', ')}.`)
  return known
}

function scopesField({ scopes }: Fields): string[] | undefined {
  if (scopes === undefined) return undefined
  if (!Array.isArray(scopes) || !scopes.every((scope): scope is string => typeof scope === 'string'))
    throw invalid('scopes', 'The scopes are a list of words.')
  return scopes
}

const readToken = (body: Fields): NewTokenInput => ({
  kind: kindField(body),
  name: optionalText(body, 'name'),
  scopes: scopesField(body),
  expiresInDays: nullableNumber(body, 'expiresInDays') ?? 0,
})

/** Fault: token_not_found. */
function loginId(raw: string | undefined): string {
  if (raw === undefined || !/^[0-9a-f]{32}$/.test(raw)) throw new Fault('token_not_found')
  return raw
}

export function tokenRoutes(deps: WebDeps) {
  const call = calls(deps)
  const prove = freshProof(deps)
  return new Elysia()
    .get(
      '/web/account/tokens',
      call(async ({ core, account }) => {
        const tokens = await core.tokens.list(account)
        return { tokens: tokens.map((token) => toToken(token, deps.now())) }
      }),
      hidden,
    )
    .post(
      '/web/account/tokens',
      call(async (given): Promise<IssuedSecret & { token: TokenView }> => {
        const wanted = readToken(given.body)
        await prove(given)
        const { token, secrets } = await given.core.tokens.issueOwn(given.account, wanted)
        await noteOwn(given, 'token.made', `${token.kind}: ${token.name}`)
        return { token: toToken(token, deps.now()), secrets }
      }),
      changing,
    )
    .delete(
      '/web/account/tokens/:id',
      call(async (given) => {
        const { kind, name } = await given.core.tokens.revokeOwn(given.account, given.params.id ?? '')
        await noteOwn(given, 'token.revoked', `${kind}: ${name}`)
        return { status: 'ok' }
      }),
      changing,
    )
}

export function loginTokenRoutes(deps: WebDeps) {
  const call = calls(deps)
  const prove = freshProof(deps)
  return new Elysia()
    .get(
      '/web/account/logins',
      call(async ({ core, account }) => ({ logins: (await core.loginTokens.list(account)).map(toLogin) })),
      hidden,
    )
    .post(
      '/web/account/logins',
      call(async (given): Promise<IssuedSecret> => {
        await prove(given)
        const secrets = [await deps.loginJwt(given.account)]
        await noteOwn(given, 'token.made', 'uploader')
        return { secrets }
      }),
      changing,
    )
    .delete(
      '/web/account/logins/:id',
      call(async (given) => {
        await given.core.loginTokens.end(given.account, loginId(given.params.id))
        await noteOwn(given, 'token.revoked', 'uploader')
        return { status: 'ok' }
      }),
      changing,
    )
}

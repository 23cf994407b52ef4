/** Accounts of the uploader: register, sign in, renew, sign out. */
import { Elysia } from 'elysia'
import { Fault } from '../../core/fault.ts'
import { readBody } from '../../http/body.ts'
import type { PeerSource } from '../../http/client-address.ts'
import { queryOf } from '../../http/dialect.ts'
import type { Fields } from '../../http/fields.ts'
import { authenticate, decode, encode } from './auth.ts'
import { limit, type UploaderDeps } from './deps.ts'
import { docs } from './docs.ts'
import { DoneSchema, RefreshedSchema, SignedInSchema } from './wire.ts'

const BODY_LIMIT = 16 * 1024

interface Context {
  request: Request
  server: PeerSource
}

/** Fault: missing. */
function readCredentials({ username, password }: Fields): { username: string; password: string } {
  const isGiven =
    typeof username === 'string' && typeof password === 'string' && username.trim() && password.trim()
  if (!isGiven) throw new Fault('missing', 'No username/password provided', { field: 'username' })
  return { username, password }
}

/** The token, with or without its `Bearer`. Fault: missing. */
function readToken({ accessToken }: Fields): string {
  const given = typeof accessToken === 'string' ? accessToken.trim().replace(/^Bearer(?:\s+|$)/i, '') : ''
  if (given === '') throw new Fault('missing', 'No access token provided', { field: 'accessToken' })
  return given
}

const isBot = (request: Request): boolean =>
  /^(true|1)$/i.test(new URLSearchParams(queryOf(request)).get('bot') ?? '')

export const signInRoutes = (deps: UploaderDeps) => {
  const { core } = deps
  /** Each of the calls has its own figure. */
  const count = (bucket: string, context: Context) => limit(deps, bucket, deps.signInPerMinute, context)
  const enter = async (context: Context, kind: 'register' | 'login', message: string) => {
    count(kind, context)
    const { request, server } = context
    const { username, password } = readCredentials(await readBody(request, BODY_LIMIT))
    const ip = deps.browsers.address(request, server)
    const { account, token } = await core.loginTokens[kind](username, password, isBot(request), ip)
    return {
      status: 'success' as const,
      accessToken: await encode(core, token),
      username: account.name,
      message,
    }
  }
  return new Elysia({ prefix: '/api' })
    .post('/register', (context) => enter(context, 'register', 'registred'), {
      parse: 'none',
      response: { 200: SignedInSchema },
      detail: docs.register,
    })
    .post('/login', (context) => enter(context, 'login', 'logged in with password'), {
      parse: 'none',
      response: { 200: SignedInSchema },
      detail: docs.login,
    })
    .post(
      '/refresh_token',
      async (context) => {
        count('refresh', context)
        const jwt = readToken(await readBody(context.request, BODY_LIMIT))
        const { token } = await core.loginTokens.refresh(await decode(core, jwt))
        return {
          status: 'success' as const,
          accessToken: await encode(core, token),
          message: 'token refreshed',
        }
      },
      { parse: 'none', response: { 200: RefreshedSchema }, detail: docs.refresh },
    )
    .post(
      '/logout',
      async (context) => {
        count('logout', context)
        const { token } = await authenticate(core, context.request.headers)
        await core.loginTokens.logout(token.id)
        return { status: 'success' as const, message: 'logged out' }
      },
      { parse: 'none', response: { 200: DoneSchema }, detail: docs.logout },
    )
}

/** Signing in and out with a browser: `/web/session`. */

import { Elysia, t } from 'elysia'
import type { Core } from '../core/core.ts'
import type { FaultCode } from '../core/fault.ts'
import { printable } from '../core/filename.ts'
import type { Limiter } from '../core/limiter.ts'
import type { Account } from '../core/model.ts'
import { networkOf } from '../core/network.ts'
import { WEB_SESSION_TTL } from '../core/web-sessions.ts'
import { readBody } from '../http/body.ts'
import { type BrowserSessions, readSessionCookie, requireSameOrigin, sessionCookie } from '../http/browser.ts'
import { JSON_HEADERS } from '../http/dialect.ts'
import type { SendFile } from '../http/download.ts'
import { faultResponses, jsonBody } from '../http/openapi.ts'
import { plainReply } from '../http/plain.ts'
import { requireSignedIn } from './signed-in.ts'
import type { TextRenderer } from './text/renderer.ts'
import { deviceName } from './wire/devices.ts'

export interface WebDeps {
  core: Core
  browsers: BrowserSessions
  limiter: Limiter
  /** Attempts to sign in per minute and address. */
  signInPerMinute: number
  siteName: string
  /** A line that every page shows; none when empty. */
  notice(): string
  now(): Date
  sendFile: SendFile
  textRenderer: TextRenderer
  /** Other origins to which parts of uploads may go. */
  uploadOrigins: readonly string[]
  /** A JWT of the uploader API that lives half a year. */
  loginJwt(account: Account): Promise<string>
}

const BODY_LIMIT = 16 * 1024

const SessionSchema = t.Object({
  status: t.Literal('ok'),
  csrf_token: t.String({
    description: 'To be sent as X-CSRF-Token with the next call that changes something',
  }),
  account: t.Object({ id: t.Number(), name: t.String(), is_admin: t.Boolean() }),
})

const toSession = (account: Account, csrf: string): typeof SessionSchema.static => ({
  status: 'ok',
  csrf_token: csrf,
  account: { id: account.id, name: account.name, is_admin: account.isAdmin },
})

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

const failures = (codes: FaultCode[]) => faultResponses(plainReply, codes)

export const sessionRoutes = ({ core, browsers, limiter, signInPerMinute }: WebDeps) =>
  new Elysia({ tags: ['web'] })
    .onBeforeHandle(({ set }) => void Object.assign(set.headers, JSON_HEADERS))
    .post(
      '/web/session',
      async ({ request, server, set }) => {
        const origin = browsers.origin(request, server)
        requireSameOrigin(request, origin)
        const key = `web/sign-in/${networkOf(browsers.address(request, server))}`
        limiter.take([{ key, limit: signInPerMinute }])
        const body = await readBody(request, BODY_LIMIT)
        const { account, cookie, csrf } = await core.webSessions.signIn(
          text(body.username),
          text(body.password),
          {
            code: text(body.code),
            ip: browsers.address(request, server),
            userAgent: request.headers.get('user-agent') ?? '',
          },
        )
        const ip = browsers.address(request, server)
        const detail = deviceName(printable(request.headers.get('user-agent') ?? ''))
        await core.audit.note({ actor: account, action: 'signed_in', subject: account.name, detail, ip })
        set.headers['set-cookie'] = sessionCookie(cookie, WEB_SESSION_TTL, origin)
        return toSession(account, csrf)
      },
      {
        parse: 'none',
        response: { 200: SessionSchema },
        detail: {
          summary: 'Sign in with a browser',
          description: 'Sets the session cookie. Calls of `/api/v1` that come with it need the CSRF token.',
          security: [],
          requestBody: jsonBody(
            t.Object({
              username: t.String(),
              password: t.String(),
              code: t.Optional(t.String({ description: 'Of the authenticator, or a recovery code' })),
            }),
            {
              username: 'ann',
              password: 'correct horse battery staple',
            },
          ),
          responses: failures([
            'bad_credentials',
            'second_factor_required',
            'second_factor_wrong',
            'csrf_invalid',
            'rate_limited',
          ]),
        },
      },
    )
    .get(
      '/web/session',
      async ({ request, server }) => {
        const browser = await requireSignedIn({ browsers, limiter }, { request, server })
        return toSession(browser.principal.account, browser.session.csrf)
      },
      {
        response: { 200: SessionSchema },
        detail: {
          summary: 'Who is signed in',
          security: [{ cookie: [] }],
          responses: failures(['unauthenticated', 'rate_limited']),
        },
      },
    )
    .delete(
      '/web/session',
      async ({ request, server, set }) => {
        const browser = await requireSignedIn({ browsers, limiter }, { request, server })
        await browsers.verify(browser, request, {})
        await core.webSessions.signOut(readSessionCookie(request.headers) ?? '')
        set.headers['set-cookie'] = sessionCookie('', 0, browsers.origin(request, server))
        return { status: 'ok' as const }
      },
      {
        parse: 'none',
        response: { 200: t.Object({ status: t.Literal('ok') }) },
        detail: {
          summary: 'Sign out',
          security: [{ cookie: [] }],
          responses: failures(['unauthenticated', 'csrf_invalid', 'rate_limited']),
        },
      },
    )

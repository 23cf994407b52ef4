/** The page where the first admin account is made. */
import { Elysia } from 'elysia'
import { Fault, isFault } from '../core/fault.ts'
import { networkOf } from '../core/network.ts'
import { WEB_SESSION_TTL } from '../core/web-sessions.ts'
import { readBody } from '../http/body.ts'
import { requireSameOrigin, sessionCookie } from '../http/browser.ts'
import { queryOf } from '../http/dialect.ts'
import type { Fields } from '../http/fields.ts'
import { escapeHtml, type PageWriter, pageWriter } from './page.ts'
import type { WebDeps } from './session.ts'
import type { Visit } from './visit.ts'

const BODY_LIMIT = 16 * 1024
const TITLE = 'Make the first account'

const form = (token: string, name: string, problem: string | null): string => `
${problem === null ? '' : `<p role="alert">${escapeHtml(problem)}</p>`}
<p>This account administers the site.</p>
<form method="post" action="/setup">
<input type="hidden" name="token" value="${escapeHtml(token)}">
<label for="username">User name</label>
<input id="username" name="username" value="${escapeHtml(name)}" autocomplete="username" required autofocus>
<label for="password">Password, 8 characters or more</label>
<input id="password" name="password" type="password" autocomplete="new-password" minlength="8" required>
<button>Make the account</button>
</form>`

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** A used-up link and a wrong one look alike. */
const asPage = (error: unknown): never => {
  throw isFault(error, 'signature_invalid')
    ? new Fault('forbidden', 'This set-up link is not valid any more. Restart the server for a new one.')
    : error
}

export function setupRoutes(deps: WebDeps) {
  const { core, browsers, limiter, signInPerMinute } = deps
  const html = pageWriter(deps)
  return new Elysia()
    .get(
      '/setup',
      async ({ request }) => {
        const token = new URLSearchParams(queryOf(request)).get('token') ?? ''
        await core.setup.verify(token).catch(asPage)
        return html(TITLE, form(token, '', null), { guardedForm: true })
      },
      { detail: { hide: true } },
    )
    .post(
      '/setup',
      async ({ request, server }) => {
        requireSameOrigin(request, browsers.origin(request, server))
        limiter.take([
          { key: `web/setup/${networkOf(browsers.address(request, server))}`, limit: signInPerMinute },
        ])
        const body = await readBody(request, BODY_LIMIT)
        return makeAdmin(deps, { request, server }, html, body)
      },
      { parse: 'none', detail: { hide: true } },
    )
}

/** Leads to the administration, signed in. What the visitor can put right is shown in the form again. */
async function makeAdmin(
  { core, browsers }: WebDeps,
  { request, server }: Visit,
  html: PageWriter,
  body: Fields,
): Promise<Response> {
  const [token, name] = [text(body.token), text(body.username)]
  const origin = browsers.origin(request, server)
  const from = {
    ip: browsers.address(request, server),
    userAgent: request.headers.get('user-agent') ?? '',
  }
  try {
    const account = await core.setup.createAdmin(token, name, text(body.password))
    await core.audit.note({
      actor: account,
      action: 'account.added',
      subject: name,
      detail: 'the first one',
      ip: from.ip,
    })
    const { cookie } = await core.webSessions.begin(account, from)
    const headers = { location: '/admin', 'cache-control': 'no-store' }
    return new Response(null, {
      status: 303,
      headers: { ...headers, 'set-cookie': sessionCookie(cookie, WEB_SESSION_TTL, origin) },
    })
  } catch (error) {
    if (isFault(error, 'invalid', 'name_taken'))
      return html(TITLE, form(token, name, error.message), { status: 422, guardedForm: true })
    return asPage(error)
  }
}

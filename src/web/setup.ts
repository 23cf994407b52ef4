/** The page where the first admin account is made. */

import { Elysia } from 'elysia'
import { Fault, isFault } from '../core/fault.ts'
import { networkOf } from '../core/network.ts'
import { readBody } from '../http/body.ts'
import { requireSameOrigin } from '../http/browser.ts'
import { queryOf } from '../http/dialect.ts'
import { escapeHtml, type PageWriter, pageWriter } from './page.ts'
import type { WebDeps } from './session.ts'

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

const done = (name: string): string => `
<p>The account <strong>${escapeHtml(name)}</strong> is ready.</p>
<p>A token for programs is made on the server:</p>
<pre>kist token add --user ${escapeHtml(name)} --kind nating</pre>
<p><a href="/swagger">API documentation</a></p>`

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** A used-up link and a wrong one look alike. */
const asPage = (error: unknown): never => {
  throw isFault(error, 'signature_invalid')
    ? new Fault('forbidden', 'This set-up link is not valid any more. Restart the server for a new one.')
    : error
}

export function setupRoutes({ core, browsers, limiter, signInPerMinute, siteName }: WebDeps) {
  const html = pageWriter(siteName)
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
        return makeAdmin(core, html, text(body.token), text(body.username), text(body.password))
      },
      { parse: 'none', detail: { hide: true } },
    )
}

/** What the visitor can put right is shown in the form again. */
async function makeAdmin(
  core: WebDeps['core'],
  html: PageWriter,
  token: string,
  name: string,
  password: string,
): Promise<Response> {
  try {
    const account = await core.setup.createAdmin(token, name, password)
    return html('All set', done(account.name))
  } catch (error) {
    if (isFault(error, 'invalid', 'name_taken'))
      return html(TITLE, form(token, name, error.message), { status: 422, guardedForm: true })
    return asPage(error)
  }
}

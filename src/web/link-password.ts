/** Links with a password: the question for it, and the cookie that says it was answered. */
import { Fault, isFault } from '../core/fault.ts'
import { networkOf } from '../core/network.ts'
import { readBody } from '../http/body.ts'
import { requireSameOrigin } from '../http/browser.ts'
import { FAULT_STATUS } from '../http/plain.ts'
import { escapeHtml, type PageWriter } from './page.ts'
import type { WebDeps } from './session.ts'
import type { Visit } from './visit.ts'

const COOKIE = 'kist_link'
const PASS_SECONDS = 86_400
const BODY_LIMIT = 16 * 1024
const ATTEMPTS_PER_MINUTE = 10

/** The pass a visitor of a link brings, or null: the browser sends each below its own link only. */
export const readLinkPass = (headers: Headers): string | null =>
  headers
    .get('cookie')
    ?.split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${COOKIE}=`))
    ?.slice(COOKIE.length + 1) ?? null

/** Of a link: `prefix` and its token. One that is none gives no path that could break out of a cookie. Fault: link_invalid. */
export function linkPath(prefix: string, token: string): string {
  if (!/^[0-9a-f]{32}$/.test(token)) throw new Fault('link_invalid')
  return `${prefix}/${token}`
}

interface Unlocking {
  deps: Pick<WebDeps, 'browsers' | 'limiter'>
  html: PageWriter
  visit: Visit
  /** Of the link. */
  path: string
  /** Gives a pass for the right password. */
  unlock(password: string): Promise<string>
}

/** The form with the password came. Guessing is slowed down. Faults: csrf_invalid, rate_limited and those of `unlock`. */
export async function unlockByForm({ deps, html, visit, path, unlock }: Unlocking): Promise<Response> {
  const { browsers, limiter } = deps
  const { request, server } = visit
  const origin = browsers.origin(request, server)
  requireSameOrigin(request, origin)
  const network = networkOf(browsers.address(request, server))
  limiter.take([{ key: `web/link/${network}`, limit: ATTEMPTS_PER_MINUTE }])
  const { password } = await readBody(request, BODY_LIMIT)
  try {
    return unlocked(path, await unlock(typeof password === 'string' ? password : ''), origin)
  } catch (error) {
    return askForPassword(html, path, error)
  }
}

/** 303 to the link, with the pass. */
function unlocked(path: string, pass: string, origin: string): Response {
  const secure = origin.startsWith('https:') ? '; Secure' : ''
  const cookie = `${COOKIE}=${pass}; Path=${path}; HttpOnly; SameSite=Lax; Max-Age=${PASS_SECONDS}${secure}`
  return new Response(null, {
    status: 303,
    headers: { location: path, 'set-cookie': cookie, 'cache-control': 'no-store' },
  })
}

const form = (path: string, problem: string | null): string => `
${problem === null ? '' : `<p role="alert" id="problem">${escapeHtml(problem)}</p>`}
<p>This link is protected. Who gave it to you knows the password.</p>
<form method="post" action="${escapeHtml(path)}">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="off" required autofocus${problem === null ? '' : ' aria-invalid="true" aria-describedby="problem"'}>
<button>Go on</button>
</form>`

/** The page that asks, for faults that are about the password; all others are thrown on. */
export function askForPassword(html: PageWriter, path: string, error: unknown): Response {
  if (!isFault(error, 'password_required', 'password_wrong')) throw error
  const { code, message }: Fault = error
  const problem = code === 'password_wrong' ? message : null
  return html('Password needed', form(path, problem), { status: FAULT_STATUS[code], guardedForm: true })
}

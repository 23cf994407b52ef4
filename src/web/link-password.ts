/** Links with a password: the question for it, and the cookie that says it was answered. */
import { type Fault, isFault } from '../core/fault.ts'
import { FAULT_STATUS } from '../http/plain.ts'
import { escapeHtml, type PageWriter } from './page.ts'

const COOKIE = 'kist_link'
const PASS_SECONDS = 86_400

/** The pass a visitor of a link brings, or null: the browser sends each below its own link only. */
export const readLinkPass = (headers: Headers): string | null =>
  headers
    .get('cookie')
    ?.split(';')
    .map((pair) => pair.trim())
    .find((pair) => pair.startsWith(`${COOKIE}=`))
    ?.slice(COOKIE.length + 1) ?? null

/** 303 to the link, with the pass. */
export function unlocked(path: string, pass: string, origin: string): Response {
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

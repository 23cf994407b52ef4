/** The pages of the application: an empty frame, what the script needs to know, and the script. */
import { Elysia } from 'elysia'
import { pathOf, queryOf } from '../http/dialect.ts'
import { meOf } from './api/me.ts'
import { assetTags, preloadTags } from './assets.ts'
import { escapeHtml, ICON_TAG, PAGE_HEADERS } from './page.ts'
import type { WebDeps } from './session.ts'
import { browserOf, type Visit } from './visit.ts'
import type { Boot } from './wire/account.ts'

/** For everybody; the others are for those who are signed in. */
const OPEN_TO_ALL = ['/sign-in', '/register']
const PLACES = [
  '/files/folder/:id',
  '/files/search',
  '/trash',
  '/shares',
  '/downloads',
  '/requests',
  '/imports',
]
/** Of the account and of admins: below them the application finds its way by itself. */
const AREAS = ['/account', '/admin']

/** `uploadOrigins`: where parts of uploads may go besides here. */
const cspOf = (uploadOrigins: readonly string[]): string =>
  `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src ${["'self'", ...uploadOrigins].join(' ')}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`

const frame = (siteName: string, boot: Boot, early: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(siteName)}</title>
${ICON_TAG}
${assetTags('app')}${early}</head>
<body>
<div id="app" data-boot="${escapeHtml(JSON.stringify(boot))}"></div>
<noscript><p>This part of ${escapeHtml(siteName)} needs JavaScript.</p></noscript>
</body>
</html>
`

/** The page at this address, or the way to the sign-in for who has to sign in first. */
export const appPage =
  (deps: WebDeps) =>
  async (visit: Visit): Promise<Response> => {
    const { core, browsers, siteName, uploadOrigins = [] } = deps
    const pathname = pathOf(visit.request)
    const query = queryOf(visit.request)
    const browser = await browserOf(deps, visit)
    const isOpen = OPEN_TO_ALL.includes(pathname)
    if (browser && isOpen) return redirect('/files')
    if (!browser && !isOpen)
      return redirect(`/sign-in?to=${encodeURIComponent(query === '' ? pathname : `${pathname}?${query}`)}`)
    const origin = browsers.origin(visit.request, visit.server)
    const csrf = browser?.session.csrf ?? ''
    const me = browser ? await meOf(core, browser.principal.account, { csrf, siteName, origin }) : null
    const boot: Boot = { siteName, registration: core.registration.isOpen, notice: deps.notice(), me }
    const headers = {
      ...PAGE_HEADERS,
      'content-security-policy': cspOf(uploadOrigins),
      // Calls that change something are refused without an origin.
      'referrer-policy': 'same-origin',
    }
    const early = pathname.startsWith('/files') ? preloadTags('files-page') : ''
    return new Response(frame(siteName, boot, early), { headers })
  }

const redirect = (location: string): Response =>
  new Response(null, { status: 303, headers: { location, 'cache-control': 'no-store' } })

/** `/files` itself is where another API shares files: it hands on what is not for it. */
export function appRoutes(deps: WebDeps) {
  const show = appPage(deps)
  const routes = new Elysia()
  const addresses = [...OPEN_TO_ALL, ...PLACES, ...AREAS.flatMap((area) => [area, `${area}/*`])]
  for (const address of addresses) routes.get(address, show, { detail: { hide: true } })
  return routes
}

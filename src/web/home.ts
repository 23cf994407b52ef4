/** The front page: what the site is for, and the way in for files of those who may upload. */
import { Elysia, t } from 'elysia'
import { Fault, isFault } from '../core/fault.ts'
import { GUEST_VISIBILITY } from '../core/guest-allowance.ts'
import type { Principal, Visibility } from '../core/model.ts'
import { networkOf } from '../core/network.ts'
import { faultResponses } from '../http/openapi.ts'
import { plainReply } from '../http/plain.ts'
import { icon } from './icons.ts'
import { escapeHtml, pageWriter } from './page.ts'
import { searchForm } from './search.ts'
import type { WebDeps } from './session.ts'
import { humanSize } from './units.ts'
import { browserOf, type Visit } from './visit.ts'

/** Who is at the page: a signed-in account, or a guest. */
async function principalOf(
  deps: WebDeps,
  visit: Visit,
): Promise<{ principal: Principal; csrf: string | null }> {
  const browser = await browserOf(deps, visit)
  if (browser) return { principal: browser.principal, csrf: browser.session.csrf }
  const ip = deps.browsers.address(visit.request, visit.server)
  const guest = { actor: `guest:${ip}`, account: null, tokenId: null, scopes: null, ip }
  return { principal: guest, csrf: null }
}

/** What the package of the visitor lets him upload: bytes of one file, 0 without limit; null: nothing. */
async function uploadLimit({ core }: WebDeps, principal: Principal): Promise<number | null> {
  try {
    core.uploads.requireAllowed(principal)
  } catch (error) {
    if (isFault(error, 'unauthenticated', 'uploads_disabled')) return null
    throw error
  }
  const { canUpload, maxUploadSize } = await core.packages.of(principal.account)
  return canUpload ? maxUploadSize : null
}

export function homeRoutes(deps: WebDeps) {
  const { siteName, uploadOrigins } = deps
  const html = pageWriter(deps)
  const programs = `<p class="plain soft">Programs use one of its APIs: see the <a href="/swagger">API documentation</a>.</p>`
  return new Elysia().get(
    '/',
    async (visit) => {
      const { principal, csrf } = await principalOf(deps, visit)
      const limit = await uploadLimit(deps, principal)
      const hero = `<section class="hero"><h1>${escapeHtml(siteName)}</h1>
<p>Stores files, and hands them to those who have the link.</p>
${limit === null ? '' : uploader(limit, csrf, principal.account?.defaultVisibility ?? GUEST_VISIBILITY)}
${ways(principal.account !== null, deps.core.registration.isOpen)}</section>`
      const content = `${hero}\n<section>${searchForm('')}</section>\n${programs}`
      const scripted = limit === null ? {} : { script: 'upload', connect: uploadOrigins }
      return html(siteName, content, { indexed: true, cards: true, ...scripted })
    },
    { detail: { hide: true } },
  )
}

/** Into the application. */
const ways = (isSignedIn: boolean, isOpen: boolean): string => {
  const links = isSignedIn
    ? '<a href="/files">Your files</a> <a href="/account">Your account</a>'
    : `<a href="/sign-in">Sign in</a>${isOpen ? ' <a href="/register">Make an account</a>' : ''}`
  return `<nav class="row" aria-label="Account">${links}</nav>`
}

const WHO_SEES: Record<Visibility, string> = {
  0: 'Only you can open them, until you share them',
  1: 'Everybody with the link can open them',
  2: 'They are public: everybody can find and open them',
}

const uploader = (limit: number, csrf: string | null, visibility: Visibility): string => {
  const proof = csrf === null ? '' : ` data-csrf="${escapeHtml(csrf)}"`
  const most = limit === 0 ? '' : ` data-most="${limit}"`
  const words = limit === 0 ? '' : ` Each may have ${humanSize(limit)} at most.`
  return `<form class="drop" data-upload${proof}${most}>
${icon('upload', 40)}
<p><strong>Drop files here</strong>, paste them, or</p>
<input type="file" id="files" multiple class="out"><label for="files" class="button">Choose files</label>
<p class="soft">${WHO_SEES[visibility]}.${words}</p>
</form>
<noscript><p role="status">To upload in the browser, allow this site to run its script; without it, programs can use the API.</p></noscript>
<ul class="uploads" aria-label="Uploads"></ul>`
}

const UploadedSchema = t.Object({
  status: t.Literal('ok'),
  file: t.Object({
    slug: t.String(),
    name: t.String(),
    size: t.Number({ description: 'bytes' }),
    url: t.String(),
    delete_url: t.String({ description: 'Whoever has it can delete the file' }),
  }),
})

/** What became of an upload, for the page that made it: `/web/uploads/{id}`. */
export const uploadedRoutes = (deps: WebDeps) =>
  new Elysia({ tags: ['web'] }).get(
    '/web/uploads/:id',
    async ({ request, server, params, set }) => {
      const { principal } = await principalOf(deps, { request, server })
      deps.limiter.take([{ key: `web/uploads/${networkOf(principal.ip)}`, limit: UPLOADS_PER_MINUTE }])
      const { session } = await deps.core.uploads.get(principal, params.id)
      const { slug, name, size, deleteKey, status } = await deps.core.visits.uploaded(session)
      if (status !== 'active') throw new Fault('file_not_found')
      const url = `${deps.browsers.origin(request, server)}/${slug}`
      set.headers['cache-control'] = 'no-store'
      const delete_url = `${url}~d?${deleteKey.replaceAll('-', '')}`
      return { status: 'ok' as const, file: { slug, name, size, url, delete_url } }
    },
    {
      response: { 200: UploadedSchema },
      detail: {
        summary: 'The file that an upload session became',
        description:
          'For the browser that uploaded it, signed in or not; the id of the session is its secret.',
        security: [],
        responses: faultResponses(plainReply, ['upload_not_found', 'file_not_found', 'rate_limited']),
      },
    },
  )

const UPLOADS_PER_MINUTE = 240

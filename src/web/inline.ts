/** `/~show/{slug}`: what the page of a file has the browser show, by the token of the page. It never leads elsewhere. */
import { Elysia } from 'elysia'
import { Fault } from '../core/fault.ts'
import type { FileRecord } from '../core/model.ts'
import { queryOf } from '../http/dialect.ts'
import { attachmentOf, type SentFile } from '../http/download.ts'
import { isShownByBrowsers, kindOf } from './kinds.ts'
import type { WebDeps } from './session.ts'
import { browserOf, type Visit } from './visit.ts'

/**
 * A viewer does not work in a sandbox. It gets nothing that is not called a PDF, under no other type, and what
 * it draws may load nothing and run nothing of our origin.
 */
const DOCUMENT = {
  mimeType: 'application/pdf',
  policy: "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'",
}

export const inlineRoutes = (deps: WebDeps) =>
  new Elysia().get('/~show/:slug', (visit) => show(deps, visit), { detail: { hide: true } })

/** Faults: route_not_found (nothing that a page shows), and those of authoriseToken. */
async function show(deps: WebDeps, visit: Visit & { params: { slug: string } }): Promise<Response> {
  const { request, server, params } = visit
  const token = new URLSearchParams(queryOf(request)).get('download_token') ?? ''
  const account = (await browserOf(deps, visit))?.principal.account ?? null
  const ip = deps.browsers.address(request, server)
  const grant = await deps.core.downloads.authoriseToken(params.slug, token, { account, ip })
  return deps.sendFile(request, server, { ...attachmentOf(grant), ...howShown(grant.file) }, grant)
}

/** Fault: route_not_found. */
function howShown(file: FileRecord): Partial<SentFile> {
  const kind = kindOf(file)
  if (kind === 'pdf') return { ...DOCUMENT, inline: true }
  if (kind === 'video' || kind === 'audio' || isShownByBrowsers(file)) return { inline: true }
  throw new Fault('route_not_found')
}

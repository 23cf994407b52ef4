/** `/~show/{slug}`: a document for the browser's own viewer, by the token of its page. */
import { Elysia } from 'elysia'
import { Fault } from '../core/fault.ts'
import { queryOf } from '../http/dialect.ts'
import { attachmentOf } from '../http/download.ts'
import { kindOf } from './kinds.ts'
import type { WebDeps } from './session.ts'
import { browserOf, type Visit } from './visit.ts'

/**
 * A viewer does not work in a sandbox. It gets nothing that is not called a PDF, under no other type, and what
 * it draws may load nothing and run nothing of our origin.
 */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"

export const inlineRoutes = (deps: WebDeps) =>
  new Elysia().get('/~show/:slug', (visit) => show(deps, visit), { detail: { hide: true } })

/** Faults: route_not_found (no PDF), and those of authoriseToken. */
async function show(deps: WebDeps, visit: Visit & { params: { slug: string } }): Promise<Response> {
  const { request, server, params } = visit
  const token = new URLSearchParams(queryOf(request)).get('download_token') ?? ''
  const account = (await browserOf(deps, visit))?.principal.account ?? null
  const ip = deps.browsers.address(request, server)
  const grant = await deps.core.downloads.authoriseToken(params.slug, token, { account, ip })
  if (kindOf(grant.file) !== 'pdf') throw new Fault('route_not_found')
  const sent = { ...attachmentOf(grant), mimeType: 'application/pdf', inline: true, policy: POLICY }
  return deps.sendFile(request, server, sent, grant)
}

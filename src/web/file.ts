/** The addresses of one file: its page, its bytes by token, `~i`, `~s` and `~d`. */
import { Elysia } from 'elysia'
import type { FileView } from '../core/downloads.ts'
import { Fault } from '../core/fault.ts'
import type { Account } from '../core/model.ts'
import { queryOf } from '../http/dialect.ts'
import { attachmentOf } from '../http/download.ts'
import { filePage } from '../http/path-ids.ts'
import { fileDocs } from './docs.ts'
import { deleteByCall, deleteByForm, deletePage } from './file-delete.ts'
import { fileInfoPage, filePageHtml } from './file-pages.ts'
import { kindOf } from './kinds.ts'
import { type PageWriter, pageWriter } from './page.ts'
import type { WebDeps } from './session.ts'
import { openGraph } from './share.ts'
import { stageHtml } from './stage.ts'
import { contentStage } from './stage-text.ts'
import { statisticsPage } from './statistics.ts'
import { browserOf, type Visit } from './visit.ts'

type FileVisit = Visit & { params: { slug: string } }

export function fileRoutes(deps: WebDeps) {
  const html = pageWriter(deps)
  const hidden = { detail: { hide: true } }
  return new Elysia()
    .get('/:slug', (visit) => show(deps, html, visit), { detail: fileDocs })
    .get('/:slug/:name', (visit) => showNamed(deps, html, visit), hidden)
    .post('/:slug', (visit) => deleteByForm(deps, html, visit, deletable(visit)), {
      ...hidden,
      parse: 'none',
    })
    .delete('/:slug', (visit) => deleteByCall(deps, visit, deletable(visit)), { ...hidden, parse: 'none' })
}

/** Fault: route_not_found, also for a page that nothing is sent to. */
function deletable({ params }: FileVisit): string {
  const { slug, page } = filePage(params.slug)
  if (page !== 'd') throw new Fault('route_not_found')
  return slug
}

async function show(deps: WebDeps, html: PageWriter, visit: FileVisit): Promise<Response> {
  const { slug, page } = filePage(visit.params.slug)
  switch (page) {
    case 'd':
      return deletePage(deps, html, visit, slug)
    case 'i':
      return fileInfoPage(deps, html, visit, slug)
    case 's':
      return statisticsPage(deps, html, visit, slug)
    case '':
      return showFile(deps, html, visit, slug)
  }
}

/** The name at the end is decoration; the other pages have none. */
async function showNamed(deps: WebDeps, html: PageWriter, visit: FileVisit): Promise<Response> {
  const { slug, page } = filePage(visit.params.slug)
  if (page !== '') throw new Fault('route_not_found')
  return showFile(deps, html, visit, slug)
}

/** With a token the bytes, without one the page. */
async function showFile(deps: WebDeps, html: PageWriter, visit: FileVisit, slug: string): Promise<Response> {
  const token = new URLSearchParams(queryOf(visit.request)).get('download_token')
  const account = (await browserOf(deps, visit))?.principal.account ?? null
  if (token !== null) {
    const ip = deps.browsers.address(visit.request, visit.server)
    const grant = await deps.core.downloads.authoriseToken(slug, token, { account, ip })
    return deps.sendFile(visit.request, visit.server, attachmentOf(grant), grant)
  }
  const view = await deps.core.downloads.view(slug, account)
  return describeFile(deps, html, visit, view, account)
}

async function describeFile(
  deps: WebDeps,
  html: PageWriter,
  { request, server }: Visit,
  view: FileView,
  account: Account | null,
): Promise<Response> {
  const { file, isOwner, pkg } = view
  const link = deps.core.downloads.pageLink(view)
  const origin = deps.browsers.origin(request, server)
  const picture = await deps.core.previews.of(file, 'preview')
  const { folder, previous, next } = await deps.core.visits.neighbours(file, account)
  const wait = isOwner ? 0 : pkg.waitBeforeDownload
  const beside = kindOf(file) === 'image' ? { previous, next } : { previous: null, next: null }
  const stage = stageHtml({ file, link, wait, picture, ...beside }) || (await contentStage(deps, view))
  const isOpen = file.visibility > 0
  const links = { page: `${origin}/${file.slug}`, picture: picture && isOpen ? origin + picture.path : null }
  return html(file.name, filePageHtml({ view, link, stage, links, folder }), {
    cards: true,
    script: 'visit',
    indexed: file.visibility === 2,
    head: isOpen ? openGraph(deps.siteName, file, links) : '',
  })
}

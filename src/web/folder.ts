/** A shared folder: `/folder/{id}/{name}`. The id decides, the name is decoration. */

import { Elysia } from 'elysia'
import { networkOf } from '../core/network.ts'
import type { FolderView } from '../core/visits.ts'
import { readBody } from '../http/body.ts'
import { pathOf, queryOf } from '../http/dialect.ts'
import { folderId } from '../http/path-ids.ts'
import { fileEntry, folderEntry, folderFacts } from './entries.ts'
import { readPass, setPass } from './folder-password.ts'
import { escapeHtml, type PageWriter, pageWriter } from './page.ts'
import type { WebDeps } from './session.ts'
import { browserOf, type Visit } from './visit.ts'

const BODY_LIMIT = 16 * 1024
const PAGE_SIZE = 500
const ATTEMPTS_PER_MINUTE = 10
/** So many entries no folder has; a page beyond it is as empty as the last one. */
const LAST_PAGE = 1_000_000

type FolderVisit = Visit & { params: { id: string } }

export function folderRoutes(deps: WebDeps) {
  const html = pageWriter(deps.siteName)
  const show = (visit: FolderVisit) => showFolder(deps, html, visit)
  const unlock = (visit: FolderVisit) => unlockFolder(deps, visit)
  const hidden = { detail: { hide: true } }
  return new Elysia()
    .get('/folder/:id', show, hidden)
    .get('/folder/:id/:name', show, hidden)
    .post('/folder/:id', unlock, { ...hidden, parse: 'none' })
    .post('/folder/:id/:name', unlock, { ...hidden, parse: 'none' })
}

async function showFolder(deps: WebDeps, html: PageWriter, visit: FolderVisit): Promise<Response> {
  const id = folderId(visit.params.id)
  const browser = await browserOf(deps, visit)
  const page = readPage(visit.request)
  const slice = { offset: (page - 1) * PAGE_SIZE, limit: PAGE_SIZE }
  const pass = readPass(visit.request.headers, id)
  const view = await deps.core.visits.folder(id, browser?.principal.account ?? null, pass, slice)
  return html(view.folder.name, folderHtml(view, page), { indexed: view.folder.visibility === 2 })
}

/** 303 back to the folder with a pass. Guessing is slowed down. */
async function unlockFolder({ core, browsers, limiter }: WebDeps, visit: FolderVisit): Promise<Response> {
  const { request, server } = visit
  const id = folderId(visit.params.id)
  const key = `web/folder/${id}/${networkOf(browsers.address(request, server))}`
  limiter.take([{ key, limit: ATTEMPTS_PER_MINUTE }])
  const { password } = await readBody(request, BODY_LIMIT)
  const pass = await core.visits.unlock(id, typeof password === 'string' ? password : '')
  const cookie = setPass(id, pass, browsers.origin(request, server))
  const headers = { location: pathOf(request), 'set-cookie': cookie, 'cache-control': 'no-store' }
  return new Response(null, { status: 303, headers })
}

/** Counted from 1. */
function readPage(request: Request): number {
  const value = new URLSearchParams(queryOf(request)).get('page') ?? ''
  return /^[1-9]\d{0,8}$/.test(value) ? Math.min(Number(value), LAST_PAGE) : 1
}

function folderHtml(view: FolderView, page: number): string {
  const { folder, folders, files, total } = view
  const entries = [...folders.map(folderEntry), ...files.map(fileEntry)]
  const list =
    entries.length === 0
      ? `<p>${total === 0 ? 'There is nothing in this folder.' : 'There is nothing more in this folder.'}</p>`
      : `<ul class="entries">\n${entries.join('\n')}\n</ul>`
  return `<p class="soft">${escapeHtml(factsOf(folder, view.isOwner).join(' · '))}</p>
${list}
${pagesHtml(page, Math.ceil(total / PAGE_SIZE))}`
}

const VISIBILITY = ['Only you see it', 'Anyone with the link sees it', 'Public']

const factsOf = (folder: FolderView['folder'], isOwner: boolean): string[] => [
  ...folderFacts(folder),
  ...(isOwner ? [VISIBILITY[folder.visibility] ?? ''] : []),
  ...(isOwner && folder.passwordMd5 !== null ? ['Password'] : []),
]

function pagesHtml(page: number, last: number): string {
  if (last <= 1) return ''
  const previous = Math.min(page - 1, last)
  const links = [
    page > 1 ? `<a rel="prev" href="?page=${previous}">Previous page</a>` : '',
    page < last ? `<a rel="next" href="?page=${page + 1}">Next page</a>` : '',
  ]
  return `<nav class="row" aria-label="Pages">${links.join(' ')}<span class="soft">Page ${Math.min(page, last)} of ${last}</span></nav>`
}

/** A shared folder: `/folder/{id}/{name}`. The id decides, the name is decoration. */
import { Elysia } from 'elysia'
import type { FileOrder } from '../core/metadata.ts'
import { networkOf } from '../core/network.ts'
import { FILE_ORDERS } from '../core/visits.ts'
import { readBody } from '../http/body.ts'
import { pathOf, queryOf } from '../http/dialect.ts'
import { folderId } from '../http/path-ids.ts'
import { folderHtml } from './folder-list.ts'
import { readPass, setPass } from './folder-password.ts'
import { folderZipPath } from './folder-zip.ts'
import { type PageWriter, pageWriter } from './page.ts'
import type { WebDeps } from './session.ts'
import { browserOf, type Visit } from './visit.ts'

const BODY_LIMIT = 16 * 1024
const PAGE_SIZE = 500
const ATTEMPTS_PER_MINUTE = 10
/** So many entries no folder has; a page beyond it is as empty as the last one. */
const LAST_PAGE = 1_000_000

type FolderVisit = Visit & { params: { id: string } }

export function folderRoutes(deps: WebDeps) {
  const html = pageWriter(deps)
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
  const query = new URLSearchParams(queryOf(visit.request))
  const page = readPage(query)
  const slice = { offset: (page - 1) * PAGE_SIZE, limit: PAGE_SIZE, order: readOrder(query) }
  const pass = readPass(visit.request.headers, id)
  const account = browser?.principal.account ?? null
  const view = await deps.core.visits.folder(id, account, pass, slice)
  const zip = folderZipPath(view.folder, await deps.core.folderZips.token(view.folder, account))
  const files = view.files.map(({ file }) => file)
  const thumbs = await deps.core.previews.ofAll(files, 'thumb', { signed: true })
  const shown = { view, page, lastPage: Math.ceil(view.total / PAGE_SIZE), query, thumbs, zip }
  const { name, visibility } = view.folder
  const options = { cards: true, script: 'visit', indexed: visibility === 2 }
  return html(name, folderHtml(shown), options)
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
function readPage(query: URLSearchParams): number {
  const value = query.get('page') ?? ''
  return /^[1-9]\d{0,8}$/.test(value) ? Math.min(Number(value), LAST_PAGE) : 1
}

const readOrder = (query: URLSearchParams): FileOrder =>
  FILE_ORDERS.find((order) => order === query.get('sort')) ?? 'name'

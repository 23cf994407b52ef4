/** What a link of many opens: `/s/{token}`, a file or a folder with all that is below it. */
import { Elysia } from 'elysia'
import type { FileRecord, Folder, ShareLink } from '../core/model.ts'
import type { OpenedLink } from '../core/share-links.ts'
import { queryOf } from '../http/dialect.ts'
import { attachmentOf } from '../http/download.ts'
import { fileId, folderId } from '../http/path-ids.ts'
import { folderFacts } from './entries.ts'
import { askForPassword, linkPath, readLinkPass, unlockByForm } from './link-password.ts'
import { escapeHtml, nameHtml, type PageWriter, pageWriter } from './page.ts'
import type { WebDeps } from './session.ts'
import { counted, factsHtml, humanSize, sizeHtml, timeHtml } from './units.ts'
import { browserOf, type Visit } from './visit.ts'

const PAGE_SIZE = 500

type LinkVisit = Visit & { params: { token: string; id?: string } }

export function shareLinkRoutes(deps: WebDeps) {
  const html = pageWriter(deps)
  const hidden = { detail: { hide: true } }
  const show = (visit: LinkVisit) => showLink(deps, html, visit)
  const send = (visit: LinkVisit) => sendLinked(deps, html, visit)
  return new Elysia()
    .get('/s/:token', show, hidden)
    .get('/s/:token/folder/:id', show, hidden)
    .get('/s/:token/download', send, hidden)
    .get('/s/:token/file/:id', send, hidden)
    .post('/s/:token', (visit) => unlockLink(deps, html, visit), { ...hidden, parse: 'none' })
}

async function showLink({ core }: WebDeps, html: PageWriter, visit: LinkVisit): Promise<Response> {
  const { params, request } = visit
  const path = linkPath('/s', params.token)
  const page = pageOf(request)
  const slice = { offset: (page - 1) * PAGE_SIZE, limit: PAGE_SIZE }
  const folder = params.id === undefined ? null : folderId(params.id)
  try {
    const opened = await core.shareLinks.open(params.token, readLinkPass(request.headers), folder, slice)
    return opened.kind === 'file'
      ? html(opened.file.name, fileHtml(opened.file, opened.link, path))
      : html(opened.folder.name, folderHtml(opened, path, page))
  } catch (error) {
    return askForPassword(html, path, error)
  }
}

async function sendLinked(deps: WebDeps, html: PageWriter, visit: LinkVisit): Promise<Response> {
  const { core, browsers, sendFile } = deps
  const { params, request, server } = visit
  const path = linkPath('/s', params.token)
  const account = (await browserOf(deps, visit))?.principal.account ?? null
  const visitor = { account, ip: browsers.address(request, server) }
  const id = params.id === undefined ? null : fileId(params.id)
  const pass = readLinkPass(request.headers)
  try {
    const grant = await core.shareLinks.authorise(params.token, pass, id, visitor)
    return await sendFile(request, server, attachmentOf(grant), grant)
  } catch (error) {
    return askForPassword(html, path, error)
  }
}

const unlockLink = (deps: WebDeps, html: PageWriter, visit: LinkVisit): Promise<Response> => {
  const { token } = visit.params
  const unlock = (password: string) => deps.core.shareLinks.unlock(token, password)
  return unlockByForm({ deps, html, visit, path: linkPath('/s', token), unlock })
}

/** Counted from 1. */
function pageOf(request: Request): number {
  const value = new URLSearchParams(queryOf(request)).get('page') ?? ''
  return /^[1-9]\d{0,5}$/.test(value) ? Number(value) : 1
}

const termsHtml = ({ expiresAt, downloadsLeft }: ShareLink): string =>
  [
    expiresAt === null ? '' : `The link ends ${timeHtml(expiresAt)}.`,
    downloadsLeft === null ? '' : `${counted(downloadsLeft, 'download')} left.`,
  ]
    .filter(Boolean)
    .join(' ')

const fileHtml = (file: FileRecord, link: ShareLink, path: string): string => `
<div class="actions"><a class="button" href="${path}/download" rel="nofollow">Download</a>
<p class="soft">${humanSize(file.size)}</p></div>
<p class="soft">${termsHtml(link)}</p>
${factsHtml([
  ['Size', sizeHtml(file.size)],
  ['Type', escapeHtml(file.mimeType)],
  ['Uploaded', timeHtml(file.createdAt)],
])}`

const row = (href: string, name: string, facts: string): string =>
  `<li><a href="${escapeHtml(href)}" rel="nofollow">${nameHtml(name)}</a><span>${escapeHtml(facts)}</span></li>`

function folderHtml(view: Extract<OpenedLink, { kind: 'folder' }>, path: string, page: number): string {
  const { folders, files, total, link } = view
  const entries = [
    ...folders.map((folder) =>
      row(`${path}/folder/${folder.id}`, folder.name, ['Folder', ...folderFacts(folder)].join(' · ')),
    ),
    ...files.map((file) => row(`${path}/file/${file.id}`, file.name, humanSize(file.size))),
  ]
  const list =
    entries.length === 0
      ? '<p>There is nothing in this folder.</p>'
      : `<ul class="entries">\n${entries.join('\n')}\n</ul>`
  return `${wayHtml(view, path)}<p class="soft">${termsHtml(link)}</p>\n${list}\n${pagesHtml(page, total)}`
}

/** From the shared folder down; nothing above it is shown. */
function wayHtml(view: { path: Folder[]; link: ShareLink }, path: string): string {
  if (view.path.length === 0) return ''
  const links = view.path.map(({ id, name }) => {
    const to = id === view.link.folderId ? path : `${path}/folder/${id}`
    return `<a href="${to}">${nameHtml(name)}</a>`
  })
  return `<nav aria-label="Folders above"><p>${links.join(' / ')}</p></nav>\n`
}

function pagesHtml(page: number, total: number): string {
  const last = Math.ceil(total / PAGE_SIZE)
  if (last <= 1) return ''
  const links = [
    page > 1 ? `<a rel="prev" href="?page=${Math.min(page - 1, last)}">Previous page</a>` : '',
    page < last ? `<a rel="next" href="?page=${page + 1}">Next page</a>` : '',
  ]
  return `<nav class="row" aria-label="Pages">${links.join(' ')}<span class="soft">Page ${Math.min(page, last)} of ${last}</span></nav>`
}

/** What the page of a folder shows: its entries as a list or a gallery, sorted, page by page. */
import type { FileOrder } from '../core/metadata.ts'
import type { Picture } from '../core/previews.ts'
import type { FolderView } from '../core/visits.ts'
import { fileEntry, folderEntry, folderFacts } from './entries.ts'
import { icon, kindBadge } from './icons.ts'
import { escapeHtml, nameHtml } from './page.ts'

export interface ShownFolder {
  view: FolderView
  /** Counted from 1. */
  page: number
  lastPage: number
  /** How the page was asked for: its links keep the choices in it. */
  query: URLSearchParams
  /** By id of the file. */
  thumbs: Map<number, Picture>
  /** Leads to all of it as one archive. */
  zip: string
}

type Look = 'list' | 'gallery'

/** Asked for, or a gallery where most of the files have a picture. */
function lookOf(query: URLSearchParams, pictures: number, files: number): Look {
  const asked = query.get('view')
  if (asked === 'list' || asked === 'gallery') return asked
  return pictures > 0 && pictures * 2 >= files ? 'gallery' : 'list'
}

export function folderHtml(shown: ShownFolder): string {
  const { view, page, query, thumbs } = shown
  const { folder, folders, files, total } = view
  const look = lookOf(query, thumbs.size, files.length)
  const entries = [
    ...folders.map(folderEntry),
    ...files.map((entry) => fileEntry(entry, thumbs.get(entry.file.id))),
  ]
  const facts = escapeHtml(factsOf(folder, view.isOwner).join(' · '))
  const list =
    entries.length === 0
      ? `<p>${total === 0 ? 'There is nothing in this folder.' : 'There is nothing more in this folder.'}</p>`
      : `<ul class="entries${look === 'gallery' ? ' gallery' : ''}">\n${entries.join('\n')}\n</ul>`
  return `<div class="title">${kindBadge('folder')}<div><h1>${nameHtml(folder.name)}</h1><p class="soft">${facts}</p></div>${total === 0 ? '' : zipButton(shown.zip)}</div>
<section aria-label="Entries" data-folder>${total === 0 ? '' : choicesHtml(query, look)}
${list}
${pagesHtml(page, shown.lastPage, query)}</section>`
}

const zipButton = (path: string): string =>
  `<div class="actions"><a class="button" href="${escapeHtml(path)}" rel="nofollow" download>Download all as ZIP</a></div>`

const VISIBILITY = ['Only you see it', 'Anyone with the link sees it', 'Public']

const factsOf = (folder: FolderView['folder'], isOwner: boolean): string[] => [
  ...folderFacts(folder),
  ...(isOwner ? [VISIBILITY[folder.visibility] ?? ''] : []),
  ...(isOwner && folder.passwordMd5 !== null ? ['Password'] : []),
]

const ORDERS: Record<FileOrder, string> = { name: 'Name', newest: 'Newest', largest: 'Largest' }

function choicesHtml(query: URLSearchParams, look: Look): string {
  const sort = query.get('sort') ?? 'name'
  const orders = Object.entries(ORDERS).map(([order, words]) =>
    choice(linkTo(query, { sort: order === 'name' ? null : order, page: null }), words, order === sort),
  )
  const looks = (['list', 'gallery'] as const).map((each) =>
    choice(
      linkTo(query, { view: each }),
      `${icon(each === 'list' ? 'list' : 'grid')}<span class="out">${each === 'list' ? 'List' : 'Gallery'}</span>`,
      each === look,
      ` data-view="${each}"`,
    ),
  )
  return `<div class="choices"><nav aria-label="Order">${orders.join('')}</nav><nav aria-label="View">${looks.join('')}</nav></div>`
}

const choice = (href: string, words: string, isCurrent: boolean, more = ''): string =>
  `<a href="${escapeHtml(href)}"${isCurrent ? ' aria-current="true"' : ''}${more}>${words}</a>`

/** The same page with other choices; what is unknown in the query is left behind. */
function linkTo(query: URLSearchParams, changes: Record<string, string | null>): string {
  const kept = new URLSearchParams()
  for (const name of ['page', 'sort', 'view']) {
    const value = name in changes ? changes[name] : query.get(name)
    if (value !== null && value !== undefined) kept.set(name, value)
  }
  return `?${kept}`
}

function pagesHtml(page: number, last: number, query: URLSearchParams): string {
  if (last <= 1) return ''
  const to = (number: number) => escapeHtml(linkTo(query, { page: String(number) }))
  const links = [
    page > 1 ? `<a rel="prev" href="${to(Math.min(page - 1, last))}">Previous page</a>` : '',
    page < last ? `<a rel="next" href="${to(page + 1)}">Next page</a>` : '',
  ]
  return `<nav class="row" aria-label="Pages">${links.join(' ')}<span class="soft">Page ${Math.min(page, last)} of ${last}</span></nav>`
}

/** What the pages of a file say. */
import type { FileView } from '../core/downloads.ts'
import type { FileRecord, Visibility } from '../core/model.ts'
import { escapeHtml, type PageWriter } from './page.ts'
import type { WebDeps } from './session.ts'
import { counted, factsHtml, grouped, humanSize, sizeHtml, timeHtml } from './units.ts'
import { bareHash, browserOf, type Visit } from './visit.ts'

const VISIBILITY: Record<Visibility, string> = {
  0: 'Private: only its owner, and links made for it',
  1: 'Anyone with the link',
  2: 'Public, and found by search',
}

const facts = ({ size, mimeType, createdAt, downloads }: FileRecord): Array<[string, string]> => [
  ['Size', sizeHtml(size)],
  ['Type', escapeHtml(mimeType)],
  ['Uploaded', timeHtml(createdAt)],
  ['Downloads', grouped(downloads)],
]

const row = (label: string, links: Array<[path: string, text: string]>): string =>
  `<nav class="row" aria-label="${label}">${links
    .map(([path, text]) => `<a href="${escapeHtml(path)}">${escapeHtml(text)}</a>`)
    .join(' ')}</nav>`

/** `link` leads to the bytes, for a visitor who has to wait not at once. */
export function filePageHtml({ file, isOwner, pkg }: FileView, link: string): string {
  const wait = isOwner ? 0 : pkg.waitBeforeDownload
  return `<div class="actions"><a class="button" href="${escapeHtml(link)}" rel="nofollow">Download</a>
<p class="soft">${humanSize(file.size)}${wait > 0 ? `, starts ${counted(wait, 'second')} after this page was opened` : ''}</p></div>
${factsHtml([...facts(file), ...(isOwner ? [['Visible to', VISIBILITY[file.visibility]] as [string, string]] : [])])}
${isOwner ? row('This file', changes(file, '')) : ''}`
}

/** `query` is the hash with its question mark, or nothing for the owner. */
const changes = ({ slug }: FileRecord, query: string): Array<[string, string]> => [
  [`/${slug}~s`, 'Statistics'],
  [`/${slug}~d${query}`, 'Delete'],
]

/** `~i`: what is known of the file; the ways to change it for those who may. */
export async function fileInfoPage(deps: WebDeps, html: PageWriter, visit: Visit, slug: string) {
  const browser = await browserOf(deps, visit)
  const hash = bareHash(visit.request)
  const { file, isOwner, hasKey } = await deps.core.visits.file(
    slug,
    browser?.principal.account ?? null,
    hash,
  )
  const more: Array<[string, string]> = isOwner || hasKey ? [['Visible to', VISIBILITY[file.visibility]]] : []
  const links = isOwner || hasKey ? changes(file, hasKey ? `?${hash}` : '') : []
  const ways = row('This file', [[`/${slug}`, 'File page'], ...links])
  return html(file.name, `${factsHtml([...facts(file), ...more])}\n${ways}`)
}

/** What the pages of a file say. */
import type { FileView } from '../core/downloads.ts'
import type { FileRecord, Folder, Visibility } from '../core/model.ts'
import { folderPath } from './entries.ts'
import { icon, kindBadge } from './icons.ts'
import { kindOf, kindWords } from './kinds.ts'
import { escapeHtml, nameHtml, type PageWriter } from './page.ts'
import type { WebDeps } from './session.ts'
import { type SharedLinks, sharePanel } from './share.ts'
import { counted, factsHtml, grouped, humanSize, sizeHtml, timeHtml } from './units.ts'
import { bareHash, browserOf, type Visit } from './visit.ts'

const VISIBILITY: Record<Visibility, string> = {
  0: 'Private: only its owner, and links made for it',
  1: 'Anyone with the link',
  2: 'Public, and found by search',
}

type Fact = [name: string, value: string]

const facts = ({ size, mimeType, createdAt, downloads }: FileRecord): Fact[] => [
  ['Size', sizeHtml(size)],
  ['Type', escapeHtml(mimeType)],
  ['Uploaded', timeHtml(createdAt)],
  ['Downloads', grouped(downloads)],
]

const row = (label: string, links: Array<[path: string, text: string]>): string =>
  `<nav class="row" aria-label="${label}">${links
    .map(([path, text]) => `<a href="${escapeHtml(path)}">${escapeHtml(text)}</a>`)
    .join(' ')}</nav>`

/** The card at the top of every page about a file. `more` is HTML at its end. */
export const titleCard = (file: FileRecord, words: string, more = ''): string =>
  `<div class="title">${kindBadge(kindOf(file))}<div><h1>${nameHtml(file.name)}</h1><p class="soft">${words}</p></div>${more}</div>`

export interface FilePage {
  view: FileView
  /** Leads to the bytes, for a visitor who has to wait not at once. */
  link: string
  /** HTML of what is shown of the file. */
  stage: string
  links: SharedLinks
  /** Where it is, for who may look there. */
  folder: Folder | null
}

/** Cards: what it is and the way to it, the file itself, its facts, how to hand it on. */
export function filePageHtml(page: FilePage): string {
  const { view, stage, links } = page
  const { file, isOwner } = view
  const share = file.visibility > 0 ? sharePanel(file, links) : PRIVATE
  return `${titleCard(file, `${kindWords(file)} · ${humanSize(file.size)}`, downloadButton(page))}
${stage}
<div class="pair plain">
<section aria-labelledby="details"><h2 id="details">Details</h2>
${factsHtml(allFacts(page))}
${isOwner ? row('This file', changes(file, '')) : ''}
</section>
${share}
</div>
${isOwner ? '' : `<p class="plain report"><a href="/~report/${file.slug}" rel="nofollow">${icon('flag', 18)} Report this file</a></p>`}`
}

const PRIVATE = `<section aria-labelledby="share"><h2 id="share">Share</h2>
<p>${icon('lock')} This file is private: nobody else can open this page.</p></section>`

function downloadButton({ view: { file, isOwner, pkg }, link }: FilePage): string {
  if (file.contentState !== 'ready')
    return `<p class="actions" role="status">${file.contentState === 'processing' ? 'It is still being checked. Come back in a moment.' : 'It did not arrive as it was sent.'}</p>`
  const wait = isOwner ? 0 : pkg.waitBeforeDownload
  const words =
    wait > 0
      ? `<p class="soft" data-left>starts ${counted(wait, 'second')} after this page was opened</p>`
      : ''
  const after = wait > 0 ? ` data-wait="${wait}"` : ''
  return `<div class="actions"><a class="button" href="${escapeHtml(link)}" rel="nofollow"${after}>Download</a>${words}</div>`
}

function allFacts({ view: { file, isOwner, object }, folder }: FilePage): Fact[] {
  const seen: Fact[] = isOwner ? [['Visible to', VISIBILITY[file.visibility]]] : []
  const place: Fact[] = folder
    ? [['Folder', `<a href="${escapeHtml(folderPath(folder))}">${nameHtml(folder.name)}</a>`]]
    : []
  const hash: Fact[] = object?.sha256 ? [['SHA-256', `<code>${object.sha256}</code>`]] : []
  const uses: Fact[] = file.usesLeft === null ? [] : [['Downloads left', grouped(file.usesLeft)]]
  const end: Fact[] = file.expiresAt ? [['Until', timeHtml(file.expiresAt)]] : []
  return [...facts(file), ...uses, ...end, ...place, ...hash, ...seen]
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
  const more: Fact[] = isOwner || hasKey ? [['Visible to', VISIBILITY[file.visibility]]] : []
  const links = isOwner || hasKey ? changes(file, hasKey ? `?${hash}` : '') : []
  const ways = row('This file', [[`/${slug}`, 'File page'], ...links])
  const content = `${titleCard(file, `${kindWords(file)} · ${humanSize(file.size)}`)}
<section aria-labelledby="details"><h2 id="details">Details</h2>
${factsHtml([...facts(file), ...more])}\n${ways}</section>`
  return html(file.name, content, { cards: true })
}

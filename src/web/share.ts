/** How a file is handed on: its link in the languages of the places where links are put, and what those show of it. */
import type { FileRecord } from '../core/model.ts'
import { kindOf, kindWords } from './kinds.ts'
import { escapeHtml } from './page.ts'
import { humanSize } from './units.ts'
import { qrPath } from './wire/qr.ts'

/** Absolute addresses; `picture` is null where there is none that everybody may see. */
export interface SharedLinks {
  page: string
  picture: string | null
}

function qrSvg(text: string): string {
  const { path, size } = qrPath(text)
  return `<svg class="qr" viewBox="0 0 ${size} ${size}" width="${size * 4}" height="${size * 4}" role="img" aria-label="QR code of the link" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path d="${path}"/></svg>`
}

/** Forums know no escape: brackets would end the name. */
const bbName = (name: string): string => name.replace(/\[/g, '(').replace(/\]/g, ')')
const markdownName = (name: string): string => name.replace(/[\\`*_[\]<>!#|~]/g, '\\$&')

/** The same link as HTML, for forums and as Markdown. A picture stands for itself. */
function shareCodes(name: string, { page, picture }: SharedLinks): Array<[label: string, code: string]> {
  const label = escapeHtml(name)
  const inside = picture === null ? label : `<img src="${escapeHtml(picture)}" alt="${label}">`
  const forum = picture === null ? bbName(name) : `[img]${picture}[/img]`
  const markdown = markdownName(name)
  return [
    ['Link', page],
    ['HTML', `<a href="${escapeHtml(page)}">${inside}</a>`],
    ['Forum', `[url=${page}]${forum}[/url]`],
    ['Markdown', picture === null ? `[${markdown}](${page})` : `[![${markdown}](${picture})](${page})`],
  ]
}

const codeField = ([label, code]: [string, string]): string => {
  const id = `share-${label.toLowerCase()}`
  return `<label for="${id}">${label}</label>
<div class="copy"><input id="${id}" value="${escapeHtml(code)}" readonly spellcheck="false"><button type="button" class="quiet" data-copy="${id}" aria-label="Copy ${label}">Copy</button></div>`
}

/** The panel of a page that everybody with the link can open. */
export function sharePanel(file: FileRecord, links: SharedLinks): string {
  const [link, ...others] = shareCodes(file.name, links)
  return `<section class="share" aria-labelledby="share"><h2 id="share">Share</h2>
<div class="sharing"><div>${link ? codeField(link) : ''}
<details><summary>HTML, forum and Markdown</summary>
${others.map(codeField).join('\n')}
</details>
<button type="button" class="quiet" data-share hidden>Share…</button>
<p class="out" role="status" data-copied></p></div>
${qrSvg(links.page)}</div>
</section>`
}

/** What messengers and networks show of a link. */
export function openGraph(siteName: string, file: FileRecord, { page, picture }: SharedLinks): string {
  const description = `${kindWords(file)}, ${humanSize(file.size)}`
  const kind = kindOf(file)
  const tags: Array<[string, string]> = [
    ['og:title', file.name],
    ['og:description', description],
    ['og:site_name', siteName],
    ['og:type', kind === 'video' ? 'video.other' : 'website'],
    ['og:url', page],
    ...(picture === null
      ? []
      : [['og:image', picture] as [string, string], ['og:image:alt', file.name] as [string, string]]),
  ]
  const twitter = `<meta name="twitter:card" content="${picture === null ? 'summary' : 'summary_large_image'}">\n`
  const open = tags
    .map(([name, value]) => `<meta property="${name}" content="${escapeHtml(value)}">`)
    .join('\n')
  return `<meta name="description" content="${escapeHtml(description)}">\n${open}\n${twitter}`
}

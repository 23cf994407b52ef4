/** The part of a file's page that shows the file itself. */
import type { FileRecord } from '../core/model.ts'
import type { Picture } from '../core/previews.ts'
import { icon } from './icons.ts'
import { isShownByBrowsers, kindOf } from './kinds.ts'
import { escapeHtml } from './page.ts'

const MiB = 1024 * 1024
/** A picture without a preview is shown itself up to here. */
const LARGEST_ORIGINAL = 8 * MiB

export interface Staged {
  file: FileRecord
  /** Leads to the bytes, wherever they are. */
  link: string
  /** Seconds until it does; 0: at once. */
  wait: number
  /** Its preview, or null. */
  picture: Picture | null
  previous: FileRecord | null
  next: FileRecord | null
}

/** HTML; '' for what is not shown. A file with numbered uses is not: looking at it would use it up. */
export function stageHtml(staged: Staged): string {
  if (staged.file.usesLeft !== null || staged.file.contentState !== 'ready') return ''
  switch (kindOf(staged.file)) {
    case 'image':
      return imageStage(staged)
    case 'video':
      return mediaStage(staged, 'video')
    case 'audio':
      return mediaStage(staged, 'audio')
    case 'pdf':
      return pdfStage(staged)
    default:
      return ''
  }
}

/** For what is shown in the page: its policy lets nothing in that comes from elsewhere, such as a bucket. */
const shownHere = (link: string): string => escapeHtml(link.replace('/', '/~show/'))

const neighbour = (file: FileRecord | null, rel: 'prev' | 'next', words: string): string =>
  file === null
    ? ''
    : `<a class="beside ${rel}" rel="${rel}" href="/${file.slug}"><span class="out">${words}: ${escapeHtml(file.name)}</span>${icon(rel === 'prev' ? 'previous' : 'next', 28)}</a>`

function imageStage({ file, link, wait, picture, previous, next }: Staged): string {
  const canShowItself = isShownByBrowsers(file) && wait === 0
  const preview = picture === null ? null : escapeHtml(picture.path)
  const source = preview ?? (canShowItself && file.size <= LARGEST_ORIGINAL ? shownHere(link) : null)
  const beside = neighbour(previous, 'prev', 'Previous picture') + neighbour(next, 'next', 'Next picture')
  if (source === null && beside === '') return ''
  const whole = picture !== null && canShowItself ? ` data-whole="${shownHere(link)}"` : ''
  const shown =
    source === null
      ? `<p class="blank">${icon('image', 48)}<span>There is no preview of this picture.</span></p>`
      : `<img src="${source}" alt="${escapeHtml(file.name)}" decoding="async" fetchpriority="high" draggable="false"${measures(picture)}${whole}>`
  return `<figure class="stage picture" data-stage="image">${shown}${beside}</figure>`
}

/** Pixels, when they are known. */
const measures = (picture: Picture | null): string =>
  picture?.width && picture.height ? ` width="${picture.width}" height="${picture.height}"` : ''

/** Nothing is fetched before somebody plays it: looking at the page is no download. */
function mediaStage({ file, link, wait, picture }: Staged, kind: 'video' | 'audio'): string {
  const poster = kind === 'video' && picture !== null ? ` poster="${escapeHtml(picture.path)}"` : ''
  const after = wait > 0 ? ` data-wait="${wait}"` : ''
  const name = escapeHtml(file.name)
  return `<figure class="stage ${kind}" data-stage="${kind}"><${kind} controls preload="none" src="${shownHere(link)}" aria-label="${name}" playsinline${poster}${after}></${kind}></figure>`
}

/** The browser's own viewer, where there is one; the script knows, so without it the way there is a link. */
function pdfStage({ file, link, wait }: Staged): string {
  const shown = shownHere(link)
  const after = wait > 0 ? ` data-wait="${wait}"` : ''
  return `<figure class="stage pdf" data-stage="pdf" data-source="${shown}" data-name="${escapeHtml(file.name)}"${after}><p class="blank">${icon('pdf', 48)}<button type="button" class="needs-script" disabled>Show the document</button><a class="button quiet" href="${shown}" rel="nofollow" target="_blank">Open in a new tab</a></p></figure>`
}

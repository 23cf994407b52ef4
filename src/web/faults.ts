/** How the browser's side words a Fault: a page, or JSON for whoever prefers it. */
import { FAULT_MESSAGES, type Fault, type FaultCode } from '../core/fault.ts'
import type { Reply } from '../http/dialect.ts'
import { FAULT_STATUS, plainReply } from '../http/plain.ts'
import { passwordForm } from './folder-password.ts'
import { type Icon, kindBadge } from './icons.ts'
import { escapeHtml, PAGE_HEADERS, page, type SiteWords } from './page.ts'
import { counted } from './units.ts'

const STATUS_TITLES: Record<number, string> = {
  401: 'Please sign in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Not possible',
  429: 'Too many requests',
  503: 'Busy',
}

const TITLES: Partial<Record<FaultCode, string>> = {
  file_removed: 'Removed',
  not_public: 'Not public',
  link_invalid: 'This link does not work',
  link_ended: 'This link has ended',
  not_yet: 'Almost ready',
  download_too_large: 'Too large for your package',
  too_many_downloads: 'One after the other, please',
  download_pause: 'A short pause',
  downloads_used_up: 'Enough for today',
  traffic_used_up: 'Enough for today',
  password_required: 'Password needed',
  password_wrong: 'Password needed',
}

/** The weight an Accept header gives a media type; wildcards count. */
function weightOf(accept: string, type: string): number {
  const family = `${type.split('/')[0]}/*`
  for (const wanted of [type, family, '*/*']) {
    for (const entry of accept.split(',')) {
      const [name, ...parameters] = entry.split(';').map((piece) => piece.trim().toLowerCase())
      const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
      if (name === wanted) return weight === undefined ? 1 : Number(weight) || 0
    }
  }
  return 0
}

/** True when JSON is wanted more than a page. */
export function prefersJson(headers: Headers): boolean {
  const accept = headers.get('accept') ?? '*/*'
  return weightOf(accept, 'application/json') > weightOf(accept, 'text/html')
}

/** No browser page sends DELETE: who does is a program, and gets JSON unless it asks for a page. */
const wantsJson = ({ method, headers }: Request): boolean =>
  prefersJson(headers) || (method === 'DELETE' && !/\btext\/html\b/i.test(headers.get('accept') ?? ''))

export const renderPage =
  (site: SiteWords) =>
  (fault: Fault, request: Request): Reply => {
    if (wantsJson(request)) return plainReply(fault)
    const status = FAULT_STATUS[fault.code]
    const title = TITLES[fault.code] ?? STATUS_TITLES[status] ?? fallbackTitle(status)
    const { content, head } = contentOf(fault)
    const refusal = `<section class="refusal">${kindBadge(ICONS[status] ?? 'alert')}\n<h1>${escapeHtml(title)}</h1>\n${content}\n</section>`
    const body = page(site, title, refusal, { head, cards: true, narrow: true })
    return { status, headers: PAGE_HEADERS, body }
  }

const ICONS: Record<number, Icon> = { 401: 'lock', 403: 'lock', 404: 'search', 429: 'clock' }

const fallbackTitle = (status: number): string =>
  status >= 500 ? 'Something went wrong' : 'That did not work'

function contentOf(fault: Fault): { content: string; head?: string } {
  switch (fault.code) {
    case 'route_not_found':
      return { content: `<p>There is nothing at this address.</p>${WAYS}` }
    case 'file_not_found':
    case 'folder_not_found':
    case 'file_removed':
      return { content: `<p>${escapeHtml(fault.message)}</p>${WAYS}` }
    case 'rate_limited':
      return { content: `<p>${escapeHtml(fault.message)}</p>\n<p>${comeBack(fault.retryAfter ?? 60)}</p>` }
    case 'link_invalid':
      return { content: `<p>${escapeHtml(linkProblem(fault))}</p>` }
    case 'password_required':
      return { content: passwordForm(null) }
    case 'password_wrong':
      return { content: passwordForm(fault.message) }
    case 'not_yet':
    case 'download_pause':
      return waiting(Math.max(1, Math.ceil(fault.retryAfter ?? 1)))
    case 'too_many_downloads':
      return { content: '<p>Wait until one of your downloads has ended, then <a href="">try again</a>.</p>' }
    case 'downloads_used_up':
    case 'traffic_used_up':
      return { content: `<p>${escapeHtml(fault.message)}</p>\n<p>${comeBack(fault.retryAfter ?? 1)}</p>` }
    default:
      return { content: `<p>${escapeHtml(fault.message)}</p>` }
  }
}

/** What it says for itself, where that is more than that it is none. */
const linkProblem = ({ message }: Fault): string =>
  message === FAULT_MESSAGES.link_invalid
    ? 'This download link has expired, or it was not copied as a whole.'
    : message

const WAYS =
  '\n<nav class="row" aria-label="Ways on"><a href="/">Front page</a> <a href="/search">Search</a></nav>'

/** When a limit eases. */
const comeBack = (seconds: number): string =>
  seconds < 90
    ? `<a href="">Try again</a> in ${counted(Math.max(1, Math.ceil(seconds)), 'second')}.`
    : seconds < 3600
      ? `<a href="">Try again</a> in ${counted(Math.ceil(seconds / 60), 'minute')}.`
      : `<a href="">Try again</a> in ${counted(Math.ceil(seconds / 3600), 'hour')}.`

/** Comes back by itself when the wait is over; the page stays where it is when the answer is a file. */
const waiting = (seconds: number): { content: string; head: string } => ({
  head: `<meta http-equiv="refresh" content="${seconds}">\n`,
  content: `<p role="status">The download is not ready yet: ${seconds} ${seconds === 1 ? 'second' : 'seconds'} left. It starts by itself.</p>
<p>If it does not, <a href="" rel="nofollow">start it by hand</a>.</p>`,
})

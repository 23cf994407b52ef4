/** How the browser's side words a Fault: a page, or JSON for whoever prefers it. */
import type { Fault } from '../core/fault.ts'
import type { Reply } from '../http/dialect.ts'
import { FAULT_STATUS, plainReply } from '../http/plain.ts'
import { escapeHtml, PAGE_HEADERS, page } from './page.ts'

const TITLES: Record<number, string> = {
  401: 'Please sign in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Not possible',
  429: 'Too many requests',
  503: 'Busy',
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

export function renderPage(fault: Fault, request: Request): Reply {
  if (prefersJson(request.headers)) return plainReply(fault)
  const status = FAULT_STATUS[fault.code]
  const message = fault.code === 'route_not_found' ? 'There is nothing at this address.' : fault.message
  const title = TITLES[status] ?? (status >= 500 ? 'Something went wrong' : 'That did not work')
  return { status, headers: PAGE_HEADERS, body: page(title, `<p>${escapeHtml(message)}</p>`) }
}

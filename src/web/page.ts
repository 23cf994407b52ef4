/** The one look of all pages: they work without script, are readable without style, light and dark, narrow and wide. */
import { assetTags } from './assets.ts'
import { icon } from './icons.ts'
import { STYLE } from './style.ts'

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text fit for element content and quoted attributes. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? '')

/** A name strangers chose, kept from turning the direction of what stands beside it. */
export const nameHtml = (name: string): string => `<bdi>${escapeHtml(name)}</bdi>`

const CHEST =
  'M5 4h14a3 3 0 0 1 3 3v3H2V7a3 3 0 0 1 3-3zM2 12h7v2.5h6V12h7v6.5a1.5 1.5 0 0 1-1.5 1.5h-17A1.5 1.5 0 0 1 2 18.5z'
const MARK = `<svg class="mark" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true"><path fill="currentColor" d="${CHEST}"/></svg>`
/** In the page itself, so that no browser asks for /favicon.ico. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path fill="#3b6fd4" d="${CHEST}"/></svg>`,
)}`

/** For the head of a page. */
export const ICON_TAG = `<link rel="icon" href="${ICON}">`

const STYLE_HASH = `'sha256-${new Bun.CryptoHasher('sha256').update(STYLE).digest('base64')}'`

/** Nothing but our own style and pictures, and forms that come back to us. */
const CSP = `default-src 'none'; style-src ${STYLE_HASH}; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`

/** With a script of ours: it, what it shows and what it asks come from us as well; it may send to `connect`. */
const scriptedCsp = (connect: readonly string[]): string =>
  `default-src 'none'; script-src 'self'; style-src 'self' ${STYLE_HASH}; img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src ${["'self'", ...connect].join(' ')}; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`

/** Addresses of pages hold secrets: they reach no other site, no cache and no search engine. */
export const PAGE_HEADERS: Record<string, string> = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': CSP,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex',
}

/** What may be different about the document. */
export interface PageShape {
  /** HTML for the head. */
  head?: string
  /** The content is cards of its own, with the heading in one of them, on a page as wide as there is room. */
  cards?: boolean
  /** No wider than text is read well; pages that are not cards always are. */
  narrow?: boolean
}

export interface PageOptions extends PageShape {
  status?: number
  /** Search engines may keep it. */
  indexed?: boolean
  /**
   * A form on it is refused when another site sends it. With no-referrer a browser would say that our own
   * form comes from nowhere; with same-origin it says so to other sites only.
   */
  guardedForm?: boolean
  /** Name of the script of the page, one of src/web/ui/entries. */
  script?: string
  /** Other origins that the script may send to. */
  connect?: readonly string[]
}

/** What every page says of the site. */
export interface SiteWords {
  siteName: string
  /** A line of the administrators as it is now; none when empty. */
  notice(): string
}

const noticeHtml = (text: string): string =>
  text === '' ? '' : `<p class="notice" role="status">${escapeHtml(text)}</p>\n`

/** `title` is text, `content` is HTML. */
export const page = (
  { siteName, notice }: SiteWords,
  title: string,
  content: string,
  { head = '', cards = false, narrow = !cards }: PageShape = {},
): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title === siteName ? title : `${title} · ${siteName}`)}</title>
${ICON_TAG}
<style>${STYLE}</style>
${head}</head>
<body>
<header class="site"><a href="/">${MARK}<span>${escapeHtml(siteName)}</span></a>
<nav aria-label="Main"><a href="/search">${icon('search')}<span>Search</span></a> <a href="/files" rel="nofollow">${icon('folder')}<span>Your files</span></a></nav></header>
${noticeHtml(notice())}<main${narrow ? ' class="narrow"' : ''}>
${cards ? content : `<section>\n<h1>${nameHtml(title)}</h1>\n${content}\n</section>`}
</main>
<footer><nav aria-label="Site"><a href="/search">Search</a> <a href="/swagger">API documentation</a></nav></footer>
</body>
</html>
`

export type PageWriter = (title: string, content: string, options?: PageOptions) => Response

export const pageWriter =
  (site: SiteWords): PageWriter =>
  (
    title,
    content,
    { status = 200, indexed = false, guardedForm = false, script, connect = [], ...shape } = {},
  ) => {
    const headers = new Headers(PAGE_HEADERS)
    if (indexed) headers.delete('x-robots-tag')
    if (guardedForm) headers.set('referrer-policy', 'same-origin')
    if (script !== undefined) headers.set('content-security-policy', scriptedCsp(connect))
    const head = (shape.head ?? '') + (script === undefined ? '' : assetTags(script))
    return new Response(page(site, title, content, { ...shape, head }), { status, headers })
  }

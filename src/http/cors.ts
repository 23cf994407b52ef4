/** Cross-origin access: open for the APIs, which take no cookie from elsewhere, and for file bytes. */
import { isBelow, pathOf, queryOf } from './dialect.ts'
import { slugPattern } from './path-ids.ts'

/** Everything a program in a browser may call from another site. */
export const OPEN_PREFIXES: readonly string[] = [
  '/api',
  '/download',
  '/storage/parts',
  '/storage/dl',
  '/file',
  '/f',
]

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'
const EXPOSED =
  'ETag, Content-Disposition, Content-Length, Content-Range, Retry-After, Location, Idempotency-Replayed'

export interface Cors {
  /** The answer to OPTIONS on an open path, null for every other request. */
  preflight(request: Request): Response | null
  /** Adds the headers to any answer, errors too, of an open path. */
  apply(request: Request, response: Response): void
}

/** Never with Allow-Credentials: with `*` it would hand cookies to every site. */
export function createCors(prefixes: readonly string[] = OPEN_PREFIXES): Cors {
  const isOpen = (request: Request): boolean => {
    const path = pathOf(request)
    return prefixes.some((prefix) => isBelow(path, prefix)) || isLinkDownload(path, request)
  }
  return {
    preflight(request) {
      if (request.method !== 'OPTIONS' || !isOpen(request)) return null
      return new Response(null, { status: 204, headers: preflightHeaders(request) })
    },
    apply(request, response) {
      if (!isOpen(request)) return
      response.headers.set('access-control-allow-origin', '*')
      response.headers.set('access-control-expose-headers', EXPOSED)
    },
  }
}

const SLUG_PATH = new RegExp(`^/${slugPattern('GET')}(?:/|$)`)

/** The bytes of a file by an address that is a page without its token: the token opens it, no cookie does. */
function isLinkDownload(path: string, request: Request): boolean {
  const name = isBelow(path, '/files') ? 'fnf_share' : SLUG_PATH.test(path) ? 'download_token' : null
  return name !== null && new URLSearchParams(queryOf(request)).has(name)
}

function preflightHeaders(request: Request): Record<string, string> {
  const headers: Record<string, string> = {
    'access-control-allow-methods': METHODS,
    'access-control-max-age': '86400',
    vary: 'Access-Control-Request-Headers',
    allow: METHODS,
  }
  const asked = request.headers.get('access-control-request-headers') ?? ''
  if (HEADER_NAMES.test(asked)) headers['access-control-allow-headers'] = asked
  return headers
}

const HEADER_NAMES = /^[\w!#$%&'*+.^`|~, -]{1,2000}$/

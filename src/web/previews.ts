/** The pictures of files: `/~preview/{slug}/{thumb|preview}`. Looking at one is no download. */
import { Elysia } from 'elysia'
import { Fault } from '../core/fault.ts'
import type { PreviewFormat, PreviewSize } from '../core/model.ts'
import type { OpenPicture } from '../core/previews.ts'
import { evaluate } from '../http/conditional.ts'
import { queryOf } from '../http/dialect.ts'
import { exchangeOf } from '../http/exchange.ts'
import { fileSlug } from '../http/path-ids.ts'
import type { WebDeps } from './session.ts'
import { browserOf, type Visit } from './visit.ts'

type PictureRoute = Visit & { params: { slug: string; size: string } }

const TYPES: Record<PreviewFormat, string> = { webp: 'image/webp', avif: 'image/avif' }
/** Seconds. What was made private or deleted is seen no longer than this by who has seen it before. */
const KEPT = 3600

export const previewRoutes = (deps: WebDeps) =>
  new Elysia().get('/~preview/:slug/:size', (visit) => show(deps, visit), { detail: { hide: true } })

async function show(deps: WebDeps, visit: PictureRoute): Promise<Response> {
  const { request, params } = visit
  const picture = await deps.core.previews.open({
    slug: fileSlug(params.slug),
    size: sizeOf(params.size),
    visitor: (await browserOf(deps, visit))?.principal.account ?? null,
    pass: passOf(request),
    avif: takesAvif(request.headers.get('accept')),
  })
  return answer(request, picture)
}

function answer(request: Request, { preview, bytes, isPublic }: OpenPicture): Response {
  // The key is of these bytes alone, also when the same picture is made anew.
  const stored = {
    etag: `"${preview.key.slice(preview.key.lastIndexOf('/') + 1)}"`,
    lastModified: preview.createdAt,
  }
  const validators = {
    etag: stored.etag,
    'last-modified': stored.lastModified.toUTCString(),
    'cache-control': `${isPublic ? 'public' : 'private'}, max-age=${KEPT}, immutable`,
    vary: isPublic ? 'Accept' : 'Accept, Cookie',
  }
  const outcome = evaluate(request.method, request.headers, stored)
  if (outcome === 'precondition_failed') return new Response(null, { status: 412, headers: validators })
  if (outcome === 'not_modified') return new Response(null, { status: 304, headers: validators })
  const headers = {
    ...validators,
    'content-type': TYPES[preview.format],
    'content-length': String(bytes.length),
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    // Forums and pages of others show what their users embed.
    'cross-origin-resource-policy': isPublic ? 'cross-origin' : 'same-origin',
  }
  if (request.method === 'HEAD') {
    exchangeOf(request).head = { status: 200, headers: new Headers(headers) }
    return new Response(null, { status: 200, headers })
  }
  exchangeOf(request).bytesOut = bytes.length
  return new Response(bytes, { status: 200, headers })
}

/** Fault: route_not_found. */
function sizeOf(text: string): PreviewSize {
  if (text !== 'thumb' && text !== 'preview') throw new Fault('route_not_found')
  return text
}

function passOf(request: Request): { expires: number; signature: string } | null {
  const query = new URLSearchParams(queryOf(request))
  const signature = query.get('signature')
  return signature === null ? null : { expires: Number(query.get('expires') ?? Number.NaN), signature }
}

/** Only when it is named and not refused: programs that take everything get what more of them can show. */
export function takesAvif(accept: string | null): boolean {
  const entry = accept?.split(',').find((part) => part.split(';')[0]?.trim().toLowerCase() === 'image/avif')
  if (entry === undefined) return false
  const weight = /;\s*q\s*=\s*([\d.]+)/i.exec(entry)?.[1]
  return weight === undefined || Number(weight) > 0
}

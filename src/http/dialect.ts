/** A dialect is one wire language: its routes, and how it words a Fault. */
import type { AnyElysia } from 'elysia'
import type { Fault } from '../core/fault.ts'

/** An answer as data. Text goes out as it is, an object as JSON, null as an empty body. */
export interface Reply {
  status: number
  headers?: Record<string, string>
  body: string | object | null
}

/** Of every JSON answer of an API. */
export const JSON_HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
} as const

export interface Dialect {
  name: string
  /** Path prefix without a slash at the end; '' takes every path no other dialect has. */
  prefix: string
  renderFault(fault: Fault, request: Request): Reply
  routes: AnyElysia
}

/** True when `path` is `prefix` or lies below it: `/api/v1x` is not below `/api/v1`. */
export const isBelow = (path: string, prefix: string): boolean =>
  prefix === '' || path === prefix || path.startsWith(`${prefix}/`)

/** The dialect with the longest prefix above `path`, whatever the order of the list. */
export function dialectOf<D extends Pick<Dialect, 'prefix'>>(path: string, dialects: readonly D[]): D | null {
  let best: D | null = null
  for (const dialect of dialects) {
    if (!isBelow(path, dialect.prefix)) continue
    if (best === null || dialect.prefix.length > best.prefix.length) best = dialect
  }
  return best
}

/**
 * The path of a request as it was sent, without query. Never throws: a Host header that is no host leaves
 * `request.url` relative, and `new URL` would refuse it.
 */
export function pathOf(request: Request): string {
  const url = request.url
  const start = url.startsWith('/') ? 0 : url.indexOf('/', url.indexOf('//') + 2)
  if (start < 0) return '/'
  const end = url.slice(start).search(/[?#]/)
  return end < 0 ? url.slice(start) : url.slice(start, start + end)
}

/** The query of a request, without its question mark. Never throws. */
export function queryOf(request: Request): string {
  const start = request.url.indexOf('?')
  return start < 0 ? '' : (request.url.slice(start + 1).split('#', 1)[0] ?? '')
}

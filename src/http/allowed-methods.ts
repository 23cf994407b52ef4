/** Which methods a path has: the router itself only knows "found" and "not found". */
import type { AnyElysia } from 'elysia'
import { slugPattern } from './path-ids.ts'

interface Pattern {
  method: string
  matches: RegExp
}

const known = new WeakMap<AnyElysia, { routes: number; patterns: Pattern[] }>()
const ORDER = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** Methods of all routes that match `path`, HEAD with every GET; empty for an unknown path. */
export function allowedMethods(app: AnyElysia, path: string): string[] {
  const found = new Set<string>()
  for (const { method, matches } of patternsOf(app)) {
    if (!matches.test(path)) continue
    found.add(method)
    if (method === 'GET') found.add('HEAD')
  }
  if (found.delete('ALL')) return ORDER
  return [...found].sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b))
}

function patternsOf(app: AnyElysia): Pattern[] {
  const routes = app.routes
  const cached = known.get(app)
  if (cached?.routes === routes.length) return cached.patterns
  const patterns = routes.map(({ method, path }) => ({ method, matches: toPattern(path, method) }))
  known.set(app, { routes: routes.length, patterns })
  return patterns
}

/**
 * `/files/:id`, `/files/:id?`, `/files/*` as the router understands them; a slash at the end is optional. A
 * parameter at the root is a file's, or every path would have its methods.
 */
function toPattern(path: string, method: string): RegExp {
  const segments = path
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment, index) => {
      if (index === 0 && segment === ':slug') return `/${slugPattern(method)}`
      if (segment === '*') return '(?:/.*)'
      if (/^:.+\?$/.test(segment)) return '(?:/[^/]+)?'
      if (segment.includes(':')) return `/${segment.split(/:\w+/).map(RegExp.escape).join('[^/]+')}`
      return `/${RegExp.escape(segment)}`
    })
  return new RegExp(`^${segments.join('')}/?$`)
}

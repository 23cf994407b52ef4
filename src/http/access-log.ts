/** One line per request, with nothing in it that opens anything. */
import type { Log } from '../core/log.ts'
import { pathOf, queryOf } from './dialect.ts'
import { exchangeOf } from './exchange.ts'

const SECRET_PARAMETERS = new Set([
  'access_token',
  'key1',
  'key2',
  'password',
  'key',
  'token',
  'api_key',
  'fnf_share',
  'download_token',
  'signature',
  'csrf',
  'csrf_token',
])
const REDACTED = '[redacted]'

/**
 * Path and query as they may be logged: values of secret parameters are replaced, so is the bare hash that
 * follows `~d?` and `~i?`, and what makes a secret of the path of a delete link, a share link (`/s/`) and a file
 * request (`/r/`). Headers are never logged.
 */
export function loggablePath(request: Request): string {
  const path = pathOf(request)
    .replace(/^(\/api\/delete\/).+/i, `$1${REDACTED}`)
    .replace(/^(\/[sr]\/)[^/]+/i, `$1${REDACTED}`)
  const query = queryOf(request)
  if (query === '') return path
  if (/~[di](?:\/|$)/i.test(decoded(path))) return `${path}?${REDACTED}`
  return `${path}?${query.split('&').map(redactPair).join('&')}`
}

/** As the router reads it, so that no spelling hides anything. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function redactPair(pair: string): string {
  const equals = pair.indexOf('=')
  const rawName = equals < 0 ? pair : pair.slice(0, equals)
  const name = nameOf(rawName).trim().toLowerCase()
  return SECRET_PARAMETERS.has(name.replace(/\[.*$/, '')) ? `${rawName}=${REDACTED}` : pair
}

/** Parsed as a server does, so that an encoded name is recognised too; a plain one is what it is. */
const nameOf = (raw: string): string =>
  /^[\w-]*$/.test(raw) ? raw : ([...new URLSearchParams(raw).keys()][0] ?? '')

/** Writes the line. `milliseconds` is the time until the answer began. */
export function logAccess(log: Log, request: Request, status: number, milliseconds: number): void {
  const { ip, dialect, actor, bytesIn, bytesOut } = exchangeOf(request)
  log.info('request', {
    method: request.method,
    path: loggablePath(request),
    status,
    ms: Math.round(milliseconds * 10) / 10,
    ip,
    dialect,
    ...(actor === null ? {} : { actor }),
    ...(bytesIn === 0 ? {} : { bytes_in: bytesIn }),
    ...(bytesOut === null ? {} : { bytes_out: bytesOut }),
  })
}

/** Downloads whose bytes the web server in front sends: it is told which file, and is the only one to know. */
import type { Transfer } from '../core/transfer.ts'
import type { TrustedProxies } from './client-address.ts'
import type { PacedServer } from './watched.ts'

export type Delivery =
  | 'app'
  | 'signed_origin'
  | 'cdn'
  | 'nginx_accel'
  | 'apache_xsendfile'
  | 'litespeed_internal'

export interface HandOffOptions {
  delivery: Delivery
  /** Only such a peer is a web server of ours; anybody else would be shown where files are, and get no bytes. */
  trusted: TrustedProxies
  /** Path of an object on the disk, null for one that is elsewhere; null when the storage never has any. */
  pathOf: ((key: string) => string | null) | null
}

export interface HandedFile {
  key: string
  /** Of the answer with the whole file. */
  headers: Readonly<Record<string, string>>
  /** Bytes the client will get. */
  size: number
  transfer: Transfer
}

/**
 * The answer that has the web server send the file, with the range it finds in the request; its transfer has
 * ended then, since nobody tells what becomes of it. Null when we have to send it ourselves.
 */
export type HandOff = (request: Request, server: PacedServer, file: HandedFile) => Response | null

/** Below this an internal location of the web server serves the folder of objects. */
const INTERNAL_PREFIX = '/_kist/objects/'

/**
 * Conditions that the web server would decide by its own idea of the file's ETag and date. All others have been
 * decided before, or leave it to the headers of our answer.
 */
export const OWN_CONDITIONS = ['if-match', 'if-unmodified-since']

type ByWebServer = Exclude<Delivery, 'app' | 'signed_origin' | 'cdn'>

/** Whether this way of delivery asks something of the web server in front. */
export const isHandOff = (delivery: Delivery): delivery is ByWebServer =>
  delivery !== 'app' && delivery !== 'signed_origin' && delivery !== 'cdn'

/** Null for delivery by the app, and for storage that has no files. */
export function createHandOff({ delivery, trusted, pathOf }: HandOffOptions): HandOff | null {
  if (!isHandOff(delivery) || pathOf === null) return null
  return (request, server, { key, headers, size, transfer }) => {
    if (size === 0 || !trusted.has(server?.requestIP?.(request)?.address ?? '')) return null
    if (OWN_CONDITIONS.some((name) => request.headers.has(name))) return null
    const path = pathOf(key)
    // Only nginx can be told how fast; what the others send goes as fast as it can.
    const isTooFast = delivery !== 'nginx_accel' && transfer.speed() > 0
    if (path === null || isTooFast) return null
    const directions = directionsOf(delivery, key, path, transfer.speed())
    transfer.end({ bytes: size, completed: true })
    return new Response(null, { status: 200, headers: { ...withoutLength(headers), ...directions } })
  }
}

/** What the web server reads and takes out of the answer. Apache decodes the path; a header can be ASCII only. */
function directionsOf(
  delivery: ByWebServer,
  key: string,
  path: string,
  speed: number,
): Record<string, string> {
  switch (delivery) {
    case 'nginx_accel':
      return {
        'x-accel-redirect': INTERNAL_PREFIX + key,
        ...(speed > 0 && { 'x-accel-limit-rate': String(Math.ceil(speed)) }),
      }
    case 'apache_xsendfile':
      return {
        'x-sendfile': path.split('/').map(encodeURIComponent).join('/'),
        // Apache has ranges of what it sends for others, but does not say so.
        'accept-ranges': 'bytes',
      }
    case 'litespeed_internal':
      return { 'x-litespeed-location': INTERNAL_PREFIX + key }
  }
}

/** How long the answer is, and that it has ranges, the web server says itself. */
function withoutLength(headers: Readonly<Record<string, string>>): Record<string, string> {
  const { 'content-length': _length, 'accept-ranges': _ranges, 'content-range': _range, ...others } = headers
  return others
}

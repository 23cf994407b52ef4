/** Who calls and by which name: the client's address and our own origin, as far as proxies can be trusted. */
import { BlockList, isIP, isIPv4 } from 'node:net'
import { invalid } from '../core/fault.ts'

/** The part of a server that knows the peer of a request. Null when there is none (tests in process). */
export type PeerSource = { requestIP(request: Request): { address: string } | null } | null

export interface TrustedProxies {
  has(address: string): boolean
}

/**
 * Addresses and CIDR blocks, IPv4 and IPv6, whose X-Forwarded-… headers are believed. `unix` stands for a
 * peer without an address: a Unix socket. Throws on an entry that is none of these, naming it.
 */
export function trustedProxies(entries: readonly string[]): TrustedProxies {
  const list = new BlockList()
  for (const entry of entries) if (entry !== 'unix') addEntry(list, entry)
  const unix = entries.includes('unix')
  return {
    has(address) {
      if (address === '') return unix
      const plain = normalAddress(address)
      return plain !== null && list.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6')
    },
  }
}

function addEntry(list: BlockList, entry: string): void {
  const [address = '', bits, ...rest] = entry.trim().split('/')
  const plain = normalAddress(address)
  const family = plain !== null && isIPv4(plain) ? 'ipv4' : 'ipv6'
  const widest = family === 'ipv4' ? 32 : 128
  const wrongBits = bits !== undefined && (!/^\d{1,3}$/.test(bits) || Number(bits) > widest)
  if (plain === null || rest.length > 0 || wrongBits)
    throw new Error(`not an address or CIDR block: ${entry}`)
  list.addSubnet(plain, bits === undefined ? widest : Number(bits), family)
}

/**
 * One spelling per address: brackets, port and zone removed, IPv4-mapped IPv6 as IPv4, IPv6 in its short
 * lower-case form. Null when it is not an address.
 */
export function normalAddress(text: string): string | null {
  const bare = withoutPort(text.trim())
  if (isIPv4(bare)) return bare
  if (isIP(bare) !== 6) return null
  const short = new URL(`http://[${bare}]/`).hostname.slice(1, -1)
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short)
  if (!mapped) return short
  const [high, low] = [Number.parseInt(mapped[1] ?? '', 16), Number.parseInt(mapped[2] ?? '', 16)]
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

function withoutPort(text: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(text)
  const host = bracketed?.[1] ?? text.replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1')
  return host.split('%', 1)[0] ?? ''
}

const peerOf = (request: Request, server: PeerSource): string => server?.requestIP(request)?.address ?? ''

/**
 * The client's address: the peer, or, when the peer is a trusted proxy, the right-most entry of
 * X-Forwarded-For that is not one. Entries left of it were written by whoever sent the request. '' when
 * there is none.
 */
export function clientAddress(request: Request, server: PeerSource, trusted: TrustedProxies): string {
  const peer = peerOf(request, server)
  let last = normalAddress(peer) ?? ''
  if (!trusted.has(peer)) return last
  const forwarded = request.headers.get('x-forwarded-for')?.split(',').reverse() ?? []
  for (const entry of forwarded) {
    const address = normalAddress(entry)
    if (address === null) return last
    last = address
    if (!trusted.has(address)) return last
  }
  return last
}

const HOST = /^(?:[a-z0-9](?:[a-z0-9._-]{0,252})?|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i

/**
 * The Host header, lower case, when it is one host with an optional port. Fault: invalid (none, two of them,
 * spaces, user info, a path).
 */
export function hostOf(request: Request): string {
  const host = request.headers.get('host') ?? hostFromUrl(request.url)
  if (!HOST.test(host)) throw invalid('host', 'The Host header is not valid.')
  return host.toLowerCase()
}

/** Requests made in process have no Host header, only an absolute URL. */
const hostFromUrl = (url: string): string => /^https?:\/\/([^/?#]*)/i.exec(url)?.[1] ?? ''

/** The host without its port. */
export const hostnameOf = (host: string): string => host.replace(/:\d+$/, '')

export interface OriginOptions {
  /** What the operator says our address is; it beats everything. */
  publicUrl: string | null
  trusted: TrustedProxies
}

/**
 * `https://host` for building absolute URLs, no slash at the end (a path of `publicUrl` stays). Without
 * `publicUrl` it is the Host header, or what a trusted proxy says it was. Fault: invalid.
 */
export function requestOrigin(request: Request, server: PeerSource, options: OriginOptions): string {
  if (options.publicUrl) return options.publicUrl.replace(/\/+$/, '')
  const host = hostOf(request)
  if (!options.trusted.has(peerOf(request, server))) return `http://${host}`
  const proto = lastOf(request.headers.get('x-forwarded-proto'))?.toLowerCase() === 'https' ? 'https' : 'http'
  const forwarded = lastOf(request.headers.get('x-forwarded-host'))
  return `${proto}://${forwarded !== undefined && HOST.test(forwarded) ? forwarded.toLowerCase() : host}`
}

/** Of a list the nearest proxy wrote the last entry. */
const lastOf = (list: string | null): string | undefined => list?.split(',').at(-1)?.trim()

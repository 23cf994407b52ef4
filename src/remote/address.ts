/**
 * Which addresses belong to the public internet. Taken from the IANA special-purpose address registries for
 * IPv4 and IPv6; what is not known to be public is refused.
 */
import { isIP } from 'node:net'

/** First address and length of the prefix in bits. */
type Network = readonly [string, number]

const NOT_PUBLIC_V4: readonly Network[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // Azure's machine agent answers every machine there at an address that looks public.
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]

/** All that is public lies here, but for addresses that carry an IPv4 address. */
const GLOBAL_UNICAST: Network = ['2000::', 3]

const NOT_PUBLIC_V6: readonly Network[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['3fff::', 20],
]

/** Addresses that lead to the IPv4 address inside them: the network, and how far right that ends. */
const CARRIERS: ReadonlyArray<readonly [Network, number]> = [
  [['::ffff:0:0', 96], 0],
  [['64:ff9b::', 96], 0],
  [['2002::', 16], 80],
]

interface Address {
  family: 4 | 6
  value: bigint
}

const SIZE = { 4: 32n, 6: 128n } as const

/** Null for anything but an address; a zone (`fe80::1%eth0`) is dropped. */
function parseAddress(text: string): Address | null {
  const bare = text.replace(/%.*$/, '')
  const family = isIP(bare)
  if (family === 4) return { family, value: valueOfV4(bare) }
  return family === 6 ? { family, value: valueOfV6(bare) } : null
}

const valueOfV4 = (text: string): bigint =>
  text.split('.').reduce((value, byte) => value * 256n + BigInt(byte), 0n)

function valueOfV6(text: string): bigint {
  const plain = text.replace(/\d+\.\d+\.\d+\.\d+$/, (tail) => {
    const value = valueOfV4(tail)
    return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`
  })
  const [left = '', right] = plain.split('::')
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'))
  const head = groups(left)
  const tail = groups(right ?? '')
  const zeros = Array<string>(right === undefined ? 0 : 8 - head.length - tail.length).fill('0')
  return [...head, ...zeros, ...tail].reduce((value, group) => value * 65_536n + BigInt(`0x${group}`), 0n)
}

/** False for everything a stranger must not reach through us, and for what is no address. */
export function isPublicAddress(text: string): boolean {
  const address = destinationOf(text)
  if (!address) return false
  const { family, value } = address
  if (family === 4) return !NOT_PUBLIC_V4.some((network) => contains(network, value))
  return contains(GLOBAL_UNICAST, value) && !NOT_PUBLIC_V6.some((network) => contains(network, value))
}

/** The same for all spellings of one destination; null for what is no address. */
export function addressKey(text: string): string | null {
  const address = destinationOf(text)
  return address && `${address.family}:${address.value}`
}

/** The IPv4 address that an IPv6 address carries, or the address itself. */
function destinationOf(text: string): Address | null {
  const address = parseAddress(text)
  if (address?.family !== 6) return address
  const carrier = CARRIERS.find(([network]) => contains(network, address.value))
  if (!carrier) return address
  return { family: 4, value: (address.value >> BigInt(carrier[1])) & 0xffff_ffffn }
}

function contains([first, bits]: Network, value: bigint): boolean {
  const network = parseAddress(first)
  if (!network) return false
  const shift = SIZE[network.family] - BigInt(bits)
  return network.value >> shift === value >> shift
}

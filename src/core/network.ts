/** Whom an address stands for, where people without an account are told apart by it. */

/**
 * A line gets at least 64 bits of IPv6 to choose its addresses from (RFC 6177), so one of them alone is nobody:
 * `2001:db8:0:1::/64` for all of them. An IPv4 address stands for itself, also within IPv6 (RFC 4291 section
 * 2.5.5.2), and so does what is no address, or a network already.
 */
export function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('/')) return address
  const groups = groupsOf(address)
  if (groups === null) return address
  const [first = 0, second = 0] = groups.slice(6)
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  if (isMapped) return [first >> 8, first & 255, second >> 8, second & 255].join('.')
  return `${textOf(groups.slice(0, 4))}::/64`
}

/** Without the zeros at their end, which `::` stands for. */
function textOf(groups: number[]): string {
  const length = groups.findLastIndex((group) => group !== 0) + 1
  return groups
    .slice(0, length)
    .map((group) => group.toString(16))
    .join(':')
}

/** The eight groups of an IPv6 address in any spelling, or null. */
function groupsOf(address: string): number[] | null {
  if (!URL.canParse(`http://[${address}]/`)) return null
  const short = new URL(`http://[${address}]/`).hostname.slice(1, -1)
  const [before = '', after = ''] = short.split('::')
  const [left, right] = [before, after].map((half) =>
    half === '' ? [] : half.split(':').map((group) => Number.parseInt(group, 16)),
  ) as [number[], number[]]
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right]
}

/**
 * What every address of a network of IPv6 begins with in its short lower-case form, as far as that is certain:
 * `::` may stand for a zero and what follows it.
 */
export function commonBeginning(network: string): string {
  const groups = network.split('::/', 1)[0]?.split(':') ?? []
  const sure = groups.includes('0') ? groups.slice(0, groups.indexOf('0')) : groups
  return sure.some((group) => group !== '') ? `${sure.join(':')}:` : ''
}

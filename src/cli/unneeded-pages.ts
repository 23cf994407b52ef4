/**
 * Memory that only the start needed. A start runs once through tens of MiB of the program; a server that waits needs
 * a small part of them.
 */
import { dlopen } from 'bun:ffi'
import { readFileSync, readlinkSync } from 'node:fs'

const MADV_DONTNEED = 4

/** A piece of a file in memory, from address to address. */
export interface Mapping {
  start: bigint
  end: bigint
}

/**
 * What of `program` can be taken out of memory and comes back from the file: mappings nobody may write to, without a
 * page that was changed. `smaps` is /proc/PID/smaps.
 */
export function unchangedPartsOf(program: string, smaps: string): Mapping[] {
  // Each mapping begins with a line of its own, of which an address is the first word.
  return smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).flatMap((mapping) => {
    const [, start, end, permissions, path] =
      /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \d+ +(.+)$/m.exec(mapping) ?? []
    const isUnchanged = /^Anonymous: +0 kB$/m.test(mapping) && /^Swap: +0 kB$/m.test(mapping)
    if (path !== program || permissions?.[1] !== '-' || !isUnchanged) return []
    return [{ start: BigInt(`0x${start}`), end: BigInt(`0x${end}`) }]
  })
}

/**
 * Lets go of the program's own pages. The system still has them in its cache, and maps what is used again in
 * millionths of a second. Returns the bytes of the mappings; throws where the system cannot do it.
 */
export function releaseProgramPages(): number {
  const parts = unchangedPartsOf(readlinkSync('/proc/self/exe'), readFileSync('/proc/self/smaps', 'utf8'))
  const libc = dlopen('libc.so.6', { madvise: { args: ['u64', 'u64', 'i32'], returns: 'i32' } })
  for (const { start, end } of parts) libc.symbols.madvise(start, end - start, MADV_DONTNEED)
  libc.close()
  return Number(parts.reduce((sum, { start, end }) => sum + end - start, 0n))
}

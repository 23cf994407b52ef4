/** What the process that makes pictures takes away from itself before it looks at anything. Linux only. */
import { dlopen, ptr } from 'bun:ffi'
import { readFileSync, writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'

/** More than other work, less than none: pages go before pictures. */
const NICENESS = 10
const RLIMIT_CORE = 4
const RLIMIT_DATA = 2

/** Behind all other work, and the first to go when the machine has no memory left. */
export function stepBack(): void {
  attempt(() => setPriority(NICENESS))
  attempt(() => writeFileSync('/proc/self/oom_score_adj', '1000'))
}

/** A hardened machine may refuse; then it is as important as the server. */
function attempt(step: () => void): boolean {
  try {
    step()
    return true
  } catch {
    return false
  }
}

/** Bytes of memory it has of its own, written to or not; null where the system does not tell. */
export function ownMemory(): number | null {
  let status = ''
  if (!attempt(() => (status = readFileSync('/proc/self/status', 'utf8')))) return null
  const kibibytes = /^VmData:\s+(\d+) kB$/m.exec(status)?.[1]
  return kibibytes === undefined ? null : Number(kibibytes) * 1024
}

/** From now on at most `bytes` more than it has: what asks for more gets an error. No core dumps either. */
export function limitMemory(bytes: number): boolean {
  const now = ownMemory()
  if (now === null) return false
  return attempt(() => {
    const libc = dlopen('libc.so.6', { setrlimit: { args: ['i32', 'ptr'], returns: 'i32' } })
    const set = (what: number, value: number): void => {
      const limits = new BigUint64Array([BigInt(value), BigInt(value)])
      if (libc.symbols.setrlimit(what, ptr(limits)) !== 0) throw new Error('the limit was refused')
    }
    set(RLIMIT_CORE, 0)
    set(RLIMIT_DATA, now + bytes)
  })
}

/** How large a file may be that comes in one piece, and which of two limits is told when both are broken: the size. */
import { Fault } from './fault.ts'
import type { Announcement } from './ingest.ts'
import type { Account, Package } from './model.ts'

export interface Bounds {
  /** Largest file of the package and the API. */
  size: number
  /** What the account may still store. */
  quota: number
}

export function boundsOf(
  owner: Account | null,
  pkg: Package,
  { maxSize = Number.POSITIVE_INFINITY }: Announcement,
): Bounds {
  const size = Math.min(pkg.maxUploadSize || Number.POSITIVE_INFINITY, maxSize)
  if (!owner || pkg.maxStorageBytes === 0) return { size, quota: Number.POSITIVE_INFINITY }
  return { size, quota: Math.max(0, pkg.maxStorageBytes - owner.storageUsed - owner.storageReserved) }
}

/** Faults: file_too_large with the limit, quota_exceeded. */
export function judge({ size, quota }: Bounds, bytes: number): void {
  if (bytes > size) throw new Fault('file_too_large', undefined, { limit: size })
  if (bytes > quota) throw new Fault('quota_exceeded')
}

/**
 * Whether more will come than the account has room for, and what was announced does not tell whether it is too
 * large anyway: a form says how long it is, and not how much of that is the file.
 */
export const mayBreakEither = ({ size, quota }: Bounds, { leastSize, mostSize = 0 }: Announcement): boolean =>
  quota < size && leastSize <= size && mostSize > size

/**
 * No more than there is room for; the rest is read only to see which limit it breaks. Faults: file_too_large,
 * quota_exceeded.
 */
export async function* readToJudge(
  bounds: Bounds,
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes <= bounds.quota) yield chunk
    else if (bytes > bounds.size) break
  }
  judge(bounds, bytes)
}

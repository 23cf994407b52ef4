/** What an address, or a network of IPv6, may leave here without an account, judged in the transaction in which the file appears. */
import { and, eq, gte, isNotNull, isNull, lt, type SQL, sql } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import type { GuestAllowance, NewFile } from '../core/metadata.ts'
import { commonBeginning, networkOf } from '../core/network.ts'
import { type Connection, rows, type Work } from './database.ts'
import { files } from './schema.ts'

/** Fault: guest_allowance_used. */
export function* admitGuest(
  db: Connection,
  { accountId, uploadedIp, size }: Pick<NewFile, 'accountId' | 'uploadedIp' | 'size'>,
  allowance: GuestAllowance | undefined,
): Work<void> {
  if (accountId !== null || !allowance) return
  const used = yield* usedBy(db, uploadedIp, allowance.since)
  if (used + size > allowance.maxBytes) throw new Fault('guest_allowance_used')
}

/**
 * Before a byte of a file is sent: only what cannot become one. Its end is judged again by `admitGuest`, and by
 * then earlier files may count no more. Fault: guest_allowance_used.
 */
export function* admitGuestUpload(
  db: Connection,
  size: number,
  { address, since, maxBytes }: GuestAllowance & { address: string | null },
): Work<void> {
  const isUsedUp = size > maxBytes || (yield* usedBy(db, address, since)) >= maxBytes
  if (isUsedUp) throw new Fault('guest_allowance_used')
}

/** Uploads whose address is not known count together. */
function* usedBy(db: Connection, address: string | null, since: Date): Work<number> {
  const network = address === null ? null : networkOf(address)
  const earlier = db
    .select({ address: files.uploadedIp, total: sql<number>`sum(${files.size})`.mapWith(Number) })
    .from(files)
    .where(and(isNull(files.accountId), maybeOf(network), gte(files.createdAt, since)))
    .groupBy(files.uploadedIp)
  let used = 0
  for (const { address: from, total } of yield* rows(earlier))
    if (from === null || networkOf(from) === network) used += total
  return used
}

/** Addresses of the network, and perhaps others: only as much of them as all have in common can be looked for. */
function maybeOf(network: string | null): SQL | undefined {
  if (network === null) return isNull(files.uploadedIp)
  if (!network.includes('/')) return eq(files.uploadedIp, network)
  const beginning = commonBeginning(network)
  if (beginning === '') return isNotNull(files.uploadedIp)
  const afterAll = `${beginning.slice(0, -1)};`
  return and(gte(files.uploadedIp, beginning), lt(files.uploadedIp, afterAll))
}

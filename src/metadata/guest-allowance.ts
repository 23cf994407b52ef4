/** What an address may leave here without an account, judged in the transaction in which the file appears. */
import { and, eq, gte, isNull, sql } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import type { GuestAllowance, NewFile } from '../core/metadata.ts'
import { type Connection, row, type Work } from './database.ts'
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
  const sameAddress = address === null ? isNull(files.uploadedIp) : eq(files.uploadedIp, address)
  const total = sql<number>`coalesce(sum(${files.size}), 0)`.mapWith(Number)
  const earlier = db
    .select({ total })
    .from(files)
    .where(and(isNull(files.accountId), sameAddress, gte(files.createdAt, since)))
  return (yield* row(earlier))?.total ?? 0
}

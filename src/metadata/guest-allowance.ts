/** What an address may leave here without an account, judged in the transaction in which the file appears. */
import { and, eq, gte, isNull, sql } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import type { GuestAllowance, NewFile } from '../core/metadata.ts'
import { type Connection, row, type Work } from './database.ts'
import { files } from './schema.ts'

/** Uploads whose address is not known count together. Fault: guest_allowance_used. */
export function* admitGuest(
  db: Connection,
  { accountId, uploadedIp, size }: Pick<NewFile, 'accountId' | 'uploadedIp' | 'size'>,
  allowance: GuestAllowance | undefined,
): Work<void> {
  if (accountId !== null || !allowance) return
  const sameAddress = uploadedIp === null ? isNull(files.uploadedIp) : eq(files.uploadedIp, uploadedIp)
  const total = sql<number>`coalesce(sum(${files.size}), 0)`.mapWith(Number)
  const earlier = db
    .select({ total })
    .from(files)
    .where(and(isNull(files.accountId), sameAddress, gte(files.createdAt, allowance.since)))
  if (((yield* row(earlier))?.total ?? 0) + size > allowance.maxBytes) throw new Fault('guest_allowance_used')
}

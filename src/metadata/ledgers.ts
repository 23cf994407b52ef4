/** The storage counters of the accounts against what their records add up to. */
import { asc, eq, inArray, sql } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import { type Connection, row, type Work } from './database.ts'
import { accounts, files, uploads } from './schema.ts'
import { LIVE } from './upload-states.ts'

const sumOf = (column: typeof files.size | typeof uploads.reservedBytes) =>
  sql<number>`coalesce(sum(${column}), 0)`.mapWith(Number)

/** One row per account, as `Ledger` of the core. Files in the trash count too. */
export function ledgers(db: Connection) {
  const stored = db
    .select({ accountId: files.accountId, total: sumOf(files.size).as('stored_total') })
    .from(files)
    .groupBy(files.accountId)
    .as('stored')
  const owed = db
    .select({ accountId: uploads.accountId, total: sumOf(uploads.reservedBytes).as('owed_total') })
    .from(uploads)
    .where(inArray(uploads.status, LIVE))
    .groupBy(uploads.accountId)
    .as('owed')
  return db
    .select({
      accountId: accounts.id,
      name: accounts.name,
      storageUsed: accounts.storageUsed,
      storageReserved: accounts.storageReserved,
      filesTotal: sql<number>`coalesce(${stored.total}, 0)`.mapWith(Number),
      reservationsTotal: sql<number>`coalesce(${owed.total}, 0)`.mapWith(Number),
    })
    .from(accounts)
    .leftJoin(stored, eq(stored.accountId, accounts.id))
    .leftJoin(owed, eq(owed.accountId, accounts.id))
    .orderBy(asc(accounts.id))
}

/** Sets both counters to what the records add up to. Fault: account_not_found. */
export function* repairLedger(db: Connection, id: number): Work<void> {
  const used = sql`(select coalesce(sum(${files.size}), 0) from ${files} where ${files.accountId} = ${id})`
  const reserved = sql`(select coalesce(sum(${uploads.reservedBytes}), 0) from ${uploads} where ${uploads.accountId} = ${id} and ${inArray(uploads.status, LIVE)})`
  const repaired = yield* row(
    db
      .update(accounts)
      .set({ storageUsed: used, storageReserved: reserved })
      .where(eq(accounts.id, id))
      .returning({ id: accounts.id }),
  )
  if (!repaired) throw new Fault('account_not_found')
}

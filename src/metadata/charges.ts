/** What an account is charged for its bytes. A guest has no counters. */
import { and, eq, sql } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import { type Connection, row, run, type Work } from './database.ts'
import { accounts } from './schema.ts'

type Counter = 'storageUsed' | 'storageReserved'

/**
 * Adds to a counter if both together stay within `most` bytes (0: no limit).
 * Faults: quota_exceeded, account_not_found.
 */
export function* charge(
  db: Connection,
  counter: Counter,
  accountId: number | null,
  size: number,
  most: number,
): Work<void> {
  if (accountId === null) return
  const fits = sql`${accounts.storageUsed} + ${accounts.storageReserved} + ${size} <= ${most}`
  const charged = yield* row(
    db
      .update(accounts)
      .set({ [counter]: sql`${accounts[counter]} + ${size}` })
      .where(and(eq(accounts.id, accountId), most === 0 ? undefined : fits))
      .returning({ id: accounts.id }),
  )
  if (charged) return
  const account = db.select({ id: accounts.id }).from(accounts).where(eq(accounts.id, accountId))
  throw new Fault((yield* row(account)) ? 'quota_exceeded' : 'account_not_found')
}

/** Adds to what an account uses, or takes from it; the quota was judged before. */
export function* addUsage(db: Connection, accountId: number | null, size: number): Work<void> {
  if (accountId === null) return
  yield* run(
    db
      .update(accounts)
      .set({ storageUsed: sql`${accounts.storageUsed} + ${size}` })
      .where(eq(accounts.id, accountId)),
  )
}

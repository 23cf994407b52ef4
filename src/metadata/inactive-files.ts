/** Files of accounts that nobody has shown interest in for long. Those of guests: guest-files.ts. */
import { and, eq, inArray, isNull, lt, type SQL } from 'drizzle-orm'
import { type Connection, rows, type Work } from './database.ts'
import { isUnexpired } from './file-expiry.ts'
import { isActive } from './file-place.ts'
import { trashFile } from './file-trash.ts'
import { accounts, files } from './schema.ts'

/** See FileStore.trashInactive. Those nobody ever fetched are judged by their age and go first. */
export function* trashInactive(
  db: Connection,
  packageId: number,
  before: Date,
  limit: number,
  now: Date,
): Work<number> {
  const unfetched = and(isNull(files.lastDownloadedAt), lt(files.createdAt, before))
  const trashed = yield* trashThose(db, packageId, unfetched, limit, now)
  const forgotten = lt(files.lastDownloadedAt, before)
  return trashed + (yield* trashThose(db, packageId, forgotten, limit - trashed, now))
}

/** The index is asked account by account. */
function* trashThose(
  db: Connection,
  packageId: number,
  which: SQL | undefined,
  limit: number,
  now: Date,
): Work<number> {
  const owners = db.select({ id: accounts.id }).from(accounts).where(eq(accounts.packageId, packageId))
  const inactive = yield* rows(
    db
      .select({ id: files.id, accountId: files.accountId })
      .from(files)
      .where(and(inArray(files.accountId, owners), isActive, which, isUnexpired(now)))
      .limit(limit),
  )
  for (const { id, accountId } of inactive) yield* trashFile(db, accountId, id, now)
  return inactive.length
}

/** How anonymous files get an owner, and when they are forgotten. */
import { and, asc, eq, inArray, isNull, lt, type SQL } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import type { FileAdmission } from '../core/metadata.ts'
import type { FileRecord } from '../core/model.ts'
import { charge } from './charges.ts'
import { fileColumns } from './columns.ts'
import { type Connection, row, type Work } from './database.ts'
import { fileOf, requirePresent } from './file-changes.ts'
import { removeFiles } from './file-removal.ts'
import { files } from './schema.ts'

/** See FileStore.claim. */
export function* claimFile(
  db: Connection,
  id: number,
  accountId: number,
  { maxStorageBytes }: FileAdmission,
  now: Date,
): Work<FileRecord> {
  const { size } = yield* requirePresent(db, null, id, now)
  yield* charge(db, 'storageUsed', accountId, size, maxStorageBytes)
  const claimed = yield* row(
    db
      .update(files)
      .set({ accountId, folderId: null, updatedAt: now })
      .where(fileOf(null, id))
      .returning(fileColumns),
  )
  if (!claimed) throw new Fault('file_not_found')
  return claimed
}

/** See FileStore.purgeInactiveGuests. Those nobody ever fetched are judged by their age and go first. */
export function* purgeInactiveGuests(db: Connection, before: Date, limit: number): Work<number> {
  const unfetched = and(isNull(files.lastDownloadedAt), lt(files.createdAt, before))
  const removed = yield* removeGuests(db, unfetched, limit)
  return removed + (yield* removeGuests(db, lt(files.lastDownloadedAt, before), limit - removed))
}

function removeGuests(db: Connection, which: SQL | undefined, limit: number): Work<number> {
  const guests = db
    .select({ id: files.id })
    .from(files)
    .where(and(isNull(files.accountId), eq(files.status, 'active'), which))
    .orderBy(asc(files.lastDownloadedAt), asc(files.createdAt))
    .limit(limit)
  return removeFiles(db, inArray(files.id, guests))
}

/** Files that can be fetched a number of times only. Without a use left a file is as good as gone. */
import { and, asc, eq, gt, inArray, notExists, notInArray, type SQL, sql } from 'drizzle-orm'
import { type Connection, prepared, row, type Work } from './database.ts'
import { isNoneOfExpired, isUnexpired } from './file-expiry.ts'
import { areActive, isActive } from './file-place.ts'
import { removeFiles } from './file-removal.ts'
import { downloads, files } from './schema.ts'

/** It can be fetched, once more at least or without end. */
export const hasUses = sql`${files.usesLeft} is distinct from 0`

/** Active, and neither used up nor expired. */
export const isPresent = (now: Date): SQL | undefined => and(isActive, hasUses, isUnexpired(now))

/** Likewise, for a query of many files of an account. */
export const arePresent = (db: Connection, accountId: number, now: Date): SQL | undefined =>
  and(areActive(db, accountId), hasUses, isNoneOfExpired(db, now))

const used = prepared((db) =>
  db
    .update(files)
    .set({ usesLeft: sql`${files.usesLeft} - 1` })
    .where(and(eq(files.id, sql.placeholder('id')), gt(files.usesLeft, 0)))
    .returning({ id: files.id })
    .prepare(),
)

/** See FileStore.takeUse. */
export function* takeUse(db: Connection, id: number): Work<boolean> {
  return (yield* row(used(db), { id })) !== null
}

/** See FileStore.purgeUsedUp. */
export function purgeUsedUp(db: Connection, since: Date, kept: number[], limit: number): Work<number> {
  const unfinished = db
    .select({ id: downloads.id })
    .from(downloads)
    .where(and(eq(downloads.fileId, files.id), gt(downloads.endedAt, since), eq(downloads.completed, false)))
  const usedUp = db
    .select({ id: files.id })
    .from(files)
    .where(and(eq(files.usesLeft, 0), notInArray(files.id, kept), notExists(unfinished)))
    .orderBy(asc(files.id))
    .limit(limit)
  return removeFiles(db, inArray(files.id, usedUp))
}

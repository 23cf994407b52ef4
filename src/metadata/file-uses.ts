/** Files that can be fetched a number of times only. Without a use left a file is as good as gone. */
import { and, asc, eq, gt, inArray, isNull, lt, or, sql } from 'drizzle-orm'
import { type Connection, given, prepared, row, type Work } from './database.ts'
import { removeFiles } from './file-removal.ts'
import { files } from './schema.ts'

/** It can be fetched, once more at least or without end. */
export const hasUses = sql`${files.usesLeft} is distinct from 0`

/** Active, and not used up. */
export const isPresent = and(eq(files.status, 'active'), hasUses)

const used = prepared((db) =>
  db
    .update(files)
    .set({
      usesLeft: sql`${files.usesLeft} - 1`,
      lastDownloadedAt: given('now', files.lastDownloadedAt),
    })
    .where(and(eq(files.id, sql.placeholder('id')), gt(files.usesLeft, 0)))
    .returning({ id: files.id })
    .prepare(),
)

/** See FileStore.takeUse. */
export function* takeUse(db: Connection, id: number, now: Date): Work<boolean> {
  return (yield* row(used(db), { id, now })) !== null
}

/** See FileStore.purgeUsedUp. */
export function purgeUsedUp(db: Connection, before: Date, limit: number): Work<number> {
  const unfetched = or(isNull(files.lastDownloadedAt), lt(files.lastDownloadedAt, before))
  const usedUp = db
    .select({ id: files.id })
    .from(files)
    .where(and(eq(files.usesLeft, 0), unfetched))
    .orderBy(asc(files.id))
    .limit(limit)
  return removeFiles(db, inArray(files.id, usedUp))
}

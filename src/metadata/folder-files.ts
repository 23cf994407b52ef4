/** Files directly in a folder, by name. */
import { and, asc, count, eq, inArray, isNull, notInArray } from 'drizzle-orm'
import type { Slice } from '../core/metadata.ts'
import type { FileRecord } from '../core/model.ts'
import { fileColumns } from './columns.ts'
import { type Connection, row, rows, type Work } from './database.ts'
import { isNoneOfExpired } from './file-expiry.ts'
import { files } from './schema.ts'

const byName = [asc(files.name), asc(files.id)]

/**
 * Those that are present. What is used up is few, and told from the rest by its ids: looking into every record
 * would cost more than the rest of a page of a large folder.
 */
function inFolder(db: Connection, accountId: number, folderId: number | null, now: Date) {
  const usedUp = db.select({ id: files.id }).from(files).where(eq(files.usesLeft, 0))
  const here = folderId === null ? isNull(files.folderId) : eq(files.folderId, folderId)
  const left = and(notInArray(files.id, usedUp), isNoneOfExpired(db, now))
  return and(eq(files.accountId, accountId), here, eq(files.status, 'active'), left)
}

/** See FileStore.list. What is skipped is skipped in the index. */
export function listFiles(
  db: Connection,
  accountId: number,
  folderId: number | null,
  now: Date,
  slice?: Slice,
): Work<FileRecord[]> {
  const present = inFolder(db, accountId, folderId, now)
  if (!slice)
    return rows(
      db
        .select(fileColumns)
        .from(files)
        .where(present)
        .orderBy(...byName),
    )
  const chosen = db
    .select({ id: files.id })
    .from(files)
    .where(present)
    .orderBy(...byName)
    .limit(slice.limit)
    .offset(slice.offset)
  return rows(
    db
      .select(fileColumns)
      .from(files)
      .where(inArray(files.id, chosen))
      .orderBy(...byName),
  )
}

/** See FileStore.count. */
export function* countFolderFiles(
  db: Connection,
  accountId: number,
  folderId: number | null,
  now: Date,
): Work<number> {
  const counted = db
    .select({ total: count() })
    .from(files)
    .where(inFolder(db, accountId, folderId, now))
  return (yield* row(counted))?.total ?? 0
}

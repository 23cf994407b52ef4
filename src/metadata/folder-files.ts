/** Files directly in a folder, in one of their orders. */
import { and, asc, count, desc, eq, gt, inArray, isNull, notInArray, or, type SQL, sql } from 'drizzle-orm'
import type { FileOrder, FolderContent, Slice } from '../core/metadata.ts'
import type { FileRecord } from '../core/model.ts'
import { fileColumns, objectColumns } from './columns.ts'
import { type Connection, row, rows, type Work } from './database.ts'
import { isNoneOfExpired } from './file-expiry.ts'
import { areIn } from './file-place.ts'
import { files, objects } from './schema.ts'

const byName = [asc(files.name), asc(files.id)]
const ORDERS: Record<FileOrder, SQL[]> = {
  name: byName,
  newest: [desc(files.createdAt), desc(files.id)],
  largest: [desc(files.size), ...byName],
}

/**
 * Those that are present. What is used up is few, and told from the rest by its ids: looking into every record
 * would cost more than the rest of a page of a large folder.
 */
export function inFolder(db: Connection, accountId: number, folderId: number | null, now: Date) {
  const usedUp = db.select({ id: files.id }).from(files).where(eq(files.usesLeft, 0))
  const left = and(notInArray(files.id, usedUp), isNoneOfExpired(db, now))
  return and(eq(files.accountId, accountId), areIn(db, folderId), left)
}

/** See FileStore.list. What is skipped is skipped in the index. */
export function listFiles(
  db: Connection,
  accountId: number,
  folderId: number | null,
  now: Date,
  slice?: Slice & { order?: FileOrder },
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
  const order = ORDERS[slice.order ?? 'name']
  const chosen = db
    .select({ id: files.id })
    .from(files)
    .where(present)
    .orderBy(...order)
    .limit(slice.limit)
    .offset(slice.offset)
  return rows(
    db
      .select(fileColumns)
      .from(files)
      .where(inArray(files.id, chosen))
      .orderBy(...order),
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

interface ContentSlice {
  after: Pick<FileRecord, 'id' | 'name'> | null
  limit: number
  now: Date
}

/** See FileStore.contents. */
export function folderContents(
  db: Connection,
  accountId: number,
  folderId: number | null,
  { after, limit, now }: ContentSlice,
): Work<FolderContent[]> {
  const { id, name, size, createdAt, objectId } = fileColumns
  const { key, sha256, crc32 } = objectColumns
  return rows(
    db
      .select({ id, name, size, createdAt, objectId, key, sha256, crc32 })
      .from(files)
      .innerJoin(objects, eq(objects.id, files.objectId))
      .where(
        and(
          eq(files.accountId, accountId),
          areIn(db, folderId),
          eq(files.contentState, 'ready'),
          isNull(files.usesLeft),
          or(isNull(files.expiresAt), gt(files.expiresAt, now)),
          after === null ? undefined : sql`(${files.name}, ${files.id}) > (${after.name}, ${after.id})`,
        ),
      )
      .orderBy(...byName)
      .limit(limit),
  )
}

/** How files go to the trash, and how they leave it for good. */
import { and, asc, eq, inArray, lt } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import type { FileRecord } from '../core/model.ts'
import { fileColumns } from './columns.ts'
import { type Connection, row, type Work } from './database.ts'
import { fileOf, requirePresent } from './file-changes.ts'
import { isUnexpired } from './file-expiry.ts'
import { removeFiles } from './file-removal.ts'
import { weight } from './file-weight.ts'
import { countInFolder } from './folder-tree.ts'
import { files, folders } from './schema.ts'

/** See FileStore.trash. */
export function* trashFile(
  db: Connection,
  accountId: number | null,
  id: number,
  now: Date,
): Work<FileRecord> {
  const file = yield* row(
    db
      .select(fileColumns)
      .from(files)
      .where(and(fileOf(accountId, id), isUnexpired(now))),
  )
  if (!file) throw new Fault('file_not_found')
  if (file.status !== 'active') return file
  yield* countInFolder(db, file.folderId, weight(file, -1))
  const trashed = yield* row(
    db
      .update(files)
      .set({ status: 'trashed', folderId: null, trashedFrom: file.folderId, trashedAt: now })
      .where(eq(files.id, id))
      .returning(fileColumns),
  )
  if (!trashed) throw new Fault('file_not_found')
  return trashed
}

/** Nothing happens when the account has no such file. */
export function* trashIfThere(db: Connection, accountId: number | null, id: number, now: Date): Work<void> {
  if (accountId === null) return
  const there = and(fileOf(accountId, id), isUnexpired(now))
  if (yield* row(db.select({ id: files.id }).from(files).where(there)))
    yield* trashFile(db, accountId, id, now)
}

/** See FileStore.remove. */
export function* removeFile(db: Connection, accountId: number | null, id: number, now: Date): Work<void> {
  yield* requirePresent(db, accountId, id, now)
  yield* removeFiles(db, eq(files.id, id))
}

/** See FileStore.purgeTrash. */
export function* purgeFiles(db: Connection, before: Date, limit: number): Work<number> {
  const old = db
    .select({ id: files.id })
    .from(files)
    .where(lt(files.trashedAt, before))
    .orderBy(asc(files.trashedAt), asc(files.id))
    .limit(limit)
  const removed = yield* removeFiles(db, inArray(files.id, old))
  return removed + (yield* purgeWithFolders(db, before, limit - removed))
}

/** Those that went with their folder. */
function purgeWithFolders(db: Connection, before: Date, limit: number): Work<number> {
  const old = db
    .select({ id: files.id })
    .from(folders)
    .innerJoin(files, eq(files.folderId, folders.id))
    .where(lt(folders.trashedAt, before))
    .orderBy(asc(folders.trashedAt), asc(folders.id))
    .limit(limit)
  return removeFiles(db, inArray(files.id, old))
}

/** How files go to the trash, and how they leave it for good. */
import { asc, eq, inArray, lt, sql } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import type { FileRecord } from '../core/model.ts'
import { addUsage } from './charges.ts'
import { fileColumns } from './columns.ts'
import { type Connection, prepared, row, rows, run, type Work } from './database.ts'
import { fileOf, weight } from './file-changes.ts'
import { countInFolder } from './folder-tree.ts'
import { files, objects } from './schema.ts'

/** See FileStore.trash. */
export function* trashFile(
  db: Connection,
  accountId: number | null,
  id: number,
  now: Date,
): Work<FileRecord> {
  const file = yield* row(db.select(fileColumns).from(files).where(fileOf(accountId, id)))
  if (!file) throw new Fault('file_not_found')
  if (file.status !== 'active') return file
  yield* countInFolder(db, file.folderId, weight(file, -1))
  const trashed = yield* row(
    db
      .update(files)
      .set({ status: 'trashed', folderId: null, trashedAt: now })
      .where(eq(files.id, id))
      .returning(fileColumns),
  )
  if (!trashed) throw new Fault('file_not_found')
  return trashed
}

const released = prepared((db) =>
  db
    .update(objects)
    .set({ fileCount: sql`${objects.fileCount} - 1` })
    .where(eq(objects.id, sql.placeholder('id')))
    .prepare(),
)

/** See FileStore.purgeTrash. */
export function* purgeFiles(db: Connection, before: Date, limit: number): Work<number> {
  const old = db
    .select({ id: files.id })
    .from(files)
    .where(lt(files.trashedAt, before))
    .orderBy(asc(files.trashedAt), asc(files.id))
    .limit(limit)
  const { accountId, objectId, size } = files
  const removed = yield* rows(
    db.delete(files).where(inArray(files.id, old)).returning({ accountId, objectId, size }),
  )
  for (const { objectId: id } of removed) yield* run(released(db), { id })
  for (const [account, own] of Map.groupBy(removed, (file) => file.accountId)) {
    const freed = own.reduce((total, file) => total + file.size, 0)
    yield* addUsage(db, account, -freed)
  }
  return removed.length
}

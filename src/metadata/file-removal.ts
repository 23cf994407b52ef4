/** How files leave for good: from the trash, by their owner, or by age. */
import { eq, type SQL, sql } from 'drizzle-orm'
import { addUsage } from './charges.ts'
import { fileColumns } from './columns.ts'
import { type Connection, prepared, rows, run, type Work } from './database.ts'
import { loss } from './file-weight.ts'
import { countInFolder } from './folder-tree.ts'
import { files, objects } from './schema.ts'

const released = prepared((db) =>
  db
    .update(objects)
    .set({ fileCount: sql`${objects.fileCount} - 1` })
    .where(eq(objects.id, sql.placeholder('id')))
    .prepare(),
)

/**
 * Removes these files with their links, takes them off their objects and folders, and discharges their
 * owners; returns how many.
 */
export function* removeFiles(db: Connection, which: SQL | undefined): Work<number> {
  const { accountId, folderId, objectId, size, downloads } = fileColumns
  const gone = { accountId, folderId, objectId, size, downloads }
  const removed = yield* rows(db.delete(files).where(which).returning(gone))
  for (const file of removed) yield* run(released(db), { id: file.objectId })
  for (const [folder, own] of Map.groupBy(removed, (file) => file.folderId))
    yield* countInFolder(db, folder, loss(own))
  for (const [account, own] of Map.groupBy(removed, (file) => file.accountId)) {
    const freed = own.reduce((total, file) => total + file.size, 0)
    yield* addUsage(db, account, -freed)
  }
  return removed.length
}

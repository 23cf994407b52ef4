/** How folders go to the trash, and how they leave it for good. */
import { and, asc, eq, inArray, lt, notExists, type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { Fault } from '../core/fault.ts'
import { folderColumns } from './columns.ts'
import { type Connection, given, givenNumber, prepared, row, rows, run, type Work } from './database.ts'
import { below, countInFolder } from './folder-tree.ts'
import { files, folders } from './schema.ts'

const thisFolder = givenNumber('folder')
const allBelow = below(thisFolder, eq(folders.status, 'active'))

/**
 * Inside the trash the tree stays a tree, with its counters, so that it can be restored as a whole. The files are
 * trashed by where they are: see file-place.ts.
 */
const foldersBelow = prepared((db) =>
  db
    .update(folders)
    .set({
      status: 'trashed',
      trashedAt: given('now', folders.trashedAt),
      trashedFrom: sql`case when ${folders.id} = ${thisFolder} then ${folders.parentId} else null end`,
      parentId: sql`case when ${folders.id} = ${thisFolder} then null else ${folders.parentId} end`,
    })
    .where(inArray(folders.id, allBelow))
    .prepare(),
)

/** See FolderStore.trash. */
export function* trashFolder(db: Connection, accountId: number, id: number, now: Date): Work<void> {
  const mine = and(eq(folders.id, id), eq(folders.accountId, accountId))
  const folder = yield* row(db.select(folderColumns).from(folders).where(mine))
  if (!folder) throw new Fault('folder_not_found')
  if (folder.status !== 'active') return
  const { parentId, totalSize, totalDownloads } = folder
  yield* countInFolder(db, parentId, { size: -totalSize, downloads: -totalDownloads, folders: -1 })
  yield* run(foldersBelow(db), { folder: id, now })
}

/**
 * See FolderStore.purgeTrash. Leaves go first, then the parents that this made leaves, and so on: a chain of
 * a thousand folders is gone in one call.
 */
export function* purgeFolders(db: Connection, before: Date, limit: number): Work<number> {
  const old = lt(folders.trashedAt, before)
  let leaves = yield* removeLeaves(db, old, limit)
  let removed = leaves.length
  while (leaves.length > 0 && removed < limit) {
    const parents = [...new Set(leaves.flatMap(({ parentId }) => (parentId === null ? [] : [parentId])))]
    leaves = yield* removeLeaves(db, and(old, inArray(folders.id, parents)), limit - removed)
    removed += leaves.length
  }
  return removed
}

/** Removes folders in the trash that hold nothing, and takes them off their parents. */
export function* removeFolders(
  db: Connection,
  which: SQL,
): Work<Array<{ id: number; parentId: number | null }>> {
  const gone = { id: folders.id, parentId: folders.parentId }
  const removed = yield* rows(db.delete(folders).where(which).returning(gone))
  for (const [parent, own] of Map.groupBy(removed, ({ parentId }) => parentId))
    yield* countInFolder(db, parent, { size: 0, downloads: 0, folders: -own.length })
  return removed
}

/** Removes up to `limit` folders that no record points to. */
function removeLeaves(
  db: Connection,
  which: SQL | undefined,
  limit: number,
): Work<Array<{ parentId: number | null }>> {
  const child = alias(folders, 'child')
  const leaves = db
    .select({ id: folders.id })
    .from(folders)
    .where(
      and(
        which,
        notExists(db.select({ id: files.id }).from(files).where(eq(files.folderId, folders.id))),
        notExists(db.select({ id: child.id }).from(child).where(eq(child.parentId, folders.id))),
      ),
    )
    .orderBy(asc(folders.trashedAt), asc(folders.id))
    .limit(limit)
  return removeFolders(db, inArray(folders.id, leaves))
}

/** How files and folders leave the trash: back to where people see them, or for good. */
import { and, asc, eq, inArray, isNull, notExists, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { Fault } from '../core/fault.ts'
import type { FileRecord, Folder } from '../core/model.ts'
import { fileColumns, folderColumns } from './columns.ts'
import { type Connection, givenNumber, prepared, row, run, type Work } from './database.ts'
import { removeFiles } from './file-removal.ts'
import { weight } from './file-weight.ts'
import { refuseDepth } from './folder-depth.ts'
import { removeFolders } from './folder-trash.ts'
import { below, conceals, countInFolder, requireFolder, spreadConcealment } from './folder-tree.ts'
import { files, folders } from './schema.ts'

const fileInTrash = (accountId: number, id: number) =>
  and(eq(files.id, id), eq(files.accountId, accountId), eq(files.status, 'trashed'), isNull(files.folderId))

/** Where the file was, as long as that is there; else null, the root. */
function* formerFolder(db: Connection, accountId: number, id: number): Work<number | null> {
  const found = db
    .select({ id: folders.id })
    .from(files)
    .innerJoin(folders, eq(folders.id, files.trashedFrom))
    .where(and(fileInTrash(accountId, id), eq(folders.accountId, accountId), eq(folders.status, 'active')))
  return (yield* row(found))?.id ?? null
}

/** Likewise of a folder. */
function* formerParent(db: Connection, accountId: number, id: number): Work<number | null> {
  const parent = alias(folders, 'parent')
  const found = db
    .select({ id: parent.id })
    .from(folders)
    .innerJoin(parent, eq(parent.id, folders.trashedFrom))
    .where(and(folderInTrash(accountId, id), eq(parent.accountId, accountId), eq(parent.status, 'active')))
  return (yield* row(found))?.id ?? null
}

/** See FileStore.restore. */
export function* restoreFile(
  db: Connection,
  accountId: number,
  id: number,
  to: number | null | 'back',
  now: Date,
): Work<FileRecord> {
  const folderId = to === 'back' ? yield* formerFolder(db, accountId, id) : to
  if (folderId !== null) yield* requireFolder(db, accountId, folderId, 'destination_not_found')
  const restored = yield* row(
    db
      .update(files)
      .set({ status: 'active', folderId, trashedAt: null, trashedFrom: null, updatedAt: now })
      .where(fileInTrash(accountId, id))
      .returning(fileColumns),
  )
  if (!restored) throw new Fault('file_not_found')
  yield* countInFolder(db, folderId, weight(restored, 1))
  return restored
}

/** See FileStore.purge. */
export function* purgeFile(db: Connection, accountId: number, id: number): Work<void> {
  if ((yield* removeFiles(db, fileInTrash(accountId, id))) === 0) throw new Fault('file_not_found')
}

const thisFolder = givenNumber('folder')
const allBelow = below(thisFolder, eq(folders.status, 'trashed'))

const foldersBack = prepared((db) =>
  db
    .update(folders)
    .set({ status: 'active', trashedAt: null })
    .where(inArray(folders.id, allBelow))
    .prepare(),
)

const folderInTrash = (accountId: number, id: number) =>
  and(
    eq(folders.id, id),
    eq(folders.accountId, accountId),
    eq(folders.status, 'trashed'),
    isNull(folders.parentId),
  )

/** See FolderStore.restore. */
export function* restoreFolder(
  db: Connection,
  accountId: number,
  id: number,
  to: number | null | 'back',
  now: Date,
  maxDepth?: number,
): Work<Folder> {
  const parentId = to === 'back' ? yield* formerParent(db, accountId, id) : to
  const found = db.select(folderColumns).from(folders).where(folderInTrash(accountId, id))
  if (!(yield* row(found))) throw new Fault('folder_not_found')
  const parent =
    parentId === null ? null : yield* requireFolder(db, accountId, parentId, 'destination_not_found')
  if (parentId !== null) yield* refuseDepth(db, parentId, maxDepth, id)
  yield* run(foldersBack(db), { folder: id })
  const restored = yield* row(
    db
      .update(folders)
      .set({ parentId, trashedFrom: null, updatedAt: now })
      .where(eq(folders.id, id))
      .returning({ ...folderColumns, concealed: folders.concealed }),
  )
  if (!restored) throw new Fault('folder_not_found')
  const { concealed, ...folder } = restored
  const { totalSize: size, totalDownloads: downloads } = folder
  yield* countInFolder(db, parentId, { size, downloads, folders: 1 })
  const isConcealed = conceals(folder) || (parent?.concealed ?? false)
  if (isConcealed !== concealed) yield* spreadConcealment(db, id, isConcealed)
  return folder
}

/** See FolderStore.purge. Files first, then folders from the leaves up. */
export function* purgeFolder(db: Connection, accountId: number, id: number, limit: number): Work<boolean> {
  const found = db.select(folderColumns).from(folders).where(folderInTrash(accountId, id))
  if (!(yield* row(found))) throw new Fault('folder_not_found')
  const tree = below(sql`${id}`)
  const someFiles = db
    .select({ id: files.id })
    .from(files)
    .where(inArray(files.folderId, tree))
    .orderBy(asc(files.id))
    .limit(limit)
  if ((yield* removeFiles(db, inArray(files.id, someFiles))) === limit) return false
  let left = limit
  for (;;) {
    const removed = yield* removeLeaves(db, tree, left)
    if (removed.includes(id)) return true
    left -= removed.length
    if (removed.length === 0 || left === 0) return false
  }
}

function* removeLeaves(db: Connection, tree: ReturnType<typeof below>, limit: number): Work<number[]> {
  const child = alias(folders, 'child')
  const children = db.select({ id: child.id }).from(child).where(eq(child.parentId, folders.id))
  const leaves = db
    .select({ id: folders.id })
    .from(folders)
    .where(and(inArray(folders.id, tree), notExists(children)))
    .limit(limit)
  return (yield* removeFolders(db, inArray(folders.id, leaves))).map((folder) => folder.id)
}

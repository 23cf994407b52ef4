/** What lies in the trash: what was put there by itself, not what went with a folder. */
import { and, count, desc, eq, isNull } from 'drizzle-orm'
import type { Slice } from '../core/metadata.ts'
import type { FileRecord, Folder } from '../core/model.ts'
import { fileColumns, folderColumns } from './columns.ts'
import { type Connection, row, rows, type Work } from './database.ts'
import { files, folders } from './schema.ts'

const filesOf = (accountId: number) =>
  and(eq(files.accountId, accountId), isNull(files.folderId), eq(files.status, 'trashed'))
const foldersOf = (accountId: number) =>
  and(eq(folders.accountId, accountId), isNull(folders.parentId), eq(folders.status, 'trashed'))

/** See FileStore.trashed. */
export function trashedFiles(
  db: Connection,
  accountId: number,
  { offset, limit }: Slice,
): Work<FileRecord[]> {
  const found = db.select(fileColumns).from(files).where(filesOf(accountId))
  return rows(found.orderBy(desc(files.trashedAt), desc(files.id)).limit(limit).offset(offset))
}

/** See FolderStore.trashed. */
export function trashedFolders(db: Connection, accountId: number, { offset, limit }: Slice): Work<Folder[]> {
  const found = db.select(folderColumns).from(folders).where(foldersOf(accountId))
  return rows(found.orderBy(desc(folders.trashedAt), desc(folders.id)).limit(limit).offset(offset))
}

export function* countTrashedFiles(db: Connection, accountId: number): Work<number> {
  return (yield* row(db.select({ total: count() }).from(files).where(filesOf(accountId))))?.total ?? 0
}

export function* countTrashedFolders(db: Connection, accountId: number): Work<number> {
  return (yield* row(db.select({ total: count() }).from(folders).where(foldersOf(accountId))))?.total ?? 0
}

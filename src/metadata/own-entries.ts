/** What an owner sees of a folder: files and folders in any order, a slice at a time, and search by a part of a name. */
import { and, asc, desc, eq, inArray, isNull, notInArray, type SQL, sql } from 'drizzle-orm'
import type { EntryOrder, Slice } from '../core/metadata.ts'
import type { FileRecord, Folder } from '../core/model.ts'
import { fileColumns, folderColumns, nameKey } from './columns.ts'
import { type Connection, rows, type Work } from './database.ts'
import { isNoneOfExpired } from './file-expiry.ts'
import { areActive } from './file-place.ts'
import { inFolder } from './folder-files.ts'
import { files, folders } from './schema.ts'
import { namePattern } from './search.ts'

const FILE_ORDER = {
  name: files.nameKey,
  size: files.size,
  date: files.createdAt,
  downloads: files.downloads,
} as const

const FOLDER_ORDER = {
  name: folders.nameKey,
  size: folders.totalSize,
  date: folders.createdAt,
  downloads: folders.totalDownloads,
} as const

function direction({ by, descending }: EntryOrder, table: 'files' | 'folders'): SQL[] {
  const way = descending ? desc : asc
  return table === 'files' ? [way(FILE_ORDER[by]), way(files.id)] : [way(FOLDER_ORDER[by]), way(folders.id)]
}

const foldersIn = (accountId: number, parentId: number | null): SQL | undefined =>
  and(
    eq(folders.accountId, accountId),
    parentId === null ? isNull(folders.parentId) : eq(folders.parentId, parentId),
    eq(folders.status, 'active'),
  )

/** See FileStore.sorted. What is skipped is skipped in the index. */
export function sortedFiles(
  db: Connection,
  accountId: number,
  folderId: number | null,
  now: Date,
  order: EntryOrder,
  { offset, limit }: Slice,
): Work<FileRecord[]> {
  const way = direction(order, 'files')
  const chosen = db
    .select({ id: files.id })
    .from(files)
    .where(inFolder(db, accountId, folderId, now))
    .orderBy(...way)
    .limit(limit)
    .offset(offset)
  return rows(
    db
      .select(fileColumns)
      .from(files)
      .where(inArray(files.id, chosen))
      .orderBy(...way),
  )
}

/** See FolderStore.sorted. */
export function sortedFolders(
  db: Connection,
  accountId: number,
  parentId: number | null,
  order: EntryOrder,
  { offset, limit }: Slice,
): Work<Folder[]> {
  const found = db.select(folderColumns).from(folders).where(foldersIn(accountId, parentId))
  return rows(
    found
      .orderBy(...direction(order, 'folders'))
      .limit(limit)
      .offset(offset),
  )
}

export function* fileIds(
  db: Connection,
  accountId: number,
  folderId: number | null,
  now: Date,
): Work<number[]> {
  const found = db
    .select({ id: files.id })
    .from(files)
    .where(inFolder(db, accountId, folderId, now))
  return (yield* rows(found)).map(({ id }) => id)
}

export function* folderIds(db: Connection, accountId: number, parentId: number | null): Work<number[]> {
  const found = db.select({ id: folders.id }).from(folders).where(foldersIn(accountId, parentId))
  return (yield* rows(found)).map(({ id }) => id)
}

/** UTF-16 units: twice the longest name. */
const LONGEST_TEXT = 510

/** See FileStore.searchOwn. Reads an index of names; rows only of those that match. */
export function* searchOwnFiles(
  db: Connection,
  accountId: number,
  text: string,
  limit: number,
  now: Date,
): Work<FileRecord[]> {
  if (text.length > LONGEST_TEXT) return []
  const usedUp = db.select({ id: files.id }).from(files).where(eq(files.usesLeft, 0))
  const found = db
    .select({ id: files.id })
    .from(files)
    .where(
      and(
        eq(files.accountId, accountId),
        areActive(db, accountId),
        sql`${files.nameKey} like ${namePattern(nameKey(text))} escape '\\'`,
        notInArray(files.id, usedUp),
        isNoneOfExpired(db, now),
      ),
    )
    .orderBy(asc(files.nameKey), asc(files.id))
    .limit(limit)
  const inOrder = [asc(files.nameKey), asc(files.id)]
  return yield* rows(
    db
      .select(fileColumns)
      .from(files)
      .where(inArray(files.id, found))
      .orderBy(...inOrder),
  )
}

/** See FolderStore.searchOwn. */
export function* searchOwnFolders(
  db: Connection,
  accountId: number,
  text: string,
  limit: number,
): Work<Folder[]> {
  if (text.length > LONGEST_TEXT) return []
  const found = db
    .select(folderColumns)
    .from(folders)
    .where(
      and(
        eq(folders.accountId, accountId),
        eq(folders.status, 'active'),
        sql`${folders.nameKey} like ${namePattern(nameKey(text))} escape '\\'`,
      ),
    )
  return yield* rows(found.orderBy(asc(folders.nameKey), asc(folders.id)).limit(limit))
}

/**
 * Site search: what is public, by a part of its name. A file in a folder that is private or has a password,
 * itself or anywhere above, is not found.
 */
import { and, desc, eq, isNull, lt, or, type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import type { SearchPage } from '../core/metadata.ts'
import type { FileRecord, Folder } from '../core/model.ts'
import { fileColumns, folderColumns, nameKey } from './columns.ts'
import { type Connection, rows, type Work } from './database.ts'
import { isNoneOfExpired } from './file-expiry.ts'
import { hasUses } from './file-uses.ts'
import { files, folders } from './schema.ts'

/** UTF-16 units: twice the longest name. A longer text is in none, and databases limit their patterns. */
const LONGEST_TEXT = 510

/** Newest first. Reads an index of public names; rows only of those that match. */
export function* searchFiles(db: Connection, text: string, page: SearchPage, now: Date): Work<FileRecord[]> {
  if (text.length > LONGEST_TEXT) return []
  const found = db
    .select(fileColumns)
    .from(files)
    .leftJoin(folders, eq(folders.id, files.folderId))
    .where(
      and(
        matches(files, text, page),
        hasUses,
        isNoneOfExpired(db, now),
        or(isNull(files.folderId), and(eq(folders.concealed, false), eq(folders.status, 'active'))),
      ),
    )
  return yield* rows(found.orderBy(desc(files.id)).limit(page.limit))
}

/** As for files; a folder's own password does not hide its name. */
export function* searchFolders(db: Connection, text: string, page: SearchPage): Work<Folder[]> {
  if (text.length > LONGEST_TEXT) return []
  const parent = alias(folders, 'parent')
  const found = db
    .select(folderColumns)
    .from(folders)
    .leftJoin(parent, eq(parent.id, folders.parentId))
    .where(and(matches(folders, text, page), or(isNull(folders.parentId), eq(parent.concealed, false))))
  return yield* rows(found.orderBy(desc(folders.id)).limit(page.limit))
}

const matches = (table: typeof files | typeof folders, text: string, page: SearchPage): SQL | undefined =>
  and(
    eq(table.visibility, 2),
    eq(table.status, 'active'),
    page.beforeId === null ? undefined : lt(table.id, page.beforeId),
    sql`${table.nameKey} like ${namePattern(nameKey(text))} escape '\\'`,
  )

/** For LIKE with `\\` as escape: anything that contains the text. */
export const namePattern = (text: string): string => `%${text.replace(/[\\%_]/g, '\\$&')}%`

/** All files of an account, whatever their folder. */
import { and, asc, count, desc, eq, inArray } from 'drizzle-orm'
import type { FilePage, Slice } from '../core/metadata.ts'
import type { FileRecord, Share } from '../core/model.ts'
import { fileColumns, shareColumns } from './columns.ts'
import { type Connection, row, rows, type Work } from './database.ts'
import { arePresent } from './file-uses.ts'
import { files, shares } from './schema.ts'

const filesOf = (db: Connection, accountId: number, now: Date) =>
  and(eq(files.accountId, accountId), arePresent(db, accountId, now))
const newestFirst = [desc(files.createdAt), desc(files.id)]

/** Newest first, each with its link. What is skipped is skipped in the index. */
export function filesOnPage(
  db: Connection,
  accountId: number,
  { offset, limit }: Slice,
  now: Date,
): Work<FilePage['items']> {
  const onPage = db
    .select({ id: files.id })
    .from(files)
    .where(filesOf(db, accountId, now))
    .orderBy(...newestFirst)
    .limit(limit)
    .offset(offset)
  return rows<{ file: FileRecord; share: Share | null }>(
    db
      .select({ file: fileColumns, share: shareColumns })
      .from(files)
      .leftJoin(shares, eq(shares.fileId, files.id))
      .where(inArray(files.id, onPage))
      .orderBy(...newestFirst),
  )
}

export function* countFiles(db: Connection, accountId: number, now: Date): Work<number> {
  const counted = db
    .select({ total: count() })
    .from(files)
    .where(filesOf(db, accountId, now))
  return (yield* row(counted))?.total ?? 0
}

/** See FileStore.listAll. */
export const listAllFiles = (db: Connection, accountId: number, now: Date): Work<FileRecord[]> =>
  rows(
    db
      .select(fileColumns)
      .from(files)
      .where(filesOf(db, accountId, now))
      .orderBy(asc(files.createdAt), asc(files.id)),
  )

/** Files that end at a moment. From then on they are in nobody's reach, and soon they are removed. */
import { asc, gt, inArray, isNull, lte, notInArray, or, type SQL } from 'drizzle-orm'
import type { FileRecord } from '../core/model.ts'
import type { Connection, Work } from './database.ts'
import { removeFiles } from './file-removal.ts'
import { files } from './schema.ts'

/** For a query of single files. */
export const isUnexpired = (now: Date): SQL | undefined =>
  or(isNull(files.expiresAt), gt(files.expiresAt, now))

/**
 * For a query of many files. What is expired is few, and told from the rest by its ids: looking into every record
 * would cost more than the rest of the query, which an index answers.
 */
export const isNoneOfExpired = (db: Connection, now: Date): SQL =>
  notInArray(files.id, db.select({ id: files.id }).from(files).where(lte(files.expiresAt, now)))

/** The record, or null when it has expired. */
export const unexpired = <File extends Pick<FileRecord, 'expiresAt'>>(
  file: File | null,
  now: Date,
): File | null => (file?.expiresAt && file.expiresAt <= now ? null : file)

/** See FileStore.purgeExpired. */
export function purgeExpired(db: Connection, now: Date, limit: number): Work<number> {
  const expired = db
    .select({ id: files.id })
    .from(files)
    .where(lte(files.expiresAt, now))
    .orderBy(asc(files.expiresAt), asc(files.id))
    .limit(limit)
  return removeFiles(db, inArray(files.id, expired))
}

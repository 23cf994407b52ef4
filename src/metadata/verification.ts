/** Objects whose content is still to be compared with the checksum of its sender. */
import { and, asc, eq, gt, inArray, lt } from 'drizzle-orm'
import type { UnverifiedObject } from '../core/metadata.ts'
import { objectColumns } from './columns.ts'
import { type Connection, row, run, type Work } from './database.ts'
import { removeFiles } from './file-removal.ts'
import { files, objects, uploads } from './schema.ts'

/** See ObjectStore.nextUnverified. Copies of a file share its object, and wait with it. */
export function nextUnverified(db: Connection, afterId: number): Work<UnverifiedObject | null> {
  return row(
    db
      .select({ object: objectColumns, expected: uploads.checksumSha256 })
      .from(files)
      .innerJoin(objects, eq(objects.id, files.objectId))
      .leftJoin(uploads, eq(uploads.objectId, objects.id))
      .where(and(eq(files.contentState, 'processing'), gt(files.objectId, afterId)))
      .orderBy(asc(files.objectId))
      .limit(1),
  )
}

/** See ObjectStore.judge. */
export function* judgeObject(
  db: Connection,
  id: number,
  { sha256, ok }: { sha256: string; ok: boolean },
  now: Date,
): Work<void> {
  if (ok) yield* run(db.update(objects).set({ sha256 }).where(eq(objects.id, id)))
  yield* run(
    db
      .update(files)
      .set({ contentState: ok ? 'ready' : 'failed', updatedAt: now })
      .where(and(eq(files.objectId, id), eq(files.contentState, 'processing'))),
  )
}

/** See FileStore.purgeFailed. */
export function purgeFailed(db: Connection, before: Date, limit: number): Work<number> {
  const failed = db
    .select({ id: files.id })
    .from(files)
    .where(and(eq(files.contentState, 'failed'), lt(files.updatedAt, before)))
    .orderBy(asc(files.id))
    .limit(limit)
  return removeFiles(db, inArray(files.id, failed))
}

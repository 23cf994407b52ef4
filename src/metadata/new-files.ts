/** How a stored object and a file of it come into being. */
import { and, eq, sql } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import type { NewFile } from '../core/metadata.ts'
import type { FileRecord, StoredObject } from '../core/model.ts'
import { objectColumns } from './columns.ts'
import { type Connection, row, run, type Work } from './database.ts'
import { accounts, files, folders, objects } from './schema.ts'

/** Fault: conflict, when an object of that key exists. */
export function* insertObject(db: Connection, object: Omit<StoredObject, 'id'>): Work<StoredObject> {
  const created = yield* row(
    db
      .insert(objects)
      .values({ ...object, state: 'live', fileCount: 0 })
      .onConflictDoNothing()
      .returning(objectColumns),
  )
  if (!created) throw new Fault('conflict')
  return created
}

/**
 * A file of that object; counts the reference. A folder that is gone by now gives the root.
 * Fault: conflict, when slug or delete key exist (draw again), or the object is being removed.
 */
export function* insertFile(db: Connection, objectId: number, file: NewFile): Work<FileRecord> {
  yield* referTo(db, objectId)
  const created = yield* row(
    db
      .insert(files)
      .values({
        ...file,
        folderId: yield* presentFolder(db, file),
        objectId,
        status: 'active',
        downloads: 0,
        updatedAt: file.createdAt,
      })
      .onConflictDoNothing()
      .returning(),
  )
  if (!created) throw new Fault('conflict')
  return created
}

function* referTo(db: Connection, objectId: number): Work<void> {
  const live = yield* row(
    db
      .update(objects)
      .set({ fileCount: sql`${objects.fileCount} + 1` })
      .where(and(eq(objects.id, objectId), eq(objects.state, 'live')))
      .returning({ id: objects.id }),
  )
  if (!live) throw new Fault('conflict')
}

function* presentFolder(db: Connection, file: NewFile): Work<number | null> {
  if (file.folderId === null || file.accountId === null) return null
  const mine = and(eq(folders.id, file.folderId), eq(folders.accountId, file.accountId))
  const found = yield* row(db.select({ id: folders.id }).from(folders).where(mine))
  return found?.id ?? null
}

/** Adds to what an account uses; a guest has no counter. */
export function* addUsage(db: Connection, accountId: number | null, size: number): Work<void> {
  if (accountId === null) return
  yield* run(
    db
      .update(accounts)
      .set({ storageUsed: sql`${accounts.storageUsed} + ${size}` })
      .where(eq(accounts.id, accountId)),
  )
}

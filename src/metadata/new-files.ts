/** How a stored object and a file of it come into being. */
import { and, eq, sql } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import type { FileAdmission, FilePlace, NewFile, NewObject } from '../core/metadata.ts'
import type { FileRecord, StoredObject } from '../core/model.ts'
import { charge } from './charges.ts'
import { activeFileColumns, nameKey, objectColumns } from './columns.ts'
import { type Connection, row, type Work } from './database.ts'
import { freeName } from './file-names.ts'
import { countForRequest } from './file-requests.ts'
import { trashIfThere } from './file-trash.ts'
import { countInFolder, findActiveFolder } from './folder-tree.ts'
import { admitGuest } from './guest-allowance.ts'
import { completeImport } from './imports.ts'
import { files, objects } from './schema.ts'

/** See FileStore.add. */
export function* addFile(
  db: Connection,
  file: NewFile,
  object: NewObject,
  { maxStorageBytes, guestAllowance, completes, viaRequest, ...place }: FileAdmission,
): Work<FileRecord> {
  yield* charge(db, 'storageUsed', file.accountId, file.size, maxStorageBytes)
  yield* admitGuest(db, file, guestAllowance)
  const objectId = yield* publishObject(db, object)
  const created = yield* insertFile(db, objectId, { ...file, ...(yield* placeOf(db, file, place)) })
  if (completes) yield* completeImport(db, completes, created)
  yield* countForRequest(db, viaRequest, created)
  return created
}

/** Announced bytes are whole now. Fault: object_missing. */
function* publishObject(db: Connection, { key, ...content }: NewObject): Work<number> {
  const live = yield* row(
    db
      .update(objects)
      .set({ ...content, sha256: content.sha256 ?? '', state: 'live' })
      .where(and(eq(objects.key, key), eq(objects.state, 'announced')))
      .returning({ id: objects.id }),
  )
  if (!live) throw new Fault('object_missing')
  return live.id
}

/** Fault: conflict, when an object of that key exists. */
export function* insertObject(
  db: Connection,
  object: NewObject & Pick<StoredObject, 'createdAt'>,
): Work<StoredObject> {
  const created = yield* row(
    db
      .insert(objects)
      .values({ ...object, sha256: object.sha256 ?? '', state: 'live', fileCount: 0 })
      .onConflictDoNothing()
      .returning(objectColumns),
  )
  if (!created) throw new Fault('conflict')
  return created
}

/**
 * A file of that object, in a folder known to be there; counts the reference and what the folder holds.
 * Fault: conflict, when slug or delete key exist (draw again), or the object is being removed.
 */
export function* insertFile(db: Connection, objectId: number, file: NewFile): Work<FileRecord> {
  yield* referTo(db, objectId)
  const created = yield* row(
    db
      .insert(files)
      .values({
        ...file,
        nameKey: nameKey(file.name),
        objectId,
        status: 'active',
        downloads: 0,
        updatedAt: file.createdAt,
      })
      .onConflictDoNothing()
      .returning(activeFileColumns),
  )
  if (!created) throw new Fault('conflict')
  yield* countInFolder(db, created.folderId, { size: created.size, downloads: 0, files: 1 })
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

/** Where a new file comes to lie, and how it is called there. */
export function* placeOf(
  db: Connection,
  file: NewFile,
  { numbered = false, replaces }: FilePlace,
): Work<Pick<NewFile, 'folderId' | 'name'>> {
  if (replaces !== undefined) yield* trashIfThere(db, file.accountId, replaces, file.createdAt)
  const folderId = yield* presentFolder(db, file)
  const name = numbered ? yield* freeName(db, file.accountId, folderId, file.name) : file.name
  return { folderId, name }
}

/** The folder a new file was meant for, or the root when that is gone or in the trash by now. */
export function* presentFolder(
  db: Connection,
  { accountId, folderId }: Pick<NewFile, 'accountId' | 'folderId'>,
): Work<number | null> {
  if (folderId === null || accountId === null) return null
  return (yield* findActiveFolder(db, accountId, folderId))?.id ?? null
}

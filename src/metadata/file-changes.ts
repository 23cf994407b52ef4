/** How a file changes, moves and is copied. */
import { and, eq, isNull, type SQL, sql } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import type { FileAdmission, FileUpdate, WhenTaken } from '../core/metadata.ts'
import type { FileRecord } from '../core/model.ts'
import { charge } from './charges.ts'
import { activeFileColumns, nameKey } from './columns.ts'
import { type Connection, given, givenNumber, prepared, row, type Work } from './database.ts'
import { freeName, settledFileName } from './file-names.ts'
import { isPresent } from './file-uses.ts'
import { weight } from './file-weight.ts'
import { countInFolder, requireFolder } from './folder-tree.ts'
import { insertFile } from './new-files.ts'
import { files } from './schema.ts'

/** One file of an account; null is whoever has none. */
export const fileOf = (accountId: number | null, id: number): SQL | undefined =>
  and(eq(files.id, id), accountId === null ? isNull(files.accountId) : eq(files.accountId, accountId))

/** An active file with a use left that has not expired. Fault: file_not_found. */
export function* requirePresent(
  db: Connection,
  accountId: number | null,
  id: number,
  now: Date,
): Work<FileRecord> {
  const present = and(fileOf(accountId, id), isPresent(now))
  const found = yield* row(db.select(activeFileColumns).from(files).where(present))
  if (!found) throw new Fault('file_not_found')
  return found
}

/** See FileStore.update. */
export function* updateFile(
  db: Connection,
  accountId: number,
  id: number,
  { whenTaken, ...given }: FileUpdate,
  now: Date,
): Work<FileRecord> {
  const file = yield* requirePresent(db, accountId, id, now)
  if (given.folderId !== undefined) yield* moveFile(db, accountId, file, given.folderId)
  const update = { ...given, ...(yield* newNameOf(db, accountId, file, given, whenTaken)) }
  const changed = yield* row(
    db
      .update(files)
      .set({
        ...update,
        nameKey: update.name === undefined ? undefined : nameKey(update.name),
        updatedAt: now,
      })
      .where(eq(files.id, id))
      .returning(activeFileColumns),
  )
  if (!changed) throw new Fault('file_not_found')
  return changed
}

/** Where name and place stay nothing is refused: two files may have had one name before. */
function* newNameOf(
  db: Connection,
  accountId: number,
  { id, name: before, folderId: from }: FileRecord,
  { name, folderId = from }: FileUpdate,
  whenTaken: WhenTaken | undefined,
): Work<Pick<FileUpdate, 'name'>> {
  const stays = folderId === from && (name === undefined || (name === before && whenTaken === 'refuse'))
  if (whenTaken === undefined || stays) return {}
  return { name: yield* settledFileName(db, accountId, folderId, { name: name ?? before, id }, whenTaken) }
}

function* moveFile(db: Connection, accountId: number, file: FileRecord, to: number | null): Work<void> {
  if (to === file.folderId) return
  if (to !== null) yield* requireFolder(db, accountId, to, 'destination_not_found')
  yield* countInFolder(db, file.folderId, weight(file, -1))
  yield* countInFolder(db, to, weight(file, 1))
}

/** See FileStore.copy. */
export function* copyFile(
  db: Connection,
  accountId: number,
  id: number,
  copy: Pick<FileRecord, 'slug' | 'deleteKey' | 'folderId' | 'createdAt'>,
  { maxStorageBytes }: FileAdmission,
): Work<FileRecord> {
  const original = yield* requirePresent(db, accountId, id, copy.createdAt)
  const {
    objectId,
    name,
    size,
    mimeType,
    visibility,
    source,
    uploadedIp,
    urlExtension,
    usesLeft,
    contentState,
    expiresAt,
  } = original
  if (copy.folderId !== null) yield* requireFolder(db, accountId, copy.folderId, 'destination_not_found')
  yield* charge(db, 'storageUsed', accountId, size, maxStorageBytes)
  return yield* insertFile(db, objectId, {
    ...{ accountId, size, mimeType, visibility, source, uploadedIp, urlExtension, usesLeft },
    ...{ contentState, expiresAt },
    ...copy,
    name: yield* freeName(db, accountId, copy.folderId, name),
  })
}

const downloaded = prepared((db) =>
  db
    .update(files)
    .set({
      downloads: sql`${files.downloads} + ${givenNumber('downloads')}`,
      lastDownloadedAt: given('lastAt', files.lastDownloadedAt),
    })
    .where(eq(files.id, sql.placeholder('id')))
    .returning({ folderId: files.folderId, accountId: files.accountId })
    .prepare(),
)

/**
 * Counts downloads of a file, the latest of them at `lastAt`, also for the folders above. Tells whose the file is, null
 * when there is no such file.
 */
export function* countDownloads(
  db: Connection,
  id: number,
  downloads: number,
  lastAt: Date,
): Work<Pick<FileRecord, 'accountId'> | null> {
  const file = yield* row(downloaded(db), { id, downloads, lastAt })
  if (file) yield* countInFolder(db, file.folderId, { size: 0, downloads })
  return file
}

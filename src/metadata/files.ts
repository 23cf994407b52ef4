/** Files: what a user calls a file. Each kind of change is in a file of its own; this is the list of them. */
import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import type { FilePage, FileStore } from '../core/metadata.ts'
import type { FileRecord } from '../core/model.ts'
import { fileColumns, objectColumns } from './columns.ts'
import { type Connection, type Engine, prepared, row, rows, type Work } from './database.ts'
import { copyFile, countDownload, updateFile } from './file-changes.ts'
import { countFiles, filesOnPage, listAllFiles } from './file-pages.ts'
import { purgeFiles, removeFile, trashFile } from './file-trash.ts'
import { isPresent, purgeUsedUp, takeUse } from './file-uses.ts'
import { claimFile, purgeInactiveGuests } from './guest-files.ts'
import { trashInactive } from './inactive-files.ts'
import { addFile } from './new-files.ts'
import { accounts, files, objects } from './schema.ts'
import { searchFiles } from './search.ts'

const byId = prepared((db) =>
  db
    .select(fileColumns)
    .from(files)
    .where(eq(files.id, sql.placeholder('id')))
    .prepare(),
)

const bySlug = prepared((db) =>
  db
    .select(fileColumns)
    .from(files)
    .where(eq(files.slug, sql.placeholder('slug')))
    .prepare(),
)

const withObject = prepared((db) =>
  db
    .select({ file: fileColumns, object: objectColumns, ownerPackageId: accounts.packageId })
    .from(files)
    .innerJoin(objects, eq(objects.id, files.objectId))
    .leftJoin(accounts, eq(accounts.id, files.accountId))
    .where(eq(files.id, sql.placeholder('id')))
    .prepare(),
)

export function fileStore(engine: Engine): FileStore {
  return {
    find: (id) => engine.read((db) => row(byId(db), { id })),
    findBySlug: (slug) => engine.read((db) => row(bySlug(db), { slug })),
    findWithObject: (id) => engine.read((db) => row(withObject(db), { id })),
    list: (accountId, folderId) => engine.read((db) => list(db, accountId, folderId)),
    add: (file, object, admission) => engine.write((db) => addFile(db, file, object, admission)),
    update: (accountId, id, update, now) => engine.write((db) => updateFile(db, accountId, id, update, now)),
    trash: (accountId, id, now) => engine.write((db) => trashFile(db, accountId, id, now)),
    copy: (accountId, id, copy, admission) =>
      engine.write((db) => copyFile(db, accountId, id, copy, admission)),
    countDownload: (id, now) => engine.write((db) => countDownload(db, id, now)),
    page: (accountId, page) => pageOf(engine, accountId, page),
    listAll: (accountId) => engine.read((db) => listAllFiles(db, accountId)),
    remove: (accountId, id) => engine.write((db) => removeFile(db, accountId, id)),
    takeUse: (id, now) => engine.write((db) => takeUse(db, id, now)),
    claim: (id, accountId, admission, now) =>
      engine.write((db) => claimFile(db, id, accountId, admission, now)),
    purgeUsedUp: (before, limit) => engine.write((db) => purgeUsedUp(db, before, limit)),
    purgeInactiveGuests: (before, limit) => engine.write((db) => purgeInactiveGuests(db, before, limit)),
    trashInactive: (packageId, before, limit, now) =>
      engine.write((db) => trashInactive(db, packageId, before, limit, now)),
    search: (text, page) => engine.read((db) => searchFiles(db, text, page)),
    purgeTrash: (before, limit) => engine.write((db) => purgeFiles(db, before, limit)),
  }
}

async function pageOf(
  engine: Engine,
  accountId: number,
  page: { offset: number; limit: number },
): Promise<FilePage> {
  const [items, total] = await Promise.all([
    engine.read((db) => filesOnPage(db, accountId, page)),
    engine.read((db) => countFiles(db, accountId)),
  ])
  return { items, total }
}

const list = (db: Connection, accountId: number, folderId: number | null): Work<FileRecord[]> =>
  rows(
    db
      .select(fileColumns)
      .from(files)
      .where(
        and(
          eq(files.accountId, accountId),
          folderId === null ? isNull(files.folderId) : eq(files.folderId, folderId),
          isPresent,
        ),
      )
      .orderBy(asc(files.name), asc(files.id)),
  )

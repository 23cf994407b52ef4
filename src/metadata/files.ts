/** Files: what a user calls a file. Each kind of change is in a file of its own; this is the list of them. */
import { eq, sql } from 'drizzle-orm'
import type { FilePage, FileStore, Slice } from '../core/metadata.ts'
import { fileColumns, objectColumns } from './columns.ts'
import { type Engine, prepared, row } from './database.ts'
import { copyFile, countDownload, updateFile } from './file-changes.ts'
import { countFiles, filesOnPage, listAllFiles } from './file-pages.ts'
import { purgeFiles, removeFile, trashFile } from './file-trash.ts'
import { purgeUsedUp, takeUse } from './file-uses.ts'
import { countFolderFiles, folderContents, listFiles } from './folder-files.ts'
import { pictureBeside } from './folder-pictures.ts'
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
    list: (accountId, folderId, slice) => engine.read((db) => listFiles(db, accountId, folderId, slice)),
    count: (accountId, folderId) => engine.read((db) => countFolderFiles(db, accountId, folderId)),
    neighbours: async (file, leastVisibility) => ({
      previous: await engine.read((db) => pictureBeside(db, file, 'before', leastVisibility)),
      next: await engine.read((db) => pictureBeside(db, file, 'after', leastVisibility)),
    }),
    contents: (accountId, folderId, after, limit, now) =>
      engine.read((db) => folderContents(db, accountId, folderId, { after, limit, now })),
    add: (file, object, admission) => engine.write((db) => addFile(db, file, object, admission)),
    update: (accountId, id, update, now) => engine.write((db) => updateFile(db, accountId, id, update, now)),
    trash: (accountId, id, now) => engine.write((db) => trashFile(db, accountId, id, now)),
    copy: (accountId, id, copy, admission) =>
      engine.write((db) => copyFile(db, accountId, id, copy, admission)),
    countDownload: (id, now) => engine.write((db) => countDownload(db, id, now)),
    countDownloads: (ids, now) =>
      engine.write(function* (db) {
        for (const id of ids) yield* countDownload(db, id, now)
      }),
    page: (accountId, page) => pageOf(engine, accountId, page),
    listAll: (accountId) => engine.read((db) => listAllFiles(db, accountId)),
    remove: (accountId, id) => engine.write((db) => removeFile(db, accountId, id)),
    takeUse: (id) => engine.write((db) => takeUse(db, id)),
    claim: (id, accountId, admission, now) =>
      engine.write((db) => claimFile(db, id, accountId, admission, now)),
    purgeUsedUp: (since, kept, limit) => engine.write((db) => purgeUsedUp(db, since, kept, limit)),
    purgeInactiveGuests: (before, limit) => engine.write((db) => purgeInactiveGuests(db, before, limit)),
    trashInactive: (packageId, before, limit, now) =>
      engine.write((db) => trashInactive(db, packageId, before, limit, now)),
    search: (text, page) => engine.read((db) => searchFiles(db, text, page)),
    purgeTrash: (before, limit) => engine.write((db) => purgeFiles(db, before, limit)),
  }
}

async function pageOf(engine: Engine, accountId: number, page: Slice): Promise<FilePage> {
  const [items, total] = await Promise.all([
    engine.read((db) => filesOnPage(db, accountId, page)),
    engine.read((db) => countFiles(db, accountId)),
  ])
  return { items, total }
}

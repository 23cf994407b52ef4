/** Files: what a user calls a file. Each kind of change is in a file of its own; this is the list of them. */
import { eq, type SQL, sql } from 'drizzle-orm'
import type { Clock } from '../core/clock.ts'
import type { FilePage, FileStore, FileWithObject, Slice } from '../core/metadata.ts'
import { fileColumns, objectColumns } from './columns.ts'
import { type Connection, type Engine, prepared, row } from './database.ts'
import { copyFile, updateFile } from './file-changes.ts'
import { purgeExpired, unexpired } from './file-expiry.ts'
import { fileNamesTaken } from './file-names.ts'
import { countFiles, filesOnPage, listAllFiles } from './file-pages.ts'
import { purgeFiles, removeFile, trashFile } from './file-trash.ts'
import { purgeUsedUp, takeUse } from './file-uses.ts'
import { countFolderFiles, folderContents, listFiles } from './folder-files.ts'
import { pictureBeside } from './folder-pictures.ts'
import { claimFile, purgeInactiveGuests } from './guest-files.ts'
import { trashInactive } from './inactive-files.ts'
import { addFile } from './new-files.ts'
import { fileIds, searchOwnFiles, sortedFiles } from './own-entries.ts'
import { remembered } from './remembered.ts'
import { accounts, files, objects } from './schema.ts'
import { searchFiles } from './search.ts'
import { countTrashedFiles, trashedFiles } from './trash-lists.ts'
import { purgeFile, restoreFile } from './trash-ways-out.ts'
import { purgeFailed } from './verification.ts'

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

const withObject = (db: Connection, which: SQL) =>
  db
    .select({ file: fileColumns, object: objectColumns, ownerPackageId: accounts.packageId })
    .from(files)
    .innerJoin(objects, eq(objects.id, files.objectId))
    .leftJoin(accounts, eq(accounts.id, files.accountId))
    .where(which)
    .prepare()

const withObjectById = prepared((db) => withObject(db, eq(files.id, sql.placeholder('id'))))
const withObjectBySlug = prepared((db) => withObject(db, eq(files.slug, sql.placeholder('slug'))))

/** With the file, or nothing when that has expired. */
const unexpiredWith = (found: FileWithObject | null, now: Date): FileWithObject | null =>
  found && unexpired(found.file, now) ? found : null

export function fileStore(engine: Engine, clock: Clock): FileStore {
  const now = (): Date => clock.now()
  const served = remembered<FileWithObject | null>(engine)
  return {
    find: async (id) => unexpired(await engine.read((db) => row(byId(db), { id })), now()),
    findBySlug: async (slug) => unexpired(await engine.read((db) => row(bySlug(db), { slug })), now()),
    findWithObject: async (id) =>
      unexpiredWith(await served(`id ${id}`, (db) => row(withObjectById(db), { id })), now()),
    findWithObjectBySlug: async (slug) =>
      unexpiredWith(await served(`slug ${slug}`, (db) => row(withObjectBySlug(db), { slug })), now()),
    list: (accountId, folderId, slice) =>
      engine.read((db) => listFiles(db, accountId, folderId, now(), slice)),
    namesTaken: (accountId, folderId, names) =>
      engine.read((db) => fileNamesTaken(db, accountId, folderId, names, now())),
    count: (accountId, folderId) => engine.read((db) => countFolderFiles(db, accountId, folderId, now())),
    contents: (accountId, folderId, after, limit, now) =>
      engine.read((db) => folderContents(db, accountId, folderId, { after, limit, now })),
    neighbours: async (file, leastVisibility) => ({
      previous: await engine.read((db) => pictureBeside(db, file, 'before', leastVisibility, now())),
      next: await engine.read((db) => pictureBeside(db, file, 'after', leastVisibility, now())),
    }),
    sorted: (accountId, folderId, order, slice) =>
      engine.read((db) => sortedFiles(db, accountId, folderId, now(), order, slice)),
    ids: (accountId, folderId) => engine.read((db) => fileIds(db, accountId, folderId, now())),
    searchOwn: (accountId, text, limit) =>
      engine.read((db) => searchOwnFiles(db, accountId, text, limit, now())),
    trashed: (accountId, slice) => engine.read((db) => trashedFiles(db, accountId, slice)),
    countTrashed: (accountId) => engine.read((db) => countTrashedFiles(db, accountId)),
    restore: (accountId, id, folderId, now) =>
      engine.write((db) => restoreFile(db, accountId, id, folderId, now)),
    purge: (accountId, id) => engine.write((db) => purgeFile(db, accountId, id)),
    add: (file, object, admission) => engine.write((db) => addFile(db, file, object, admission)),
    update: (accountId, id, update, now) => engine.write((db) => updateFile(db, accountId, id, update, now)),
    trash: (accountId, id, now) => engine.write((db) => trashFile(db, accountId, id, now)),
    copy: (accountId, id, copy, admission) =>
      engine.write((db) => copyFile(db, accountId, id, copy, admission)),
    purgeExpired: (at, limit) => engine.write((db) => purgeExpired(db, at, limit)),
    purgeFailed: (before, limit) => engine.write((db) => purgeFailed(db, before, limit)),
    page: (accountId, page) => pageOf(engine, accountId, page, now()),
    listAll: (accountId) => engine.read((db) => listAllFiles(db, accountId, now())),
    remove: (accountId, id) => engine.write((db) => removeFile(db, accountId, id, now())),
    takeUse: (id) => engine.write((db) => takeUse(db, id)),
    claim: (id, accountId, admission, now) =>
      engine.write((db) => claimFile(db, id, accountId, admission, now)),
    purgeUsedUp: (since, kept, limit) => engine.write((db) => purgeUsedUp(db, since, kept, limit)),
    purgeInactiveGuests: (before, limit) => engine.write((db) => purgeInactiveGuests(db, before, limit)),
    trashInactive: (packageId, before, limit, now) =>
      engine.write((db) => trashInactive(db, packageId, before, limit, now)),
    search: (text, page) => engine.read((db) => searchFiles(db, text, page, now())),
    purgeTrash: (before, limit) => engine.write((db) => purgeFiles(db, before, limit)),
  }
}

async function pageOf(engine: Engine, accountId: number, page: Slice, now: Date): Promise<FilePage> {
  const [items, total] = await Promise.all([
    engine.read((db) => filesOnPage(db, accountId, page, now)),
    engine.read((db) => countFiles(db, accountId, now)),
  ])
  return { items, total }
}

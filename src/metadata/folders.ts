/** Folders: a tree per account. Each kind of change is in a file of its own; this is the list of them. */
import { and, asc, count, eq, gte, isNull, sql } from 'drizzle-orm'
import type { FolderChoice, FolderStore } from '../core/metadata.ts'
import type { Folder, Visibility } from '../core/model.ts'
import { folderColumns } from './columns.ts'
import { type Connection, type Engine, prepared, row, rows, type Work } from './database.ts'
import { folderNamesTaken } from './file-names.ts'
import { createFolder, updateFolder } from './folder-changes.ts'
import { repairFolder, wrongFolders } from './folder-counters.ts'
import { purgeFolders, trashFolder } from './folder-trash.ts'
import { ancestors } from './folder-tree.ts'
import { folderIds, searchOwnFolders, sortedFolders } from './own-entries.ts'
import { folders } from './schema.ts'
import { searchFolders } from './search.ts'
import { countTrashedFolders, trashedFolders } from './trash-lists.ts'
import { purgeFolder, restoreFolder } from './trash-ways-out.ts'

const byId = prepared((db) =>
  db
    .select(folderColumns)
    .from(folders)
    .where(eq(folders.id, sql.placeholder('id')))
    .prepare(),
)

export function folderStore(engine: Engine): FolderStore {
  return {
    create: (folder, maxDepth) => engine.write((db) => createFolder(db, folder, maxDepth)),
    find: (id) => engine.read((db) => row(byId(db), { id })),
    list: (accountId, parentId, choice) => engine.read((db) => list(db, accountId, parentId, choice)),
    named: (accountId, parentId, name) => engine.read((db) => named(db, accountId, parentId, name)),
    namesTaken: (accountId, parentId, names) =>
      engine.read((db) => folderNamesTaken(db, accountId, parentId, names)),
    count: (accountId, parentId, leastVisibility) =>
      engine.read((db) => countFolders(db, accountId, parentId, leastVisibility)),
    sorted: (accountId, parentId, order, slice) =>
      engine.read((db) => sortedFolders(db, accountId, parentId, order, slice)),
    ids: (accountId, parentId) => engine.read((db) => folderIds(db, accountId, parentId)),
    searchOwn: (accountId, text, limit) => engine.read((db) => searchOwnFolders(db, accountId, text, limit)),
    trashed: (accountId, slice) => engine.read((db) => trashedFolders(db, accountId, slice)),
    countTrashed: (accountId) => engine.read((db) => countTrashedFolders(db, accountId)),
    restore: (accountId, id, parentId, now, maxDepth) =>
      engine.write((db) => restoreFolder(db, accountId, id, parentId, now, maxDepth)),
    purge: (accountId, id, limit) => engine.write((db) => purgeFolder(db, accountId, id, limit)),
    ancestors: (id) => engine.read((db) => ancestors(db, id)),
    update: (accountId, id, update, now, maxDepth) =>
      engine.write((db) => updateFolder(db, accountId, id, update, now, maxDepth)),
    trash: (accountId, id, now) => engine.write((db) => trashFolder(db, accountId, id, now)),
    search: (text, page) => engine.read((db) => searchFolders(db, text, page)),
    purgeTrash: (before, limit) => engine.write((db) => purgeFolders(db, before, limit)),
    wrongCounters: () => engine.read(wrongFolders),
    repairCounters: (id) => engine.write((db) => repairFolder(db, id)),
  }
}

const inFolder = (accountId: number, parentId: number | null, leastVisibility: Visibility) =>
  and(
    eq(folders.accountId, accountId),
    parentId === null ? isNull(folders.parentId) : eq(folders.parentId, parentId),
    eq(folders.status, 'active'),
    ...(leastVisibility > 0 ? [gte(folders.visibility, leastVisibility)] : []),
  )

function list(
  db: Connection,
  accountId: number,
  parentId: number | null,
  { offset, limit, leastVisibility }: Partial<FolderChoice> = {},
): Work<Folder[]> {
  const query = db
    .select(folderColumns)
    .from(folders)
    .where(inFolder(accountId, parentId, leastVisibility ?? 0))
    .orderBy(asc(folders.name), asc(folders.id))
  return rows(limit === undefined ? query : query.limit(limit).offset(offset ?? 0))
}

const named = (
  db: Connection,
  accountId: number,
  parentId: number | null,
  name: string,
): Work<Folder | null> =>
  row(
    db
      .select(folderColumns)
      .from(folders)
      .where(and(inFolder(accountId, parentId, 0), eq(folders.name, name)))
      .orderBy(asc(folders.id))
      .limit(1),
  )

function* countFolders(
  db: Connection,
  accountId: number,
  parentId: number | null,
  leastVisibility: Visibility,
): Work<number> {
  const here = inFolder(accountId, parentId, leastVisibility)
  return (yield* row(db.select({ total: count() }).from(folders).where(here)))?.total ?? 0
}

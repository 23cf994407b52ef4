/** Folders: a tree per account. Each kind of change is in a file of its own; this is the list of them. */
import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import type { FolderStore } from '../core/metadata.ts'
import type { Folder } from '../core/model.ts'
import { folderColumns } from './columns.ts'
import { type Connection, type Engine, prepared, row, rows, type Work } from './database.ts'
import { createFolder, updateFolder } from './folder-changes.ts'
import { repairFolder, wrongFolders } from './folder-counters.ts'
import { purgeFolders, trashFolder } from './folder-trash.ts'
import { ancestors } from './folder-tree.ts'
import { folders } from './schema.ts'
import { searchFolders } from './search.ts'

const byId = prepared((db) =>
  db
    .select(folderColumns)
    .from(folders)
    .where(eq(folders.id, sql.placeholder('id')))
    .prepare(),
)

export function folderStore(engine: Engine): FolderStore {
  return {
    create: (folder) => engine.write((db) => createFolder(db, folder)),
    find: (id) => engine.read((db) => row(byId(db), { id })),
    list: (accountId, parentId) => engine.read((db) => list(db, accountId, parentId)),
    ancestors: (id) => engine.read((db) => ancestors(db, id)),
    update: (accountId, id, update, now) =>
      engine.write((db) => updateFolder(db, accountId, id, update, now)),
    trash: (accountId, id, now) => engine.write((db) => trashFolder(db, accountId, id, now)),
    search: (text, page) => engine.read((db) => searchFolders(db, text, page)),
    purgeTrash: (before, limit) => engine.write((db) => purgeFolders(db, before, limit)),
    wrongCounters: () => engine.read(wrongFolders),
    repairCounters: (id) => engine.write((db) => repairFolder(db, id)),
  }
}

const list = (db: Connection, accountId: number, parentId: number | null): Work<Folder[]> =>
  rows(
    db
      .select(folderColumns)
      .from(folders)
      .where(
        and(
          eq(folders.accountId, accountId),
          parentId === null ? isNull(folders.parentId) : eq(folders.parentId, parentId),
          eq(folders.status, 'active'),
        ),
      )
      .orderBy(asc(folders.name), asc(folders.id)),
  )

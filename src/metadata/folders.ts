/** Folders: a tree per account. */
import { and, asc, count, eq, inArray, isNull, sql } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import type { FolderStore, FolderSummary, NewFolder } from '../core/metadata.ts'
import type { Folder } from '../core/model.ts'
import { type Connection, type Engine, row, rows, type Work } from './database.ts'
import { files, folders } from './schema.ts'

export function folderStore(engine: Engine): FolderStore {
  return {
    create: (folder) => engine.write((db) => create(db, folder)),
    find: (id) => engine.read((db) => row(db.select().from(folders).where(eq(folders.id, id)))),
    list: (accountId, parentId) => engine.read((db) => list(db, accountId, parentId)),
  }
}

function* create(db: Connection, folder: NewFolder): Work<Folder> {
  if (folder.parentId !== null) yield* requireParent(db, folder.accountId, folder.parentId)
  const created = yield* row(
    db
      .insert(folders)
      .values({ ...folder, updatedAt: folder.createdAt })
      .onConflictDoNothing()
      .returning(),
  )
  if (!created) throw new Fault('name_taken')
  return created
}

function* requireParent(db: Connection, accountId: number, id: number): Work<void> {
  const parent = yield* row(
    db
      .select({ id: folders.id })
      .from(folders)
      .where(and(eq(folders.id, id), eq(folders.accountId, accountId))),
  )
  if (!parent) throw new Fault('folder_not_found')
}

/** One query, each folder with the sums of its active files and the count of its folders. */
function list(db: Connection, accountId: number, parentId: number | null): Work<FolderSummary[]> {
  const beside = and(
    eq(folders.accountId, accountId),
    parentId === null ? isNull(folders.parentId) : eq(folders.parentId, parentId),
  )
  const listed = db.select({ id: folders.id }).from(folders).where(beside)
  const held = db
    .select({
      folderId: files.folderId,
      count: count().as('file_count'),
      size: sql<number>`sum(${files.size})`.as('total_size'),
    })
    .from(files)
    .where(and(inArray(files.folderId, listed), eq(files.status, 'active')))
    .groupBy(files.folderId)
    .as('held')
  const inner = db
    .select({ parentId: folders.parentId, count: count().as('folder_count') })
    .from(folders)
    .where(inArray(folders.parentId, listed))
    .groupBy(folders.parentId)
    .as('inner_folders')
  return rows(
    db
      .select({
        id: folders.id,
        accountId: folders.accountId,
        parentId: folders.parentId,
        name: folders.name,
        visibility: folders.visibility,
        createdAt: folders.createdAt,
        updatedAt: folders.updatedAt,
        fileCount: sql<number>`coalesce(${held.count}, 0)`.mapWith(Number),
        folderCount: sql<number>`coalesce(${inner.count}, 0)`.mapWith(Number),
        totalSize: sql<number>`coalesce(${held.size}, 0)`.mapWith(Number),
      })
      .from(folders)
      .leftJoin(held, eq(held.folderId, folders.id))
      .leftJoin(inner, eq(inner.parentId, folders.id))
      .where(beside)
      .orderBy(asc(folders.name), asc(folders.id)),
  )
}

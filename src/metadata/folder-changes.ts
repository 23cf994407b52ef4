/** How a folder comes into being, changes and moves. */
import { eq } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import type { FolderUpdate, NewFolder, WhenTaken } from '../core/metadata.ts'
import type { Folder } from '../core/model.ts'
import { folderColumns, nameKey } from './columns.ts'
import { type Connection, row, type Work } from './database.ts'
import { settledFolderName } from './file-names.ts'
import { refuseDepth } from './folder-depth.ts'
import {
  conceals,
  countInFolder,
  type PlacedFolder,
  refuseCycle,
  requireFolder,
  spreadConcealment,
} from './folder-tree.ts'
import { folders } from './schema.ts'

/** See FolderStore.create. */
export function* createFolder(
  db: Connection,
  { whenTaken, ...folder }: NewFolder,
  maxDepth?: number,
): Work<Folder> {
  const { accountId, parentId } = folder
  const parent = parentId === null ? null : yield* requireFolder(db, accountId, parentId, 'folder_not_found')
  yield* refuseDepth(db, parentId, maxDepth)
  const concealed = conceals(folder) || (parent?.concealed ?? false)
  const name = yield* settledFolderName(db, accountId, parentId, { name: folder.name }, whenTaken)
  const created = yield* row(
    db
      .insert(folders)
      .values({ ...folder, name, nameKey: nameKey(name), concealed })
      .returning(folderColumns),
  )
  if (!created) throw new Fault('conflict')
  yield* countInFolder(db, parentId, { size: 0, downloads: 0, folders: 1 })
  return created
}

/** See FolderStore.update. */
export function* updateFolder(
  db: Connection,
  accountId: number,
  id: number,
  { whenTaken, ...given }: FolderUpdate,
  now: Date,
  maxDepth?: number,
): Work<Folder> {
  const folder = yield* requireFolder(db, accountId, id, 'folder_not_found')
  const parentId = given.parentId === undefined ? folder.parentId : given.parentId
  const parent =
    parentId === null ? null : yield* requireFolder(db, accountId, parentId, 'destination_not_found')
  yield* moveFolder(db, folder, parentId, maxDepth)
  const update = { ...given, ...(yield* newNameOf(db, folder, given, whenTaken)) }
  const changed = yield* row(
    db
      .update(folders)
      .set({
        ...update,
        nameKey: update.name === undefined ? undefined : nameKey(update.name),
        updatedAt: now,
      })
      .where(eq(folders.id, id))
      .returning(folderColumns),
  )
  if (!changed) throw new Fault('folder_not_found')
  const concealed = conceals(changed) || (parent?.concealed ?? false)
  if (concealed !== folder.concealed) yield* spreadConcealment(db, id, concealed)
  return changed
}

/** Where name and place stay nothing is refused: two folders may have had one name before. */
function* newNameOf(
  db: Connection,
  { id, accountId, name: before, parentId: from }: Folder,
  { name, parentId = from }: FolderUpdate,
  whenTaken: WhenTaken | undefined,
): Work<Pick<FolderUpdate, 'name'>> {
  const stays = parentId === from && (name === undefined || (name === before && whenTaken === 'refuse'))
  if (whenTaken === undefined || stays) return {}
  return { name: yield* settledFolderName(db, accountId, parentId, { name: name ?? before, id }, whenTaken) }
}

/** Takes what the folder holds off the old parents and adds it to the new ones. */
function* moveFolder(db: Connection, folder: PlacedFolder, to: number | null, maxDepth?: number): Work<void> {
  if (to === folder.parentId) return
  if (to !== null) {
    yield* refuseCycle(db, folder.id, to)
    // To the root nothing gets deeper than it was.
    yield* refuseDepth(db, to, maxDepth, folder.id)
  }
  const { totalSize: size, totalDownloads: downloads } = folder
  yield* countInFolder(db, folder.parentId, { size: -size, downloads: -downloads, folders: -1 })
  yield* countInFolder(db, to, { size, downloads, folders: 1 })
}

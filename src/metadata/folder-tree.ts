/**
 * The tree of folders: what is above, what is below, and the counters that follow every change. Each step is
 * one statement whatever the depth and size of the tree, which may be hostile.
 */
import { and, eq, inArray, isNull, ne, type SQL, sql } from 'drizzle-orm'
import { Fault, type FaultCode } from '../core/fault.ts'
import type { Folder } from '../core/model.ts'
import { folderColumns } from './columns.ts'
import { type Connection, givenNumber, prepared, row, rows, run, type Work } from './database.ts'
import { folders } from './schema.ts'

const thisFolder = givenNumber('folder')

/** Ids of a folder and of all above it. UNION, not UNION ALL: it would end even in a loop. */
export const above = (folder: SQL): SQL => sql`(with recursive up(id) as (
  select ${folder} union select ${folders.parentId} from ${folders} join up on ${folders.id} = up.id
  where ${folders.parentId} is not null) select id from up)`

/** Ids of a folder and of all below it that are reached through folders which fulfil `through`. */
export const below = (folder: SQL, through: SQL = sql`true`): SQL => sql`(with recursive down(id) as (
  select ${folder} union select ${folders.id} from ${folders} join down on ${folders.parentId} = down.id
  where ${through}) select id from down)`

const aboveIt = prepared((db) =>
  db
    .select(folderColumns)
    .from(folders)
    .where(inArray(folders.id, above(thisFolder)))
    .prepare(),
)

/** The folder itself, then its parents up to the root; empty when there is none. */
export function* ancestors(db: Connection, id: number): Work<Folder[]> {
  const found = new Map((yield* rows(aboveIt(db), { folder: id })).map((folder) => [folder.id, folder]))
  const chain: Folder[] = []
  for (let next = found.get(id); next; next = found.get(next.parentId ?? 0)) {
    found.delete(next.id)
    chain.push(next)
  }
  return chain
}

const isAbove = prepared((db) =>
  db
    .select({ id: folders.id })
    .from(folders)
    .where(and(eq(folders.id, sql.placeholder('upper')), inArray(folders.id, above(thisFolder))))
    .prepare(),
)

/** Fault: folder_cycle, when `parent` is the folder itself or lies below it. */
export function* refuseCycle(db: Connection, id: number, parent: number): Work<void> {
  if (yield* row(isAbove(db), { upper: id, folder: parent })) throw new Fault('folder_cycle')
}

export interface PlacedFolder extends Folder {
  concealed: boolean
}

const activeOfAccount = prepared((db) =>
  db
    .select({ ...folderColumns, concealed: folders.concealed })
    .from(folders)
    .where(
      and(
        eq(folders.id, sql.placeholder('id')),
        eq(folders.accountId, sql.placeholder('account')),
        eq(folders.status, 'active'),
      ),
    )
    .prepare(),
)

/** An active folder of that account, or null. */
export const findActiveFolder = (db: Connection, account: number, id: number): Work<PlacedFolder | null> =>
  row(activeOfAccount(db), { account, id })

/** An active folder of that account; else the given Fault. */
export function* requireFolder(
  db: Connection,
  accountId: number,
  id: number,
  code: FaultCode,
): Work<PlacedFolder> {
  const found = yield* findActiveFolder(db, accountId, id)
  if (!found) throw new Fault(code)
  return found
}

const here = (name: string): SQL =>
  sql`case when ${folders.id} = ${thisFolder} then ${givenNumber(name)} else 0 end`

const counts = {
  totalSize: sql`${folders.totalSize} + ${givenNumber('size')}`,
  totalDownloads: sql`${folders.totalDownloads} + ${givenNumber('downloads')}`,
  fileCount: sql`${folders.fileCount} + ${here('files')}`,
  folderCount: sql`${folders.folderCount} + ${here('folders')}`,
}

const countedAbove = prepared((db) =>
  db
    .update(folders)
    .set(counts)
    .where(inArray(folders.id, above(thisFolder)))
    .prepare(),
)

/** Where nothing changes for the folders above. */
const countedHere = prepared((db) =>
  db.update(folders).set(counts).where(eq(folders.id, thisFolder)).prepare(),
)

/** What came into a folder, or left it when negative. */
export interface FolderChange {
  size: number
  downloads: number
  files?: number
  folders?: number
}

/** Counts a change of what a folder holds, for it and for all above it. The root has no counters. */
export function* countInFolder(db: Connection, folder: number | null, change: FolderChange): Work<void> {
  if (folder === null) return
  const counted = change.size === 0 && change.downloads === 0 ? countedHere : countedAbove
  yield* run(counted(db), { folder, files: 0, folders: 0, ...change })
}

/** Whether a folder itself keeps what is in it out of site search. */
export const conceals = (folder: Pick<Folder, 'visibility' | 'passwordMd5'>): boolean =>
  folder.visibility === 0 || folder.passwordMd5 !== null

const concealed = prepared((db) =>
  db
    .update(folders)
    .set({ concealed: true })
    .where(inArray(folders.id, below(thisFolder, eq(folders.concealed, false))))
    .prepare(),
)

/** Below a folder that conceals by itself nothing changes. */
const revealed = prepared((db) => {
  const open = sql`${and(ne(folders.visibility, 0), isNull(folders.passwordMd5))}`
  return db
    .update(folders)
    .set({ concealed: false })
    .where(inArray(folders.id, below(thisFolder, open)))
    .prepare()
})

/** Sets for a folder and all below it whether something above, or it itself, conceals them. */
export const spreadConcealment = (db: Connection, folder: number, isConcealed: boolean): Work<void> =>
  run(isConcealed ? concealed(db) : revealed(db), { folder })

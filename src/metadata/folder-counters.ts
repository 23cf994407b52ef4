/** The counters of folders against what the records add up to. */
import { and, count, eq, inArray, isNotNull, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { folderColumns } from './columns.ts'
import { type Connection, givenNumber, prepared, rows, run, type Work } from './database.ts'
import { above, below, conceals, type PlacedFolder } from './folder-tree.ts'
import { files, folders } from './schema.ts'

interface Sums {
  totalSize: number
  totalDownloads: number
  fileCount: number
  folderCount: number
  concealed: boolean
}

interface Counted extends PlacedFolder {
  heldFiles: number
  heldSize: number
  heldDownloads: number
}

/** See FolderStore.wrongCounters. One query and one pass over the tree, from the leaves to the root. */
export function* wrongFolders(db: Connection): Work<Array<{ id: number; detail: string }>> {
  const found = yield* rows(counted(db))
  const sums = addUp(found)
  return found.flatMap((folder) => {
    const right = sums.get(folder.id)
    if (!right) return [{ id: folder.id, detail: 'the folder lies inside itself' }]
    const wrong = describe(folder, right)
    return wrong === '' ? [] : [{ id: folder.id, detail: wrong }]
  })
}

const sumOf = (column: typeof files.size | typeof files.downloads) =>
  sql<number>`sum(${column})`.mapWith(Number)

/** Every folder, also in the trash, with the sums of its own files. */
function counted(db: Connection) {
  const held = db
    .select({
      folderId: files.folderId,
      count: count().as('held_count'),
      size: sumOf(files.size).as('held_size'),
      downloads: sumOf(files.downloads).as('held_downloads'),
    })
    .from(files)
    .where(and(isNotNull(files.folderId), eq(files.status, 'active')))
    .groupBy(files.folderId)
    .as('held')
  return db
    .select({
      ...folderColumns,
      concealed: folders.concealed,
      heldFiles: sql<number>`coalesce(${held.count}, 0)`.mapWith(Number),
      heldSize: sql<number>`coalesce(${held.size}, 0)`.mapWith(Number),
      heldDownloads: sql<number>`coalesce(${held.downloads}, 0)`.mapWith(Number),
    })
    .from(folders)
    .leftJoin(held, eq(held.folderId, folders.id))
}

function addUp(found: Counted[]): Map<number, Sums> {
  const order = fromTheRoot(found)
  const sums = new Map<number, Sums>()
  for (const folder of order) {
    const parent = folder.parentId === null ? undefined : sums.get(folder.parentId)
    if (parent) parent.folderCount++
    sums.set(folder.id, {
      totalSize: folder.heldSize,
      totalDownloads: folder.heldDownloads,
      fileCount: folder.heldFiles,
      folderCount: 0,
      concealed: conceals(folder) || (parent?.concealed ?? false),
    })
  }
  for (const { id, parentId } of order.toReversed()) {
    const own = sums.get(id)
    const parent = parentId === null ? undefined : sums.get(parentId)
    if (!own || !parent) continue
    parent.totalSize += own.totalSize
    parent.totalDownloads += own.totalDownloads
  }
  return sums
}

/** Parents before their children; without folders that no root leads to. */
function fromTheRoot(found: Counted[]): Counted[] {
  const children = Map.groupBy(found, ({ parentId }) => parentId)
  const order = [...(children.get(null) ?? [])]
  // The list grows while it is walked.
  for (const { id } of order) order.push(...(children.get(id) ?? []))
  return order
}

function describe(folder: Counted, right: Sums): string {
  const counters = ['totalSize', 'totalDownloads', 'fileCount', 'folderCount'] as const
  // What is in the trash is found by nobody; whether it may be is settled when it comes back.
  const facts = folder.status === 'active' ? ([...counters, 'concealed'] as const) : counters
  return facts
    .filter((counter) => folder[counter] !== right[counter])
    .map((counter) => `${counter} ${folder[counter]}, records ${right[counter]}`)
    .join('; ')
}

const repaired = prepared((db) => {
  const folder = givenNumber('folder')
  const upper = alias(folders, 'upper')
  const inner = alias(folders, 'inner_folder')
  const total = (column: typeof files.size | typeof files.downloads) =>
    db
      .select({ total: sql`coalesce(sum(${column}), 0)` })
      .from(files)
      .where(and(inArray(files.folderId, below(folder)), eq(files.status, 'active')))
  const concealing = db
    .select({ one: sql`1` })
    .from(upper)
    .where(
      and(
        inArray(upper.id, above(folder)),
        sql`(${upper.visibility} = 0 or ${upper.passwordMd5} is not null)`,
      ),
    )
  const filesHere = and(eq(files.folderId, folder), eq(files.status, 'active'))
  const foldersHere = and(eq(inner.parentId, folder), eq(inner.status, 'active'))
  return db
    .update(folders)
    .set({
      totalSize: sql`${total(files.size)}`,
      totalDownloads: sql`${total(files.downloads)}`,
      fileCount: sql`${db.select({ count: count() }).from(files).where(filesHere)}`,
      folderCount: sql`${db.select({ count: count() }).from(inner).where(foldersHere)}`,
      concealed: sql`case when ${folders.status} = 'active' then exists ${concealing} else ${folders.concealed} end`,
    })
    .where(eq(folders.id, folder))
    .prepare()
})

/** Sets the counters of a folder to what the records add up to. */
export const repairFolder = (db: Connection, folder: number): Work<void> => run(repaired(db), { folder })

/** How deep folders lie, judged in the transaction in which one appears or moves. */
import { count, eq, inArray, sql } from 'drizzle-orm'
import { invalid } from '../core/fault.ts'
import { type Connection, givenNumber, prepared, row, type Work } from './database.ts'
import { above } from './folder-tree.ts'
import { folders } from './schema.ts'

const thisFolder = givenNumber('folder')

const depth = prepared((db) =>
  db
    .select({ levels: count() })
    .from(folders)
    .where(inArray(folders.id, above(thisFolder)))
    .prepare(),
)

/** Looks no further down than one level more than there may be. */
const height = prepared((db) =>
  db
    .select({
      levels: sql<number>`(with recursive down(id, level) as (
        select ${thisFolder}, 1 union all select f.id, level + 1 from ${folders} f join down on f.parent_id = down.id
        where level <= ${givenNumber('most')}) select max(level) from down)`.mapWith(Number),
    })
    .from(folders)
    .where(eq(folders.id, thisFolder))
    .prepare(),
)

/**
 * Whether a new folder, or `folder` with all that is below it, may be put into `parent`.
 * Fault: invalid, when something would lie more than `most` levels below the root.
 */
export function* refuseDepth(
  db: Connection,
  parent: number | null,
  most: number | undefined,
  folder?: number,
): Work<void> {
  if (most === undefined) return
  const upper = parent === null ? 0 : yield* levelsOf(depth(db), { folder: parent })
  const lower = folder === undefined ? 1 : yield* levelsOf(height(db), { folder, most: most - upper })
  if (upper + lower > most) throw invalid('parentId', `Folders can be nested at most ${most} levels deep.`)
}

function* levelsOf(
  query: Parameters<typeof row<{ levels: number }>>[0],
  values: Record<string, number>,
): Work<number> {
  return (yield* row(query, values))?.levels ?? 0
}

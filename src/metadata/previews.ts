/** What was derived from objects for looking at them. */
import { and, asc, eq, gt, inArray, isNotNull, isNull, sql } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import type { PreviewStore } from '../core/metadata.ts'
import type { Preview, PreviewSize } from '../core/model.ts'
import { previewColumns } from './columns.ts'
import { type Connection, type Engine, prepared, row, rows, run, type Work } from './database.ts'
import { objects, previews } from './schema.ts'

const bySize = prepared((db) =>
  db
    .select(previewColumns)
    .from(previews)
    .where(
      and(eq(previews.objectId, sql.placeholder('objectId')), eq(previews.size, sql.placeholder('size'))),
    )
    .prepare(),
)

export function previewStore(engine: Engine): PreviewStore {
  return {
    find: (objectId, size) => engine.read((db) => rows(bySize(db), { objectId, size })),
    findAll: (objectIds, size) => engine.read((db) => findAll(db, objectIds, size)),
    of: (objectId) =>
      engine.read((db) =>
        rows(db.select(previewColumns).from(previews).where(eq(previews.objectId, objectId))),
      ),
    add: (preview) => engine.write((db) => add(db, preview)),
    remove: (preview) => engine.write((db) => run(db.delete(previews).where(same(preview)))),
    forget: (objectId) =>
      engine.write((db) => run(db.delete(previews).where(eq(previews.objectId, objectId)))),
    hasKey: (key) => engine.read((db) => hasKey(db, key)),
    page: (afterObjectId, limit) => engine.read((db) => page(db, afterObjectId, limit)),
  }
}

const findAll = (db: Connection, objectIds: readonly number[], size: PreviewSize): Work<Preview[]> =>
  rows(
    db
      .select(previewColumns)
      .from(previews)
      .where(and(inArray(previews.objectId, [...objectIds]), eq(previews.size, size))),
  )

function* hasKey(db: Connection, key: string): Work<boolean> {
  const found = db.select({ objectId: previews.objectId }).from(previews).where(eq(previews.key, key))
  return (yield* row(found)) !== null
}

const same = ({ objectId, size, format, key }: Preview) =>
  and(
    eq(previews.objectId, objectId),
    eq(previews.size, size),
    eq(previews.format, format),
    key === null ? isNull(previews.key) : eq(previews.key, key),
  )

/** The key leaves the announced ones in the same moment, so that it always belongs to exactly one record. */
function* add(db: Connection, preview: Preview): Work<void> {
  const live = and(eq(objects.id, preview.objectId), eq(objects.state, 'live'))
  if (!(yield* row(db.select({ id: objects.id }).from(objects).where(live)))) throw new Fault('conflict')
  if (preview.key !== null) yield* takeAnnounced(db, preview.key)
  const created = yield* row(
    db.insert(previews).values(preview).onConflictDoNothing().returning({ key: previews.key }),
  )
  if (!created) throw new Fault('conflict')
}

/** Fault: object_missing. */
function* takeAnnounced(db: Connection, key: string): Work<void> {
  const announced = and(eq(objects.key, key), eq(objects.state, 'announced'))
  const taken = yield* row(db.delete(objects).where(announced).returning({ id: objects.id }))
  if (!taken) throw new Fault('object_missing')
}

function page(db: Connection, afterObjectId: number, limit: number): Work<Preview[]> {
  const next = db
    .selectDistinct({ id: previews.objectId })
    .from(previews)
    .where(and(gt(previews.objectId, afterObjectId), isNotNull(previews.key)))
    .orderBy(asc(previews.objectId))
    .limit(limit)
  const found = db.select(previewColumns).from(previews)
  return rows(
    found
      .where(and(inArray(previews.objectId, next), isNotNull(previews.key)))
      .orderBy(asc(previews.objectId)),
  )
}

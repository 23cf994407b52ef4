/** Stored objects and who still needs them. */
import { and, asc, eq, gt, inArray, isNull, lt, notExists, notInArray } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import type { ObjectStore } from '../core/metadata.ts'
import type { StoredObject } from '../core/model.ts'
import { objectColumns } from './columns.ts'
import { type Connection, type Engine, row, rows, run, type Work } from './database.ts'
import { files, objects, previews } from './schema.ts'
import type { ObjectState } from './tables/files.ts'
import { judgeObject, nextUnverified } from './verification.ts'

export function objectStore(engine: Engine): ObjectStore {
  return {
    announce: (key, now) => engine.write((db) => announce(db, key, now)),
    retract: (key) => engine.write((db) => run(db.delete(objects).where(inState(key, 'announced')))),
    suspect: (key, createdAt) =>
      engine.write((db) =>
        run(db.update(objects).set({ state: 'suspect', createdAt }).where(inState(key, 'announced'))),
      ),
    suspects: (before, limit) => engine.read((db) => keysOf(db, 'suspect', before, limit)),
    acquit: (key) => engine.write((db) => run(db.delete(objects).where(inState(key, 'suspect')))),
    announced: (before, limit) => engine.read((db) => keysOf(db, 'announced', before, limit)),
    // In this order: a derived picture is announced as an object before it has its own record.
    isKnownKey: async (key) =>
      (await engine.read((db) => isKnownKey(db, key))) || engine.read((db) => isDerivedKey(db, key)),
    findByKey: (key) =>
      engine.read((db) =>
        row(
          db
            .select(objectColumns)
            .from(objects)
            .where(and(eq(objects.key, key), notInArray(objects.state, ['announced', 'suspect']))),
        ),
      ),
    nextUnverified: (afterId) => engine.read((db) => nextUnverified(db, afterId)),
    judge: (id, verdict, now) => engine.write((db) => judgeObject(db, id, verdict, now)),
    describe: (id) =>
      engine.read((db) =>
        row(
          db
            .select({ name: files.name, mimeType: files.mimeType })
            .from(files)
            .where(eq(files.objectId, id))
            .orderBy(asc(files.id))
            .limit(1),
        ),
      ),
    noteStoredName: (id, storedName) =>
      engine.write((db) => run(db.update(objects).set({ storedName }).where(eq(objects.id, id)))),
    page: (afterId, limit) => engine.read((db) => page(db, afterId, limit)),
    claimUnreferenced: (limit) => engine.write((db) => claimUnreferenced(db, limit)),
    setCrc32: (id, crc32) =>
      engine.write((db) =>
        run(
          db
            .update(objects)
            .set({ crc32 })
            .where(and(eq(objects.id, id), isNull(objects.crc32))),
        ),
      ),
    remove: (id) =>
      engine.write((db) =>
        run(db.delete(objects).where(and(eq(objects.id, id), eq(objects.state, 'claimed')))),
      ),
  }
}

const inState = (key: string, state: ObjectState) => and(eq(objects.key, key), eq(objects.state, state))

function* announce(db: Connection, key: string, now: Date): Work<void> {
  const created = yield* row(
    db
      .insert(objects)
      .values({ key, size: 0, sha256: '', state: 'announced', fileCount: 0, createdAt: now })
      .onConflictDoNothing()
      .returning({ id: objects.id }),
  )
  if (!created) throw new Fault('conflict')
}

function* keysOf(db: Connection, state: ObjectState, before: Date, limit: number): Work<string[]> {
  const old = and(eq(objects.state, state), eq(objects.fileCount, 0), lt(objects.createdAt, before))
  const found = db.select({ key: objects.key }).from(objects).where(old).orderBy(asc(objects.id)).limit(limit)
  return (yield* rows(found)).map(({ key }) => key)
}

function* isKnownKey(db: Connection, key: string): Work<boolean> {
  return (yield* row(db.select({ id: objects.id }).from(objects).where(eq(objects.key, key)))) !== null
}

function* isDerivedKey(db: Connection, key: string): Work<boolean> {
  const derived = db.select({ id: previews.objectId }).from(previews).where(eq(previews.key, key))
  return (yield* row(derived)) !== null
}

const page = (db: Connection, afterId: number, limit: number): Work<StoredObject[]> =>
  rows(
    db
      .select(objectColumns)
      .from(objects)
      .where(and(gt(objects.id, afterId), eq(objects.state, 'live')))
      .orderBy(asc(objects.id))
      .limit(limit),
  )

function* claimUnreferenced(db: Connection, limit: number): Work<StoredObject[]> {
  // The count finds candidates by index; the files themselves have the last word.
  const candidates = db
    .select({ id: objects.id })
    .from(objects)
    .where(and(eq(objects.state, 'live'), eq(objects.fileCount, 0)))
    .limit(limit)
  const references = db.select({ id: files.id }).from(files).where(eq(files.objectId, objects.id))
  yield* run(
    db
      .update(objects)
      .set({ state: 'claimed' })
      .where(and(inArray(objects.id, candidates), notExists(references))),
  )
  const claimed = db.select(objectColumns).from(objects).where(eq(objects.state, 'claimed'))
  return yield* rows(claimed.orderBy(asc(objects.id)).limit(limit))
}

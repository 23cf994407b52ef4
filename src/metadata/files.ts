/** Files: what a user calls a file. */
import { eq, sql } from 'drizzle-orm'
import type { FileStore } from '../core/metadata.ts'
import { objectColumns } from './columns.ts'
import { type Engine, prepared, row, run } from './database.ts'
import { files, objects } from './schema.ts'

const byId = prepared((db) =>
  db
    .select()
    .from(files)
    .where(eq(files.id, sql.placeholder('id')))
    .prepare(),
)

const bySlug = prepared((db) =>
  db
    .select()
    .from(files)
    .where(eq(files.slug, sql.placeholder('slug')))
    .prepare(),
)

const withObject = prepared((db) =>
  db
    .select({ file: files, object: objectColumns })
    .from(files)
    .innerJoin(objects, eq(objects.id, files.objectId))
    .where(eq(files.id, sql.placeholder('id')))
    .prepare(),
)

const counted = prepared((db) =>
  db
    .update(files)
    .set({ downloads: sql`${files.downloads} + 1` })
    .where(eq(files.id, sql.placeholder('id')))
    .prepare(),
)

export function fileStore(engine: Engine): FileStore {
  return {
    find: (id) => engine.read((db) => row(byId(db), { id })),
    findBySlug: (slug) => engine.read((db) => row(bySlug(db), { slug })),
    findWithObject: (id) => engine.read((db) => row(withObject(db), { id })),
    countDownload: (id) => engine.write((db) => run(counted(db), { id })),
  }
}

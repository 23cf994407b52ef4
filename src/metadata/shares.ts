/** Public links of files: at most one of each file. */
import { and, eq, sql } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import type { ShareStore } from '../core/metadata.ts'
import type { Share } from '../core/model.ts'
import { shareColumns } from './columns.ts'
import { type Connection, type Engine, prepared, row, run, type Work } from './database.ts'
import { isPresent } from './file-uses.ts'
import { files, shares } from './schema.ts'

const byFile = prepared((db) =>
  db
    .select(shareColumns)
    .from(shares)
    .where(eq(shares.fileId, sql.placeholder('fileId')))
    .prepare(),
)

const byToken = prepared((db) =>
  db
    .select(shareColumns)
    .from(shares)
    .where(eq(shares.token, sql.placeholder('token')))
    .prepare(),
)

export function shareStore(engine: Engine): ShareStore {
  return {
    put: (share) => engine.write((db) => put(db, share)),
    remove: (fileId, now) => engine.write((db) => remove(db, fileId, now)),
    find: (fileId) => engine.read((db) => row(byFile(db), { fileId })),
    findByToken: (token) => engine.read((db) => row(byToken(db), { token })),
  }
}

function* put(db: Connection, { fileId, ...link }: Share): Work<void> {
  const shared = yield* row(
    db
      .update(files)
      .set({ updatedAt: link.createdAt })
      .where(and(eq(files.id, fileId), isPresent(link.createdAt)))
      .returning({ id: files.id }),
  )
  if (!shared) throw new Fault('file_not_found')
  yield* run(
    db
      .insert(shares)
      .values({ fileId, ...link })
      .onConflictDoUpdate({ target: shares.fileId, set: link }),
  )
}

function* remove(db: Connection, fileId: number, now: Date): Work<void> {
  const removed = db.delete(shares).where(eq(shares.fileId, fileId)).returning({ fileId: shares.fileId })
  if (!(yield* row(removed))) return
  yield* run(db.update(files).set({ updatedAt: now }).where(eq(files.id, fileId)))
}

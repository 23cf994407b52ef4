/** The picture before and the one after another in its folder. */
import { and, asc, desc, eq, gt, gte, isNull, like, lt, lte, or } from 'drizzle-orm'
import type { FileRecord, Visibility } from '../core/model.ts'
import { fileColumns } from './columns.ts'
import { type Connection, row, type Work } from './database.ts'
import { areIn } from './file-place.ts'
import { files } from './schema.ts'

type Place = Pick<FileRecord, 'id' | 'accountId' | 'folderId' | 'name'>

/** Reads the index of the folder from the file on, until it meets a picture. See FileStore.neighbours. */
export function* pictureBeside(
  db: Connection,
  { id, accountId, folderId, name }: Place,
  side: 'before' | 'after',
  leastVisibility: Visibility,
  now: Date,
): Work<FileRecord | null> {
  if (accountId === null) return null
  const beyond = side === 'after' ? gt : lt
  const inOrder = side === 'after' ? asc : desc
  const found = db
    .select(fileColumns)
    .from(files)
    .where(
      and(
        eq(files.accountId, accountId),
        areIn(db, folderId),
        // The first bound lets the index be entered at the name; the second is exact.
        side === 'after' ? gte(files.name, name) : lte(files.name, name),
        or(beyond(files.name, name), and(eq(files.name, name), beyond(files.id, id))),
        like(files.mimeType, 'image/%'),
        gte(files.visibility, leastVisibility),
        isNull(files.usesLeft),
        eq(files.contentState, 'ready'),
        or(isNull(files.expiresAt), gt(files.expiresAt, now)),
      ),
    )
    .orderBy(inOrder(files.name), inOrder(files.id))
    .limit(1)
  return yield* row(found)
}

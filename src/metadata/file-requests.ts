/** Links by which others send files into a folder. */
import { and, desc, eq, gt, isNull, lt, or, sql } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import type {
  FileRequestStore,
  FileRequestUpdate,
  LinkPage,
  NamedFileRequest,
  NewFileRequest,
} from '../core/metadata.ts'
import type { FileRecord, FileRequest } from '../core/model.ts'
import { fileRequestColumns } from './columns.ts'
import { type Connection, type Engine, prepared, row, rows, type Work } from './database.ts'
import { requireFolder } from './folder-tree.ts'
import { fileRequests, folders } from './schema.ts'
import { requireRoomFor } from './share-links.ts'

const byToken = prepared((db) =>
  db
    .select(fileRequestColumns)
    .from(fileRequests)
    .where(eq(fileRequests.token, sql.placeholder('token')))
    .prepare(),
)

export function fileRequestStore(engine: Engine): FileRequestStore {
  return {
    create: (request, most) => engine.write((db) => create(db, request, most)),
    list: (accountId, page) => engine.read((db) => list(db, accountId, page)),
    findByToken: (token) => engine.read((db) => row(byToken(db), { token })),
    update: (accountId, id, update) => engine.write((db) => change(db, accountId, id, update)),
    remove: (accountId, id) => engine.write((db) => remove(db, accountId, id)),
  }
}

function* create(db: Connection, request: NewFileRequest, most?: number): Work<FileRequest> {
  if (request.folderId !== null)
    yield* requireFolder(db, request.accountId, request.folderId, 'folder_not_found')
  yield* requireRoomFor(db, fileRequests, request.accountId, most)
  const made = db.insert(fileRequests).values(request).onConflictDoNothing().returning(fileRequestColumns)
  const created = yield* row(made)
  if (!created) throw new Fault('conflict')
  return created
}

const list = (db: Connection, accountId: number, { beforeId, limit }: LinkPage): Work<NamedFileRequest[]> =>
  rows(
    db
      .select({ request: fileRequestColumns, folderName: folders.name })
      .from(fileRequests)
      .leftJoin(folders, eq(folders.id, fileRequests.folderId))
      .where(
        and(
          eq(fileRequests.accountId, accountId),
          beforeId === null ? undefined : lt(fileRequests.id, beforeId),
        ),
      )
      .orderBy(desc(fileRequests.id))
      .limit(limit),
  )

const own = (accountId: number, id: number) =>
  and(eq(fileRequests.id, id), eq(fileRequests.accountId, accountId))

const change = (
  db: Connection,
  accountId: number,
  id: number,
  update: FileRequestUpdate,
): Work<FileRequest | null> =>
  row(
    db
      .update(fileRequests)
      // Without a column to change there would be no statement.
      .set({ accountId, ...update })
      .where(own(accountId, id))
      .returning(fileRequestColumns),
  )

function* remove(db: Connection, accountId: number, id: number): Work<boolean> {
  const removed = db.delete(fileRequests).where(own(accountId, id)).returning({ id: fileRequests.id })
  return (yield* row(removed)) !== null
}

/**
 * Counts a file for the request it came by, in the transaction that makes it.
 * Fault: link_invalid, when the request takes none any more.
 */
export function* countForRequest(
  db: Connection,
  requestId: number | undefined,
  { size, createdAt }: Pick<FileRecord, 'size' | 'createdAt'>,
): Work<void> {
  if (requestId === undefined) return
  const counted = yield* row(
    db
      .update(fileRequests)
      .set({
        filesLeft: sql`${fileRequests.filesLeft} - 1`,
        filesReceived: sql`${fileRequests.filesReceived} + 1`,
        bytesReceived: sql`${fileRequests.bytesReceived} + ${size}`,
      })
      .where(
        and(
          eq(fileRequests.id, requestId),
          isNull(fileRequests.closedAt),
          or(isNull(fileRequests.filesLeft), gt(fileRequests.filesLeft, 0)),
          or(isNull(fileRequests.expiresAt), gt(fileRequests.expiresAt, createdAt)),
        ),
      )
      .returning({ id: fileRequests.id }),
  )
  if (!counted) throw new Fault('link_invalid')
}

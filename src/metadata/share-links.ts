/** Links to files and folders, with a number of downloads or without. */
import { and, count, desc, eq, gt, isNull, lt, or, sql } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import type {
  LinkPage,
  NamedShareLink,
  NewShareLink,
  ShareLinkStore,
  ShareLinkUpdate,
  ShareTarget,
} from '../core/metadata.ts'
import type { ShareLink } from '../core/model.ts'
import { shareLinkColumns } from './columns.ts'
import { type Connection, type Engine, prepared, row, rows, type Work } from './database.ts'
import { requirePresent } from './file-changes.ts'
import { isActive } from './file-place.ts'
import { requireFolder } from './folder-tree.ts'
import { type fileRequests, files, folders, shareLinks } from './schema.ts'

const byToken = prepared((db) =>
  db
    .select(shareLinkColumns)
    .from(shareLinks)
    .where(eq(shareLinks.token, sql.placeholder('token')))
    .prepare(),
)

export function shareLinkStore(engine: Engine): ShareLinkStore {
  return {
    create: (link, most) => engine.write((db) => create(db, link, most)),
    list: (accountId, page, target) => engine.read((db) => list(db, accountId, page, target)),
    find: (accountId, id) =>
      engine.read((db) => row(db.select(shareLinkColumns).from(shareLinks).where(own(accountId, id)))),
    findByToken: (token) => engine.read((db) => row(byToken(db), { token })),
    update: (accountId, id, update) => engine.write((db) => change(db, accountId, id, update)),
    remove: (accountId, id) => engine.write((db) => remove(db, accountId, id)),
    takeDownload: (id, now) => engine.write((db) => takeDownload(db, id, now)),
  }
}

function* create(db: Connection, link: NewShareLink, most?: number): Work<ShareLink> {
  if (link.fileId !== null) yield* requirePresent(db, link.accountId, link.fileId, link.createdAt)
  else if (link.folderId !== null) yield* requireFolder(db, link.accountId, link.folderId, 'folder_not_found')
  yield* requireRoomFor(db, shareLinks, link.accountId, most)
  const created = db.insert(shareLinks).values(link).onConflictDoNothing().returning(shareLinkColumns)
  const made = yield* row(created)
  if (!made) throw new Fault('conflict')
  return made
}

/** Fault: too_many_links, when the account has `most` of them. */
export function* requireRoomFor(
  db: Connection,
  links: typeof shareLinks | typeof fileRequests,
  accountId: number,
  most?: number,
): Work<void> {
  if (most === undefined) return
  const has = db.select({ total: count() }).from(links).where(eq(links.accountId, accountId))
  if (((yield* row(has))?.total ?? 0) >= most) throw new Fault('too_many_links')
}

function list(
  db: Connection,
  accountId: number,
  { beforeId, limit }: LinkPage,
  target?: ShareTarget,
): Work<NamedShareLink[]> {
  const which =
    target === undefined
      ? undefined
      : 'fileId' in target
        ? eq(shareLinks.fileId, target.fileId)
        : eq(shareLinks.folderId, target.folderId)
  return rows(
    db
      .select({
        link: shareLinkColumns,
        name: sql<string>`coalesce(${files.name}, ${folders.name}, '')`,
      })
      .from(shareLinks)
      .leftJoin(files, eq(files.id, shareLinks.fileId))
      .leftJoin(folders, eq(folders.id, shareLinks.folderId))
      .where(
        and(
          eq(shareLinks.accountId, accountId),
          which,
          beforeId === null ? undefined : lt(shareLinks.id, beforeId),
          or(isActive, eq(folders.status, 'active')),
        ),
      )
      .orderBy(desc(shareLinks.id))
      .limit(limit),
  )
}

const own = (accountId: number, id: number) => and(eq(shareLinks.id, id), eq(shareLinks.accountId, accountId))

const change = (
  db: Connection,
  accountId: number,
  id: number,
  update: ShareLinkUpdate,
): Work<ShareLink | null> =>
  row(
    db
      .update(shareLinks)
      // Without a column to change there would be no statement.
      .set({ accountId, ...update })
      .where(own(accountId, id))
      .returning(shareLinkColumns),
  )

function* remove(db: Connection, accountId: number, id: number): Work<boolean> {
  const removed = db.delete(shareLinks).where(own(accountId, id)).returning({ id: shareLinks.id })
  return (yield* row(removed)) !== null
}

function* takeDownload(db: Connection, id: number, now: Date): Work<boolean> {
  const taken = yield* row(
    db
      .update(shareLinks)
      .set({
        downloadsLeft: sql`${shareLinks.downloadsLeft} - 1`,
        downloads: sql`${shareLinks.downloads} + 1`,
        lastUsedAt: now,
      })
      .where(
        and(
          eq(shareLinks.id, id),
          or(isNull(shareLinks.downloadsLeft), gt(shareLinks.downloadsLeft, 0)),
          or(isNull(shareLinks.expiresAt), gt(shareLinks.expiresAt, now)),
        ),
      )
      .returning({ id: shareLinks.id }),
  )
  return taken !== null
}

/** Who has fetched the files of an account: written with the downloads, listed for the owner. */
import { and, desc, eq, inArray, lt, type SQL, sql } from 'drizzle-orm'
import type {
  DownloaderStore,
  DownloadersOf,
  DownloadersPage,
  DownloadNews,
  ListedDownloader,
} from '../core/metadata.ts'
import type { DownloaderSum } from '../core/model.ts'
import { fileColumns } from './columns.ts'
import { type Connection, type Engine, given, prepared, rows, run, type Work } from './database.ts'
import { accounts, downloaders, files, shareLinks } from './schema.ts'

export function downloaderStore(engine: Engine): DownloaderStore {
  return {
    page: (of, page) => engine.read((db) => pageOf(db, of, page)),
    purge: (packageId, before) => engine.write((db) => purge(db, packageId, before)),
  }
}

/** What is to be added for a file of the owner. */
export type DownloaderNews = Omit<DownloaderSum, 'id'> & { ownerId: number }

const ofNews = (name: 'downloads' | 'completed' | 'bytes' | 'first_at' | 'last_at'): SQL =>
  sql`excluded.${sql.identifier(name)}`

/** When there is a row for file, account and link already. */
const ADDED = {
  target: [downloaders.fileId, downloaders.accountId, downloaders.shareLinkId],
  set: {
    downloads: sql`${downloaders.downloads} + ${ofNews('downloads')}`,
    completed: sql`${downloaders.completed} + ${ofNews('completed')}`,
    bytes: sql`${downloaders.bytes} + ${ofNews('bytes')}`,
    firstAt: sql`min(${downloaders.firstAt}, ${ofNews('first_at')})`,
    lastAt: sql`max(${downloaders.lastAt}, ${ofNews('last_at')})`,
  },
}

const value = (name: Exclude<keyof DownloaderNews, 'accountId' | 'shareLinkId'>): SQL =>
  given(name, downloaders[name])

const added = prepared((db) =>
  db
    .insert(downloaders)
    .values({
      fileId: value('fileId'),
      ownerId: value('ownerId'),
      // An account that went while its download waited to be written down.
      accountId: sql`coalesce((select ${accounts.id} from ${accounts} where ${accounts.id} = ${sql.placeholder('accountId')}), 0)`,
      shareLinkId: sql`coalesce(${sql.placeholder('shareLinkId')}, 0)`,
      downloads: value('downloads'),
      completed: value('completed'),
      bytes: value('bytes'),
      firstAt: value('firstAt'),
      lastAt: value('lastAt'),
    })
    .onConflictDoUpdate(ADDED)
    .prepare(),
)

/** A part of the transaction that records the downloads. What has delivered nothing leaves nothing. */
export function* addDownloader(db: Connection, news: DownloaderNews): Work<void> {
  if (news.downloads > 0 || news.bytes > 0) yield* run(added(db), { ...news })
}

/** Likewise. `owners`, by file: what nobody owns, nobody can ask about. */
export function* addDownloaders(
  db: Connection,
  all: DownloadNews[],
  owners: Map<number, number>,
): Work<void> {
  for (const sum of byDownloader(all, owners)) yield* addDownloader(db, sum)
}

function byDownloader(all: DownloadNews[], owners: Map<number, number>): Iterable<DownloaderNews> {
  const sums = new Map<string, DownloaderNews>()
  for (const news of all) {
    const { fileId, accountId, shareLinkId, startedAt, endedAt } = news
    const ownerId = owners.get(fileId)
    if (ownerId === undefined) continue
    const key = `${fileId} ${accountId} ${shareLinkId}`
    const sum = sums.get(key) ?? {
      ...{ fileId, ownerId, accountId, shareLinkId, downloads: 0, completed: 0, bytes: 0 },
      ...{ firstAt: startedAt, lastAt: endedAt },
    }
    sum.downloads += Number(news.counted)
    sum.completed += Number(news.completed)
    sum.bytes += news.bytes
    if (startedAt < sum.firstAt) sum.firstAt = startedAt
    if (endedAt > sum.lastAt) sum.lastAt = endedAt
    sums.set(key, sum)
  }
  return sums.values()
}

const ofAccount = (accountId: number): SQL | undefined =>
  and(eq(downloaders.accountId, accountId), sql`${downloaders.accountId} <> 0`)

/** What the account has fetched becomes that of guests, so that numbers stay and nobody is named. */
export function* forgetDownloader(db: Connection, accountId: number): Work<void> {
  const { fileId, ownerId, shareLinkId, downloads, completed, bytes, firstAt, lastAt } = downloaders
  const mine = db
    .select({
      id: sql<number>`null`.as('id'),
      fileId,
      ownerId,
      accountId: sql<number>`0`.as('guest'),
      ...{ shareLinkId, downloads, completed, bytes, firstAt, lastAt },
    })
    .from(downloaders)
    .where(ofAccount(accountId))
  yield* run(db.insert(downloaders).select(mine).onConflictDoUpdate(ADDED))
  yield* run(db.delete(downloaders).where(ofAccount(accountId)))
}

const columns = {
  id: downloaders.id,
  fileId: downloaders.fileId,
  accountId: sql<number | null>`nullif(${downloaders.accountId}, 0)`,
  shareLinkId: sql<number | null>`nullif(${downloaders.shareLinkId}, 0)`,
  downloads: downloaders.downloads,
  completed: downloaders.completed,
  bytes: downloaders.bytes,
  firstAt: downloaders.firstAt,
  lastAt: downloaders.lastAt,
}

function whose(of: DownloadersOf): SQL | undefined {
  if ('ownerId' in of) return eq(downloaders.ownerId, of.ownerId)
  if ('fileId' in of) return eq(downloaders.fileId, of.fileId)
  return and(eq(downloaders.shareLinkId, of.shareLinkId), sql`${downloaders.shareLinkId} <> 0`)
}

const isBefore = ({ lastAt, id }: NonNullable<DownloadersPage['before']>): SQL =>
  sql`(${downloaders.lastAt}, ${downloaders.id}) < (${lastAt.getTime()}, ${id})`

const newestFirst = [desc(downloaders.lastAt), desc(downloaders.id)]

const pageOf = (
  db: Connection,
  of: DownloadersOf,
  { limit, before }: DownloadersPage,
): Work<ListedDownloader[]> =>
  rows(
    db
      .select({
        sum: columns,
        file: fileColumns,
        accountName: accounts.name,
        link: { token: shareLinks.token, createdAt: shareLinks.createdAt },
      })
      .from(downloaders)
      .innerJoin(files, eq(files.id, downloaders.fileId))
      .leftJoin(accounts, eq(accounts.id, downloaders.accountId))
      .leftJoin(shareLinks, eq(shareLinks.id, downloaders.shareLinkId))
      .where(and(whose(of), before === null ? undefined : isBefore(before)))
      .orderBy(...newestFirst)
      .limit(limit),
  )

/** The index is asked account by account. */
function* purge(db: Connection, packageId: number, before: Date): Work<number> {
  const owners = db.select({ id: accounts.id }).from(accounts).where(eq(accounts.packageId, packageId))
  const old = db
    .delete(downloaders)
    .where(and(inArray(downloaders.ownerId, owners), lt(downloaders.lastAt, before)))
    .returning({ id: downloaders.id })
  return (yield* rows(old)).length
}

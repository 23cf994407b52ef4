/** Downloads that were made: who has had how much of what, and what that adds up to for each file and day. */
import { and, desc, eq, gt, gte, isNull, lt, type SQL, sql } from 'drizzle-orm'
import type { ArchivedFile, DownloadNews, DownloadUsage, TrafficStore } from '../core/metadata.ts'
import type { DownloadDay, Downloader, DownloadRecord, FileRecord } from '../core/model.ts'
import { downloadColumns } from './columns.ts'
import {
  type Connection,
  type Engine,
  given,
  prepared,
  row,
  rows,
  run,
  type Values,
  type Work,
} from './database.ts'
import { addDownloader, type DownloaderNews } from './downloaders.ts'
import { countDownloads } from './file-changes.ts'
import { downloads, fileDays, files } from './schema.ts'

export function trafficStore(engine: Engine): TrafficStore {
  return {
    record: (all) => engine.write((db) => record(db, all)),
    countArchived: (accountId, all, now) => engine.write((db) => countArchived(db, accountId, all, now)),
    usage: (client, since) => engine.read((db) => usage(db, client, since)),
    findLatest: (client, fileId, since) => engine.read((db) => findLatest(db, client, fileId, since)),
    days: (fileId, fromDay) => engine.read((db) => days(db, fileId, fromDay)),
    purge: (before, beforeDay) => engine.write((db) => purge(db, before, beforeDay)),
  }
}

type DownloadColumn = keyof typeof downloadColumns

const value =
  (row: number) =>
  (name: DownloadColumn): SQL =>
    given(`${name}${row}`, downloads[name])
const news = (name: 'ended_at' | 'bytes' | 'counted' | 'completed'): SQL =>
  sql`excluded.${sql.identifier(name)}`

const insertion = (db: Connection, count: number) =>
  db
    .insert(downloads)
    .values(Array.from({ length: count }, (_, row) => rowOf(value(row))))
    .onConflictDoUpdate({
      target: downloads.id,
      set: {
        endedAt: news('ended_at'),
        bytes: sql`${downloads.bytes} + ${news('bytes')}`,
        counted: sql`max(${downloads.counted}, ${news('counted')})`,
        completed: sql`max(${downloads.completed}, ${news('completed')})`,
      },
    })
    .prepare()

const rowOf = (value: (name: DownloadColumn) => SQL) => ({
  id: value('id'),
  fileId: value('fileId'),
  accountId: value('accountId'),
  ip: value('ip'),
  startedAt: value('startedAt'),
  endedAt: value('endedAt'),
  bytes: value('bytes'),
  counted: value('counted'),
  completed: value('completed'),
})

/** As many at a time as make the price of a statement disappear. */
const MANY = 50
const insertedMany = prepared((db) => insertion(db, MANY))
const insertedOne = prepared((db) => insertion(db, 1))

function* insertAll(db: Connection, all: DownloadNews[]): Work<void> {
  const whole = all.length - (all.length % MANY)
  for (let at = 0; at < whole; at += MANY) yield* run(insertedMany(db), valuesOf(all.slice(at, at + MANY)))
  for (const one of all.slice(whole)) yield* run(insertedOne(db), valuesOf([one]))
}

const valuesOf = (some: DownloadNews[]): Values =>
  Object.fromEntries(
    some.flatMap((one, row) => Object.entries(one).map(([name, field]) => [`${name}${row}`, field])),
  )

const fileById = prepared((db) =>
  db
    .select({ accountId: files.accountId })
    .from(files)
    .where(eq(files.id, sql.placeholder('fileId')))
    .prepare(),
)

const ofDay = (name: 'downloads' | 'bytes' | 'completed'): SQL => given(name, fileDays[name])

const dayCounted = prepared((db) =>
  db
    .insert(fileDays)
    .values({
      fileId: given('fileId', fileDays.fileId),
      day: given('day', fileDays.day),
      downloads: ofDay('downloads'),
      bytes: ofDay('bytes'),
      completed: ofDay('completed'),
    })
    .onConflictDoUpdate({
      target: [fileDays.fileId, fileDays.day],
      set: {
        downloads: sql`${fileDays.downloads} + ${ofDay('downloads')}`,
        bytes: sql`${fileDays.bytes} + ${ofDay('bytes')}`,
        completed: sql`${fileDays.completed} + ${ofDay('completed')}`,
      },
    })
    .prepare(),
)

/** What happened to one file on one day. */
interface FileDay extends DownloadDay {
  fileId: number
  lastAt: Date
}

function* record(db: Connection, all: DownloadNews[]): Work<void> {
  yield* insertAll(db, all)
  const owners = new Map<number, number>()
  for (const sum of byFileAndDay(all)) {
    const file = yield* count(db, sum)
    if (file && file.accountId !== null) owners.set(sum.fileId, file.accountId)
  }
  // What nobody owns, nobody can ask about.
  for (const sum of byDownloader(all, owners)) yield* addDownloader(db, sum)
}

type Found = Pick<FileRecord, 'accountId'>

function* count(db: Connection, { lastAt, ...sum }: FileDay): Work<Found | null> {
  const file: Found | null =
    sum.downloads > 0
      ? yield* countDownloads(db, sum.fileId, sum.downloads, lastAt)
      : yield* row<Found>(fileById(db), { fileId: sum.fileId })
  if (file) yield* run(dayCounted(db), sum)
  return file
}

function* countArchived(
  db: Connection,
  accountId: number | null,
  all: ArchivedFile[],
  now: Date,
): Work<void> {
  for (const { fileId, downloads, completed, bytes } of all) {
    const file: Found | null =
      downloads > 0
        ? yield* countDownloads(db, fileId, downloads, now)
        : yield* row<Found>(fileById(db), { fileId })
    if (file === null || file.accountId === null) continue
    const who = { accountId, ownerId: file.accountId, shareLinkId: null }
    yield* addDownloader(db, { fileId, ...who, downloads, completed, bytes, firstAt: now, lastAt: now })
  }
}

function byFileAndDay(all: DownloadNews[]): Iterable<FileDay> {
  const sums = new Map<string, FileDay>()
  for (const { fileId, endedAt, bytes, counted, completed } of all) {
    const day = endedAt.toISOString().slice(0, 10)
    const key = `${fileId} ${day}`
    const sum = sums.get(key) ?? { fileId, day, downloads: 0, bytes: 0, completed: 0, lastAt: endedAt }
    sum.downloads += Number(counted)
    sum.bytes += bytes
    sum.completed += Number(completed)
    if (endedAt > sum.lastAt) sum.lastAt = endedAt
    sums.set(key, sum)
  }
  return sums.values()
}

/** Of files that have an owner. */
function byDownloader(all: DownloadNews[], owners: Map<number, number>): Iterable<DownloaderNews> {
  const sums = new Map<string, DownloaderNews>()
  for (const news of all) {
    const { fileId, accountId, shareLinkId, startedAt, endedAt } = news
    const ownerId = owners.get(fileId)
    if (ownerId === undefined) continue
    const key = `${fileId} ${accountId} ${shareLinkId}`
    const known = sums.get(key)
    const sum = known ?? {
      ...{ fileId, ownerId, accountId, shareLinkId, downloads: 0, completed: 0, bytes: 0 },
      ...{ firstAt: startedAt, lastAt: endedAt },
    }
    sum.downloads += Number(news.counted)
    sum.completed += Number(news.completed)
    sum.bytes += news.bytes
    if (startedAt < sum.firstAt) sum.firstAt = startedAt
    if (endedAt > sum.lastAt) sum.lastAt = endedAt
    if (!known) sums.set(key, sum)
  }
  return sums.values()
}

/** A guest is an address; what an account fetches is its own, from whatever address. */
const by = ({ accountId, ip }: Downloader): SQL | undefined =>
  accountId === null
    ? and(isNull(downloads.accountId), eq(downloads.ip, ip))
    : eq(downloads.accountId, accountId)

const time = (milliseconds: number | null | undefined): Date | null =>
  typeof milliseconds === 'number' ? new Date(milliseconds) : null

function* usage(db: Connection, client: Downloader, since: Date): Work<DownloadUsage> {
  const begun = sql`case when ${downloads.startedAt} > ${since.getTime()} then ${downloads.startedAt} end`
  const sums = yield* row(
    db
      .select({
        downloads: sql<number>`count(${begun})`,
        bytes: sql<number>`coalesce(sum(${downloads.bytes}), 0)`,
        lastStartedAt: sql<number | null>`max(${downloads.startedAt})`,
        firstStartedAt: sql<number | null>`min(${begun})`,
        firstEndedAt: sql<number | null>`min(${downloads.endedAt})`,
      })
      .from(downloads)
      .where(and(by(client), gt(downloads.endedAt, since))),
  )
  return {
    downloads: sums?.downloads ?? 0,
    bytes: sums?.bytes ?? 0,
    lastStartedAt: time(sums?.lastStartedAt),
    firstStartedAt: time(sums?.firstStartedAt),
    firstEndedAt: time(sums?.firstEndedAt),
  }
}

const findLatest = (
  db: Connection,
  client: Downloader,
  fileId: number,
  since: Date,
): Work<DownloadRecord | null> =>
  row(
    db
      .select(downloadColumns)
      .from(downloads)
      .where(and(eq(downloads.fileId, fileId), gt(downloads.endedAt, since), by(client)))
      .orderBy(desc(downloads.endedAt))
      .limit(1),
  )

const days = (db: Connection, fileId: number, fromDay: string): Work<DownloadDay[]> =>
  rows(
    db
      .select({
        day: fileDays.day,
        downloads: fileDays.downloads,
        bytes: fileDays.bytes,
        completed: fileDays.completed,
      })
      .from(fileDays)
      .where(and(eq(fileDays.fileId, fileId), gte(fileDays.day, fromDay)))
      .orderBy(desc(fileDays.day)),
  )

function* purge(db: Connection, before: Date, beforeDay: string): Work<number> {
  const old = db.delete(downloads).where(lt(downloads.endedAt, before)).returning({ id: downloads.id })
  const oldDays = db.delete(fileDays).where(lt(fileDays.day, beforeDay)).returning({ day: fileDays.day })
  return (yield* rows(old)).length + (yield* rows(oldDays)).length
}

/** Downloads that were made: who has had how much of what, and what that adds up to for each file and day. */
import { and, desc, eq, gt, gte, isNull, lt, type SQL, sql } from 'drizzle-orm'
import type { DownloadNews, DownloadUsage, TrafficStore } from '../core/metadata.ts'
import type { DownloadDay, Downloader, DownloadRecord } from '../core/model.ts'
import { downloadColumns } from './columns.ts'
import { type Connection, type Engine, given, prepared, row, rows, run, type Work } from './database.ts'
import { downloads, fileDays, files } from './schema.ts'

export function trafficStore(engine: Engine): TrafficStore {
  return {
    record: (news) =>
      engine.write(function* (db) {
        for (const one of news) yield* record(db, one)
      }),
    usage: (client, since) => engine.read((db) => usage(db, client, since)),
    findLatest: (client, fileId, since) => engine.read((db) => findLatest(db, client, fileId, since)),
    days: (fileId, fromDay) => engine.read((db) => days(db, fileId, fromDay)),
    purge: (before, beforeDay) => engine.write((db) => purge(db, before, beforeDay)),
  }
}

const value = (name: keyof typeof downloadColumns): SQL => given(name, downloads[name])

const recorded = prepared((db) =>
  db
    .insert(downloads)
    .values({
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
    .onConflictDoUpdate({
      target: downloads.id,
      set: {
        endedAt: value('endedAt'),
        bytes: sql`${downloads.bytes} + ${value('bytes')}`,
        counted: sql`max(${downloads.counted}, ${value('counted')})`,
        completed: sql`max(${downloads.completed}, ${value('completed')})`,
      },
    })
    .prepare(),
)

const fileById = prepared((db) =>
  db
    .select({ id: files.id })
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

function* record(db: Connection, news: DownloadNews): Work<void> {
  yield* run(recorded(db), { ...news })
  const { fileId, bytes } = news
  if (!(yield* row(fileById(db), { fileId }))) return
  yield* run(dayCounted(db), {
    fileId,
    day: news.endedAt.toISOString().slice(0, 10),
    downloads: Number(news.counted),
    bytes,
    completed: Number(news.completed),
  })
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

/** Downloads that were made: who has had how much of what, and what that adds up to for each file and day. */
import { and, desc, eq, gte, lt, type SQL, sql } from 'drizzle-orm'
import type { ArchivedFile, DownloadNews, TrafficStore } from '../core/metadata.ts'
import type { DownloadDay, FileRecord } from '../core/model.ts'
import type { downloadColumns } from './columns.ts'
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
import { findLatest, usage } from './download-history.ts'
import { addDownloader, addDownloaders } from './downloaders.ts'
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
  yield* addDownloaders(db, all, owners)
}

type Found = Pick<FileRecord, 'accountId'>

/** With its downloads counted, when there are some; null when it is gone. */
const counted = (db: Connection, fileId: number, downloads: number, at: Date): Work<Found | null> =>
  downloads > 0 ? countDownloads(db, fileId, downloads, at) : row<Found>(fileById(db), { fileId })

function* count(db: Connection, { lastAt, ...sum }: FileDay): Work<Found | null> {
  const file = yield* counted(db, sum.fileId, sum.downloads, lastAt)
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
    const ownerId = (yield* counted(db, fileId, downloads, now))?.accountId ?? null
    if (ownerId === null) continue
    const who = { accountId, ownerId, shareLinkId: null }
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

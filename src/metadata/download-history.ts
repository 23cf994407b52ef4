/** What the limits of a package need of the past: which downloads a client has had. */
import { and, desc, eq, gt, isNull, type SQL, sql } from 'drizzle-orm'
import type { DownloadUsage } from '../core/metadata.ts'
import type { Downloader, DownloadRecord } from '../core/model.ts'
import { downloadColumns } from './columns.ts'
import { type Connection, row, type Work } from './database.ts'
import { downloads } from './schema.ts'

/** A guest is an address; what an account fetches is its own, from whatever address. */
const by = ({ accountId, ip }: Downloader): SQL | undefined =>
  accountId === null
    ? and(isNull(downloads.accountId), eq(downloads.ip, ip))
    : eq(downloads.accountId, accountId)

const time = (milliseconds: number | null | undefined): Date | null =>
  typeof milliseconds === 'number' ? new Date(milliseconds) : null

/** As TrafficStore.usage. */
export function* usage(db: Connection, client: Downloader, since: Date): Work<DownloadUsage> {
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

/** As TrafficStore.findLatest. */
export const findLatest = (
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

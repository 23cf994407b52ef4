/**
 * The one place that decides whether a download may begin now, how fast it goes, and what it counts for.
 * Connections and downloads that can be gone on with are kept by this process; what limits need of the past is
 * in the records.
 */
import { type Clock, plusSeconds } from './clock.ts'
import type { Ids } from './ids.ts'
import type { Log } from './log.ts'
import type { MetadataStore } from './metadata.ts'
import type { DownloadDay, Downloader, FileRecord } from './model.ts'
import { createOpenDownloads, type Span, type UsedLink } from './open-downloads.ts'
import type { PackageService } from './packages.ts'
import { createAdmission } from './traffic-admission.ts'
import { type ClientConnection, createTrafficClients } from './traffic-clients.ts'
import { createTrafficJournal } from './traffic-journal.ts'
import { DAY_SECONDS } from './traffic-limits.ts'
import { createSettlement } from './traffic-settlement.ts'
import type { Transfer } from './transfer.ts'

/** Somebody who fetches a file, with the package whose limits hold for it: null is the one of guests. */
export interface TrafficClient extends Downloader {
  packageId: number | null
}

/** A share link, which counts its downloads and may have a number of them. */
export interface PaidLink extends UsedLink {
  /** Takes one of them. Its Faults are those of the download. */
  take(): Promise<void>
}

/** One answer under way. */
export interface LiveTransfer extends Downloader {
  file: FileRecord
  /** The first byte of the file in this answer, and how many bytes it has. */
  start: number
  size: number
  delivered: number
  /** Bytes per second it may have; 0: no limit. */
  speedLimit: number
  startedAt: Date
}

export interface Traffic {
  /**
   * Admits an answer with `span` of the file and opens its bytes. It goes on with a download of the same
   * client, or begins one: that takes a use of a file with numbered uses, and a slot of the client as long as
   * it has connections. From byte 0 on it counts for the file, once. What can not be opened counts nowhere.
   * Of a `link` one of its downloads is taken likewise. Faults: download_too_large; too_many_downloads,
   * traffic_used_up, downloads_used_up, download_pause, each with the seconds to wait; file_not_found (no use is
   * left); those of `open` and of the link.
   */
  begin<Body>(
    client: TrafficClient,
    file: FileRecord,
    span: Span,
    open: () => Promise<Body>,
    link?: PaidLink,
  ): Promise<{ body: Body; transfer: Transfer }>
  /** Whether the client has taken a use of the file that it can still go on with. */
  hasUse(client: Downloader, fileId: number): Promise<boolean>
  /** Files with numbered uses that somebody is fetching, or may go on with. */
  unfinishedUses(): number[]
  live(): LiveTransfer[]
  /** The days with downloads among the last 30 (UTC), the newest first; up to this moment. */
  statistics(fileId: number): Promise<DownloadDay[]>
  /** Writes down what has begun or ended. */
  flush(): Promise<void>
  /** Likewise, and what has arrived so far of what is under way. */
  catchUp(): Promise<void>
  close(): Promise<void>
}

/** Seconds between two times at which what is under way is written down: a crash loses no more of it. */
const PROGRESS_SECONDS = 5
export const STATISTICS_DAYS = 30
/** Any piece but the beginning. */
const REST: Span = { start: 1, length: 1 }

interface Deps {
  metadata: Pick<MetadataStore, 'traffic' | 'files'>
  packages: Pick<PackageService, 'limitsOf'>
  clock: Clock
  ids: Ids
  log: Log
}

export function createTraffic({ metadata, packages, clock, ids, log }: Deps): Traffic {
  const clients = createTrafficClients()
  const open = createOpenDownloads(clock)
  const journal = createTrafficJournal({ metadata, log })
  const admission = createAdmission({ metadata, clients, open, journal, clock, ids })
  const settlement = createSettlement({ metadata, clients, open, journal, clock })
  const progress = setInterval(settlement.progress, PROGRESS_SECONDS * 1000)
  progress.unref()
  const catchUp = (): Promise<void> => {
    settlement.progress()
    return journal.flush()
  }
  return {
    async begin({ accountId, ip, packageId }, file, span, openBody, link) {
      const pkg = await packages.limitsOf(packageId)
      const connection = await admission.admit({ accountId, ip }, file, span, pkg, link ?? null)
      try {
        return await openAndPay(openBody, () => settlement.pay(connection, link ?? null))
      } catch (error) {
        settlement.abandon(connection)
        throw error
      }
    },
    async hasUse(client, fileId) {
      const known = open.find(client, fileId, REST)
      return known ? known.use !== null : (await admission.latest(client, fileId))?.completed === false
    },
    unfinishedUses: open.unfinishedUses,
    live: () => clients.all().map((connection) => liveTransfer(connection, clients.speedOf(connection))),
    async statistics(fileId) {
      await catchUp()
      const first = plusSeconds(clock.now(), -(STATISTICS_DAYS - 1) * DAY_SECONDS)
      return metadata.traffic.days(fileId, first.toISOString().slice(0, 10))
    },
    flush: journal.flush,
    catchUp,
    close() {
      clearInterval(progress)
      return journal.close()
    },
  }
}

/** Only what could be opened is paid for; what could not be paid for is closed again. */
async function openAndPay<Body>(
  open: () => Promise<Body>,
  pay: () => Promise<Transfer>,
): Promise<{ body: Body; transfer: Transfer }> {
  const body = await open()
  try {
    return { body, transfer: await pay() }
  } catch (error) {
    if (body instanceof ReadableStream) await body.cancel()
    throw error
  }
}

const liveTransfer = (connection: ClientConnection, speedLimit: number): LiveTransfer => {
  const { download, ip, start, length, delivered, startedAt } = connection
  const { client, file } = download
  return { ...client, ip, file, start, size: length, delivered, speedLimit, startedAt }
}

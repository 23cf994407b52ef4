/** How long things are kept, and the end of that for records: what has ended, was trashed, or nobody asks for. */
import { accessTokensEndBefore } from './access-tokens.ts'
import { type Clock, plusSeconds } from './clock.ts'
import type { MetadataStore } from './metadata.ts'
import { RESUME_SECONDS } from './open-downloads.ts'
import type { PackageService } from './packages.ts'
import type { Traffic } from './traffic.ts'

/** Things of one kind done away with in a round: a server that stops waits for the round. */
export const ROUND = 1000
/** Files that go to the trash in a round; the rest go in the next. */
const MOST_TRASHED = 100
const DAY = 86_400
const HOUR = 3600
/** Seconds a single download is remembered: twice as long as limits look back. */
const DOWNLOAD_TTL = 2 * DAY
/** Seconds the sums of a file's downloads on one day are kept. */
const DOWNLOAD_DAY_TTL = 90 * DAY
/** Seconds after the last time that it is remembered who fetched a file. */
const DOWNLOADER_TTL = 365 * DAY
/** Seconds in which its owner can see that a file failed. */
const FAILED_TTL = DAY
/** Seconds an ended session can still be looked at, and an ended sign-in is told that it ended. */
const ENDED_SESSION_TTL = 30 * DAY
/** Seconds the audit log goes back. */
const AUDIT_TTL = 365 * DAY
/** Seconds a report is kept once nobody has to look at it any more. */
const RESOLVED_REPORT_TTL = 365 * DAY
/** Seconds the address of a guest who reported a file is kept: long enough to see who reports without end. */
const REPORTER_ADDRESS_TTL = 90 * DAY

/** Each returns how many there were of what it did away with. */
export interface Retention {
  /** Files and folders that were in the trash for too long. */
  purgeTrash(): Promise<number>
  /**
   * Files that have expired, whose uses are used up or whose content has long been found wrong, and anonymous ones
   * that nobody fetches for as long as the package of guests says.
   */
  purgeFiles(): Promise<number>
  /** To the trash with files of accounts that nobody fetches for as long as the package of their owner says. */
  trashInactive(): Promise<number>
  /** Records of what is over. */
  purgeRecords(): Promise<number>
}

export interface RetentionDeps {
  metadata: MetadataStore
  packages: PackageService
  traffic: Pick<Traffic, 'unfinishedUses'>
  clock: Clock
  /** Seconds a stored idempotent answer is kept. */
  idempotencyTtl: number
  /** Seconds a trashed file or folder can be restored. */
  trashTtl: number
}

export function createRetention(deps: RetentionDeps): Retention {
  const { metadata, packages, traffic, clock, idempotencyTtl, trashTtl } = deps
  const { files, folders } = metadata
  const ago = (seconds: number): Date => plusSeconds(clock.now(), -seconds)

  const purgeInactiveGuests = async (): Promise<number> => {
    const { daysToKeepInactiveFiles: days } = await packages.of(null)
    return days === 0 ? 0 : files.purgeInactiveGuests(ago(days * DAY), ROUND)
  }
  const purgeDownloaders = hourly(clock, async () => {
    let purged = 0
    for (const { id } of await packages.list())
      purged += await metadata.downloaders.purge(id, ago(DOWNLOADER_TTL))
    return { count: purged, isAll: true }
  })
  return {
    async purgeTrash() {
      // Files first: a folder goes when nothing is in it any more.
      const purged = await files.purgeTrash(ago(trashTtl), ROUND)
      return purged + (await folders.purgeTrash(ago(trashTtl), ROUND))
    },
    purgeFiles: () =>
      total([
        () => files.purgeUsedUp(ago(RESUME_SECONDS), traffic.unfinishedUses(), ROUND),
        () => files.purgeExpired(clock.now(), ROUND),
        () => files.purgeFailed(ago(FAILED_TTL), ROUND),
        purgeInactiveGuests,
      ]),
    trashInactive: hourly(clock, async () => {
      let trashed = 0
      for (const { id, daysToKeepInactiveFiles: days } of await packages.list())
        if (days > 0 && trashed < MOST_TRASHED)
          trashed += await files.trashInactive(id, ago(days * DAY), MOST_TRASHED - trashed, clock.now())
      return { count: trashed, isAll: trashed < MOST_TRASHED }
    }),
    purgeRecords: () =>
      total([
        () => metadata.idempotency.purge(ago(idempotencyTtl)),
        () => metadata.webSessions.purge(clock.now()),
        () => metadata.accessTokens.purge(accessTokensEndBefore(clock.now())),
        () => metadata.loginTokens.purge(ago(ENDED_SESSION_TTL)),
        () => metadata.traffic.purge(ago(DOWNLOAD_TTL), dayOf(ago(DOWNLOAD_DAY_TTL))),
        purgeDownloaders,
        () => metadata.uploads.purge(ago(ENDED_SESSION_TTL)),
        () => metadata.audit.purge(ago(AUDIT_TTL)),
        () => metadata.reports.purge(ago(RESOLVED_REPORT_TTL), ROUND),
        () => metadata.reports.forgetAddresses(ago(REPORTER_ADDRESS_TTL), ROUND),
        () => metadata.imports.purge(ago(ENDED_SESSION_TTL)),
      ]),
  }
}

const dayOf = (moment: Date): string => moment.toISOString().slice(0, 10)

/** One after the other. */
async function total(steps: Array<() => Promise<number>>): Promise<number> {
  let sum = 0
  for (const step of steps) sum += await step()
  return sum
}

/** For work that looks at every account: done once an hour, or in each round until all of it is done. */
function hourly(clock: Clock, work: () => Promise<{ count: number; isAll: boolean }>): () => Promise<number> {
  let next = new Date(0)
  return async () => {
    const now = clock.now()
    if (now < next) return 0
    const { count, isAll } = await work()
    if (isAll) next = plusSeconds(now, HOUR)
    return count
  }
}

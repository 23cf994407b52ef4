/** Removes what has ended: sessions, trash, their staged bytes, objects without files, old answers. */
import { accessTokensEndBefore } from './access-tokens.ts'
import { type Clock, plusSeconds } from './clock.ts'
import type { Completion } from './completion.ts'
import { isFault } from './fault.ts'
import { type IngestService, suspectLateWrite } from './ingest.ts'
import type { Log } from './log.ts'
import type { MetadataStore } from './metadata.ts'
import type { StoredObject } from './model.ts'
import { RESUME_SECONDS } from './open-downloads.ts'
import type { PackageService } from './packages.ts'
import type { StorageDriver } from './storage.ts'
import type { Traffic } from './traffic.ts'
import { COMPLETION_TIMED_OUT } from './upload-session.ts'

const BATCH = 100
/** Things of one kind done away with in a round: a server that stops waits for the round. */
const ROUND = 1000
const DAY = 86_400
const HOUR = 3600
/** Seconds a single download is remembered: twice as long as limits look back. */
const DOWNLOAD_TTL = 2 * DAY
/** Days whose sums of a file's downloads are kept. */
const DAYS_KEPT = 90
/** Days after its last time that it is remembered who fetched a file. */
export const DOWNLOADERS_KEPT = 365
/** Seconds between two looks for uploads in the store that nobody knows, and how old such a one is at least. */
const ORPHANS_EVERY = 600
const ORPHAN_AGE = HOUR
/** How old an upload of an object that is there already may be: it is on its way from one store to the other. */
const MOVE_AGE = DAY
/** Seconds after which no store carries out any more what it was sent before its answer was given up. */
const LATE_WRITE = DAY
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

export interface Sweep {
  expired: number
  /** Files and folders that were in the trash for too long. */
  trash: number
  /** Files that have expired, whose uses are used up or whose content is wrong, and anonymous ones that nobody fetches. */
  files: number
  /** Files of accounts that nobody fetches: now in the trash, from where their owners can have them back. */
  trashed: number
  discarded: number
  objects: number
  purged: number
}

export interface Sweeper {
  /**
   * One round. What the storage refuses goes to the log and is tried again in the next round; it does not keep
   * the rest from being done.
   */
  sweep(): Promise<Sweep>
  /**
   * Once, before the server listens: what a killed process left half done in the records. Returns what is then to
   * be done in the storage, which never rejects.
   */
  recover(): Promise<() => Promise<void>>
}

interface Deps {
  metadata: MetadataStore
  storage: StorageDriver
  completion: Completion
  packages: PackageService
  traffic: Pick<Traffic, 'unfinishedUses'>
  ingest: Pick<IngestService, 'tidy'>
  clock: Clock
  log: Log
  /** Seconds a stored idempotent answer is kept. */
  idempotencyTtl: number
  /** Seconds a trashed file or folder can be restored. */
  trashTtl: number
}

export function createSweeper(deps: Deps): Sweeper {
  const { metadata, storage, completion, clock, log, packages, traffic, idempotencyTtl, trashTtl } = deps
  const removeObject = async ({ id, key }: StoredObject): Promise<void> => {
    // What was derived goes first: its records hold on to that of the object. None can be added any more.
    for (const preview of await metadata.previews.of(id))
      if (preview.key !== null) await storage.delete(preview.key)
    await metadata.previews.forget(id)
    await storage.delete(key)
    await metadata.objects.remove(id)
  }
  const purge = async (now: Date): Promise<number> => {
    const answers = await metadata.idempotency.purge(plusSeconds(now, -idempotencyTtl))
    const browsers = await metadata.webSessions.purge(now)
    const ended = plusSeconds(now, -ENDED_SESSION_TTL)
    const signIns =
      (await metadata.accessTokens.purge(accessTokensEndBefore(now))) +
      (await metadata.loginTokens.purge(ended))
    return (
      answers +
      browsers +
      signIns +
      (await metadata.traffic.purge(
        plusSeconds(now, -DOWNLOAD_TTL),
        dayOf(plusSeconds(now, -DAYS_KEPT * DAY)),
      )) +
      (await purgeDownloaders(now)) +
      (await metadata.uploads.purge(ended)) +
      (await metadata.audit.purge(plusSeconds(now, -AUDIT_TTL))) +
      (await metadata.reports.purge(plusSeconds(now, -RESOLVED_REPORT_TTL), ROUND)) +
      (await metadata.reports.forgetAddresses(plusSeconds(now, -REPORTER_ADDRESS_TTL), ROUND)) +
      (await metadata.imports.purge(ended))
    )
  }
  /** Files first: a folder goes when nothing is in it any more. */
  const purgeTrash = async (now: Date): Promise<number> => {
    const before = plusSeconds(now, -trashTtl)
    return (
      (await metadata.files.purgeTrash(before, ROUND)) + (await metadata.folders.purgeTrash(before, ROUND))
    )
  }
  /** What has expired or is used up, what has long been found wrong, and what nobody fetches as long as the guests' package says. */
  const purgeFiles = async (now: Date): Promise<number> => {
    const since = plusSeconds(now, -RESUME_SECONDS)
    const usedUp =
      (await metadata.files.purgeUsedUp(since, traffic.unfinishedUses(), ROUND)) +
      (await metadata.files.purgeExpired(now, ROUND))
    const failed = await metadata.files.purgeFailed(plusSeconds(now, -FAILED_TTL), ROUND)
    const { daysToKeepInactiveFiles: days } = await packages.of(null)
    if (days === 0) return usedUp + failed
    return usedUp + failed + (await metadata.files.purgeInactiveGuests(plusSeconds(now, -days * DAY), ROUND))
  }
  /** Every account is looked at, so it is done once an hour, or until nothing is left. */
  let nextInactive = new Date(0)
  const trashInactive = async (now: Date): Promise<number> => {
    if (now < nextInactive) return 0
    let trashed = 0
    for (const { id, daysToKeepInactiveFiles: days } of await packages.list()) {
      const before = plusSeconds(now, -days * DAY)
      if (days > 0 && trashed < BATCH)
        trashed += await metadata.files.trashInactive(id, before, BATCH - trashed, now)
    }
    if (trashed < BATCH) nextInactive = plusSeconds(now, HOUR)
    return trashed
  }
  /** Likewise once an hour. */
  let nextDownloaders = new Date(0)
  const purgeDownloaders = async (now: Date): Promise<number> => {
    if (now < nextDownloaders) return 0
    const before = plusSeconds(now, -DOWNLOADERS_KEPT * DAY)
    let purged = 0
    for (const { id } of await packages.list()) purged += await metadata.downloaders.purge(id, before)
    nextDownloaders = plusSeconds(now, HOUR)
    return purged
  }
  const tidyUp = (): Promise<number> =>
    deps.ingest.tidy().catch((error: unknown) => {
      log.warn('unfinished_not_removed', { cause: String(error) })
      return 0
    })
  /** Once more what was removed after a write that may have been carried out later than that. */
  const removeLateWrites = (now: Date): Promise<number> =>
    drain(
      log,
      'late_write_not_removed',
      async (limit) => {
        const keys = await metadata.objects.suspects(plusSeconds(now, -LATE_WRITE), limit)
        return keys.map((id) => ({ id }))
      },
      async ({ id: key }) => {
        await storage.delete(key)
        await metadata.objects.acquit(key)
      },
    )
  /** The whole list is read, so it is done once in a while. */
  let nextOrphans = new Date(0)
  const removeOldOrphans = async (now: Date): Promise<number> => {
    if (!storage.direct || now < nextOrphans) return 0
    nextOrphans = plusSeconds(now, ORPHANS_EVERY)
    try {
      return await removeOrphans(deps, plusSeconds(now, -ORPHAN_AGE))
    } catch (error) {
      log.warn('orphans_not_removed', { cause: String(error) })
      return 0
    }
  }
  return {
    async sweep() {
      const now = clock.now()
      const expired = await metadata.uploads.expire(now, COMPLETION_TIMED_OUT)
      return {
        expired,
        trash: await purgeTrash(now),
        files: await purgeFiles(now),
        trashed: await trashInactive(now),
        discarded:
          (await drain(log, 'upload_not_discarded', metadata.uploads.abandoned, completion.clear)) +
          (await tidyUp()) +
          (await removeLateWrites(now)) +
          (await removeOldOrphans(now)),
        objects: await drain(log, 'object_not_removed', metadata.objects.claimUnreferenced, removeObject),
        purged: await purge(now),
      }
    },
    async recover() {
      const reopened = await metadata.uploads.reopenInterrupted(clock.now())
      const imports = await metadata.imports.reopenInterrupted(clock.now())
      // Asked for now: from here on others announce keys that are alive.
      const dead = await metadata.objects.announced(plusSeconds(clock.now(), 1), ROUND)
      return async () => {
        try {
          // A store that clients reach takes uploads meanwhile, and tells them from old ones by their age only.
          const orphans = storage.direct ? 0 : await removeOrphans(deps, null)
          const unfinished = await removeUnfinished(deps, dead)
          const found = { reopened, imports, orphans, unfinished }
          if (Object.values(found).some((count) => count > 0)) log.info('recovered', found)
        } catch (error) {
          log.warn('not_recovered', { cause: error instanceof Error ? error.stack : String(error) })
        }
      }
    },
  }
}

const dayOf = (moment: Date): string => moment.toISOString().slice(0, 10)

/**
 * Does away with what `take` gives, batch by batch; returns how many were done. What `remove` could not do
 * comes again with every batch, so later batches are asked for with room for it. A storage that is out of reach
 * ends the round: every attempt would wait for it anew.
 */
async function drain<Item extends { id: string | number }>(
  log: Log,
  failure: string,
  take: (limit: number) => Promise<Item[]>,
  remove: (item: Item) => Promise<void>,
): Promise<number> {
  const failed = new Set<Item['id']>()
  let done = 0
  while (done < ROUND) {
    const batch = (await take(BATCH + failed.size)).filter(({ id }) => !failed.has(id))
    if (batch.length === 0) break
    for (const item of batch) {
      try {
        await remove(item)
        done++
      } catch (error) {
        failed.add(item.id)
        log.warn(failure, { id: item.id, cause: String(error) })
        if (isFault(error, 'unavailable')) return done
      }
    }
  }
  return done
}

/**
 * A one-shot upload announces its key first. An object that is there already, or was derived from one, needs no
 * upload any more, unless another process is moving it.
 */
export async function isBeingWritten(
  { objects, previews }: MetadataStore,
  key: string,
  { modifiedAt, now }: { modifiedAt: Date; now: Date },
): Promise<boolean> {
  if (!(await objects.isKnownKey(key))) return false
  const isThere = (await objects.findByKey(key)) !== null || (await previews.hasKey(key))
  return !isThere || modifiedAt > plusSeconds(now, -MOVE_AGE)
}

/**
 * Staging whose session was never recorded, the process died between the two, and what a one-shot upload left of
 * itself in the store. `before`: last written to before then; null: whenever that was.
 */
async function removeOrphans({ metadata, storage, clock, log }: Deps, before: Date | null): Promise<number> {
  const known = new Set((await metadata.uploads.staged()).map(({ upload }) => upload))
  let removed = 0
  for await (const { upload, key, modifiedAt } of storage.listUploads()) {
    if (known.has(upload) || (before && modifiedAt >= before)) continue
    const times = { modifiedAt, now: clock.now() }
    if (key !== undefined && (await isBeingWritten(metadata, key, times))) continue
    try {
      await storage.abortUpload({ key: key ?? '', upload })
      removed++
    } catch (error) {
      log.warn('staging_not_removed', { upload, cause: String(error) })
    }
  }
  return removed
}

/** One-shot uploads that were being written when the process died: a store far away may not be done with them. */
async function removeUnfinished({ metadata, storage, clock, log }: Deps, keys: string[]): Promise<number> {
  let removed = 0
  for (const key of keys) {
    try {
      await suspectLateWrite({ metadata, storage, clock, log }, key, null)
      await storage.delete(key)
      await metadata.objects.retract(key)
      removed++
    } catch (error) {
      log.warn('unfinished_not_removed', { key, cause: String(error) })
    }
  }
  return removed
}

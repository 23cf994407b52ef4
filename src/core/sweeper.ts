/** Removes what has ended: sessions, trash, their staged bytes, objects without files, old answers. */
import { plusSeconds } from './clock.ts'
import type { Completion } from './completion.ts'
import { isFault } from './fault.ts'
import type { IngestService } from './ingest.ts'
import { removeOrphans, removeUnfinished } from './leftovers.ts'
import type { Log } from './log.ts'
import type { StoredObject } from './model.ts'
import { createRetention, type RetentionDeps, ROUND } from './retention.ts'
import type { StorageDriver } from './storage.ts'
import { COMPLETION_TIMED_OUT } from './upload-session.ts'

const BATCH = 100
const DAY = 86_400
/** Seconds between two looks for uploads in the store that nobody knows, and how old such a one is at least. */
const ORPHANS_EVERY = 600
const ORPHAN_AGE = 3600
/** Seconds after which no store carries out any more what it was sent before its answer was given up. */
const LATE_WRITE = DAY

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

interface Deps extends RetentionDeps {
  storage: StorageDriver
  completion: Completion
  ingest: Pick<IngestService, 'tidy'>
  log: Log
}

export function createSweeper(deps: Deps): Sweeper {
  const { metadata, storage, completion, ingest, clock, log } = deps
  const retention = createRetention(deps)
  const removeObject = async ({ id, key }: StoredObject): Promise<void> => {
    // What was derived goes first: its records hold on to that of the object. None can be added any more.
    for (const preview of await metadata.previews.of(id))
      if (preview.key !== null) await storage.delete(preview.key)
    await metadata.previews.forget(id)
    await storage.delete(key)
    await metadata.objects.remove(id)
  }
  const tidyUp = (): Promise<number> =>
    ingest.tidy().catch((error: unknown) => {
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
        trash: await retention.purgeTrash(),
        files: await retention.purgeFiles(),
        trashed: await retention.trashInactive(),
        discarded:
          (await drain(log, 'upload_not_discarded', metadata.uploads.abandoned, completion.clear)) +
          (await tidyUp()) +
          (await removeLateWrites(now)) +
          (await removeOldOrphans(now)),
        objects: await drain(log, 'object_not_removed', metadata.objects.claimUnreferenced, removeObject),
        purged: await retention.purgeRecords(),
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

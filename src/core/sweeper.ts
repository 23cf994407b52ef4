/** Removes what has ended: sessions, their staged bytes, objects without files, old answers. */
import { type Clock, plusSeconds } from './clock.ts'
import type { Completion } from './completion.ts'
import type { Log } from './log.ts'
import type { MetadataStore } from './metadata.ts'
import type { StorageDriver } from './storage.ts'
import { COMPLETION_TIMED_OUT } from './upload-session.ts'

const BATCH = 100
const DAY = 86_400
/** Seconds an ended session can still be looked at. */
const ENDED_SESSION_TTL = 30 * DAY

export interface Sweep {
  expired: number
  discarded: number
  objects: number
  purged: number
}

export interface Sweeper {
  /** One round; what fails is tried again in the next. */
  sweep(): Promise<Sweep>
  /** Once, before the server listens: what a killed process left half done. */
  recover(): Promise<void>
}

interface Deps {
  metadata: MetadataStore
  storage: StorageDriver
  completion: Completion
  clock: Clock
  log: Log
  /** Seconds a stored idempotent answer is kept. */
  idempotencyTtl: number
}

export function createSweeper({ metadata, storage, completion, clock, log, idempotencyTtl }: Deps): Sweeper {
  const discardAbandoned = async (): Promise<number> => {
    const sessions = await metadata.uploads.abandoned(BATCH)
    for (const session of sessions) await completion.discard(session)
    return sessions.length
  }
  const removeObjects = async (): Promise<number> => {
    const objects = await metadata.objects.claimUnreferenced(BATCH)
    for (const { id, key } of objects) {
      await storage.delete(key)
      await metadata.objects.remove(id)
    }
    return objects.length
  }
  const purge = async (now: Date): Promise<number> => {
    const answers = await metadata.idempotency.purge(plusSeconds(now, -idempotencyTtl))
    const browsers = await metadata.webSessions.purge(now)
    return answers + browsers + (await metadata.uploads.purge(plusSeconds(now, -ENDED_SESSION_TTL)))
  }
  return {
    async sweep() {
      const now = clock.now()
      const expired = await metadata.uploads.expire(now, COMPLETION_TIMED_OUT)
      return {
        expired,
        discarded: await discardAbandoned(),
        objects: await removeObjects(),
        purged: await purge(now),
      }
    },
    async recover() {
      const reopened = await metadata.uploads.reopenInterrupted(clock.now())
      const orphans = await removeUnknownStaging(metadata, storage)
      if (reopened + orphans > 0) log.info('recovered', { reopened, orphans })
    },
  }
}

/** Staging whose session was never recorded: the process died between the two. */
async function removeUnknownStaging(metadata: MetadataStore, storage: StorageDriver): Promise<number> {
  const known = new Set((await metadata.uploads.staged()).map(({ upload }) => upload))
  let removed = 0
  for await (const { upload } of storage.listUploads()) {
    if (known.has(upload)) continue
    await storage.abortUpload({ key: '', upload })
    removed++
  }
  return removed
}

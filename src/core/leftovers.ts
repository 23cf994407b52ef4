/** Bytes in the store that belong to nothing any more: what a process that died, or a write that failed, left there. */
import { type Clock, plusSeconds } from './clock.ts'
import { suspectLateWrite } from './ingest.ts'
import type { Log } from './log.ts'
import type { MetadataStore } from './metadata.ts'
import type { StorageDriver } from './storage.ts'

const DAY = 86_400
/** How old an upload of an object that is there already may be: it is on its way from one store to the other. */
const MOVE_AGE = DAY

interface Deps {
  metadata: MetadataStore
  storage: StorageDriver
  clock: Clock
  log: Log
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
export async function removeOrphans(
  { metadata, storage, clock, log }: Deps,
  before: Date | null,
): Promise<number> {
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
export async function removeUnfinished(
  { metadata, storage, clock, log }: Deps,
  keys: string[],
): Promise<number> {
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

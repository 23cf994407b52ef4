/**
 * Files that came with a checksum and were too much to be read back at once: they are, one after the other, and
 * are `processing` until then. What is still to be done is in the records, so a process that dies loses nothing.
 */
import { createHash } from 'node:crypto'
import type { Clock } from './clock.ts'
import { isFault } from './fault.ts'
import type { Log } from './log.ts'
import type { MetadataStore, UnverifiedObject } from './metadata.ts'
import { pause } from './pause.ts'
import type { StorageDriver } from './storage.ts'

export interface Verification {
  /** Verifies all there are; what the storage does not give now is left for the next round. How many it has judged. */
  round(stop: AbortSignal): Promise<number>
  /** Round after round until `stop` is aborted; what is being read then is put down. Never throws. */
  work(stop: AbortSignal): Promise<void>
  /** There is something to be verified. */
  wake(): void
}

interface Deps {
  metadata: Pick<MetadataStore, 'objects'>
  storage: Pick<StorageDriver, 'open'>
  clock: Clock
  log: Log
}

/** Seconds after which what could not be read is tried again. */
const REST_SECONDS = 60

export function createVerification({ metadata, storage, clock, log }: Deps): Verification {
  let woken = new AbortController()

  /** False when it is to be tried again. */
  const verify = async ({ object, expected }: UnverifiedObject, stop: AbortSignal): Promise<boolean> => {
    const sha256 = await hash(storage, object.key, stop)
    if (sha256 === null) return false
    const ok = expected === null || sha256 === expected
    await metadata.objects.judge(object.id, { sha256, ok }, clock.now())
    log.info('content_verified', { key: object.key, ok })
    return true
  }

  const verifySafely = async (item: UnverifiedObject, stop: AbortSignal): Promise<boolean> => {
    try {
      return await verify(item, stop)
    } catch (error) {
      log.warn('content_not_verified', { key: item.object.key, cause: String(error) })
      if (!isFault(error, 'object_missing')) return false
      // There is nothing that could still become right.
      await metadata.objects.judge(item.object.id, { sha256: '', ok: false }, clock.now())
      return true
    }
  }

  const round = async (stop: AbortSignal): Promise<number> => {
    let judged = 0
    let after = 0
    while (!stop.aborted) {
      const item = await metadata.objects.nextUnverified(after)
      if (!item) break
      after = item.object.id
      if (await verifySafely(item, stop)) judged += 1
    }
    return judged
  }

  return {
    round,
    wake: () => woken.abort(),
    async work(stop) {
      while (!stop.aborted) {
        woken = new AbortController()
        await round(stop).catch((error) => log.error('verification_failed', { cause: String(error) }))
        await pause(stop.aborted ? 0 : REST_SECONDS, AbortSignal.any([stop, woken.signal]))
      }
    },
  }
}

/** SHA-256 of an object, null when it was stopped before the end. */
async function hash(storage: Deps['storage'], key: string, stop: AbortSignal): Promise<string | null> {
  const body = await storage.open(key)
  const sha256 = createHash('sha256')
  for await (const chunk of body instanceof Blob ? body.stream() : body) {
    if (stop.aborted) return null
    sha256.update(chunk)
  }
  return sha256.digest('hex')
}

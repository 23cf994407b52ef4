/**
 * CRC-32 of objects that came without: stored by an earlier version, or sent past us into a store. Each is read
 * once, one at a time, and noted for ever.
 */
import { Crc32 } from '../crc32.ts'
import { Fault } from '../fault.ts'
import type { Log } from '../log.ts'
import type { MetadataStore } from '../metadata.ts'
import { readPieces } from '../object-pieces.ts'
import type { StorageDriver } from '../storage.ts'

export interface UncheckedObject {
  objectId: number
  key: string
  size: number
}

export interface ObjectChecksums {
  /**
   * The CRC-32 of each, by its id. What takes longer than a request may wait goes on without it. Faults: not_yet
   * (come again), object_missing, unavailable (too much waits already).
   */
  of(objects: UncheckedObject[]): Promise<Map<number, number>>
}

const PATIENCE_MS = 15_000
const RETRY_SECONDS = 15
const MOST_WAITING = 200_000

interface Deps {
  metadata: Pick<MetadataStore, 'objects'>
  storage: Pick<StorageDriver, 'open'>
  log: Log
  patienceMs?: number
}

export function createObjectChecksums({
  metadata,
  storage,
  log,
  patienceMs = PATIENCE_MS,
}: Deps): ObjectChecksums {
  const waiting = new Map<number, { object: UncheckedObject; done: PromiseWithResolvers<number> }>()
  let running = false

  async function compute({ objectId, key, size }: UncheckedObject): Promise<number> {
    const crc = new Crc32()
    if (size > 0)
      for await (const piece of readPieces(storage, key, { start: 0, end: size - 1 })) crc.update(piece)
    await metadata.objects.setCrc32(objectId, crc.value)
    return crc.value
  }

  async function run(): Promise<void> {
    if (running) return
    running = true
    for (const [id, { object, done }] of waiting) {
      await compute(object).then(done.resolve, done.reject)
      waiting.delete(id)
    }
    running = false
  }

  function ask(object: UncheckedObject): Promise<number> {
    const known = waiting.get(object.objectId)
    if (known) return known.done.promise
    const done = Promise.withResolvers<number>()
    done.promise.catch((error) => log.warn('object_not_read', { key: object.key, cause: String(error) }))
    waiting.set(object.objectId, { object, done })
    return done.promise
  }

  return {
    async of(objects) {
      if (objects.length === 0) return new Map()
      if (waiting.size + objects.length > MOST_WAITING)
        throw new Fault('unavailable', undefined, { retryAfter: RETRY_SECONDS })
      const all = Promise.all(objects.map(async (object) => [object.objectId, await ask(object)] as const))
      void run()
      return new Map(await inTime(all, patienceMs))
    },
  }
}

/** Fault: not_yet. */
async function inTime<T>(work: Promise<T>, milliseconds: number): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(
    () =>
      late.reject(
        new Fault('not_yet', 'The archive is being prepared. Try again shortly.', {
          retryAfter: RETRY_SECONDS,
        }),
      ),
    milliseconds,
  )
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
    work.catch(() => {})
  }
}

/** Files that came in and whose pictures are made when there is time. */
import { isFault } from './fault.ts'
import type { Log } from './log.ts'
import type { FileRecord } from './model.ts'
import type { PreviewShop } from './preview-shop.ts'

/** What comes while so many wait is made when it is looked at. */
const LIMIT = 1000

export interface PreviewQueue {
  add(file: FileRecord): void
  /** Makes what was added, one after the other, until `stop`; waits for the one under way. */
  work(stop: AbortSignal): Promise<void>
}

export function createPreviewQueue({
  shop,
  log,
}: {
  shop: Pick<PreviewShop, 'prepare'> | null
  log: Log
}): PreviewQueue {
  const waiting: FileRecord[] = []
  let wake = (): void => {}

  const prepare = async (file: FileRecord): Promise<void> => {
    try {
      await shop?.prepare(file)
    } catch (error) {
      // Gone, or not possible at the moment: it is made when it is looked at.
      if (isFault(error, 'unavailable', 'file_not_found', 'object_missing', 'conflict')) return
      log.warn('previews_not_prepared', { file: file.id, cause: String(error) })
    }
  }
  const added = async (stop: AbortSignal): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>()
    wake = resolve
    stop.addEventListener('abort', wake)
    if (waiting.length === 0 && !stop.aborted) await promise
    stop.removeEventListener('abort', wake)
  }
  return {
    add(file) {
      if (shop === null || waiting.length >= LIMIT) return
      waiting.push(file)
      wake()
    },
    async work(stop) {
      while (!stop.aborted) {
        const file = waiting.shift()
        if (file) await prepare(file)
        else await added(stop)
      }
    },
  }
}

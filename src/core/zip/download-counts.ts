/** Counts the files of an archive as they are sent, many in one transaction. */
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { MetadataStore } from '../metadata.ts'

export interface DownloadCounts {
  add(fileId: number): void
  /** Nothing comes any more. */
  close(): void
}

const BATCH = 200
const DELAY_MS = 1000

export function createDownloadCounts({
  metadata,
  clock,
  log,
}: {
  metadata: Pick<MetadataStore, 'files'>
  clock: Clock
  log: Log
}): DownloadCounts {
  let waiting: number[] = []
  let timer: ReturnType<typeof setTimeout> | null = null

  const flush = (): void => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    const ids = waiting
    waiting = []
    if (ids.length === 0) return
    metadata.files
      .countDownloads(ids, clock.now())
      .catch((error) => log.warn('downloads_not_counted', { count: ids.length, cause: String(error) }))
  }
  return {
    add(fileId) {
      waiting.push(fileId)
      if (waiting.length >= BATCH) return flush()
      timer ??= setTimeout(flush, DELAY_MS)
      timer.unref?.()
    },
    close: flush,
  }
}

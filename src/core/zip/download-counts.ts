/** Counts the files of an archive as they are sent to one client, many in one transaction. */
import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { ArchivedFile, MetadataStore } from '../metadata.ts'

export interface DownloadCounts {
  /** Its first byte is about to be sent. */
  begun(fileId: number): void
  /** No more of it is sent. */
  sent(fileId: number, bytes: number, isWhole: boolean): void
  /** Nothing comes any more. */
  close(): void
}

const BATCH = 200
const DELAY_MS = 1000

export function createDownloadCounts({
  metadata,
  accountId,
  clock,
  log,
}: {
  metadata: Pick<MetadataStore, 'traffic'>
  /** Of the client; null is a guest. */
  accountId: number | null
  clock: Clock
  log: Log
}): DownloadCounts {
  let waiting = new Map<number, ArchivedFile>()
  let timer: ReturnType<typeof setTimeout> | null = null

  const flush = (): void => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    const all = [...waiting.values()]
    waiting = new Map()
    if (all.length === 0) return
    metadata.traffic
      .countArchived(accountId, all, clock.now())
      .catch((error) => log.warn('downloads_not_counted', { count: all.length, cause: String(error) }))
  }
  const add = (fileId: number, news: Partial<ArchivedFile>): void => {
    const known = waiting.get(fileId) ?? { fileId, downloads: 0, completed: 0, bytes: 0 }
    const { downloads = 0, completed = 0, bytes = 0 } = news
    waiting.set(fileId, {
      fileId,
      downloads: known.downloads + downloads,
      completed: known.completed + completed,
      bytes: known.bytes + bytes,
    })
    if (waiting.size >= BATCH) flush()
    else timer ??= setTimeout(flush, DELAY_MS)
    timer?.unref?.()
  }
  return {
    begun: (fileId) => add(fileId, { downloads: 1 }),
    sent: (fileId, bytes, isWhole) => add(fileId, { bytes, completed: Number(isWhole) }),
    close: flush,
  }
}

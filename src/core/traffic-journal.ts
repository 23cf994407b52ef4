/**
 * Writes down what was downloaded, off the path of the requests: what ended within a second goes in one
 * transaction. A crash loses at most that second; a clean stop loses nothing.
 */
import type { Log } from './log.ts'
import type { DownloadNews, MetadataStore } from './metadata.ts'
import type { Downloader } from './model.ts'
import { clientKey } from './open-downloads.ts'

/** News of a download that the records do not have yet. */
export interface UnwrittenNews extends DownloadNews {
  /** The records do not know this download at all. */
  isNew: boolean
}

export interface TrafficJournal {
  note(news: UnwrittenNews): void
  /** What is not in the records for certain. */
  unwritten(client: Downloader): UnwrittenNews[]
  /** Resolves while nothing is being written; tells how often something was. */
  idle(): Promise<number>
  /** How often something was written, the write under way among them. */
  writes(): number
  /** Writes down all there is now. */
  flush(): Promise<void>
  /** Writes down all there is, and nothing later. */
  close(): Promise<void>
}

const DELAY_MS = 1000
const BATCH = 1000
/** While the records can not be written; more is lost, oldest first. */
const MOST_UNWRITTEN = 100_000

type News = Map<string, UnwrittenNews>

export function createTrafficJournal(deps: {
  metadata: Pick<MetadataStore, 'traffic'>
  log: Log
}): TrafficJournal {
  const { metadata, log } = deps
  const waiting: News = new Map()
  const writing: News = new Map()
  let under: Promise<void> | null = null
  let count = 0
  let timer: ReturnType<typeof setTimeout> | null = null
  let closed = false

  const schedule = (): void => {
    if (timer !== null || closed || waiting.size === 0) return
    timer = setTimeout(() => {
      timer = null
      void flush()
    }, DELAY_MS)
    timer.unref()
  }

  async function write(): Promise<boolean> {
    count++
    for (const [id, news] of [...waiting].slice(0, BATCH)) {
      writing.set(id, news)
      waiting.delete(id)
    }
    try {
      await metadata.traffic.record([...writing.values()])
      return true
    } catch (error) {
      log.warn('downloads_not_recorded', { count: writing.size, cause: String(error) })
      for (const news of writing.values()) add(waiting, news)
      return false
    } finally {
      writing.clear()
    }
  }

  async function drain(): Promise<void> {
    while (waiting.size > 0 && (await write()));
    under = null
    while (waiting.size > MOST_UNWRITTEN) waiting.delete(first(waiting))
    schedule()
  }

  async function flush(): Promise<void> {
    await under
    if (waiting.size === 0) return under ?? undefined
    under ??= drain()
    await under
  }

  return {
    note(news) {
      add(waiting, news)
      schedule()
    },
    unwritten: (client) =>
      [...waiting.values(), ...writing.values()].filter((news) => clientKey(news) === clientKey(client)),
    async idle() {
      while (under) await under
      return count
    },
    writes: () => count,
    flush,
    async close() {
      closed = true
      if (timer !== null) clearTimeout(timer)
      await flush()
    },
  }
}

const first = (news: News): string => news.keys().next().value ?? ''

/** News of one download that have not been written yet become one. */
function add(to: News, news: UnwrittenNews): void {
  const earlier = to.get(news.id)
  if (!earlier) {
    to.set(news.id, news)
    return
  }
  to.set(news.id, {
    ...news,
    endedAt: new Date(Math.max(news.endedAt.getTime(), earlier.endedAt.getTime())),
    bytes: earlier.bytes + news.bytes,
    counted: earlier.counted || news.counted,
    completed: earlier.completed || news.completed,
    isNew: earlier.isNew || news.isNew,
  })
}

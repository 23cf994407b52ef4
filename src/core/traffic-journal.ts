/**
 * Writes down what was downloaded, off the path of the requests: what ended within a second goes in one
 * transaction. A crash loses at most that second; a clean stop loses nothing.
 */
import type { Log } from './log.ts'
import type { MetadataStore } from './metadata.ts'
import type { Downloader } from './model.ts'
import { createNewsBook, type UnwrittenNews } from './traffic-news.ts'

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

export function createTrafficJournal(deps: {
  metadata: Pick<MetadataStore, 'traffic'>
  log: Log
}): TrafficJournal {
  const { metadata, log } = deps
  const waiting = createNewsBook()
  const writing = createNewsBook()
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
    for (const news of waiting.take(BATCH)) writing.add(news)
    try {
      await metadata.traffic.record(writing.all())
      return true
    } catch (error) {
      log.warn('downloads_not_recorded', { count: writing.size, cause: String(error) })
      for (const news of writing.all()) waiting.add(news)
      return false
    } finally {
      writing.clear()
    }
  }

  /** What comes meanwhile waits for its own turn, or there would be a commit for every few of them. */
  async function drain(): Promise<void> {
    for (let left = waiting.size; left > 0; left -= BATCH) if (!(await write())) break
    under = null
    if (waiting.size > MOST_UNWRITTEN) waiting.take(waiting.size - MOST_UNWRITTEN)
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
      waiting.add(news)
      schedule()
    },
    unwritten: (client) => [...waiting.of(client), ...writing.of(client)],
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

/** What was downloaded and is not in the records yet: at most one piece of news for each download. */
import type { DownloadNews } from './metadata.ts'
import type { Downloader } from './model.ts'
import { clientKey } from './open-downloads.ts'

/** News of a download that the records do not have yet. */
export interface UnwrittenNews extends DownloadNews {
  /** The records do not know this download at all. */
  isNew: boolean
}

export interface NewsBook {
  readonly size: number
  /** Becomes one with what is known of the same download. */
  add(news: UnwrittenNews): void
  /** Of one client, at a price that depends on nobody else. */
  of(client: Downloader): UnwrittenNews[]
  all(): UnwrittenNews[]
  /** Removes the oldest and gives them away. */
  take(most: number): UnwrittenNews[]
  clear(): void
}

export function createNewsBook(): NewsBook {
  const byDownload = new Map<string, UnwrittenNews>()
  const byClient = new Map<string, Set<UnwrittenNews>>()

  const insert = (news: UnwrittenNews): void => {
    byDownload.set(news.id, news)
    const key = clientKey(news)
    const others = byClient.get(key)
    if (others) others.add(news)
    else byClient.set(key, new Set([news]))
  }
  const remove = (news: UnwrittenNews): void => {
    byDownload.delete(news.id)
    const key = clientKey(news)
    const others = byClient.get(key)
    others?.delete(news)
    if (others?.size === 0) byClient.delete(key)
  }
  return {
    get size() {
      return byDownload.size
    },
    add(news) {
      const earlier = byDownload.get(news.id)
      if (earlier) merge(earlier, news)
      else insert({ ...news })
    },
    of: (client) => [...(byClient.get(clientKey(client)) ?? [])],
    all: () => [...byDownload.values()],
    take(most) {
      const taken: UnwrittenNews[] = []
      for (const news of byDownload.values()) {
        if (taken.length === most) break
        remove(news)
        taken.push(news)
      }
      return taken
    },
    clear() {
      byDownload.clear()
      byClient.clear()
    },
  }
}

function merge(into: UnwrittenNews, news: UnwrittenNews): void {
  if (news.endedAt > into.endedAt) into.endedAt = news.endedAt
  into.bytes += news.bytes
  into.counted ||= news.counted
  into.completed ||= news.completed
  into.isNew ||= news.isNew
}

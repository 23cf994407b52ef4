/** What a client has had within 24 hours: from the records, from what is not recorded yet, and from what is under way. */
import { plusSeconds } from './clock.ts'
import type { DownloadUsage } from './metadata.ts'
import { type OpenDownload, owedTo, unnotedOf } from './open-downloads.ts'
import { DAY_SECONDS, type Standing } from './traffic-limits.ts'
import type { UnwrittenNews } from './traffic-news.ts'

export interface Sources {
  /** 24 hours ago. */
  since: Date
  recorded: DownloadUsage | null
  unwritten: UnwrittenNews[]
  /** Under way. */
  live: Set<OpenDownload>
}

/** `self` is the download that is asked for, when it was begun before: what it is owed does not stand in its way. */
export function standingOf(
  { since, recorded, live, ...sources }: Sources,
  self: OpenDownload | null,
): Standing {
  const unwritten = sources.unwritten.filter(({ endedAt }) => endedAt > since)
  const begun = [
    ...unwritten.filter(({ isNew }) => isNew).map(({ startedAt }) => startedAt),
    ...[...live].filter((download) => !download.recorded).map(({ startedAt }) => startedAt),
  ].filter((startedAt) => startedAt > since)
  const others = [...live].filter((download) => download !== self)
  return {
    downloads: (recorded?.downloads ?? 0) + begun.length,
    bytes:
      (recorded?.bytes ?? 0) +
      sum(unwritten.map(({ bytes }) => bytes)) +
      sum([...live].map(unnotedOf)) +
      sum(others.map(owedTo)),
    live: live.size,
    lastStartedAt: latest([...begun, recorded?.lastStartedAt]),
    downloadsEaseAt: dayAfter(earliest([...begun, recorded?.firstStartedAt])),
    bytesEaseAt: dayAfter(earliest([...unwritten.map(({ endedAt }) => endedAt), recorded?.firstEndedAt])),
  }
}

const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0)

type Moments = Array<Date | null | undefined>
const inOrder = (moments: Moments): Date[] =>
  moments.filter((moment): moment is Date => moment instanceof Date).sort((a, b) => a.getTime() - b.getTime())
const latest = (moments: Moments): Date | null => inOrder(moments).at(-1) ?? null
const earliest = (moments: Moments): Date | null => inOrder(moments)[0] ?? null
const dayAfter = (moment: Date | null): Date | null => moment && plusSeconds(moment, DAY_SECONDS)

/** What a package lets its people download. Pure. 0 is no limit everywhere. */
import { Fault } from './fault.ts'
import type { Package } from './model.ts'

export type DownloadLimits = Pick<
  Package,
  | 'waitBetweenDownloads'
  | 'downloadSpeed'
  | 'concurrentDownloads'
  | 'downloadsPer24Hours'
  | 'downloadSizePer24Hours'
  | 'maxDownloadFilesizeAllowed'
>

/** What a client has had within 24 hours and has now, without the download that is asked for. */
export interface Standing {
  /** Begun within 24 hours. */
  downloads: number
  /** Delivered within 24 hours, and promised to downloads under way. */
  bytes: number
  /** Under way. */
  live: number
  lastStartedAt: Date | null
  /** When the first of those counted leaves the 24 hours. */
  downloadsEaseAt: Date | null
  bytesEaseAt: Date | null
}

export const DAY_SECONDS = 86_400
/** Nobody knows when a download under way will end. */
const TRY_AGAIN_SECONDS = 10

/** Whether what the client had before matters. */
export const needsHistory = (limits: DownloadLimits): boolean =>
  limits.waitBetweenDownloads > 0 || limits.downloadsPer24Hours > 0 || limits.downloadSizePer24Hours > 0

/** Whether anything but speed is limited. */
export const isLimited = (limits: DownloadLimits): boolean =>
  needsHistory(limits) || limits.concurrentDownloads > 0

/** Fault: download_too_large. */
export function judgeSize({ maxDownloadFilesizeAllowed: most }: DownloadLimits, size: number): void {
  if (most > 0 && size > most) throw new Fault('download_too_large', undefined, { limit: most })
}

/** For every answer that is no further connection of a download under way. Faults: too_many_downloads, traffic_used_up. */
export function judgeOngoing(limits: DownloadLimits, standing: Standing, now: Date): void {
  const { concurrentDownloads, downloadSizePer24Hours } = limits
  if (concurrentDownloads > 0 && standing.live >= concurrentDownloads)
    throw new Fault('too_many_downloads', undefined, { retryAfter: TRY_AGAIN_SECONDS })
  judgeBytes(downloadSizePer24Hours, standing, now)
}

/** Fault: traffic_used_up. Who has a byte left may begin: it is not known how much will be fetched. */
export function judgeBytes(most: number, { bytes, bytesEaseAt }: Standing, now: Date): void {
  if (most > 0 && bytes >= most) throw new Fault('traffic_used_up', undefined, until(bytesEaseAt, now))
}

/** For a download that begins. Faults: those of judgeOngoing, downloads_used_up, download_pause. */
export function judgeNew(limits: DownloadLimits, standing: Standing, now: Date): void {
  const { downloadsPer24Hours: most, waitBetweenDownloads: wait } = limits
  judgeOngoing(limits, standing, now)
  if (most > 0 && standing.downloads >= most)
    throw new Fault('downloads_used_up', undefined, until(standing.downloadsEaseAt, now))
  const passed = standing.lastStartedAt ? secondsBetween(standing.lastStartedAt, now) : wait
  // A clock that was set back must not lock anybody out.
  if (passed >= 0 && passed < wait)
    throw new Fault('download_pause', undefined, { retryAfter: Math.ceil(wait - passed) })
}

const secondsBetween = (from: Date, to: Date): number => (to.getTime() - from.getTime()) / 1000

const until = (easeAt: Date | null, now: Date): { retryAfter: number } => ({
  retryAfter: easeAt ? Math.max(1, Math.ceil(secondsBetween(now, easeAt))) : TRY_AGAIN_SECONDS,
})

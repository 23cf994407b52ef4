/** Downloads as records. */
import type { DownloadDay, Downloader, DownloadRecord } from '../model.ts'

/** What happened since the download was last recorded; its bytes are those delivered since. */
export type DownloadNews = DownloadRecord

/** What a client has downloaded since a moment. */
export interface DownloadUsage {
  /** Begun since then. */
  downloads: number
  /** Of downloads that went on since then. */
  bytes: number
  lastStartedAt: Date | null
  /** Of those counted above: when the first was begun, and when the first ended. */
  firstStartedAt: Date | null
  firstEndedAt: Date | null
}

/** Downloads that ended, or paused. Files are named without knowing whether they still exist. */
export interface TrafficStore {
  /**
   * All of them or none, each download once. One that is recorded already goes on: bytes add up, what was once
   * true stays. A counted one counts for its file and the folders above it.
   */
  record(news: DownloadNews[]): Promise<void>
  usage(client: Downloader, since: Date): Promise<DownloadUsage>
  /** The client's latest download of the file that went on since the given time. */
  findLatest(client: Downloader, fileId: number, since: Date): Promise<DownloadRecord | null>
  /** Days with downloads from the given day (`2026-11-24`) on, the newest first. */
  days(fileId: number, fromDay: string): Promise<DownloadDay[]>
  /** Removes downloads that ended before the given time, and days before the given one; returns how many. */
  purge(before: Date, beforeDay: string): Promise<number>
}

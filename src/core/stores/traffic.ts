/** Downloads as records. */
import type { DownloadDay, Downloader, DownloadRecord } from '../model.ts'

/** What happened since the download was last recorded; its bytes are those delivered since. */
export interface DownloadNews extends DownloadRecord {
  /** The share link it came by; null for any other way. */
  shareLinkId: number | null
}

/** What was sent of one file as a part of archives. */
export interface ArchivedFile {
  fileId: number
  downloads: number
  completed: number
  bytes: number
}

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
   * true stays. A counted one counts for its file and the folders above it, and for whoever made it. That there was
   * such an account, or is no more, makes no difference but to whom it counts for: guests.
   */
  record(news: DownloadNews[]): Promise<void>
  /** Counts files, each once, for their folders and for the account; files that are gone do not count. */
  countArchived(accountId: number | null, all: ArchivedFile[], now: Date): Promise<void>
  usage(client: Downloader, since: Date): Promise<DownloadUsage>
  /** The client's latest download of the file that went on since the given time. */
  findLatest(client: Downloader, fileId: number, since: Date): Promise<DownloadRecord | null>
  /** Days with downloads from the given day (`2026-11-24`) on, the newest first. */
  days(fileId: number, fromDay: string): Promise<DownloadDay[]>
  /** Removes downloads that ended before the given time, and days before the given one; returns how many. */
  purge(before: Date, beforeDay: string): Promise<number>
}

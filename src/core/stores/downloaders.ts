/** Who has fetched the files of an account, as records. They are written with the downloads themselves. */
import type { DownloaderSum, FileRecord, ShareLink } from '../model.ts'

/** Of all files of an owner, of one file, or by one share link. */
export type DownloadersOf = { ownerId: number } | { fileId: number } | { shareLinkId: number }

export interface DownloadersPage {
  limit: number
  /** Those before this one; null: from the newest on. */
  before: Pick<DownloaderSum, 'lastAt' | 'id'> | null
}

/** A sum with what it names. */
export interface ListedDownloader {
  sum: DownloaderSum
  file: FileRecord
  /** Null for guests. */
  accountName: string | null
  /** Null when there is none, or no more. */
  link: Pick<ShareLink, 'token' | 'createdAt'> | null
}

export interface DownloaderStore {
  /** The newest first. */
  page(of: DownloadersOf, page: DownloadersPage): Promise<ListedDownloader[]>
  /** Removes those of files of accounts with the package that were not used since the given time; returns how many. */
  purge(packageId: number, before: Date): Promise<number>
}

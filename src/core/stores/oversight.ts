/** What administrators see of everybody's records. */
import type { Account, FileRecord } from '../model.ts'
import type { Slice } from './folders.ts'

/** What all records add up to. */
export interface SiteTotals {
  accounts: number
  /** Active ones; bytes as they are charged, so a copy counts. */
  files: number
  fileBytes: number
  trashedFiles: number
  trashedBytes: number
  /** Bytes in the storage, each object once. */
  objectBytes: number
  /** Sessions that take parts. */
  openUploads: number
  /** Imports that wait or are under way. */
  openImports: number
}

/** What was downloaded on one day (UTC), of all files that still exist. */
export interface SiteDay {
  /** `2026-11-24` */
  day: string
  downloads: number
  bytes: number
}

export interface ListedAccount extends Account {
  /** Active and trashed ones. */
  files: number
}

export interface ListedFile {
  file: FileRecord
  /** Null of an anonymous file. */
  ownerName: string | null
}

export interface OversightStore {
  totals(): Promise<SiteTotals>
  /** Days with downloads, from the given one on, the oldest first. */
  days(fromDay: string): Promise<SiteDay[]>
  /** Accounts whose name or e-mail address contains `text`, without letter case; by name. */
  accounts(text: string, slice: Slice): Promise<{ items: ListedAccount[]; total: number }>
  /**
   * Everybody's files whose name contains `text`, or with that slug or owner's name; the newest first, with an id
   * below `beforeId`.
   */
  files(text: string, page: { limit: number; beforeId: number | null }): Promise<ListedFile[]>
}

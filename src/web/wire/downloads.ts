/** Whom files have gone to, as their owner sees it. Sizes are bytes, times ISO 8601 in UTC. */

export type DownloadedBy = { kind: 'owner' } | { kind: 'account'; name: string } | { kind: 'guests' }

export interface DownloaderView {
  /** The same one on every page. */
  id: number
  file: {
    id: number
    name: string
    /** Null at the root. */
    folderId: number | null
    /** It lies in the trash. */
    trashed: boolean
  }
  by: DownloadedBy
  /** The share link it came by; null for every other way. */
  link: {
    id: number
    /** The last characters of its address and when it was made; null when it was removed. */
    known: { ending: string; created: string } | null
  } | null
  /** 0 when only pieces of the file were fetched. */
  downloads: number
  completed: number
  bytes: number
  first: string
  last: string
}

export interface DownloaderSlice {
  downloaders: DownloaderView[]
  /** `before` of the next page; null at the end. */
  before: string | null
}

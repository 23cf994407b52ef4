/** What is on its way, or was. */

/** Who fetches a file: an account, or without one whoever has this address. */
export interface Downloader {
  accountId: number | null
  ip: string
}

/** One download as it stands in the records: all connections of one client that fetched a file together. */
export interface DownloadRecord extends Downloader {
  /** 16 hex digits. */
  id: string
  fileId: number
  startedAt: Date
  /** When its last byte was delivered so far. */
  endedAt: Date
  /** Really delivered. */
  bytes: number
  /** It began at the first byte, so it counts for the file. */
  counted: boolean
  completed: boolean
}

/** What one account, or all guests together, have fetched of a file by one way. */
export interface DownloaderSum {
  /** Changes nothing but the order of those with one `lastAt`. */
  id: number
  fileId: number
  /** Null: guests. */
  accountId: number | null
  /** Null: not by a share link. */
  shareLinkId: number | null
  /** Those that began at the first byte; 0 when nothing but pieces from further on were fetched. */
  downloads: number
  completed: number
  bytes: number
  firstAt: Date
  lastAt: Date
}

/** What became of a file on one day (UTC). */
export interface DownloadDay {
  /** `2026-11-24` */
  day: string
  downloads: number
  bytes: number
  completed: number
}

export type ImportStatus = 'pending' | 'downloading' | 'processing' | 'complete' | 'cancelled' | 'failed'

/** A file to be fetched from a URL by a process that holds the lease. */
export interface RemoteImport {
  id: number
  accountId: number
  folderId: number | null
  url: string
  status: ImportStatus
  /** Safe to show to the account. */
  errorMessage: string | null
  /** What the source announced, 0 while unknown. */
  totalBytes: number
  receivedBytes: number
  /** Set when complete. */
  fileId: number | null
  /** How often a process has begun it. */
  attempts: number
  createdAt: Date
  startedAt: Date | null
  finishedAt: Date | null
}

export type UploadStatus =
  | 'pending'
  | 'uploading'
  | 'completing'
  | 'processing'
  | 'completed'
  | 'failed'
  | 'aborted'
  | 'expired'

/** A file on its way in, part by part. Everything but the state is fixed when it is created. */
export interface UploadSession {
  /** `ups_` and 20 hex digits. */
  id: string
  accountId: number | null
  folderId: number | null
  filename: string
  expectedSize: number
  partSize: number
  mimeType: string | null
  checksumSha256: string | null
  status: UploadStatus
  reservedBytes: number
  /** Sum and count of the parts the client has reported. */
  uploadedBytes: number
  completedParts: number
  errorMessage: string | null
  /** Where the finished object will be, and the storage's own name for the upload. */
  objectKey: string
  storageUpload: string
  /** Set when completed. */
  fileId: number | null
  objectId: number | null
  expiresAt: Date
  completedAt: Date | null
  createdAt: Date
  updatedAt: Date
}

/** One part of a session. `etag` is null while the storage has no bytes of it. */
export interface Part {
  number: number
  /** MD5 of the bytes, 32 hex digits, no quotes. */
  etag: string | null
  size: number
  checksumSha256: string | null
  reported: boolean
  createdAt: Date
  updatedAt: Date
}

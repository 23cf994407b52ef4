/** What accounts keep, and what they hand out. */
import type { Visibility } from './accounts.ts'

/** Trashed records can be restored, still count against the quota, and are purged by age. */
export type RecordStatus = 'active' | 'trashed'

/** Two folders may have one name. The four counters hold for active records only. */
export interface Folder {
  id: number
  accountId: number
  /** Null at the root, and for a folder that was trashed by itself. */
  parentId: number | null
  name: string
  visibility: Visibility
  /** MD5 of the password as its API receives and returns it: a low-grade secret. */
  passwordMd5: string | null
  status: RecordStatus
  /** Bytes and downloads of all files below, at any depth. */
  totalSize: number
  totalDownloads: number
  /** Files and folders directly in it. */
  fileCount: number
  folderCount: number
  createdAt: Date
  updatedAt: Date | null
  trashedAt: Date | null
}

/** Immutable bytes in the storage; files point to it, copies share it. */
export interface StoredObject {
  id: number
  key: string
  size: number
  /** Null when the bytes went past us into a store that keeps none. */
  sha256: string | null
  /** Of the whole; null for what came in parts, which have their own. */
  md5: string | null
  /** CRC-32 of the whole, unsigned; null while nobody has computed it. */
  crc32: number | null
  /** The file name the store was given with the bytes; null when it keeps none. */
  storedName: string | null
  createdAt: Date
}

/** Names the bytes of an object and no others: a strong entity tag without its quotes (RFC 9110, 8.8.3). */
export const entityTagOf = ({ sha256, key }: Pick<StoredObject, 'sha256' | 'key'>): string =>
  sha256 ?? key.slice(key.lastIndexOf('/') + 1)

/**
 * Whether a file can be fetched: `processing` while its bytes are being verified against the checksum its sender
 * gave, `failed` when they are not what was sent.
 */
export type ContentState = 'ready' | 'processing' | 'failed'

/** How a file came in. */
export type FileSource = 'api' | 'direct' | 'remote'

/** How large a picture of a file is: `thumb` for lists, `preview` for the page of the file. */
export type PreviewSize = 'thumb' | 'preview'

export type PreviewFormat = 'webp' | 'avif'

/** A picture derived from an object, in one size and format. A null key: it was tried, and nothing came of it. */
export interface Preview {
  objectId: number
  size: PreviewSize
  format: PreviewFormat
  /** Of its own bytes in the storage. */
  key: string | null
  bytes: number
  /** Pixels. */
  width: number
  height: number
  createdAt: Date
}

/** What a user calls a file. `accountId` is null for an anonymous upload. */
export interface FileRecord {
  id: number
  /** Exactly 10 characters of 0-9A-Za-z, not guessable. */
  slug: string
  /** A UUIDv4. */
  deleteKey: string
  accountId: number | null
  folderId: number | null
  objectId: number
  name: string
  size: number
  mimeType: string
  visibility: Visibility
  status: RecordStatus
  contentState: ContentState
  source: FileSource
  uploadedIp: string | null
  /** Ending of the file's URL in the uploader API, `.mp4`; null when it has none. */
  urlExtension: string | null
  /** How often it can still be fetched before it is gone; null: without end. */
  usesLeft: number | null
  /** From then on it is as if it were gone, and soon it is; null: never. */
  expiresAt: Date | null
  downloads: number
  lastDownloadedAt: Date | null
  createdAt: Date
  updatedAt: Date
  trashedAt: Date | null
}

/** The one public link of a file. It opens this file and nothing else; the file stays as private as it is. */
export interface Share {
  fileId: number
  /** 32 hex digits. */
  token: string
  expiresAt: Date | null
  createdAt: Date
}

/** True from the very moment of its expiry on. */
export const isShareExpired = (share: Share, now: Date): boolean =>
  share.expiresAt !== null && share.expiresAt <= now

/** A link to one file or one folder, one of many. It opens them as they are, however private. */
export interface ShareLink {
  id: number
  accountId: number
  /** One of both. */
  fileId: number | null
  folderId: number | null
  /** 32 hex digits. */
  token: string
  passwordHash: string | null
  expiresAt: Date | null
  /** Null: without end. */
  downloadsLeft: number | null
  downloads: number
  lastUsedAt: Date | null
  createdAt: Date
}

/** A link by which anybody who has it puts files into a folder of the account. */
export interface FileRequest {
  id: number
  accountId: number
  /** Null is the root. */
  folderId: number | null
  /** 32 hex digits. */
  token: string
  title: string
  note: string
  passwordHash: string | null
  expiresAt: Date | null
  /** Null: without end. */
  filesLeft: number | null
  filesReceived: number
  bytesReceived: number
  closedAt: Date | null
  createdAt: Date
}

/** Why somebody asks the administrators to look at a file. */
export type ReportReason = 'illegal' | 'copyright' | 'malware' | 'personal' | 'other'

export type ReportResolution = 'dismissed' | 'trashed'

/** What a visitor says of a file. Name and slug are those of that moment: the file may be gone since. */
export interface Report {
  id: number
  fileId: number
  slug: string
  fileName: string
  reason: ReportReason
  message: string
  /** Who said it, when somebody was signed in. */
  accountId: number | null
  ip: string
  createdAt: Date
  /** Null while it waits for an administrator. */
  resolvedAt: Date | null
  resolvedBy: number | null
  resolution: ReportResolution | null
}

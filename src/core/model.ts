/** Every record of the product, one sentence each. Times are Dates, sizes bytes, all text UTF-8. */

/** 0: the owner and signed links; 1: anyone with the slug; 2: also in site search. */
export type Visibility = 0 | 1 | 2

/** What an account may do. 0 means unlimited, names as YetiShare's account/package has them. */
export interface PackageLimits {
  maxUploadSize: number
  canUpload: boolean
  waitBetweenDownloads: number
  downloadSpeed: number
  maxStorageBytes: number
  showSiteAdverts: boolean
  showUpgradeScreen: boolean
  daysToKeepInactiveFiles: number
  concurrentUploads: number
  concurrentDownloads: number
  downloadsPer24Hours: number
  downloadSizePer24Hours: number
  maxDownloadFilesizeAllowed: number
  maxRemoteDownloadUrls: number
  levelType: string
  onUpgradePage: boolean
  apiAccess: boolean
  flamenetApi: boolean
  waitBeforeDownload: number
}

/** A named set of limits: what other products call a plan. */
export interface Package extends PackageLimits {
  id: number
  name: string
}

/** Only an active account can do anything. */
export type AccountStatus = 'pending' | 'active' | 'disabled' | 'suspended'

/** Somebody who owns files. `storageUsed` counts file records, `storageReserved` open upload sessions. */
export interface Account {
  id: number
  name: string
  email: string | null
  passwordHash: string
  isAdmin: boolean
  status: AccountStatus
  packageId: number
  defaultVisibility: Visibility
  storageUsed: number
  storageReserved: number
  /** `Mr`, `Ms`, `Mrs`, `Miss` or `Dr`. */
  title: string | null
  firstName: string | null
  lastName: string | null
  lastSignInAt: Date | null
  lastSignInIp: string | null
  /** Until when the package is paid for; kept for the operator, not acted on. */
  paidUntil: Date | null
  createdAt: Date
}

/** What a yetishare client signs in for: ends an hour after its last use. Kept as its SHA-256 only. */
export interface AccessToken {
  accountId: number
  createdAt: Date
  lastUsedAt: Date
}

/** A sign-in of the uploader API. Its JWT carries the id; what is not recorded here is no sign-in any more. */
export interface LoginToken {
  id: string
  accountId: number
  /** Of a program: lives half a year instead of days. */
  isBot: boolean
  createdAt: Date
  expiresAt: Date
}

export type TokenKind = 'nating' | 'flamenet' | 'yetishare'
export type TokenStatus = 'active' | 'revoked'

/** A credential for programs. Only its SHA-256 is kept. */
export interface Token {
  /** `atk_` and 16 hex digits. */
  id: string
  accountId: number
  kind: TokenKind
  name: string
  /** The visible beginning of the secret. */
  prefix: string
  last4: string
  scopes: string[]
  status: TokenStatus
  createdAt: Date
  expiresAt: Date | null
  lastUsedAt: Date | null
  lastUsedIp: string | null
}

/** What an account proves itself by beside its password. It counts once it is confirmed. */
export interface SecondFactor {
  accountId: number
  /** Shared with the authenticator: base32 (RFC 4648), without padding. */
  secret: string
  confirmedAt: Date | null
  /** The time step of the last code that was accepted. */
  lastStep: number
  createdAt: Date
}

/** Something that was done and that somebody may ask about later. */
export interface AuditEntry {
  id: number
  at: Date
  /** Null: the system, or nobody known. */
  actorId: number | null
  actorName: string
  /** `account.suspended`, `sign_in.failed` … */
  action: string
  /** What it was done to, in words of the product: a name, a slug. */
  subject: string
  detail: string
  ip: string | null
}

/** A browser that signed in. The cookie's value is kept as its SHA-256 only. */
export interface WebSession {
  id: number
  accountId: number
  csrf: string
  /** The token before the last rotation: accepted once more. */
  previousCsrf: string | null
  /** Of the browser when it was last seen; null for sessions of earlier versions. */
  userAgent: string | null
  ip: string | null
  lastSeenAt: Date | null
  createdAt: Date
  expiresAt: Date
}

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

/** What became of a file on one day (UTC). */
export interface DownloadDay {
  /** `2026-11-24` */
  day: string
  downloads: number
  bytes: number
  completed: number
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

export type PartStatus = 'signed' | 'uploaded'

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

/** Who asks. A guest has no account; `scopes` is null where no scope applies (browser, guest). */
export interface Principal {
  /** Distinguishes callers: `token:…`, `user:…` or `guest:…`. */
  actor: string
  account: Account | null
  tokenId: string | null
  scopes: string[] | null
  ip: string
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

/** Who there is, what they may do, and how they prove who they are. */

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
  /** Null: the system, or nobody known. Of a sign-in that failed: whose account it was to be, without the name. */
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
  /** When the password was last given in this browser; null for sessions of earlier versions. */
  provedAt: Date | null
  createdAt: Date
  expiresAt: Date
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

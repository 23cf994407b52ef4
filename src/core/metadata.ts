/**
 * MetadataStore remembers records. Every method is one transaction and is durable when it resolves.
 * State changes are conditional, so that of two callers exactly one wins. Times are passed in.
 * Obligations of every implementation are checked by test/contract/metadata-store.contract.ts.
 */
import type {
  AccessToken,
  Account,
  AccountStatus,
  DownloadDay,
  Downloader,
  DownloadRecord,
  FileRecord,
  Folder,
  LoginToken,
  Package,
  PackageLimits,
  Part,
  RemoteImport,
  Share,
  StoredObject,
  Token,
  TokenKind,
  UploadSession,
  Visibility,
  WebSession,
} from './model.ts'
import type { StoredPart } from './storage.ts'

export interface NewAccount {
  name: string
  email: string | null
  passwordHash: string
  isAdmin: boolean
  packageId: number
  defaultVisibility: Visibility
  /** Active when absent. */
  status?: AccountStatus
  profile?: AccountProfile
  createdAt: Date
}

export type AccountProfile = Partial<Pick<Account, 'title' | 'firstName' | 'lastName' | 'paidUntil'>>

export interface AccountUpdate extends AccountProfile {
  name?: string
  email?: string | null
  packageId?: number
  status?: AccountStatus
  passwordHash?: string
}

/** What the records of an account add up to, beside what its counters say. For check. */
export interface Ledger {
  accountId: number
  name: string
  storageUsed: number
  storageReserved: number
  filesTotal: number
  reservationsTotal: number
}

export interface AccountStore {
  /** Names and addresses are compared without letter case. Faults: name_taken, email_taken, package_not_found. */
  create(account: NewAccount): Promise<Account>
  find(id: number): Promise<Account | null>
  findByName(name: string): Promise<Account | null>
  findByEmail(email: string): Promise<Account | null>
  list(): Promise<Account[]>
  /**
   * Any status but active also ends the account's browser sessions and access tokens.
   * Faults: account_not_found, package_not_found, name_taken, email_taken.
   */
  update(id: number, update: AccountUpdate): Promise<Account>
  /**
   * Removes the account with its tokens, browser sessions, folders and files; aborts its open uploads, also
   * those completing. Fault: account_not_found.
   */
  delete(id: number, now: Date): Promise<void>
  hasAdmin(): Promise<boolean>
  noteSignIn(id: number, at: Date, ip: string): Promise<void>
  ledgers(): Promise<Ledger[]>
  /** Sets the counters to what the records add up to. */
  repairLedger(id: number): Promise<void>
}

export interface PackageStore {
  list(): Promise<Package[]>
  find(id: number): Promise<Package | null>
  /** Without letter case. */
  findByName(name: string): Promise<Package | null>
  /** Fault: name_taken. */
  create(name: string, limits: PackageLimits): Promise<Package>
  /** Fault: package_not_found. */
  update(id: number, limits: Partial<PackageLimits>): Promise<Package>
  /** Creates those of the given packages that do not exist; changes none. */
  seed(packages: Array<{ name: string; limits: PackageLimits }>): Promise<void>
}

export type NewToken = Omit<Token, 'status' | 'lastUsedAt' | 'lastUsedIp'> & { hash: string }

export interface TokenStore {
  create(token: NewToken): Promise<Token>
  /** Whatever its status and expiry; the caller judges. */
  findByHash(kind: TokenKind, hash: string): Promise<{ token: Token; account: Account } | null>
  list(accountId: number): Promise<Token[]>
  /** Revoking twice is fine. Fault: token_not_found. */
  revoke(id: string): Promise<void>
  touch(id: string, at: Date, ip: string): Promise<void>
}

export type NewWebSession = Omit<WebSession, 'id' | 'previousCsrf'> & { hash: string }

export interface WebSessionStore {
  create(session: NewWebSession): Promise<WebSession>
  findByHash(hash: string): Promise<{ session: WebSession; account: Account } | null>
  /**
   * Accepts the current CSRF token, which `next` then replaces, or the previous one, which is then used up
   * and leaves the current one as it is. Returns the token that is current now, or null when refused.
   */
  rotateCsrf(id: number, presented: string, next: string): Promise<string | null>
  extend(id: number, expiresAt: Date): Promise<void>
  delete(hash: string): Promise<void>
  /** Removes sessions that ended before `now`; returns how many. */
  purge(now: Date): Promise<number>
}

export interface AccessTokenStore {
  create(token: AccessToken & { hash: string }): Promise<void>
  find(hash: string): Promise<{ token: AccessToken; account: Account } | null>
  touch(hash: string, at: Date): Promise<void>
  delete(hash: string): Promise<void>
  /** Removes tokens last used before the given time; returns how many. */
  purge(before: Date): Promise<number>
}

export interface LoginTokenStore {
  /** Beyond `mostLive` tokens of the account the oldest are removed. */
  create(token: LoginToken, mostLive: number): Promise<void>
  find(id: string): Promise<{ token: LoginToken; account: Account } | null>
  /** The new one lives, the old one is gone, or neither. Fault: credential_unknown when the old one is gone. */
  replace(id: string, next: LoginToken): Promise<void>
  delete(id: string): Promise<void>
  /** Removes tokens that ended before `now`; returns how many. */
  purge(now: Date): Promise<number>
}

export interface ShareStore {
  /** Takes the place of the link the file had; the file counts as changed. Fault: file_not_found (not active). */
  put(share: Share): Promise<void>
  /** Fine when there is none; the file counts as changed only when there was one. */
  remove(fileId: number, now: Date): Promise<void>
  find(fileId: number): Promise<Share | null>
  findByToken(token: string): Promise<Share | null>
}

export type NewFolder = Pick<
  Folder,
  'accountId' | 'parentId' | 'name' | 'visibility' | 'passwordMd5' | 'createdAt'
>

export interface FolderUpdate {
  name?: string
  visibility?: Visibility
  passwordMd5?: string | null
  /** Null is the root. */
  parentId?: number | null
}

/** Which records of a list. */
export interface Slice {
  offset: number
  limit: number
}

/** Of the folders that are at least so visible. */
export interface FolderChoice extends Slice {
  leastVisibility: Visibility
}

/** Everything here is about one account's folders: another's are folder_not_found. */
export interface FolderStore {
  /**
   * `maxDepth`: levels below the root there may be; as many as anybody likes when absent.
   * Faults: folder_not_found (the parent; it must be active), invalid (too deep).
   */
  create(folder: NewFolder, maxDepth?: number): Promise<Folder>
  find(id: number): Promise<Folder | null>
  /** Active direct children, by name. */
  list(accountId: number, parentId: number | null, choice?: FolderChoice): Promise<Folder[]>
  /** How many `list` has in all. */
  count(accountId: number, parentId: number | null, leastVisibility: Visibility): Promise<number>
  /** The folder itself, then its parents up to the root. */
  ancestors(id: number): Promise<Folder[]>
  /**
   * Counters of old and new parents follow a move. Faults: folder_not_found (it is missing or trashed),
   * destination_not_found (the parent), folder_cycle (the parent is the folder itself or lies below it),
   * invalid (a move would bring what is below the folder deeper than `maxDepth`).
   */
  update(accountId: number, id: number, update: FolderUpdate, now: Date, maxDepth?: number): Promise<Folder>
  /**
   * The folder, all folders below and all their files become trashed; its own parent becomes the root.
   * A constant number of statements, whatever the size. Already trashed: nothing changes.
   * Fault: folder_not_found.
   */
  trash(accountId: number, id: number, now: Date): Promise<void>
  /** Public active folders whose name contains `text`, without letter case; newest first. */
  search(text: string, page: SearchPage): Promise<Folder[]>
  /** Removes folders trashed before the given time that hold nothing any more; returns how many. */
  purgeTrash(before: Date, limit: number): Promise<number>
  /** Folders whose counters are not what the records add up to. For check. */
  wrongCounters(): Promise<Array<{ id: number; detail: string }>>
  repairCounters(id: number): Promise<void>
}

/** Keyset paging: records with an id below `beforeId`, newest first. */
export interface SearchPage {
  limit: number
  beforeId: number | null
}

export interface FileUpdate {
  name?: string
  mimeType?: string
  /** Null is the root. */
  folderId?: number | null
}

export interface NewObject {
  key: string
  size: number
  sha256: string
  md5: string | null
}

/** What must hold at the moment a file appears; 0 means no limit. */
export interface FileAdmission {
  maxStorageBytes: number
  /** A name that an active file of the folder has becomes `name (1).ext`, `name (2).ext` … */
  numbered?: boolean
  guestAllowance?: GuestAllowance
  completes?: HeldImport
}

/** The import that becomes `complete` with the file it was for, as long as it is still its holder's. */
export interface HeldImport {
  importId: number
  holder: string
}

/** For a file without an account: most bytes of such files from its address since a moment, itself included. */
export interface GuestAllowance {
  since: Date
  maxBytes: number
}

/** Numbered paging, newest first. */
export interface FilePage {
  items: Array<{ file: FileRecord; share: Share | null }>
  total: number
}

/** `update`, `trash` and `copy` are about active files of one account: others are file_not_found. */
export interface FileWithObject {
  file: FileRecord
  object: StoredObject
  /** Null for a file that has no owner. */
  ownerPackageId: number | null
}

export interface FileStore {
  find(id: number): Promise<FileRecord | null>
  findBySlug(slug: string): Promise<FileRecord | null>
  findWithObject(id: number): Promise<FileWithObject | null>
  findWithObjectBySlug(slug: string): Promise<FileWithObject | null>
  /** Active files directly in a folder, by name. A slice costs what it holds, and a little for what it skips. */
  list(accountId: number, folderId: number | null, slice?: Slice): Promise<FileRecord[]>
  /** How many `list` has in all. */
  count(accountId: number, folderId: number | null): Promise<number>
  /**
   * Makes a file of an announced object and charges it. A folder that is gone becomes the root.
   * Faults: quota_exceeded, guest_allowance_used, conflict (slug or delete key exists: draw again),
   * object_missing (not announced), import_not_found (the lease of the import is lost, or it has ended).
   */
  add(file: NewFile, object: NewObject, admission: FileAdmission): Promise<FileRecord>
  /** Counters of folders follow. Faults: file_not_found, destination_not_found. */
  update(accountId: number, id: number, update: FileUpdate, now: Date): Promise<FileRecord>
  /** To the root of the trash. Already trashed: nothing changes. Fault: file_not_found. */
  trash(accountId: number | null, id: number, now: Date): Promise<FileRecord>
  /**
   * A new record of the same object, charged like any other, its name numbered when it has to be.
   * Faults: file_not_found, destination_not_found, quota_exceeded, conflict.
   */
  copy(
    accountId: number,
    id: number,
    copy: Pick<FileRecord, 'slug' | 'deleteKey' | 'folderId' | 'createdAt'>,
    admission: FileAdmission,
  ): Promise<FileRecord>
  /** Active files of the account whatever their folder, newest first. */
  page(accountId: number, page: Slice): Promise<FilePage>
  /** Active files of the account whatever their folder, in the order they came. */
  listAll(accountId: number): Promise<FileRecord[]>
  /** For good: the record and its share are gone, the account is discharged. Fault: file_not_found (not active). */
  remove(accountId: number | null, id: number): Promise<void>
  /**
   * Takes one of the uses of a file that has a number of them. False when none is left. Of many callers at
   * once no more succeed than there are uses.
   */
  takeUse(id: number): Promise<boolean>
  /**
   * Gives an anonymous active file to the account and charges it. Faults: file_not_found (no such file, or it
   * has an owner), quota_exceeded.
   */
  claim(id: number, accountId: number, admission: FileAdmission, now: Date): Promise<FileRecord>
  /**
   * Removes files whose uses are used up; returns how many. Not those of `kept`, nor those of which a download
   * ended after the given time without having been completed: it may be gone on with.
   */
  purgeUsedUp(since: Date, kept: number[], limit: number): Promise<number>
  /** Removes anonymous files neither made nor downloaded since the given time; returns how many. */
  purgeInactiveGuests(before: Date, limit: number): Promise<number>
  /** Trashes files of accounts of a package that were neither made nor downloaded since; returns how many. */
  trashInactive(packageId: number, before: Date, limit: number, now: Date): Promise<number>
  /** Public active files whose name contains `text`, without letter case; newest first. */
  search(text: string, page: SearchPage): Promise<FileRecord[]>
  /** Removes files trashed before the given time and discharges them; returns how many. */
  purgeTrash(before: Date, limit: number): Promise<number>
}

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

export interface ObjectStore {
  /** Notes that bytes are about to be written under this key, so that a crash leaves no unknown ones. */
  announce(key: string, now: Date): Promise<void>
  /** Forgets an announced key whose bytes are gone again. */
  retract(key: string): Promise<void>
  /** Keys announced before the given time and never used. Only keys of dead writers may be asked for. */
  announced(before: Date, limit: number): Promise<string[]>
  /** Whether the key belongs to anything, also to bytes that are being written or removed. For check. */
  isKnownKey(key: string): Promise<boolean>
  /** Not one that is only announced. */
  findByKey(key: string): Promise<StoredObject | null>
  /** In order of id, after the given one, without those claimed for removal. For check. */
  page(afterId: number, limit: number): Promise<StoredObject[]>
  /**
   * Objects no file points to, claimed for removal: a claimed object can get no new file. Those claimed
   * before and not yet removed come again.
   */
  claimUnreferenced(limit: number): Promise<StoredObject[]>
  /** Forgets a claimed object after its bytes are gone. */
  remove(id: number): Promise<void>
}

export type NewUploadSession = Pick<
  UploadSession,
  | 'id'
  | 'accountId'
  | 'folderId'
  | 'filename'
  | 'expectedSize'
  | 'partSize'
  | 'mimeType'
  | 'checksumSha256'
  | 'objectKey'
  | 'storageUpload'
  | 'createdAt'
  | 'expiresAt'
>

/** What must hold at the moment the session is created; 0 (of the first two) and null mean no limit. */
export interface UploadAdmission {
  maxConcurrent: number
  maxStorageBytes: number
  /** Bytes the storage can still take beside what open sessions are still owed. */
  capacity: number | null
  /** For a session without an account; what other sessions will use is not counted. */
  guest?: GuestAllowance & { address: string | null }
}

export type NewFile = Pick<
  FileRecord,
  | 'slug'
  | 'deleteKey'
  | 'accountId'
  | 'folderId'
  | 'name'
  | 'size'
  | 'mimeType'
  | 'visibility'
  | 'source'
  | 'uploadedIp'
  | 'urlExtension'
  | 'usesLeft'
  | 'createdAt'
>

/** What an upload session has become. */
export interface FinishedUpload {
  sha256: string
  file: NewFile
  guestAllowance?: GuestAllowance
}

/** Steps of a session that does not exist fail with upload_not_found; extend, reopen, fail, cleared do nothing. */
export interface UploadStore {
  /**
   * Reserves the quota and creates the session as `pending`. Checked in this order.
   * Faults: too_many_uploads (guests are counted together), quota_exceeded, guest_allowance_used (nothing is
   * left of it, or the file alone is more), no_space; conflict when the id exists,
   * account_not_found.
   */
  create(session: NewUploadSession, admission: UploadAdmission): Promise<UploadSession>
  find(id: string): Promise<UploadSession | null>
  /** In order of number. */
  parts(id: string): Promise<Part[]>
  /** Moves the expiry of an open session (pending, uploading, processing). */
  extend(id: string, expiresAt: Date): Promise<void>
  /** Notes that URLs were signed; parts already known keep their state. Fault: sign_closed. */
  signParts(id: string, numbers: number[], now: Date, expiresAt: Date): Promise<void>
  /** Forgets the bytes of a part that is about to be overwritten. Fault: parts_closed. */
  withdrawPart(id: string, number: number, now: Date): Promise<void>
  /**
   * Records bytes the storage holds, not yet reported; moves the expiry. Returns how many parts from the
   * first on are recorded without a gap. A session past its expiry still takes a part, which began in time,
   * as long as nobody has ended it; all other steps are closed from its expiry on. Fault: parts_closed.
   */
  savePart(id: string, part: StoredPart, now: Date, expiresAt: Date): Promise<number>
  /**
   * Marks a part as reported, the session as `uploading`, and counts both anew. Repeating it changes
   * nothing. Faults: parts_closed, part_mismatch when etag or size differ from what is recorded.
   */
  reportPart(
    id: string,
    part: StoredPart & { checksumSha256: string | null },
    now: Date,
    expiresAt: Date,
  ): Promise<UploadSession>
  /**
   * `uploading` or `processing` → `completing`, when every byte is reported; of two callers one wins.
   * Faults: upload_not_found, already_completed, complete_closed (also after expiry), no_parts_reported,
   * size_mismatch (parts missing), conflict (another caller is completing).
   */
  beginComplete(id: string, now: Date): Promise<{ session: UploadSession; parts: Part[] }>
  /** `completing` → `uploading`: the attempt failed for a reason that may pass. */
  reopen(id: string, now: Date): Promise<void>
  /** `completing` → `failed`; reservation released, parts forgotten. */
  fail(id: string, message: string, now: Date): Promise<void>
  /**
   * `completing` → `completed`: object and file appear, the reservation becomes use, parts are forgotten;
   * all or nothing. A folder that is gone by now gives the root. Faults: complete_closed, guest_allowance_used,
   * conflict (the slug, the delete key or the object key exists: draw again).
   */
  finish(id: string, result: FinishedUpload, now: Date): Promise<{ session: UploadSession; file: FileRecord }>
  /**
   * Open → `aborted`; reservation released, parts forgotten. Already aborted, failed or expired: fine.
   * Faults: upload_not_found, abort_closed (completed or completing).
   */
  abort(id: string, now: Date): Promise<UploadSession>
  /**
   * Open sessions past their expiry → `expired`, completing ones → `failed` with the given message;
   * returns how many. With `id`, looks at that session only.
   */
  expire(now: Date, timedOutMessage: string, id?: string): Promise<number>
  /** `completing` → `uploading` for all: what an earlier process left when it was killed. Only at start. */
  reopenInterrupted(now: Date): Promise<number>
  /** Sessions that ended without a file and whose staged bytes are not yet removed. */
  abandoned(limit: number): Promise<UploadSession[]>
  /** Notes that the staged bytes are removed. */
  cleared(id: string): Promise<void>
  /** Removes ended sessions without staged bytes, last changed before the given time; returns how many. */
  purge(before: Date): Promise<number>
  /** Every session whose staged bytes are not yet removed or turned into an object. For check and sweeper. */
  staged(): Promise<StagedUpload[]>
}

export interface StagedUpload {
  session: string
  upload: string
  /** Of the object to be. */
  key: string
  /** Parts can still arrive; otherwise it is completing or waits for the sweeper. */
  open: boolean
}

export interface IdempotencyKey {
  key: string
  endpoint: string
  actor: string
}

export interface IdempotencyRequest extends IdempotencyKey {
  payloadHash: string
  /** Names this process: pending records of another one are stale at once. */
  owner: string
  now: Date
  /** Pending records older than this may be taken over. */
  staleBefore: Date
  /** Stored answers older than this are forgotten. */
  expiredBefore: Date
}

export type IdempotencyOutcome =
  | { state: 'fresh' }
  /** An earlier attempt never ended; it may have done its work. */
  | { state: 'taken_over' }
  | { state: 'pending' }
  | { state: 'mismatch' }
  | { state: 'done'; status: number; body: string }

export interface IdempotencyStore {
  /** Inserts the pending record, or tells what is there; of two callers one gets `fresh`. */
  begin(request: IdempotencyRequest): Promise<IdempotencyOutcome>
  finish(key: IdempotencyKey, answer: { status: number; body: string }, now: Date): Promise<void>
  /** Frees the key: the request failed and may be sent again. */
  release(key: IdempotencyKey): Promise<void>
  purge(before: Date): Promise<number>
}

export type NewImport = Pick<RemoteImport, 'accountId' | 'folderId' | 'url' | 'createdAt'>

/**
 * A process works on an import only while it holds its lease; every step names the holder. It is `complete`
 * when its file is there, which is one step: see FileAdmission.completes.
 */
export interface ImportStore {
  /** Fault: too_many_imports when the account has `maxUnfinished` (0: no limit) already. */
  create(item: NewImport, maxUnfinished: number): Promise<RemoteImport>
  find(id: number): Promise<RemoteImport | null>
  /**
   * Takes the oldest import that is pending or whose lease has ended, and whose `notBefore` has come;
   * `downloading` with one more attempt. Null when there is none. Of two callers one gets it.
   */
  claim(holder: string, now: Date, leaseUntil: Date): Promise<RemoteImport | null>
  /** Extends the lease and records progress. False when the lease is lost or the import cancelled. */
  renew(
    id: number,
    holder: string,
    progress: { receivedBytes: number; totalBytes: number },
    leaseUntil: Date,
  ): Promise<boolean>
  /** `downloading` → `processing`. False when the lease is lost. */
  beginProcessing(id: number, holder: string): Promise<boolean>
  /** → `failed`. */
  fail(id: number, holder: string, message: string, now: Date): Promise<void>
  /** Back to `pending` for a later attempt. */
  postpone(id: number, holder: string, notBefore: Date): Promise<void>
  /** What an earlier process held becomes `pending`, to be taken at once; returns how many. Only at start. */
  reopenInterrupted(now: Date): Promise<number>
  /** Removes finished ones older than the given time; returns how many. */
  purge(before: Date): Promise<number>
}

export interface SettingStore {
  find(name: string): Promise<string | null>
  /** Stores the value unless the name has one; returns the one stored. */
  findOrCreate(name: string, value: string): Promise<string>
}

export interface MetadataStore {
  readonly accounts: AccountStore
  readonly packages: PackageStore
  readonly tokens: TokenStore
  readonly webSessions: WebSessionStore
  readonly accessTokens: AccessTokenStore
  readonly loginTokens: LoginTokenStore
  readonly folders: FolderStore
  readonly files: FileStore
  readonly objects: ObjectStore
  readonly uploads: UploadStore
  readonly imports: ImportStore
  readonly shares: ShareStore
  readonly traffic: TrafficStore
  readonly idempotency: IdempotencyStore
  readonly settings: SettingStore
  /** Waits for what is under way, then closes. */
  close(): Promise<void>
}

/** Files as records. */
import type { FileRecord, Share, StoredObject, Visibility } from '../model.ts'
import type { EntryOrder, SearchPage, Slice } from './folders.ts'
import type { NewObject } from './objects.ts'

/** What becomes of a name that is taken in its folder: refused, or `name (1).ext`. Absent: both have it. */
export type WhenTaken = 'refuse' | 'number'

export interface FileUpdate {
  name?: string
  mimeType?: string
  /** Null is the root. */
  folderId?: number | null
  /** Null: never. */
  expiresAt?: Date | null
  visibility?: Visibility
  /** Of a new name, and of the name in a new folder. */
  whenTaken?: WhenTaken
}

/** By name, or the newest or largest first. */
export type FileOrder = 'name' | 'newest' | 'largest'

/** What must hold at the moment a file appears; 0 means no limit. */
/** What becomes of those that are there when a file comes into a folder, in the same moment. */
export interface FilePlace {
  /** A name that an active file of the folder has becomes `name (1).ext`, `name (2).ext` … */
  numbered?: boolean
  /** The account's file that goes to the trash for it; that it is not there any more is fine. */
  replaces?: number
}

export interface FileAdmission extends FilePlace {
  maxStorageBytes: number
  guestAllowance?: GuestAllowance
  completes?: HeldImport
  /** The file request it came by, whose files are counted. */
  viaRequest?: number
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

/** A file of a folder as one who packs the folder needs it; the object's hashes are null where unknown. */
export interface FolderContent extends Pick<FileRecord, 'id' | 'name' | 'size' | 'createdAt' | 'objectId'> {
  key: string
  sha256: string | null
  crc32: number | null
}

export interface FileWithObject {
  file: FileRecord
  object: StoredObject
  /** Null for a file that has no owner. */
  ownerPackageId: number | null
}

/**
 * Files that have expired are nowhere in it, for the clock the store was opened with; only `purgeExpired` sees them.
 * `update`, `trash` and `copy` are about active files of one account: others are file_not_found.
 */
export interface FileStore {
  find(id: number): Promise<FileRecord | null>
  findBySlug(slug: string): Promise<FileRecord | null>
  findWithObject(id: number): Promise<FileWithObject | null>
  findWithObjectBySlug(slug: string): Promise<FileWithObject | null>
  /**
   * Active files directly in a folder, by name unless another order is asked for. By name a slice costs what it
   * holds, and a little for what it skips; another order costs a look at every file of the folder.
   */
  list(
    accountId: number,
    folderId: number | null,
    slice?: Slice & { order?: FileOrder },
  ): Promise<FileRecord[]>
  /** Ids by name of those in `list` whose names are among these, exactly; of two with one name the first by id. */
  namesTaken(accountId: number, folderId: number | null, names: string[]): Promise<Map<string, number>>
  /** How many `list` has in all. */
  count(accountId: number, folderId: number | null): Promise<number>
  /** As `list`, in any order; names without letter case. Found by index, whatever the order. */
  sorted(accountId: number, folderId: number | null, order: EntryOrder, slice: Slice): Promise<FileRecord[]>
  /** Of all that `list` has, in no order. */
  ids(accountId: number, folderId: number | null): Promise<number[]>
  /** Active files of the account whose name contains `text`, without letter case; by name. */
  searchOwn(accountId: number, text: string, limit: number): Promise<FileRecord[]>
  /** What was trashed by itself, not with its folder; the latest first. */
  trashed(accountId: number, slice: Slice): Promise<FileRecord[]>
  /** How many `trashed` has in all. */
  countTrashed(accountId: number): Promise<number>
  /**
   * Out of the trash into a folder, active again; `back`: to where it was, or the root when that is gone.
   * Faults: file_not_found (not trashed, or with its folder), destination_not_found.
   */
  restore(accountId: number, id: number, to: number | null | 'back', now: Date): Promise<FileRecord>
  /** Out of the trash for good; the account is discharged. Fault: file_not_found (not in the trash). */
  purge(accountId: number, id: number): Promise<void>
  /**
   * Files directly in a folder that anybody who may see them can have now and again: active and ready, not
   * expired, not one of numbered uses. By name and id, those behind the given one; costs what it returns.
   */
  contents(
    accountId: number,
    folderId: number | null,
    after: Pick<FileRecord, 'id' | 'name'> | null,
    limit: number,
    now: Date,
  ): Promise<FolderContent[]>
  /**
   * The pictures before and after this file among those of its folder that can be fetched without end and are at
   * least so visible, in the order of `list`; null at the ends.
   */
  neighbours(
    file: Pick<FileRecord, 'id' | 'accountId' | 'folderId' | 'name'>,
    leastVisibility: Visibility,
  ): Promise<{ previous: FileRecord | null; next: FileRecord | null }>
  /**
   * Makes a file of an announced object and charges it. A folder that is gone becomes the root.
   * Faults: quota_exceeded, guest_allowance_used, conflict (slug or delete key exists: draw again),
   * object_missing (not announced), import_not_found (the lease of the import is lost, or it has ended),
   * link_invalid (the file request takes none any more).
   */
  add(file: NewFile, object: NewObject, admission: FileAdmission): Promise<FileRecord>
  /** Counters of folders follow. Faults: file_not_found, destination_not_found, name_taken. */
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
  /** Removes files that have expired and discharges them; returns how many. */
  purgeExpired(now: Date, limit: number): Promise<number>
  /** Removes files whose bytes have been `failed` since before the given time, and discharges them; returns how many. */
  purgeFailed(before: Date, limit: number): Promise<number>
  /** Public active files whose name contains `text`, without letter case; newest first. */
  search(text: string, page: SearchPage): Promise<FileRecord[]>
  /** Removes files trashed before the given time and discharges them; returns how many. */
  purgeTrash(before: Date, limit: number): Promise<number>
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
> &
  Partial<Pick<FileRecord, 'expiresAt' | 'contentState'>>

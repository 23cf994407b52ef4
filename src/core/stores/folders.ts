/** Folders as records. */
import type { Folder, Visibility } from '../model.ts'
import type { WhenTaken } from './files.ts'

export type NewFolder = Pick<
  Folder,
  'accountId' | 'parentId' | 'name' | 'visibility' | 'passwordMd5' | 'createdAt'
> & { whenTaken?: WhenTaken }

export interface FolderUpdate {
  name?: string
  visibility?: Visibility
  passwordMd5?: string | null
  /** Null is the root. */
  parentId?: number | null
  /** Of a new name, and of the name in a new folder. */
  whenTaken?: WhenTaken
}

/** Which records of a list. */
export interface Slice {
  offset: number
  limit: number
}

/** In which order entries of a folder come; what is equal comes in the order of ids. */
export interface EntryOrder {
  by: 'name' | 'size' | 'date' | 'downloads'
  descending: boolean
}

/** Of the folders that are at least so visible. */
export interface FolderChoice extends Slice {
  leastVisibility: Visibility
}

/** Everything here is about one account's folders: another's are folder_not_found. */
export interface FolderStore {
  /**
   * `maxDepth`: levels below the root there may be; as many as anybody likes when absent.
   * Faults: folder_not_found (the parent; it must be active), invalid (too deep), name_taken.
   */
  create(folder: NewFolder, maxDepth?: number): Promise<Folder>
  find(id: number): Promise<Folder | null>
  /** Active direct children, by name. */
  list(accountId: number, parentId: number | null, choice?: FolderChoice): Promise<Folder[]>
  /** Of those in `list` that have exactly this name the first by id. */
  named(accountId: number, parentId: number | null, name: string): Promise<Folder | null>
  /** Ids by name of those in `list` whose names are among these, exactly; of two with one name the first by id. */
  namesTaken(accountId: number, parentId: number | null, names: string[]): Promise<Map<string, number>>
  /** How many `list` has in all. */
  count(accountId: number, parentId: number | null, leastVisibility: Visibility): Promise<number>
  /** As `list`, in any order; names without letter case. */
  sorted(accountId: number, parentId: number | null, order: EntryOrder, slice: Slice): Promise<Folder[]>
  /** Of all that `list` has, in no order. */
  ids(accountId: number, parentId: number | null): Promise<number[]>
  /** Active folders of the account whose name contains `text`, without letter case; by name. */
  searchOwn(accountId: number, text: string, limit: number): Promise<Folder[]>
  /** What was trashed by itself, not with the folder above; the latest first. */
  trashed(accountId: number, slice: Slice): Promise<Folder[]>
  /** How many `trashed` has in all. */
  countTrashed(accountId: number): Promise<number>
  /**
   * Out of the trash into a folder, with all that was trashed with it, in one moment. `back`: to
   * where it was, or the root when that is gone.
   * Faults: folder_not_found (not trashed, or with the folder above), destination_not_found, invalid (too deep).
   */
  restore(
    accountId: number,
    id: number,
    to: number | null | 'back',
    now: Date,
    maxDepth?: number,
  ): Promise<Folder>
  /**
   * Out of the trash for good, with all that is in it: `limit` files and folders at most in one transaction;
   * false while something is left. Fault: folder_not_found (not in the trash).
   */
  purge(accountId: number, id: number, limit: number): Promise<boolean>
  /** The folder itself, then its parents up to the root. */
  ancestors(id: number): Promise<Folder[]>
  /**
   * Counters of old and new parents follow a move. Faults: folder_not_found (it is missing or trashed),
   * destination_not_found (the parent), folder_cycle (the parent is the folder itself or lies below it),
   * invalid (a move would bring what is below the folder deeper than `maxDepth`), name_taken.
   */
  update(accountId: number, id: number, update: FolderUpdate, now: Date, maxDepth?: number): Promise<Folder>
  /**
   * The folder, all folders below and all their files become trashed in one moment; its own parent becomes the
   * root. All of them keep their counters. Files are not written to: their number does not matter. Already
   * trashed: nothing changes.
   * Fault: folder_not_found.
   */
  trash(accountId: number, id: number, now: Date): Promise<void>
  /** Public active folders whose name contains `text`, without letter case; newest first. */
  search(text: string, page: SearchPage): Promise<Folder[]>
  /** Removes folders trashed before the given time that hold nothing any more; returns how many. */
  purgeTrash(before: Date, limit: number): Promise<number>
  /** Folders, also in the trash, whose counters are not what the records add up to. For check. */
  wrongCounters(): Promise<Array<{ id: number; detail: string }>>
  repairCounters(id: number): Promise<void>
}

/** Keyset paging: records with an id below `beforeId`, newest first. */
export interface SearchPage {
  limit: number
  beforeId: number | null
}

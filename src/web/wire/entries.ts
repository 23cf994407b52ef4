/** Files and folders as the server and its pages tell each other. Sizes are bytes, times ISO 8601 in UTC. */

export interface FileEntry {
  type: 'file'
  id: number
  slug: string
  name: string
  size: number
  mimeType: string
  visibility: 0 | 1 | 2
  downloads: number
  folderId: number | null
  created: string
  updated: string
  lastDownloaded: string | null
  trashed: string | null
}

export interface FolderEntry {
  type: 'folder'
  id: number
  name: string
  /** Of all that is below. */
  size: number
  visibility: 0 | 1 | 2
  hasPassword: boolean
  downloads: number
  /** Directly in it. */
  files: number
  folders: number
  parentId: number | null
  created: string
  trashed: string | null
}

export type Entry = FileEntry | FolderEntry

export interface EntryRef {
  type: 'file' | 'folder'
  id: number
}

/** A name that is to be had in a folder, null for the topmost. */
export interface WantedName {
  type: 'file' | 'folder'
  folderId: number | null
  name: string
}

/** For each name that was asked about the id of what has it there; null: it is free. */
export interface TakenNames {
  ids: Array<number | null>
}

export type SortBy = 'name' | 'size' | 'date' | 'downloads'

/** Some entries of a folder: its folders come first, then its files. */
export interface EntrySlice {
  /** Null at the root. */
  folder: FolderEntry | null
  /** From the root down to the folder's parent. */
  path: Array<{ id: number; name: string }>
  folderCount: number
  fileCount: number
  offset: number
  entries: Entry[]
}

export interface TrashSlice {
  folderCount: number
  fileCount: number
  offset: number
  entries: Entry[]
}

export interface EntryIds {
  folders: number[]
  files: number[]
}

export interface FailedEntry extends EntryRef {
  message: string
  /** Its name is taken where it was to go. */
  taken?: true
}

/** Of a call about many entries: what it could not do, and why. */
export interface BatchAnswer {
  done: number
  failed: FailedEntry[]
}

/** Entries one call may be about. */
export const LARGEST_BATCH = 1000
/** Entries of one slice. */
export const LARGEST_SLICE = 500

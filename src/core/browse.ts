/** What an owner sees: folders a slice at a time in any order, the way to them, and search among all that is theirs. */
import { Fault, isFault } from './fault.ts'
import { cleanFilename } from './filename.ts'
import { cleanFolderName, type FolderService } from './folders.ts'
import type { EntryOrder, MetadataStore, Slice } from './metadata.ts'
import type { Account, FileRecord, Folder } from './model.ts'

export interface FolderSlice {
  /** Null at the root. */
  folder: Folder | null
  /** From the root down, without the folder itself. */
  path: Folder[]
  folders: Folder[]
  files: FileRecord[]
  folderCount: number
  fileCount: number
}

export interface FoundEntries {
  folders: Folder[]
  files: FileRecord[]
}

/** A name that a file or a folder is to have in a folder, null for the root. */
export interface WantedName {
  type: 'file' | 'folder'
  folderId: number | null
  name: string
}

export interface BrowseService {
  /** The slice is of the folders, then the files. Fault: folder_not_found. */
  folder(account: Account, id: number | null, order: EntryOrder, slice: Slice): Promise<FolderSlice>
  /** Of everything directly in a folder. Fault: folder_not_found. */
  ids(account: Account, id: number | null): Promise<{ folders: number[]; files: number[] }>
  /**
   * For each name the id of the file, or folder, that has it there already: as it would be kept, and letter by letter.
   * Null: nobody has it, or it is none.
   */
  taken(account: Account, wanted: WantedName[]): Promise<Array<number | null>>
  /** By a part of the name, without letter case; `limit` of each at most. An empty text finds nothing. */
  search(account: Account, text: string, limit: number): Promise<FoundEntries>
}

export function createBrowse({
  metadata,
  folders,
}: {
  metadata: MetadataStore
  folders: FolderService
}): BrowseService {
  const placed = async (account: Account, id: number | null) => {
    if (id === null) return { folder: null, path: [] }
    const [folder, ...above] = await metadata.folders.ancestors(id)
    if (folder?.accountId !== account.id || folder.status !== 'active') throw new Fault('folder_not_found')
    return { folder, path: above.reverse() }
  }
  return {
    async folder(account, id, order, { offset, limit }) {
      const place = await placed(account, id)
      const folderCount = place.folder?.folderCount ?? (await metadata.folders.count(account.id, id, 0))
      const found =
        offset < folderCount ? await metadata.folders.sorted(account.id, id, order, { offset, limit }) : []
      const rest = { offset: Math.max(0, offset - folderCount), limit: limit - found.length }
      const files = rest.limit > 0 ? await metadata.files.sorted(account.id, id, order, rest) : []
      const fileCount = await metadata.files.count(account.id, id)
      return { ...place, folders: found, files, folderCount, fileCount }
    },
    async ids(account, id) {
      if (id !== null) await folders.get(account, id)
      return {
        folders: await metadata.folders.ids(account.id, id),
        files: await metadata.files.ids(account.id, id),
      }
    },
    async taken(account, wanted) {
      const kept = wanted.map((one) => ({ ...one, name: keptName(one) }))
      const places = Map.groupBy(kept, ({ type, folderId }) => `${type} ${folderId}`)
      const known = new Map<string, Map<string, number>>()
      for (const [place, [first, ...others]] of places) {
        if (!first) continue
        const store = first.type === 'file' ? metadata.files : metadata.folders
        const names = [first, ...others].flatMap(({ name }) => name ?? [])
        known.set(place, await store.namesTaken(account.id, first.folderId, [...new Set(names)]))
      }
      return kept.map(({ type, folderId, name }) => known.get(`${type} ${folderId}`)?.get(name ?? '') ?? null)
    },
    async search(account, text, limit) {
      const wanted = text.trim()
      if (wanted === '') return { folders: [], files: [] }
      return {
        folders: await metadata.folders.searchOwn(account.id, wanted, limit),
        files: await metadata.files.searchOwn(account.id, wanted, limit),
      }
    },
  }
}

/** Null for what is no name. */
function keptName({ type, name }: WantedName): string | null {
  try {
    return type === 'file' ? cleanFilename(name) : cleanFolderName(name)
  } catch (error) {
    if (isFault(error, 'invalid')) return null
    throw error
  }
}

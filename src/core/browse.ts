/** What an owner sees: folders a slice at a time in any order, the way to them, and search among all that is theirs. */
import { Fault } from './fault.ts'
import type { FolderService } from './folders.ts'
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

export interface BrowseService {
  /** The slice is of the folders, then the files. Fault: folder_not_found. */
  folder(account: Account, id: number | null, order: EntryOrder, slice: Slice): Promise<FolderSlice>
  /** Of everything directly in a folder. Fault: folder_not_found. */
  ids(account: Account, id: number | null): Promise<{ folders: number[]; files: number[] }>
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

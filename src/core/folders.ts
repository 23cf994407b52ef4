/** The tree an account keeps its files in. Root is null. */
import type { Clock } from './clock.ts'
import { Fault, invalid } from './fault.ts'
import { byteLength, printable } from './filename.ts'
import type { FolderSummary, MetadataStore } from './metadata.ts'
import type { Account, Folder } from './model.ts'

export interface FolderService {
  /** Faults: invalid (name), folder_not_found (parent), name_taken. */
  create(account: Account, input: { name: string; parentId: number | null }): Promise<Folder>
  /** Someone else's folder is folder_not_found. */
  get(account: Account, id: number): Promise<Folder>
  /** Direct children. Fault: folder_not_found (parent). */
  list(account: Account, parentId: number | null): Promise<FolderSummary[]>
}

export function createFolders({ metadata, clock }: { metadata: MetadataStore; clock: Clock }): FolderService {
  const get = async (account: Account, id: number): Promise<Folder> => {
    const folder = await metadata.folders.find(id)
    if (folder?.accountId !== account.id) throw new Fault('folder_not_found')
    return folder
  }
  return {
    async create(account, { name, parentId }) {
      const cleaned = cleanFolderName(name)
      if (parentId !== null) await get(account, parentId)
      const visibility = account.defaultVisibility
      return metadata.folders.create({
        accountId: account.id,
        parentId,
        name: cleaned,
        visibility,
        createdAt: clock.now(),
      })
    },
    get,
    async list(account, parentId) {
      if (parentId !== null) await get(account, parentId)
      return metadata.folders.list(account.id, parentId)
    },
  }
}

function cleanFolderName(value: string): string {
  const name = printable(value).replace(/[/\\]/g, '').trim()
  if (name === '' || name === '.' || name === '..') throw invalid('name', 'Folder name is required.')
  if (byteLength(name) > 255) throw invalid('name', 'A folder name has at most 255 bytes.')
  return name
}

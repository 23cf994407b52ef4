/** Copies of whole folders: new folders, new records of the same bytes. */
import { Fault } from './fault.ts'
import type { FileService } from './files.ts'
import type { FolderService } from './folders.ts'
import type { MetadataStore, WhenTaken } from './metadata.ts'
import type { Account, Folder } from './model.ts'
import type { PackageService } from './packages.ts'

export interface FolderCopies {
  /**
   * Into `parentId`, null is the root. What it would take is judged before; when something fails on the way the
   * unfinished copy goes to the trash. Faults: folder_not_found, destination_not_found, folder_cycle (into
   * itself), quota_exceeded, invalid (too deep), name_taken.
   */
  copy(account: Account, id: number, parentId: number | null, whenTaken?: WhenTaken): Promise<Folder>
}

interface Deps {
  metadata: MetadataStore
  folders: FolderService
  files: FileService
  packages: PackageService
}

/**
 * Files copied at the same time, so that they share the syncs of the database. Others get their turn between them:
 * a folder of 100,000 files takes its minute, and nobody waits for more than a few groups of commits. Each file is
 * whole, counted and charged when it appears, so a process that dies leaves the files it came to.
 */
const AT_ONCE = 50

export function createFolderCopies({ metadata, folders, files, packages }: Deps): FolderCopies {
  const requireRoom = async (account: Account, size: number): Promise<void> => {
    const { maxStorageBytes } = await packages.of(account)
    const { storageUsed, storageReserved } = (await metadata.accounts.find(account.id)) ?? account
    if (maxStorageBytes > 0 && storageUsed + storageReserved + size > maxStorageBytes)
      throw new Fault('quota_exceeded')
  }

  const requireOutside = async (account: Account, id: number, parentId: number | null): Promise<void> => {
    if (parentId === null) return
    const chain = await metadata.folders.ancestors(parentId)
    if (chain[0]?.accountId !== account.id || chain[0].status !== 'active')
      throw new Fault('destination_not_found')
    if (chain.some((folder) => folder.id === id)) throw new Fault('folder_cycle')
  }

  const copyFiles = async (account: Account, from: number, to: number): Promise<void> => {
    const ids = await metadata.files.ids(account.id, from)
    for (let start = 0; start < ids.length; start += AT_ONCE) {
      await Promise.all(ids.slice(start, start + AT_ONCE).map((id) => files.copy(account, id, to)))
    }
  }

  const copyTree = async (account: Account, source: Folder, to: Folder): Promise<void> => {
    await copyFiles(account, source.id, to.id)
    for (const child of await folders.list(account, source.id)) {
      const { name, visibility, passwordMd5 } = child
      const made = await folders.create(account, { name, parentId: to.id, visibility, passwordMd5 })
      await copyTree(account, child, made)
    }
  }

  return {
    async copy(account, id, parentId, whenTaken) {
      const source = await folders.get(account, id)
      await requireOutside(account, id, parentId)
      await requireRoom(account, source.totalSize)
      const { name, visibility, passwordMd5 } = source
      const looks = { visibility, passwordMd5, ...(whenTaken && { whenTaken }) }
      const made = await folders.create(account, { name, parentId, ...looks })
      try {
        await copyTree(account, source, made)
      } catch (error) {
        await folders.trash(account, made.id)
        throw error
      }
      return folders.get(account, made.id)
    },
  }
}

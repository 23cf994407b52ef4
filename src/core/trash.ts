/** The trash of an account: what lies in it, and the two ways out. Everything in it still counts against the quota. */
import type { Clock } from './clock.ts'
import { type FaultCode, isFault } from './fault.ts'
import { MAX_DEPTH } from './folders.ts'
import type { MetadataStore, Slice } from './metadata.ts'
import type { Account, FileRecord, Folder } from './model.ts'

export interface TrashSlice {
  folders: Folder[]
  files: FileRecord[]
  folderCount: number
  fileCount: number
}

export interface TrashService {
  /** The slice is of the folders, then the files; the latest first. What went with a folder is not listed. */
  list(account: Account, slice: Slice): Promise<TrashSlice>
  /**
   * Into a folder, null is the root; `back`: to where it was, or the root when that is gone. Faults: file_not_found,
   * destination_not_found.
   */
  restoreFile(account: Account, id: number, to: number | null | 'back'): Promise<FileRecord>
  /** Likewise, with all that was trashed with it. Faults: folder_not_found, destination_not_found, invalid (too deep). */
  restoreFolder(account: Account, id: number, to: number | null | 'back'): Promise<Folder>
  /** For good. Fault: file_not_found. */
  purgeFile(account: Account, id: number): Promise<void>
  /** For good, with all that is in it. Fault: folder_not_found. */
  purgeFolder(account: Account, id: number): Promise<void>
  /** All of it for good. */
  empty(account: Account): Promise<void>
}

/** Files and folders removed in one transaction, between which others get their turn. */
const BATCH = 200

/** Whoever empties at the same time, or restores, may have been first. */
async function unlessGone(code: FaultCode, purge: Promise<void>): Promise<void> {
  try {
    await purge
  } catch (error) {
    if (!isFault(error, code)) throw error
  }
}

export function createTrash({ metadata, clock }: { metadata: MetadataStore; clock: Clock }): TrashService {
  const purgeFolder = async ({ id: accountId }: Account, id: number): Promise<void> => {
    while (!(await metadata.folders.purge(accountId, id, BATCH)));
  }
  const purgeFile = ({ id: accountId }: Account, id: number): Promise<void> =>
    metadata.files.purge(accountId, id)
  return {
    async list({ id }, { offset, limit }) {
      const folderCount = await metadata.folders.countTrashed(id)
      const folders = await metadata.folders.trashed(id, { offset, limit })
      const rest = { offset: Math.max(0, offset - folderCount), limit: limit - folders.length }
      const files = rest.limit > 0 ? await metadata.files.trashed(id, rest) : []
      return { folders, files, folderCount, fileCount: await metadata.files.countTrashed(id) }
    },
    restoreFile: ({ id: accountId }, id, to) => metadata.files.restore(accountId, id, to, clock.now()),
    restoreFolder: ({ id: accountId }, id, to) =>
      metadata.folders.restore(accountId, id, to, clock.now(), MAX_DEPTH),
    purgeFile,
    purgeFolder,
    async empty(account) {
      const first: Slice = { offset: 0, limit: BATCH }
      for (;;) {
        const folders = await metadata.folders.trashed(account.id, first)
        for (const { id } of folders) await unlessGone('folder_not_found', purgeFolder(account, id))
        const files = await metadata.files.trashed(account.id, first)
        await Promise.all(files.map(({ id }) => unlessGone('file_not_found', purgeFile(account, id))))
        if (folders.length + files.length === 0) return
      }
    },
  }
}

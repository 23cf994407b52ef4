/** The public link of a file: one at a time, each a new one, dead from its expiry on. */
import type { Clock } from './clock.ts'
import { Fault } from './fault.ts'
import type { FileService } from './files.ts'
import type { Ids } from './ids.ts'
import type { MetadataStore } from './metadata.ts'
import { type Account, type FileRecord, isShareExpired, type Share } from './model.ts'

export interface SharedFile {
  file: FileRecord
  /** Null when there is none that is alive. */
  share: Share | null
}

export interface ShareService {
  /** An active file of the account with its link. Fault: file_not_found. */
  get(account: Account, id: number): Promise<SharedFile>
  /** Newest first. */
  page(
    account: Account,
    page: { number: number; size: number },
  ): Promise<{ items: SharedFile[]; total: number }>
  /** A new link in place of the old one; an expiry in the past is fine. Fault: file_not_found. */
  share(account: Account, id: number, expiresAt: Date | null): Promise<Share>
  /** Fine when there is none. Fault: file_not_found. */
  unshare(account: Account, id: number): Promise<void>
  /** The id of the file a live link opens. Fault: file_not_found. */
  open(token: string): Promise<number>
}

interface Deps {
  metadata: MetadataStore
  files: FileService
  clock: Clock
  ids: Ids
}

export function createShares({ metadata, files, clock, ids }: Deps): ShareService {
  const alive = (share: Share | null): Share | null =>
    share === null || isShareExpired(share, clock.now()) ? null : share

  const active = async (account: Account, id: number): Promise<FileRecord> => {
    const file = await files.getById(account, id)
    if (file.status !== 'active') throw new Fault('file_not_found')
    return file
  }
  return {
    async get(account, id) {
      const file = await active(account, id)
      return { file, share: alive(await metadata.shares.find(id)) }
    },
    async page(account, { number, size }) {
      const { items, total } = await metadata.files.page(account.id, {
        offset: (number - 1) * size,
        limit: size,
      })
      return { items: items.map(({ file, share }) => ({ file, share: alive(share) })), total }
    },
    async share(account, id, expiresAt) {
      const { id: fileId } = await active(account, id)
      const share = { fileId, token: ids.secret(16), expiresAt, createdAt: clock.now() }
      await metadata.shares.put(share)
      return share
    },
    async unshare(account, id) {
      const { id: fileId } = await active(account, id)
      await metadata.shares.remove(fileId, clock.now())
    },
    async open(token) {
      const share = /^[0-9a-f]{32}$/.test(token) ? alive(await metadata.shares.findByToken(token)) : null
      if (!share) throw new Fault('file_not_found')
      return share.fileId
    },
  }
}

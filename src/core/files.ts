/** What users call files. Trash is restorable, still charged, and out of everybody's reach but its owner's. */
import type { Clock } from './clock.ts'
import { Fault, invalid } from './fault.ts'
import { cleanFilename, cleanMimeType, refuseBlocked } from './filename.ts'
import type { Ids } from './ids.ts'
import type { FileUpdate, MetadataStore, WhenTaken } from './metadata.ts'
import type { Account, FileRecord, Principal, Visibility } from './model.ts'
import type { PackageService } from './packages.ts'
import { retryOnConflict } from './retry.ts'
import { fingerprint } from './signer.ts'

export interface FileChange {
  name?: string
  mimeType?: string
  /** Null is the root. */
  folderId?: number | null
  visibility?: Visibility
  /** Of a new name, and of the name in a new folder; both have it when absent. */
  whenTaken?: WhenTaken
}

export interface FileService {
  /** By numeric id or slug; only the owner's. Faults: unauthenticated (no account), file_not_found. */
  getOwn(principal: Principal, idOrSlug: string): Promise<FileRecord>
  /** The account's own, in the trash or not. Fault: file_not_found. */
  getById(account: Account, id: number): Promise<FileRecord>
  /** Likewise. */
  getBySlug(account: Account, slug: string): Promise<FileRecord>
  /** Active files directly in a folder, by name; null is the root. */
  list(account: Account, folderId: number | null): Promise<FileRecord[]>
  /** Faults: file_not_found, destination_not_found, invalid (name), extension_refused, name_taken. */
  change(account: Account, id: number, change: FileChange): Promise<FileRecord>
  /** Its bytes are shared, its charge is not. Faults: file_not_found, destination_not_found, quota_exceeded. */
  copy(account: Account, id: number, folderId: number | null): Promise<FileRecord>
  /** All active ones, whatever their folder, in the order they came. */
  listAll(account: Account): Promise<FileRecord[]>
  /** For good. Fault: file_not_found (trashed files too). */
  remove(account: Account, id: number): Promise<void>
  /** For good, by whoever knows the delete key; the slug goes with its ending in the uploader API. Faults: file_not_found, delete_key_wrong. */
  removeByKey(slug: string, key: string, urlExtension: string | null): Promise<void>
  /** Gives an anonymous file to the account. Faults: file_not_found, delete_key_wrong, quota_exceeded. */
  claim(account: Account, slug: string, key: string, urlExtension: string | null): Promise<FileRecord>
  /** When the file ends by itself; null: never. Faults: file_not_found, invalid (expires_at: it is past). */
  setExpiry(account: Account, id: number, expiresAt: Date | null): Promise<FileRecord>
  /** Trashing again changes nothing. Fault: file_not_found. */
  trash(account: Account, id: number): Promise<FileRecord>
}

interface Deps {
  metadata: MetadataStore
  packages: PackageService
  clock: Clock
  ids: Ids
  /** Lower case, without the dot. */
  blockedExtensions: ReadonlySet<string>
}

export function createFiles({ metadata, packages, clock, ids, blockedExtensions }: Deps): FileService {
  const owned = (account: Account, file: FileRecord | null): FileRecord => {
    if (file?.accountId !== account.id) throw new Fault('file_not_found')
    return file
  }
  return {
    async getOwn(principal, idOrSlug) {
      if (!principal.account) throw new Fault('unauthenticated')
      return owned(principal.account, await findFile(metadata, principal.account, idOrSlug))
    },
    getById: async (account, id) => owned(account, await metadata.files.find(id)),
    getBySlug: async (account, slug) => owned(account, await metadata.files.findBySlug(slug)),
    list: (account, folderId) => metadata.files.list(account.id, folderId),
    async change(account, id, change) {
      const update = cleanChange(change)
      if (update.name !== undefined) refuseBlocked(update.name, blockedExtensions)
      return metadata.files.update(account.id, id, update, clock.now())
    },
    async copy(account, id, folderId) {
      const { maxStorageBytes } = await packages.of(account)
      const copy = () => ({ slug: ids.slug(), deleteKey: ids.deleteKey(), folderId, createdAt: clock.now() })
      return retryOnConflict(() => metadata.files.copy(account.id, id, copy(), { maxStorageBytes }))
    },
    listAll: (account) => metadata.files.listAll(account.id),
    remove: (account, id) => metadata.files.remove(account.id, id),
    async removeByKey(slug, key, urlExtension) {
      const file = await byKey(metadata, slug, key, urlExtension)
      await metadata.files.remove(file.accountId, file.id)
    },
    async claim(account, slug, key, urlExtension) {
      const { id } = await byKey(metadata, slug, key, urlExtension)
      const { maxStorageBytes } = await packages.of(account)
      return metadata.files.claim(id, account.id, { maxStorageBytes }, clock.now())
    },
    async setExpiry(account, id, expiresAt) {
      const now = clock.now()
      if (expiresAt && !(expiresAt > now))
        throw invalid('expires_at', 'A file can only expire in the future.')
      return metadata.files.update(account.id, id, { expiresAt }, now)
    },
    trash: (account, id) => metadata.files.trash(account.id, id, clock.now()),
  }
}

const cleanChange = ({ name, mimeType, folderId, visibility, whenTaken }: FileChange): FileUpdate => ({
  ...(name !== undefined && { name: cleanFilename(name) }),
  ...(mimeType !== undefined && { mimeType: cleanMimeType(mimeType) }),
  ...(folderId !== undefined && { folderId }),
  ...(visibility !== undefined && { visibility }),
  ...(whenTaken !== undefined && { whenTaken }),
})

/** Ten characters are a slug. Ten digits may be an id as well, unless the account has a file of that slug. */
async function findFile(
  metadata: MetadataStore,
  account: Account,
  idOrSlug: string,
): Promise<FileRecord | null> {
  if (/^[0-9A-Za-z]{10}$/.test(idOrSlug)) {
    const bySlug = await metadata.files.findBySlug(idOrSlug)
    if (bySlug?.accountId === account.id) return bySlug
  }
  return /^[1-9]\d{0,15}$/.test(idOrSlug) ? metadata.files.find(Number(idOrSlug)) : null
}

/** An active file whose delete key is known. Faults: file_not_found, delete_key_wrong. */
async function byKey(
  metadata: MetadataStore,
  slug: string,
  key: string,
  urlExtension: string | null,
): Promise<FileRecord> {
  const file = /^[0-9A-Za-z]{10}$/.test(slug) ? await metadata.files.findBySlug(slug) : null
  if (file?.status !== 'active' || file.usesLeft === 0 || file.urlExtension !== urlExtension)
    throw new Fault('file_not_found')
  const [given, right] = [fingerprint(key.toLowerCase()), fingerprint(file.deleteKey)]
  if (given !== right) throw new Fault('delete_key_wrong')
  return file
}

/** The tree an account keeps its files in. The root is null. Two folders may have one name. */
import type { Clock } from './clock.ts'
import { Fault, invalid } from './fault.ts'
import { byteLength, printable } from './filename.ts'
import type { FolderUpdate, MetadataStore, WhenTaken } from './metadata.ts'
import type { Account, Folder, Visibility } from './model.ts'

export interface NewFolderInput {
  name: string
  parentId: number | null
  /** The account's default when absent. */
  visibility?: Visibility
  /** Ignored when it is not 32 hex digits. */
  passwordMd5?: string | null
  /** Two folders have the name when absent. */
  whenTaken?: WhenTaken
}

export interface FolderService {
  /** Faults: invalid (name, or more than MAX_DEPTH levels deep), folder_not_found (parent), name_taken. */
  create(account: Account, input: NewFolderInput): Promise<Folder>
  /** Someone else's folder, and a trashed one, is folder_not_found. */
  get(account: Account, id: number): Promise<Folder>
  /** Direct children, by name. Fault: folder_not_found (parent). */
  list(account: Account, parentId: number | null): Promise<Folder[]>
  /** Faults: folder_not_found, destination_not_found, folder_cycle, invalid (name, or too deep as in `create`), name_taken. */
  change(account: Account, id: number, change: FolderUpdate): Promise<Folder>
  /**
   * The folder that the names lead to from a parent on; those that are missing are made. Of two with one name the
   * first by id counts. Faults: those of `create`.
   */
  ensure(account: Account, parentId: number | null, names: string[]): Promise<number | null>
  /** With all that is in it. Fault: folder_not_found. */
  trash(account: Account, id: number): Promise<void>
}

/** Levels of folders below the root: every change is counted for all folders above it. */
export const MAX_DEPTH = 100

export function createFolders({ metadata, clock }: { metadata: MetadataStore; clock: Clock }): FolderService {
  const get = async (account: Account, id: number): Promise<Folder> => {
    const folder = await metadata.folders.find(id)
    if (folder?.accountId !== account.id || folder.status !== 'active') throw new Fault('folder_not_found')
    return folder
  }
  const create: FolderService['create'] = async (account, input) => {
    const { name, parentId, visibility = account.defaultVisibility, passwordMd5 = null, whenTaken } = input
    const folder = { accountId: account.id, parentId, name: cleanFolderName(name), visibility }
    const rest = {
      passwordMd5: readMd5(passwordMd5),
      createdAt: clock.now(),
      ...(whenTaken && { whenTaken }),
    }
    return metadata.folders.create({ ...folder, ...rest }, MAX_DEPTH)
  }
  return {
    create,
    async ensure(account, parentId, names) {
      if (parentId !== null) await get(account, parentId)
      let place = parentId
      for (const given of names) {
        const name = cleanFolderName(given)
        const known = await metadata.folders.named(account.id, place, name)
        place = (known ?? (await create(account, { name, parentId: place }))).id
      }
      return place
    },
    get,
    async list(account, parentId) {
      if (parentId !== null) await get(account, parentId)
      return metadata.folders.list(account.id, parentId)
    },
    async change(account, id, { name, ...rest }) {
      const update = name === undefined ? rest : { ...rest, name: cleanFolderName(name) }
      return metadata.folders.update(account.id, id, update, clock.now(), MAX_DEPTH)
    },
    trash: (account, id) => metadata.folders.trash(account.id, id, clock.now()),
  }
}

/** Lower-case, or null for what is no MD5. */
const readMd5 = (value: string | null): string | null =>
  value !== null && /^[0-9a-f]{32}$/i.test(value) ? value.toLowerCase() : null

/** What is kept of a name. Fault: invalid. */
export function cleanFolderName(value: string): string {
  const name = printable(value).replace(/[/\\]/g, '').trim()
  if (name === '' || name === '.' || name === '..') throw invalid('name', 'Folder name is required.')
  if (byteLength(name) > 255) throw invalid('name', 'A folder name has at most 255 bytes.')
  return name
}

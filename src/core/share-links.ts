/** Links to a file or a folder: many of each, with a password, an expiry and a number of downloads where wanted. */
import type { Clock } from './clock.ts'
import { type DownloadService, type Grant, requireReady, type Visitor } from './downloads.ts'
import { Fault, invalid, isFault } from './fault.ts'
import type { Ids } from './ids.ts'
import { LINKS_PAGE, namingLimit, nextPage, noSuchLink } from './link-lists.ts'
import type { LinkPasswords } from './link-password.ts'
import type {
  EntryOrder,
  MetadataStore,
  NamedShareLink,
  ShareLinkUpdate,
  ShareTarget,
  Slice,
} from './metadata.ts'
import type { Account, FileRecord, Folder, ShareLink } from './model.ts'

export interface ShareLinkInput {
  password?: string | null
  expiresAt?: Date | null
  /** Null: without end. */
  downloadsLeft?: number | null
}

/** What a link opens, as a visitor may see it. */
export type OpenedLink =
  | { kind: 'file'; link: ShareLink; file: FileRecord }
  | {
      kind: 'folder'
      link: ShareLink
      folder: Folder
      /** From the shared folder down to this one, without it. */
      path: Folder[]
      folders: Folder[]
      files: FileRecord[]
      total: number
    }

export interface ShareLinkService {
  /** Faults: file_not_found, folder_not_found, too_many_links, invalid (expiry, downloads, password). */
  create(account: Account, target: ShareTarget, input: ShareLinkInput): Promise<ShareLink>
  /** The newest first, a page at a time; `beforeId` of the next page, null at the end. */
  list(
    account: Account,
    beforeId: number | null,
    target?: ShareTarget,
  ): Promise<{ links: NamedShareLink[]; beforeId: number | null }>
  /** Faults: link_invalid (no such link of the account), invalid. */
  change(account: Account, id: number, input: ShareLinkInput): Promise<ShareLink>
  /** Fault: link_invalid. */
  remove(account: Account, id: number): Promise<void>
  /** A link that is alive. Faults: link_invalid (unknown, its account suspended), link_ended (expired, used up). */
  find(token: string): Promise<ShareLink>
  /** A pass of 24 hours. Faults: those of `find`, password_wrong. */
  unlock(token: string, password: string): Promise<string>
  /**
   * `folderId` is a folder below the shared one, null is that itself. Faults: those of `find`; password_required,
   * folder_not_found; link_ended when its file is not there any more; file_unavailable.
   */
  open(token: string, pass: string | null, folderId: number | null, slice: Slice): Promise<OpenedLink>
  /**
   * The bytes of the file, or of one below the folder. Exactly as many downloads begin as the link has; each can
   * be gone on with. Faults: those of `open`, file_not_found (none of its folder).
   */
  authorise(token: string, pass: string | null, fileId: number | null, visitor: Visitor): Promise<Grant>
}

interface Deps {
  metadata: MetadataStore
  downloads: DownloadService
  locks: LinkPasswords
  clock: Clock
  ids: Ids
}

const MOST_DOWNLOADS = 1_000_000
/** Of an account, whatever has become of them: each is a record that lists and counts look at. */
const MOST_LINKS = 10_000
const BY_NAME: EntryOrder = { by: 'name', descending: false }

const usedUp = (): Fault => new Fault('link_ended', 'This link has been used as often as it can be.')
const gone = (): Fault => new Fault('link_ended', 'What this link opened is not there any more.')

/** The file is all that the link opens. */
const asGone = (error: unknown): never => {
  throw isFault(error, 'file_not_found', 'file_removed') ? gone() : error
}

export function createShareLinks({ metadata, downloads, locks, clock, ids }: Deps): ShareLinkService {
  const toUpdate = async ({
    password,
    expiresAt,
    downloadsLeft,
  }: ShareLinkInput): Promise<ShareLinkUpdate> => {
    requireDownloads(downloadsLeft)
    requireFuture(expiresAt, clock)
    return {
      ...(password !== undefined && { passwordHash: await locks.hash(password) }),
      ...(expiresAt !== undefined && { expiresAt }),
      ...(downloadsLeft !== undefined && { downloadsLeft }),
    }
  }

  const isAlive = ({ expiresAt }: ShareLink): boolean => expiresAt === null || expiresAt > clock.now()

  /** Also one whose downloads are used up: a download that was begun by it can be gone on with. */
  const known = async (token: string): Promise<ShareLink> => {
    const link = /^[0-9a-f]{32}$/.test(token) ? await metadata.shareLinks.findByToken(token) : null
    if (!link) throw new Fault('link_invalid')
    const owner = await metadata.accounts.find(link.accountId)
    if (owner?.status !== 'active') throw new Fault('link_invalid')
    if (!isAlive(link)) throw new Fault('link_ended')
    return link
  }

  const find = async (token: string): Promise<ShareLink> => {
    const link = await known(token)
    if (link.downloadsLeft === 0) throw usedUp()
    return link
  }

  const activeFile = async (id: number): Promise<FileRecord> => {
    const file = await metadata.files.find(id)
    if (file?.status !== 'active' || file.usesLeft === 0) throw gone()
    requireReady(file)
    return file
  }

  /** Fault: folder_not_found, when the folder does not lie in the shared one. */
  const wayTo = async (root: number, id: number): Promise<{ folder: Folder; path: Folder[] }> => {
    const chain = await metadata.folders.ancestors(id)
    const depth = chain.findIndex((folder) => folder.id === root)
    const [folder, ...above] = chain.slice(0, depth + 1)
    if (folder?.status !== 'active') throw new Fault('folder_not_found')
    return { folder, path: above.reverse() }
  }

  /** The file the link opens, itself or below its folder. Fault: file_not_found. */
  const target = async (link: ShareLink, fileId: number | null): Promise<number> => {
    if (link.fileId !== null) {
      if (fileId !== null && fileId !== link.fileId) throw new Fault('file_not_found')
      return link.fileId
    }
    const file = fileId === null ? null : await metadata.files.find(fileId)
    if (file?.accountId !== link.accountId || file.folderId === null) throw new Fault('file_not_found')
    await wayTo(link.folderId ?? 0, file.folderId)
    return file.id
  }

  return {
    async create({ id: accountId }, of, input) {
      const { passwordHash = null, expiresAt = null, downloadsLeft = null } = await toUpdate(input)
      const opens = { fileId: null, folderId: null, ...of }
      const rest = { passwordHash, expiresAt, downloadsLeft, createdAt: clock.now() }
      const link = { accountId, ...opens, token: ids.secret(16), ...rest }
      return metadata.shareLinks.create(link, MOST_LINKS).catch(namingLimit(MOST_LINKS, 'links'))
    },
    async list({ id }, beforeId, of) {
      const links = await metadata.shareLinks.list(id, { beforeId, limit: LINKS_PAGE }, of)
      return { links, beforeId: nextPage(links, links.at(-1)?.link) }
    },
    async change({ id: accountId }, id, input) {
      const changed = await metadata.shareLinks.update(accountId, id, await toUpdate(input))
      if (!changed) throw noSuchLink()
      return changed
    },
    async remove({ id: accountId }, id) {
      if (!(await metadata.shareLinks.remove(accountId, id))) throw noSuchLink()
    },
    find,
    unlock: async (token, password) => locks.unlock(await find(token), password),
    async open(token, pass, folderId, slice) {
      const link = await find(token)
      locks.require(link, pass)
      if (link.fileId !== null) return { kind: 'file', link, file: await activeFile(link.fileId) }
      const root = link.folderId ?? 0
      const { folder, path } = await wayTo(root, folderId ?? root)
      const { offset, limit } = slice
      const folders = await metadata.folders.sorted(link.accountId, folder.id, BY_NAME, slice)
      const rest = { offset: Math.max(0, offset - folder.folderCount), limit: limit - folders.length }
      const files =
        rest.limit > 0 ? await metadata.files.sorted(link.accountId, folder.id, BY_NAME, rest) : []
      const total = folder.folderCount + (await metadata.files.count(link.accountId, folder.id))
      return { kind: 'folder', link, folder, path, folders, files, total }
    },
    async authorise(token, pass, fileId, visitor) {
      const link = await known(token)
      locks.require(link, pass)
      const take = async (): Promise<void> => {
        if (!(await metadata.shareLinks.takeDownload(link.id, clock.now()))) throw usedUp()
      }
      const used = { shareLinkId: link.id, isNumbered: link.downloadsLeft !== null, take }
      const id = await target(link, fileId)
      const grant = downloads.authoriseByLink(id, visitor, { link: used, expiresAt: link.expiresAt })
      return link.fileId === null ? grant : grant.catch(asGone)
    },
  }
}

function requireDownloads(count: number | null | undefined): void {
  if (count === undefined || count === null) return
  if (!Number.isInteger(count) || count < 1 || count > MOST_DOWNLOADS)
    throw invalid('downloadsLeft', 'The number of downloads is a whole number from 1 to 1,000,000.')
}

/** Fault: invalid, for an expiry that is no time or has passed. */
export function requireFuture(expiresAt: Date | null | undefined, clock: Clock): void {
  if (expiresAt === undefined || expiresAt === null) return
  if (Number.isNaN(expiresAt.getTime())) throw invalid('expiresAt', 'The expiry is not a time.')
  if (expiresAt <= clock.now()) throw invalid('expiresAt', 'The expiry has to lie in the future.')
}

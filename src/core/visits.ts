/** What somebody who follows a link to a folder may see, what search finds, and deletion by key. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { type Clock, plusSeconds } from './clock.ts'
import type { DownloadService } from './downloads.ts'
import { Fault } from './fault.ts'
import type { FileOrder, MetadataStore, Slice } from './metadata.ts'
import type { Account, FileRecord, Folder, UploadSession } from './model.ts'
import type { PackageService } from './packages.ts'
import type { Signer } from './signer.ts'

/** A folder whose visitor may see what is in it. */
export interface EnteredFolder {
  folder: Folder
  isOwner: boolean
}

/** A folder as a visitor may see it. */
export interface FolderView extends EnteredFolder {
  /** Those the visitor may open; a folder's visibility is its own. */
  folders: Folder[]
  /** The files, with the way to each: private ones by a token, the others by their page. */
  files: Array<{ file: FileRecord; path: string }>
  /** Entries there are, on this page and on the others. */
  total: number
}

/** A file as somebody with its delete key may see it, or as any visitor. */
export interface KeyView {
  file: FileRecord
  isOwner: boolean
  hasKey: boolean
}

export interface SearchResult {
  folders: Folder[]
  files: FileRecord[]
  /** For the next page, null at the end. */
  beforeFileId: number | null
}

export interface VisitService {
  /**
   * The folder itself, for who may see what is in it; `pass` is what unlock gave. Faults: folder_not_found (also
   * trashed), not_public (private, and the visitor is not the owner), password_required.
   */
  enter(id: number, visitor: Account | null, pass: string | null): Promise<EnteredFolder>
  /**
   * What is in it, for who may enter; the slice is of the folders, by name, then the files in their order.
   * Faults: those of enter.
   */
  folder(
    id: number,
    visitor: Account | null,
    pass: string | null,
    slice: Slice & { order?: FileOrder },
  ): Promise<FolderView>
  /** A pass of 24 hours for a folder with a password. Faults: folder_not_found, not_public, password_wrong. */
  unlock(id: number, password: string): Promise<string>
  /**
   * The pictures beside a file, as the visitor may see them: those of its folder, unless that is closed to him.
   * A folder with a password shows them to its owner alone. Null at the ends.
   */
  neighbours(
    file: FileRecord,
    visitor: Account | null,
  ): Promise<{ folder: Folder | null; previous: FileRecord | null; next: FileRecord | null }>
  /**
   * What became of an upload session that its caller has been given. Faults: file_not_found (it is not complete,
   * or the file is gone), file_removed.
   */
  uploaded(session: UploadSession): Promise<FileRecord>
  /** Public files and folders by a part of their name; an empty text finds nothing. */
  search(text: string, beforeFileId: number | null): Promise<SearchResult>
  /**
   * Who has the delete key sees every active file, others as in DownloadService.view; a wrong key is none.
   * Faults: file_not_found, file_removed, not_public.
   */
  file(slug: string, visitor: Account | null, hash: string): Promise<KeyView>
  /** The file whose delete key this is; `hash` is the key without dashes. Faults: file_not_found, file_removed. */
  deletable(slug: string, hash: string): Promise<FileRecord>
  /** The account's own, without the key. Faults: file_not_found, file_removed. */
  deletableByOwner(slug: string, owner: Account): Promise<FileRecord>
  /** To the trash. Faults as in `deletable`. */
  deleteByHash(slug: string, hash: string): Promise<void>
}

interface Deps {
  metadata: MetadataStore
  downloads: DownloadService
  packages: PackageService
  signer: Signer
  clock: Clock
}

export const FILE_ORDERS: readonly FileOrder[] = ['name', 'newest', 'largest']

const PASS_SECONDS = 86_400
const SEARCH_PAGE = 50

export function createVisits({ metadata, downloads, packages, signer, clock }: Deps): VisitService {
  const visible = async (id: number, visitor: Account | null): Promise<EnteredFolder> => {
    const folder = await metadata.folders.find(id)
    if (folder?.status !== 'active') throw new Fault('folder_not_found')
    const isOwner = visitor !== null && visitor.id === folder.accountId
    if (folder.visibility === 0 && !isOwner)
      throw new Fault('not_public', 'Folder is not publicly available.')
    return { folder, isOwner }
  }

  const requirePass = ({ id, passwordMd5 }: Folder, pass: string | null): void => {
    if (passwordMd5 === null) return
    const [, expires = '', signature = ''] = /^(\d{1,12})\.([0-9a-f]{64})$/.exec(pass ?? '') ?? []
    try {
      signer.verify({ kind: 'folder', folderId: id, passwordMd5, expires: Number(expires) }, signature)
    } catch (cause) {
      throw new Fault('password_required', undefined, { cause })
    }
  }

  const enter: VisitService['enter'] = async (id, visitor, pass) => {
    const entered = await visible(id, visitor)
    if (!entered.isOwner) requirePass(entered.folder, pass)
    return entered
  }

  const withPaths = async (files: FileRecord[], visitor: Account | null, isOwner: boolean) => {
    const pkg = await packages.of(visitor)
    return files.map((file) => ({
      file,
      path:
        isOwner || file.visibility > 0
          ? `/${file.slug}`
          : downloads.pageLink({ file, isOwner, visitorId: visitor?.id ?? null, pkg }),
    }))
  }

  const find = async (slug: string): Promise<FileRecord | null> =>
    /^[0-9A-Za-z]{10}$/.test(slug) ? metadata.files.findBySlug(slug) : null

  const active = (file: FileRecord | null, isAllowed: (file: FileRecord) => boolean): FileRecord => {
    if (!file || !isAllowed(file)) throw new Fault('file_not_found')
    if (file.status !== 'active') throw new Fault('file_removed')
    return file
  }

  const deletable = async (slug: string, hash: string): Promise<FileRecord> =>
    active(await find(slug), (file) => isDeleteHash(file, hash))

  return {
    enter,
    async folder(id, visitor, pass, { offset, limit, order = 'name' }) {
      const { folder, isOwner } = await enter(id, visitor, pass)
      const { accountId } = folder
      const leastVisibility = isOwner ? 0 : 1
      const folderCount = await metadata.folders.count(accountId, id, leastVisibility)
      const folders = await metadata.folders.list(accountId, id, { offset, limit, leastVisibility })
      const rest = { offset: Math.max(0, offset - folderCount), limit: limit - folders.length, order }
      const files = await withPaths(await metadata.files.list(accountId, id, rest), visitor, isOwner)
      const total = folderCount + (await metadata.files.count(accountId, id))
      return { folder, isOwner, folders, files, total }
    },
    async unlock(id, password) {
      const { folder } = await visible(id, null)
      const given = createHash('md5').update(password).digest('hex')
      const { passwordMd5 } = folder
      if (passwordMd5 === null || !equal(given, passwordMd5)) throw new Fault('password_wrong')
      const expires = Math.floor(plusSeconds(clock.now(), PASS_SECONDS).getTime() / 1000)
      return `${expires}.${signer.sign({ kind: 'folder', folderId: id, passwordMd5, expires })}`
    },
    async neighbours(file, visitor) {
      const none = { folder: null, previous: null, next: null }
      if (file.folderId === null) return none
      const folder = await metadata.folders.find(file.folderId)
      const isOwner = visitor !== null && visitor.id === folder?.accountId
      const isClosed = folder === null || folder.visibility === 0 || folder.passwordMd5 !== null
      if (folder?.status !== 'active' || (isClosed && !isOwner)) return none
      return { folder, ...(await metadata.files.neighbours(file, isOwner ? 0 : 1)) }
    },
    async uploaded({ fileId }) {
      const file = fileId === null ? null : await metadata.files.find(fileId)
      return active(file, () => true)
    },
    async search(text, beforeFileId) {
      const wanted = text.trim().slice(0, 100)
      if (wanted === '') return { folders: [], files: [], beforeFileId: null }
      const files = await metadata.files.search(wanted, { limit: SEARCH_PAGE, beforeId: beforeFileId })
      const first = { limit: SEARCH_PAGE, beforeId: null }
      const folders = beforeFileId === null ? await metadata.folders.search(wanted, first) : []
      const more = files.length === SEARCH_PAGE ? (files.at(-1)?.id ?? null) : null
      return { folders, files, beforeFileId: more }
    },
    async file(slug, visitor, hash) {
      const found = await find(slug)
      const hasKey = found !== null && isDeleteHash(found, hash)
      const { file, isOwner } = hasKey
        ? { file: active(found, () => true), isOwner: false }
        : await downloads.view(slug, visitor)
      return { file, isOwner, hasKey }
    },
    deletable,
    deletableByOwner: async (slug, owner) =>
      active(await find(slug), ({ accountId }) => accountId === owner.id),
    async deleteByHash(slug, hash) {
      const file = await deletable(slug, hash)
      await metadata.files.trash(file.accountId, file.id, clock.now())
    },
  }
}

/** True when `hash` is the file's delete key without dashes. In constant time. */
export const isDeleteHash = (file: FileRecord, hash: string): boolean =>
  /^[0-9a-f]{32}$/i.test(hash) && equal(hash.toLowerCase(), file.deleteKey.replaceAll('-', ''))

const equal = (left: string, right: string): boolean =>
  left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right))

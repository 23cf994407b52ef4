/** Whom the files of an account have gone to. Its owner learns names of accounts, and no addresses. */
import { invalid } from './fault.ts'
import type { FileService } from './files.ts'
import { noSuchLink } from './link-lists.ts'
import type { DownloadersOf, ListedDownloader, MetadataStore } from './metadata.ts'
import type { Account, DownloaderSum, FileRecord, ShareLink } from './model.ts'
import type { Traffic } from './traffic.ts'

/** The owner, somebody who was signed in, or all who were not. */
export type DownloadedBy = { kind: 'owner' } | { kind: 'account'; name: string } | { kind: 'guests' }

/** By which share link; `removed` when there is no such link any more. */
export type DownloadedLink = Pick<ShareLink, 'id' | 'token' | 'createdAt'> | { id: number; removed: true }

export interface FileDownloader
  extends Pick<DownloaderSum, 'id' | 'downloads' | 'completed' | 'bytes' | 'firstAt' | 'lastAt'> {
  file: FileRecord
  by: DownloadedBy
  /** Null when it came another way. */
  link: DownloadedLink | null
}

export interface DownloaderPage {
  items: FileDownloader[]
  /** Where the next page begins; null at the end. */
  before: string | null
}

/**
 * All are up to this moment, the newest first, a page at a time; who fetched nothing for a year is forgotten.
 * `before` is what the page before said; null begins. Fault: invalid (before).
 */
export interface DownloaderService {
  /** Fault: file_not_found (also of another account). */
  ofFile(account: Account, fileId: number, before: string | null): Promise<DownloaderPage>
  /** Of all files of the account, the trashed ones too. */
  ofAccount(account: Account, before: string | null): Promise<DownloaderPage>
  /** Fault: link_invalid (no such link of the account). */
  ofShareLink(account: Account, linkId: number, before: string | null): Promise<DownloaderPage>
}

/** Of one page. */
export const DOWNLOADERS_SHOWN = 20

interface Deps {
  metadata: Pick<MetadataStore, 'downloaders' | 'shareLinks'>
  files: Pick<FileService, 'getById'>
  traffic: Pick<Traffic, 'catchUp'>
}

export function createDownloaders({ metadata, files, traffic }: Deps): DownloaderService {
  async function page({ id }: Account, of: DownloadersOf, cursor: string | null): Promise<DownloaderPage> {
    const before = cursor === null ? null : readCursor(cursor)
    await traffic.catchUp()
    const found = await metadata.downloaders.page(of, { limit: DOWNLOADERS_SHOWN + 1, before })
    const shown = found.slice(0, DOWNLOADERS_SHOWN)
    const last = shown.at(-1)
    return {
      items: shown.map((one) => toDownloader(one, id)),
      before: found.length > shown.length && last ? cursorOf(last.sum) : null,
    }
  }
  return {
    async ofFile(account, fileId, before) {
      await files.getById(account, fileId)
      return page(account, { fileId }, before)
    },
    ofAccount: (account, before) => page(account, { ownerId: account.id }, before),
    async ofShareLink(account, shareLinkId, before) {
      if (!(await metadata.shareLinks.find(account.id, shareLinkId))) throw noSuchLink()
      return page(account, { shareLinkId }, before)
    },
  }
}

function toDownloader(
  { sum, file, accountName, link: known }: ListedDownloader,
  ownerId: number,
): FileDownloader {
  const { id, accountId, shareLinkId, downloads, completed, bytes, firstAt, lastAt } = sum
  const link = shareLinkId === null ? null : linkOf(shareLinkId, known)
  const by = whoOf(accountId === ownerId, accountName)
  return { id, file, by, link, downloads, completed, bytes, firstAt, lastAt }
}

const linkOf = (id: number, known: ListedDownloader['link']): DownloadedLink =>
  known ? { id, ...known } : { id, removed: true }

function whoOf(isOwner: boolean, name: string | null): DownloadedBy {
  if (isOwner) return { kind: 'owner' }
  return name === null ? { kind: 'guests' } : { kind: 'account', name }
}

const cursorOf = ({ lastAt, id }: Pick<DownloaderSum, 'lastAt' | 'id'>): string => `${lastAt.getTime()}-${id}`

/** Fault: invalid. */
function readCursor(text: string): Pick<DownloaderSum, 'lastAt' | 'id'> {
  const [, time, id] = /^(\d{1,15})-([1-9]\d{0,14})$/.exec(text) ?? []
  if (time === undefined || id === undefined)
    throw invalid('before', 'The value of "before" is not where a page begins.')
  return { lastAt: new Date(Number(time)), id: Number(id) }
}

/** Links to files and folders as records, as many of each as their owner likes. */
import type { ShareLink } from '../model.ts'

export type NewShareLink = Pick<
  ShareLink,
  'accountId' | 'fileId' | 'folderId' | 'token' | 'passwordHash' | 'expiresAt' | 'downloadsLeft' | 'createdAt'
>

export type ShareLinkUpdate = Partial<Pick<ShareLink, 'passwordHash' | 'expiresAt' | 'downloadsLeft'>>

/** What a link opens: one of both. */
export type ShareTarget = { fileId: number } | { folderId: number }

/** A link, and what it opens is called. */
export interface NamedShareLink {
  link: ShareLink
  name: string
}

/** The newest first, a page at a time. */
export interface LinkPage {
  /** Older than the one with this id; null for the newest. */
  beforeId: number | null
  limit: number
}

export interface ShareLinkStore {
  /**
   * Faults: file_not_found, folder_not_found (not active, or not of the account), too_many_links (the account has
   * `most`, dead ones and those to what is in the trash among them), conflict (the token exists).
   */
  create(link: NewShareLink, most?: number): Promise<ShareLink>
  /** Of one target or all. Links to what is in the trash are left out. */
  list(accountId: number, page: LinkPage, target?: ShareTarget): Promise<NamedShareLink[]>
  /** Null when the account has no such link. */
  find(accountId: number, id: number): Promise<ShareLink | null>
  findByToken(token: string): Promise<ShareLink | null>
  /** Null when the account has no such link. */
  update(accountId: number, id: number, update: ShareLinkUpdate): Promise<ShareLink | null>
  /** False when the account has no such link. */
  remove(accountId: number, id: number): Promise<boolean>
  /**
   * Takes one of the downloads of the link. False when none is left, or it has expired by then. Of many callers
   * at once no more succeed than there are downloads.
   */
  takeDownload(id: number, now: Date): Promise<boolean>
}

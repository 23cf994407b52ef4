/** Links by which others send files, as records. */
import type { FileRequest } from '../model.ts'
import type { LinkPage } from './share-links.ts'

export type NewFileRequest = Omit<FileRequest, 'id' | 'filesReceived' | 'bytesReceived' | 'closedAt'>

export type FileRequestUpdate = Partial<
  Pick<FileRequest, 'title' | 'note' | 'passwordHash' | 'expiresAt' | 'filesLeft' | 'closedAt'>
>

/** A request, and what its folder is called; null is the root. */
export interface NamedFileRequest {
  request: FileRequest
  folderName: string | null
}

export interface FileRequestStore {
  /** Faults: folder_not_found (not active, or not of the account), too_many_links (the account has `most`). */
  create(request: NewFileRequest, most?: number): Promise<FileRequest>
  /** With the name of the folder; null is the root. */
  list(accountId: number, page: LinkPage): Promise<NamedFileRequest[]>
  findByToken(token: string): Promise<FileRequest | null>
  /** Null when the account has no such request. */
  update(accountId: number, id: number, update: FileRequestUpdate): Promise<FileRequest | null>
  /** False when the account has no such request. */
  remove(accountId: number, id: number): Promise<boolean>
}

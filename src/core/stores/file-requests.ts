/** Links by which others send files, as records. */
import type { FileRequest } from '../model.ts'

export type NewFileRequest = Omit<FileRequest, 'id' | 'filesReceived' | 'bytesReceived' | 'closedAt'>

export type FileRequestUpdate = Partial<
  Pick<FileRequest, 'title' | 'note' | 'passwordHash' | 'expiresAt' | 'filesLeft' | 'closedAt'>
>

export interface FileRequestStore {
  /** Fault: folder_not_found (not active, or not of the account). */
  create(request: NewFileRequest): Promise<FileRequest>
  /** The newest first, with the name of the folder; null is the root. */
  list(accountId: number): Promise<Array<{ request: FileRequest; folderName: string | null }>>
  findByToken(token: string): Promise<FileRequest | null>
  /** Null when the account has no such request. */
  update(accountId: number, id: number, update: FileRequestUpdate): Promise<FileRequest | null>
  /** False when the account has no such request. */
  remove(accountId: number, id: number): Promise<boolean>
}

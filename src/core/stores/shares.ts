/** The public links of files as records. */
import type { Share } from '../model.ts'

export interface ShareStore {
  /** Takes the place of the link the file had; the file counts as changed. Fault: file_not_found (not active). */
  put(share: Share): Promise<void>
  /** Fine when there is none; the file counts as changed only when there was one. */
  remove(fileId: number, now: Date): Promise<void>
  find(fileId: number): Promise<Share | null>
  findByToken(token: string): Promise<Share | null>
}

/** Imports from URLs as records. */
import type { RemoteImport } from '../model.ts'

export type NewImport = Pick<RemoteImport, 'accountId' | 'folderId' | 'url' | 'createdAt'>

/**
 * A process works on an import only while it holds its lease; every step names the holder. It is `complete`
 * when its file is there, which is one step: see FileAdmission.completes.
 */
export interface ImportStore {
  /** Fault: too_many_imports when the account has `maxUnfinished` (0: no limit) already. */
  create(item: NewImport, maxUnfinished: number): Promise<RemoteImport>
  find(id: number): Promise<RemoteImport | null>
  /** The account's, newest first. */
  list(accountId: number, limit: number): Promise<RemoteImport[]>
  /** Unfinished → `cancelled`: whoever works on it loses its lease. Finished: nothing changes. Fault: import_not_found. */
  cancel(accountId: number, id: number, now: Date): Promise<RemoteImport>
  /**
   * Takes the oldest import that is pending or whose lease has ended, and whose `notBefore` has come;
   * `downloading` with one more attempt. Null when there is none. Of two callers one gets it.
   */
  claim(holder: string, now: Date, leaseUntil: Date): Promise<RemoteImport | null>
  /** Extends the lease and records progress. False when the lease is lost or the import cancelled. */
  renew(
    id: number,
    holder: string,
    progress: { receivedBytes: number; totalBytes: number },
    leaseUntil: Date,
  ): Promise<boolean>
  /** `downloading` → `processing`. False when the lease is lost. */
  beginProcessing(id: number, holder: string): Promise<boolean>
  /** → `failed`. */
  fail(id: number, holder: string, message: string, now: Date): Promise<void>
  /** Back to `pending` for a later attempt. */
  postpone(id: number, holder: string, notBefore: Date): Promise<void>
  /** What an earlier process held becomes `pending`, to be taken at once; returns how many. Only at start. */
  reopenInterrupted(now: Date): Promise<number>
  /** Removes finished ones older than the given time; returns how many. */
  purge(before: Date): Promise<number>
}

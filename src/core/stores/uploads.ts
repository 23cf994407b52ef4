/** Upload sessions and their parts as records. */
import type { FileRecord, Part, UploadSession } from '../model.ts'
import type { StoredPart } from '../storage.ts'
import type { FilePlace, GuestAllowance, NewFile } from './files.ts'

export type NewUploadSession = Pick<
  UploadSession,
  | 'id'
  | 'accountId'
  | 'folderId'
  | 'filename'
  | 'expectedSize'
  | 'partSize'
  | 'mimeType'
  | 'checksumSha256'
  | 'objectKey'
  | 'storageUpload'
  | 'createdAt'
  | 'expiresAt'
>

/** What must hold at the moment the session is created; 0 (of the first two) and null mean no limit. */
export interface UploadAdmission {
  maxConcurrent: number
  maxStorageBytes: number
  /** Bytes the storage can still take beside what open sessions are still owed. */
  capacity: number | null
  /** For a session without an account; what other sessions will use is not counted. */
  guest?: GuestAllowance & { address: string | null }
}

/** What an upload session has become. */
export interface FinishedUpload extends FilePlace {
  sha256: string | null
  crc32?: number | null
  storedName?: string | null
  /** The checksum of its sender, in place of the one given at creation: what a file that is `processing` must have. */
  expectedSha256?: string | null
  file: NewFile
  guestAllowance?: GuestAllowance
}

/** Steps of a session that does not exist fail with upload_not_found; extend, reopen, fail, cleared do nothing. */
export interface UploadStore {
  /**
   * Reserves the quota and creates the session as `pending`. Checked in this order.
   * Faults: too_many_uploads (guests are counted together), quota_exceeded, guest_allowance_used (nothing is
   * left of it, or the file alone is more), no_space; conflict when the id exists,
   * account_not_found.
   */
  create(session: NewUploadSession, admission: UploadAdmission): Promise<UploadSession>
  find(id: string): Promise<UploadSession | null>
  /** Sessions of the account that still take parts at that time, the oldest first. */
  open(accountId: number, now: Date): Promise<UploadSession[]>
  /** In order of number. */
  parts(id: string): Promise<Part[]>
  /** Moves the expiry of an open session (pending, uploading, processing). */
  extend(id: string, expiresAt: Date): Promise<void>
  /** Notes that URLs were signed; parts already known keep their state. Fault: sign_closed. */
  signParts(id: string, numbers: number[], now: Date, expiresAt: Date): Promise<void>
  /** Forgets the bytes of a part that is about to be overwritten. Fault: parts_closed. */
  withdrawPart(id: string, number: number, now: Date): Promise<void>
  /**
   * Records bytes the storage holds, not yet reported; moves the expiry. A part that is recorded with the same ETag
   * and size stays as it is, reported or not. Returns how many parts from the first on are recorded without a gap. A session past its expiry still takes a part, which began in time,
   * as long as nobody has ended it; all other steps are closed from its expiry on. Fault: parts_closed.
   */
  savePart(id: string, part: StoredPart, now: Date, expiresAt: Date): Promise<number>
  /**
   * Marks a part as reported, the session as `uploading`, and counts both anew. Repeating it changes
   * nothing. Faults: parts_closed, part_mismatch when etag or size differ from what is recorded.
   */
  reportPart(
    id: string,
    part: StoredPart & { checksumSha256: string | null },
    now: Date,
    expiresAt: Date,
  ): Promise<UploadSession>
  /**
   * `uploading` or `processing` → `completing`, when every byte is reported; of two callers one wins.
   * Faults: upload_not_found, already_completed, complete_closed (also after expiry), no_parts_reported,
   * size_mismatch (parts missing), conflict (another caller is completing).
   */
  beginComplete(id: string, now: Date): Promise<{ session: UploadSession; parts: Part[] }>
  /** `completing` → `uploading`: the attempt failed for a reason that may pass. */
  reopen(id: string, now: Date): Promise<void>
  /** `completing` → `failed`; reservation released, parts forgotten. */
  fail(id: string, message: string, now: Date): Promise<void>
  /**
   * `completing` → `completed`: object and file appear, the reservation becomes use, parts are forgotten;
   * all or nothing. A folder that is gone by now gives the root. Faults: complete_closed, guest_allowance_used,
   * conflict (the slug, the delete key or the object key exists: draw again).
   */
  finish(id: string, result: FinishedUpload, now: Date): Promise<{ session: UploadSession; file: FileRecord }>
  /**
   * Open → `aborted`; reservation released, parts forgotten. Already aborted, failed or expired: fine.
   * Faults: upload_not_found, abort_closed (completed or completing).
   */
  abort(id: string, now: Date): Promise<UploadSession>
  /**
   * Open sessions past their expiry → `expired`, completing ones → `failed` with the given message;
   * returns how many. With `id`, looks at that session only.
   */
  expire(now: Date, timedOutMessage: string, id?: string): Promise<number>
  /** `completing` → `uploading` for all: what an earlier process left when it was killed. Only at start. */
  reopenInterrupted(now: Date): Promise<number>
  /** Sessions that ended without a file and whose staged bytes are not yet removed. */
  abandoned(limit: number): Promise<UploadSession[]>
  /** Notes that the staged bytes are removed. */
  cleared(id: string): Promise<void>
  /** Removes ended sessions without staged bytes, last changed before the given time; returns how many. */
  purge(before: Date): Promise<number>
  /** Every session whose staged bytes are not yet removed or turned into an object. For check and sweeper. */
  staged(): Promise<StagedUpload[]>
}

export interface StagedUpload {
  session: string
  upload: string
  /** Of the object to be. */
  key: string
  /** Parts can still arrive; otherwise it is completing or waits for the sweeper. */
  open: boolean
}

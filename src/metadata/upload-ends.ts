/** How an upload session is completed, and how it ends without a file. */
import { and, eq, inArray, lt, lte, notExists } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import type { FinishedUpload } from '../core/metadata.ts'
import type { FileRecord, Part, UploadSession, UploadStatus } from '../core/model.ts'
import { addUsage } from './charges.ts'
import { uploadColumns } from './columns.ts'
import { type Connection, row, rows, type Work } from './database.ts'
import { admitGuest } from './guest-allowance.ts'
import { insertFile, insertObject, placeOf } from './new-files.ts'
import { files, uploads } from './schema.ts'
import { listParts } from './upload-parts.ts'
import { ENDED, endUpload, FAILED, OPEN, refuse, requireUpload } from './upload-states.ts'

/** See UploadStore.beginComplete. */
export function* beginComplete(
  db: Connection,
  id: string,
  now: Date,
): Work<{ session: UploadSession; parts: Part[] }> {
  refuseToComplete(yield* requireUpload(db, id), now)
  const session = yield* row(
    db
      .update(uploads)
      .set({ status: 'completing', updatedAt: now })
      .where(and(eq(uploads.id, id), inArray(uploads.status, OPEN)))
      .returning(uploadColumns),
  )
  if (!session) throw new Fault('conflict')
  return { session, parts: yield* listParts(db, id) }
}

/** Throws when the session is not ready to be completed. */
function refuseToComplete(session: UploadSession, now: Date): void {
  if (session.status === 'completed') throw new Fault('already_completed')
  if (session.status === 'completing') throw new Fault('conflict')
  if (!OPEN.includes(session.status) || session.expiresAt <= now) throw new Fault('complete_closed')
  if (session.completedParts === 0) throw new Fault('no_parts_reported')
  if (session.uploadedBytes !== session.expectedSize) throw new Fault('size_mismatch')
}

/** `completing` → `uploading`: of one session, or of all. Returns how many. */
export function* reopenUploads(db: Connection, now: Date, id?: string): Work<number> {
  const completing = and(eq(uploads.status, 'completing'), id === undefined ? undefined : eq(uploads.id, id))
  const reopened = db
    .update(uploads)
    .set({ status: 'uploading', updatedAt: now })
    .where(completing)
    .returning({ id: uploads.id })
  return (yield* rows(reopened)).length
}

/** See UploadStore.finish. A folder that is gone by now gives the root. */
export function* finishUpload(
  db: Connection,
  id: string,
  result: FinishedUpload,
  now: Date,
): Work<{ session: UploadSession; file: FileRecord }> {
  const ended = yield* endUpload(db, id, ['completing'], {
    status: 'completed',
    updatedAt: now,
    completedAt: now,
  })
  if (!ended) return yield* refuse(db, id, 'complete_closed')
  yield* admitGuest(db, result.file, result.guestAllowance)
  const { objectKey, expectedSize } = ended
  const object = yield* insertObject(db, {
    key: objectKey,
    size: expectedSize,
    sha256: result.sha256,
    crc32: result.crc32 ?? null,
    storedName: result.storedName ?? null,
    md5: null,
    createdAt: now,
  })
  const place = yield* placeOf(db, result.file, result)
  const file = yield* insertFile(db, object.id, { ...result.file, ...place })
  yield* addUsage(db, file.accountId, file.size)
  const session = yield* row(
    db
      .update(uploads)
      .set({
        fileId: file.id,
        objectId: object.id,
        staged: false,
        ...(result.expectedSha256 != null && { checksumSha256: result.expectedSha256 }),
      })
      .where(eq(uploads.id, id))
      .returning(uploadColumns),
  )
  if (!session) throw new Fault('upload_not_found')
  return { session, file }
}

/** See UploadStore.abort. */
export function* abortUpload(db: Connection, id: string, now: Date): Work<UploadSession> {
  const aborted = yield* endUpload(db, id, OPEN, { status: 'aborted', updatedAt: now })
  if (aborted) return aborted
  const session = yield* requireUpload(db, id)
  if (!FAILED.includes(session.status)) throw new Fault('abort_closed')
  return session
}

/** Ends up to `limit` sessions past their expiry; returns how many it found. */
export function* expireUploads(
  db: Connection,
  now: Date,
  timedOutMessage: string,
  limit: number,
  id?: string,
): Work<number> {
  const due = and(
    id === undefined ? undefined : eq(uploads.id, id),
    inArray(uploads.status, [...OPEN, 'completing']),
    lte(uploads.expiresAt, now),
  )
  const found = yield* rows(
    db.select({ id: uploads.id, status: uploads.status }).from(uploads).where(due).limit(limit),
  )
  for (const upload of found) yield* expireOne(db, upload, now, timedOutMessage)
  return found.length
}

const expireOne = (
  db: Connection,
  { id, status }: { id: string; status: UploadStatus },
  now: Date,
  timedOutMessage: string,
): Work<UploadSession | null> =>
  status === 'completing'
    ? endUpload(db, id, ['completing'], { status: 'failed', errorMessage: timedOutMessage, updatedAt: now })
    : endUpload(db, id, OPEN, { status: 'expired', updatedAt: now })

/**
 * Ended sessions without staged bytes, last changed before the given time; how many were removed. Not those that
 * know the checksum of a file which is still to be verified.
 */
export function* purgeUploads(db: Connection, before: Date): Work<number> {
  const verified = notExists(
    db
      .select({ id: files.id })
      .from(files)
      .where(and(eq(files.contentState, 'processing'), eq(files.objectId, uploads.objectId))),
  )
  const ended = and(eq(uploads.staged, false), inArray(uploads.status, ENDED))
  const old = and(ended, lt(uploads.updatedAt, before), verified)
  return (yield* rows(db.delete(uploads).where(old).returning({ id: uploads.id }))).length
}

/** The states of an upload session and the conditional steps between them. */
import { and, eq, inArray, sql } from 'drizzle-orm'
import { Fault, type FaultCode } from '../core/fault.ts'
import type { UploadSession, UploadStatus } from '../core/model.ts'
import { uploadColumns } from './columns.ts'
import { type Connection, prepared, row, run, type Work } from './database.ts'
import { accounts, parts, uploads } from './schema.ts'

/** Takes parts. */
export const OPEN: UploadStatus[] = ['pending', 'uploading', 'processing']
/** Has bytes reserved. */
export const LIVE: UploadStatus[] = [...OPEN, 'completing']
/** Ended without a file. */
export const FAILED: UploadStatus[] = ['failed', 'aborted', 'expired']
export const ENDED: UploadStatus[] = ['completed', ...FAILED]

const byId = prepared((db) =>
  db
    .select(uploadColumns)
    .from(uploads)
    .where(eq(uploads.id, sql.placeholder('id')))
    .prepare(),
)

export const findUpload = (db: Connection, id: string): Work<UploadSession | null> => row(byId(db), { id })

/** Fault: upload_not_found. */
export function* requireUpload(db: Connection, id: string): Work<UploadSession> {
  const found = yield* findUpload(db, id)
  if (!found) throw new Fault('upload_not_found')
  return found
}

/** Why a conditional step found nothing to change: no such session, or `code`. */
export function* refuse(db: Connection, id: string, code: FaultCode): Work<never> {
  yield* requireUpload(db, id)
  throw new Fault(code)
}

interface End {
  status: UploadStatus
  updatedAt: Date
  errorMessage?: string
  completedAt?: Date
}

/**
 * Moves a session that is in one of the states `from` to its end: reservation released, parts forgotten.
 * Null when it is in none of them.
 */
export function* endUpload(
  db: Connection,
  id: string,
  from: UploadStatus[],
  end: End,
): Work<UploadSession | null> {
  const ended = yield* row(
    db
      .update(uploads)
      .set(end)
      .where(and(eq(uploads.id, id), inArray(uploads.status, from)))
      .returning(uploadColumns),
  )
  if (!ended) return null
  yield* releaseReservation(db, ended)
  yield* run(db.delete(parts).where(eq(parts.uploadId, id)))
  yield* run(
    db.update(uploads).set({ reservedBytes: 0, storedBytes: 0, prefixParts: 0 }).where(eq(uploads.id, id)),
  )
  return { ...ended, reservedBytes: 0 }
}

function* releaseReservation(db: Connection, upload: UploadSession): Work<void> {
  if (upload.accountId === null || upload.reservedBytes === 0) return
  yield* run(
    db
      .update(accounts)
      .set({ storageReserved: sql`${accounts.storageReserved} - ${upload.reservedBytes}` })
      .where(eq(accounts.id, upload.accountId)),
  )
}

/** Whether an upload session may begin, judged and reserved in one transaction. */
import { and, count, eq, inArray, isNull, sql } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import type { NewUploadSession, UploadAdmission } from '../core/metadata.ts'
import type { UploadSession } from '../core/model.ts'
import { charge } from './charges.ts'
import { uploadColumns } from './columns.ts'
import { type Connection, row, type Work } from './database.ts'
import { admitGuestUpload } from './guest-allowance.ts'
import { uploads } from './schema.ts'
import { LIVE } from './upload-states.ts'

/** See UploadStore.create. */
export function* createUpload(
  db: Connection,
  session: NewUploadSession,
  admission: UploadAdmission,
): Work<UploadSession> {
  yield* admitConcurrency(db, session.accountId, admission.maxConcurrent)
  // A guest has no counters; what is reserved for it counts against the capacity only.
  yield* charge(db, 'storageReserved', session.accountId, session.expectedSize, admission.maxStorageBytes)
  if (session.accountId === null && admission.guest)
    yield* admitGuestUpload(db, session.expectedSize, admission.guest)
  if (admission.capacity !== null) yield* admitCapacity(db, session.expectedSize, admission.capacity)
  const created = yield* row(
    db
      .insert(uploads)
      .values({
        ...session,
        status: 'pending',
        reservedBytes: session.accountId === null ? 0 : session.expectedSize,
        uploadedBytes: 0,
        completedParts: 0,
        storedBytes: 0,
        prefixParts: 0,
        staged: true,
        updatedAt: session.createdAt,
      })
      .onConflictDoNothing()
      .returning(uploadColumns),
  )
  if (!created) throw new Fault('conflict')
  return created
}

function* admitConcurrency(db: Connection, accountId: number | null, most: number): Work<void> {
  if (most === 0) return
  const whose = accountId === null ? isNull(uploads.accountId) : eq(uploads.accountId, accountId)
  const live = yield* row(
    db
      .select({ count: count() })
      .from(uploads)
      .where(and(whose, inArray(uploads.status, LIVE))),
  )
  if ((live?.count ?? 0) >= most) throw new Fault('too_many_uploads')
}

/** Bytes already stored are in the free space's figure; what live sessions are still owed is not. */
function* admitCapacity(db: Connection, size: number, capacity: number): Work<void> {
  const owed = sql<number>`coalesce(sum(${uploads.expectedSize} - ${uploads.storedBytes}), 0)`.mapWith(Number)
  const live = yield* row(db.select({ owed }).from(uploads).where(inArray(uploads.status, LIVE)))
  if ((live?.owed ?? 0) + size > capacity) throw new Fault('no_space')
}

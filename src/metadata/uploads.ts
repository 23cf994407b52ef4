/** Upload sessions: a file on its way in. Each step is in a file of its own; this is the list of them. */
import { and, asc, eq, gt, inArray } from 'drizzle-orm'
import type { StagedUpload, UploadStore } from '../core/metadata.ts'
import type { UploadSession } from '../core/model.ts'
import { uploadColumns } from './columns.ts'
import { type Connection, type Engine, rows, run, type Work } from './database.ts'
import { uploads } from './schema.ts'
import { createUpload } from './upload-admission.ts'
import {
  abortUpload,
  beginComplete,
  expireUploads,
  finishUpload,
  purgeUploads,
  reopenUploads,
} from './upload-ends.ts'
import { listParts, reportPart, savePart, signParts, withdrawPart } from './upload-parts.ts'
import { endUpload, FAILED, findUpload, OPEN } from './upload-states.ts'

/** Sessions ended in one transaction: each may have 10 000 parts to forget. */
const EXPIRED_PER_TRANSACTION = 10

export function uploadStore(engine: Engine): UploadStore {
  return {
    create: (session, admission) => engine.write((db) => createUpload(db, session, admission)),
    find: (id) => engine.read((db) => findUpload(db, id)),
    open: (accountId, now) => engine.read((db) => open(db, accountId, now)),
    parts: (id) => engine.read((db) => listParts(db, id)),
    extend: (id, expiresAt) => engine.write((db) => extend(db, id, expiresAt)),
    signParts: (id, numbers, now, expiresAt) =>
      engine.write((db) => signParts(db, id, numbers, now, expiresAt)),
    withdrawPart: (id, number, now) => engine.write((db) => withdrawPart(db, id, number, now)),
    savePart: (id, part, now, expiresAt) => engine.write((db) => savePart(db, id, part, now, expiresAt)),
    reportPart: (id, part, now, expiresAt) => engine.write((db) => reportPart(db, id, part, now, expiresAt)),
    beginComplete: (id, now) => engine.write((db) => beginComplete(db, id, now)),
    reopen: (id, now) => engine.write((db) => reopen(db, id, now)),
    fail: (id, message, now) => engine.write((db) => fail(db, id, message, now)),
    finish: (id, result, now) => engine.write((db) => finishUpload(db, id, result, now)),
    abort: (id, now) => engine.write((db) => abortUpload(db, id, now)),
    expire: (now, timedOutMessage, id) => expire(engine, now, timedOutMessage, id),
    reopenInterrupted: (now) => engine.write((db) => reopenUploads(db, now)),
    abandoned: (limit) => engine.read((db) => abandoned(db, limit)),
    cleared: (id) => engine.write((db) => cleared(db, id)),
    purge: (before) => engine.write((db) => purgeUploads(db, before)),
    staged: () => engine.read(staged),
  }
}

const open = (db: Connection, accountId: number, now: Date): Work<UploadSession[]> =>
  rows(
    db
      .select(uploadColumns)
      .from(uploads)
      .where(and(eq(uploads.accountId, accountId), inArray(uploads.status, OPEN), gt(uploads.expiresAt, now)))
      .orderBy(asc(uploads.createdAt), asc(uploads.id)),
  )

const extend = (db: Connection, id: string, expiresAt: Date): Work<void> =>
  run(
    db
      .update(uploads)
      .set({ expiresAt })
      .where(and(eq(uploads.id, id), inArray(uploads.status, OPEN))),
  )

function* reopen(db: Connection, id: string, now: Date): Work<void> {
  yield* reopenUploads(db, now, id)
}

function* fail(db: Connection, id: string, errorMessage: string, now: Date): Work<void> {
  yield* endUpload(db, id, ['completing'], { status: 'failed', errorMessage, updatedAt: now })
}

/** In several transactions when there are many, so that no other work waits long. */
async function expire(engine: Engine, now: Date, timedOutMessage: string, id?: string): Promise<number> {
  let total = 0
  for (;;) {
    const ended = await engine.write((db) =>
      expireUploads(db, now, timedOutMessage, EXPIRED_PER_TRANSACTION, id),
    )
    total += ended
    if (ended < EXPIRED_PER_TRANSACTION) return total
  }
}

const abandoned = (db: Connection, limit: number): Work<UploadSession[]> =>
  rows(
    db
      .select(uploadColumns)
      .from(uploads)
      .where(and(eq(uploads.staged, true), inArray(uploads.status, FAILED)))
      .orderBy(asc(uploads.updatedAt), asc(uploads.id))
      .limit(limit),
  )

const cleared = (db: Connection, id: string): Work<void> =>
  run(
    db
      .update(uploads)
      .set({ staged: false })
      .where(and(eq(uploads.id, id), inArray(uploads.status, FAILED))),
  )

function* staged(db: Connection): Work<StagedUpload[]> {
  const { id: session, storageUpload: upload, objectKey: key, status } = uploads
  const found = yield* rows(
    db.select({ session, upload, key, status }).from(uploads).where(eq(uploads.staged, true)),
  )
  return found.map(({ status, ...names }) => ({ ...names, open: OPEN.includes(status) }))
}

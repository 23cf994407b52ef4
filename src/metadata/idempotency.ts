/** Which requests were seen before, and what they were answered. */
import { and, eq, isNull, lt } from 'drizzle-orm'
import type {
  IdempotencyKey,
  IdempotencyOutcome,
  IdempotencyRequest,
  IdempotencyStore,
} from '../core/metadata.ts'
import { type Connection, type Engine, row, rows, run, type Work } from './database.ts'
import { idempotency } from './schema.ts'

export function idempotencyStore(engine: Engine): IdempotencyStore {
  return {
    begin: (request) => engine.write((db) => begin(db, request)),
    finish: (key, { status, body }, now) =>
      engine.write((db) =>
        run(
          db
            .update(idempotency)
            .set({ status, body, updatedAt: now })
            .where(and(isKey(key), isPending)),
        ),
      ),
    release: (key) => engine.write((db) => run(db.delete(idempotency).where(and(isKey(key), isPending)))),
    purge: (before) => engine.write((db) => purge(db, before)),
  }
}

const isPending = isNull(idempotency.status)

const isKey = ({ key, endpoint, actor }: IdempotencyKey) =>
  and(eq(idempotency.key, key), eq(idempotency.endpoint, endpoint), eq(idempotency.actor, actor))

function* begin(db: Connection, request: IdempotencyRequest): Work<IdempotencyOutcome> {
  // Only this one key: what else is old, purge removes.
  const expired = and(isKey(request), lt(idempotency.updatedAt, request.expiredBefore))
  yield* run(db.delete(idempotency).where(expired))
  const { key, endpoint, actor, payloadHash, owner, now } = request
  const inserted = yield* row(
    db
      .insert(idempotency)
      .values({ key, endpoint, actor, payloadHash, owner, updatedAt: now })
      .onConflictDoNothing()
      .returning({ key: idempotency.key }),
  )
  return inserted ? { state: 'fresh' } : yield* meet(db, request)
}

/** Somebody was here before. */
function* meet(db: Connection, request: IdempotencyRequest): Work<IdempotencyOutcome> {
  const known = yield* row(db.select().from(idempotency).where(isKey(request)))
  // Released between the two queries, where the database lets others write in the meantime.
  if (!known) return { state: 'pending' }
  if (known.payloadHash !== request.payloadHash) return { state: 'mismatch' }
  if (known.status !== null) return { state: 'done', status: known.status, body: known.body ?? '' }
  if (known.owner === request.owner && known.updatedAt >= request.staleBefore) return { state: 'pending' }
  const taken = yield* row(
    db
      .update(idempotency)
      .set({ owner: request.owner, updatedAt: request.now })
      .where(
        and(
          isKey(request),
          isPending,
          eq(idempotency.owner, known.owner),
          eq(idempotency.updatedAt, known.updatedAt),
        ),
      )
      .returning({ key: idempotency.key }),
  )
  return taken ? { state: 'taken_over' } : { state: 'pending' }
}

function* purge(db: Connection, before: Date): Work<number> {
  const old = db
    .delete(idempotency)
    .where(lt(idempotency.updatedAt, before))
    .returning({ key: idempotency.key })
  return (yield* rows(old)).length
}

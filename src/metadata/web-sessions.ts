/** Browsers that signed in. */
import { and, desc, eq, lt, ne, sql } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import type { AccountProof, NewWebSession, WebSessionStore } from '../core/metadata.ts'
import type { WebSession } from '../core/model.ts'
import { requireProof } from './account-proof.ts'
import { accountColumns, webSessionColumns } from './columns.ts'
import { type Connection, type Engine, prepared, row, rows, run, type Work } from './database.ts'
import { accounts, webSessions } from './schema.ts'

const byHash = prepared((db) =>
  db
    .select({ session: webSessionColumns, account: accountColumns })
    .from(webSessions)
    .innerJoin(accounts, eq(accounts.id, webSessions.accountId))
    .where(eq(webSessions.hash, sql.placeholder('hash')))
    .prepare(),
)

export function webSessionStore(engine: Engine): WebSessionStore {
  return {
    create: (session, proof) => engine.write((db) => create(db, session, proof)),
    findByHash: (hash) => engine.read((db) => row(byHash(db), { hash })),
    rotateCsrf: (id, presented, next) => engine.write((db) => rotateCsrf(db, id, presented, next)),
    extend: (id, expiresAt) =>
      engine.write((db) => run(db.update(webSessions).set({ expiresAt }).where(eq(webSessions.id, id)))),
    delete: (hash) => engine.write((db) => run(db.delete(webSessions).where(eq(webSessions.hash, hash)))),
    list: (accountId) =>
      engine.read((db) =>
        rows(
          db
            .select(webSessionColumns)
            .from(webSessions)
            .where(eq(webSessions.accountId, accountId))
            .orderBy(
              desc(sql`coalesce(${webSessions.lastSeenAt}, ${webSessions.createdAt})`),
              desc(webSessions.id),
            ),
        ),
      ),
    touch: (id, seen) =>
      engine.write((db) => run(db.update(webSessions).set(seen).where(eq(webSessions.id, id)))),
    prove: (id, provedAt) =>
      engine.write((db) => run(db.update(webSessions).set({ provedAt }).where(eq(webSessions.id, id)))),
    end: (accountId, id) => engine.write((db) => end(db, accountId, id)),
    endOthers: (accountId, keptId) => engine.write((db) => endOthers(db, accountId, keptId)),
    purge: (now) => engine.write((db) => purge(db, now)),
  }
}

function* create(db: Connection, session: NewWebSession, proof?: AccountProof): Work<WebSession> {
  yield* requireProof(db, session.accountId, proof)
  const created = yield* row(
    db.insert(webSessions).values(session).onConflictDoNothing().returning(webSessionColumns),
  )
  if (!created) throw new Fault('conflict')
  return created
}

function* rotateCsrf(db: Connection, id: number, presented: string, next: string): Work<string | null> {
  const current = { csrf: webSessions.csrf }
  const rotated = yield* row(
    db
      .update(webSessions)
      .set({ csrf: next, previousCsrf: presented })
      .where(and(eq(webSessions.id, id), eq(webSessions.csrf, presented)))
      .returning(current),
  )
  if (rotated) return rotated.csrf
  const usedUp = yield* row(
    db
      .update(webSessions)
      .set({ previousCsrf: null })
      .where(and(eq(webSessions.id, id), eq(webSessions.previousCsrf, presented)))
      .returning(current),
  )
  return usedUp?.csrf ?? null
}

function* end(db: Connection, accountId: number, id: number): Work<void> {
  const own = and(eq(webSessions.accountId, accountId), eq(webSessions.id, id))
  const ended = yield* row(db.delete(webSessions).where(own).returning({ id: webSessions.id }))
  if (!ended) throw new Fault('token_not_found', 'Session not found.')
}

function* endOthers(db: Connection, accountId: number, keptId: number): Work<number> {
  const others = and(eq(webSessions.accountId, accountId), ne(webSessions.id, keptId))
  return (yield* rows(db.delete(webSessions).where(others).returning({ id: webSessions.id }))).length
}

function* purge(db: Connection, now: Date): Work<number> {
  const ended = db.delete(webSessions).where(lt(webSessions.expiresAt, now)).returning({ id: webSessions.id })
  return (yield* rows(ended)).length
}

/** Sign-ins of the uploader API: what is not here is no sign-in any more. */
import { and, desc, eq, gt, lt, notInArray, sql } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import type { AccountProof, LoginTokenStore } from '../core/metadata.ts'
import type { LoginToken } from '../core/model.ts'
import { requireProof } from './account-proof.ts'
import { accountColumns, loginTokenColumns } from './columns.ts'
import { type Connection, type Engine, prepared, row, rows, run, type Work } from './database.ts'
import { accounts, loginTokens } from './schema.ts'

const byId = prepared((db) =>
  db
    .select({ token: loginTokenColumns, account: accountColumns })
    .from(loginTokens)
    .innerJoin(accounts, eq(accounts.id, loginTokens.accountId))
    .where(eq(loginTokens.id, sql.placeholder('id')))
    .prepare(),
)

export function loginTokenStore(engine: Engine): LoginTokenStore {
  return {
    create: (token, mostLive, proof) => engine.write((db) => create(db, token, mostLive, proof)),
    find: (id) => engine.read((db) => row(byId(db), { id })),
    replace: (id, next) => engine.write((db) => replace(db, id, next)),
    delete: (id) => engine.write((db) => run(db.delete(loginTokens).where(eq(loginTokens.id, id)))),
    list: (accountId) =>
      engine.read((db) =>
        rows(
          db
            .select(loginTokenColumns)
            .from(loginTokens)
            .where(eq(loginTokens.accountId, accountId))
            .orderBy(desc(loginTokens.createdAt), desc(loginTokens.id)),
        ),
      ),
    end: (accountId, id) => engine.write((db) => end(db, accountId, id)),
    purge: (now) => engine.write((db) => purge(db, now)),
  }
}

function* create(db: Connection, token: LoginToken, mostLive: number, proof?: AccountProof): Work<void> {
  yield* requireProof(db, token.accountId, proof)
  yield* makeRoom(db, token, mostLive - 1)
  yield* insert(db, token)
}

/**
 * Leaves the account its newest `most` live tokens. What has ended takes no place and stays, so that whoever
 * brings it is told that it ended.
 */
function* makeRoom(db: Connection, { accountId, createdAt: now }: LoginToken, most: number): Work<void> {
  const live = and(eq(loginTokens.accountId, accountId), gt(loginTokens.expiresAt, now))
  const newest = db
    .select({ id: loginTokens.id })
    .from(loginTokens)
    .where(live)
    .orderBy(desc(loginTokens.createdAt), desc(loginTokens.id))
    .limit(most)
  yield* run(db.delete(loginTokens).where(and(live, notInArray(loginTokens.id, newest))))
}

function* insert(db: Connection, token: LoginToken): Work<void> {
  const created = yield* row(
    db.insert(loginTokens).values(token).onConflictDoNothing().returning({ id: loginTokens.id }),
  )
  if (!created) throw new Fault('conflict')
}

function* replace(db: Connection, id: string, next: LoginToken): Work<void> {
  const old = db.delete(loginTokens).where(eq(loginTokens.id, id)).returning({ id: loginTokens.id })
  if (!(yield* row(old))) throw new Fault('credential_unknown')
  yield* insert(db, next)
}

function* end(db: Connection, accountId: number, id: string): Work<void> {
  const own = and(eq(loginTokens.id, id), eq(loginTokens.accountId, accountId))
  const ended = yield* row(db.delete(loginTokens).where(own).returning({ id: loginTokens.id }))
  if (!ended) throw new Fault('token_not_found')
}

function* purge(db: Connection, now: Date): Work<number> {
  const ended = db.delete(loginTokens).where(lt(loginTokens.expiresAt, now)).returning({ id: loginTokens.id })
  return (yield* rows(ended)).length
}

/** What programs sign in for: found by the hash of their secret. */
import { eq, lt, sql } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import type { AccessTokenStore, AccountProof } from '../core/metadata.ts'
import type { AccessToken } from '../core/model.ts'
import { requireProof } from './account-proof.ts'
import { accessTokenColumns, accountColumns } from './columns.ts'
import { type Connection, type Engine, given, prepared, row, rows, run, type Work } from './database.ts'
import { accessTokens, accounts } from './schema.ts'

const thisToken = eq(accessTokens.hash, sql.placeholder('hash'))

const byHash = prepared((db) =>
  db
    .select({ token: accessTokenColumns, account: accountColumns })
    .from(accessTokens)
    .innerJoin(accounts, eq(accounts.id, accessTokens.accountId))
    .where(thisToken)
    .prepare(),
)

const used = prepared((db) =>
  db
    .update(accessTokens)
    .set({ lastUsedAt: given('at', accessTokens.lastUsedAt) })
    .where(thisToken)
    .prepare(),
)

export function accessTokenStore(engine: Engine): AccessTokenStore {
  return {
    create: (token, proof) => engine.write((db) => create(db, token, proof)),
    find: (hash) => engine.read((db) => row(byHash(db), { hash })),
    touch: (hash, at) => engine.write((db) => run(used(db), { hash, at })),
    delete: (hash) => engine.write((db) => run(db.delete(accessTokens).where(eq(accessTokens.hash, hash)))),
    purge: (before) => engine.write((db) => purge(db, before)),
  }
}

function* create(db: Connection, token: AccessToken & { hash: string }, proof?: AccountProof): Work<void> {
  yield* requireProof(db, token.accountId, proof)
  const created = yield* row(
    db
      .insert(accessTokens)
      .values(token)
      .onConflictDoNothing()
      .returning({ accountId: accessTokens.accountId }),
  )
  if (!created) throw new Fault('conflict')
}

function* purge(db: Connection, before: Date): Work<number> {
  const idle = db.delete(accessTokens).where(lt(accessTokens.lastUsedAt, before))
  return (yield* rows(idle.returning({ accountId: accessTokens.accountId }))).length
}

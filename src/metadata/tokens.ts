/** Credentials of programs, found by the hash of their secret. */
import { and, asc, eq, sql } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import type { AccountProof, NewToken, TokenStore } from '../core/metadata.ts'
import type { Token } from '../core/model.ts'
import { requireProof } from './account-proof.ts'
import { accountColumns, tokenColumns } from './columns.ts'
import { type Connection, type Engine, prepared, row, rows, run, type Work } from './database.ts'
import { accounts, tokens } from './schema.ts'

const byHash = prepared((db) =>
  db
    .select({ token: tokenColumns, account: accountColumns })
    .from(tokens)
    .innerJoin(accounts, eq(accounts.id, tokens.accountId))
    .where(and(eq(tokens.kind, sql.placeholder('kind')), eq(tokens.hash, sql.placeholder('hash'))))
    .prepare(),
)

export function tokenStore(engine: Engine): TokenStore {
  return {
    create: (token, proof) => engine.write((db) => create(db, token, proof)),
    findByHash: (kind, hash) => engine.read((db) => row(byHash(db), { kind, hash })),
    list: (accountId) =>
      engine.read((db) =>
        rows(
          db
            .select(tokenColumns)
            .from(tokens)
            .where(eq(tokens.accountId, accountId))
            .orderBy(asc(tokens.createdAt), asc(tokens.id)),
        ),
      ),
    revoke: (id) => engine.write((db) => revoke(db, id)),
    touch: (id, lastUsedAt, lastUsedIp) =>
      engine.write((db) => run(db.update(tokens).set({ lastUsedAt, lastUsedIp }).where(eq(tokens.id, id)))),
  }
}

function* create(db: Connection, token: NewToken, proof?: AccountProof): Work<Token> {
  yield* requireProof(db, token.accountId, proof)
  const created = yield* row(
    db
      .insert(tokens)
      .values({ ...token, status: 'active' })
      .onConflictDoNothing()
      .returning(tokenColumns),
  )
  if (!created) throw new Fault('conflict')
  return created
}

function* revoke(db: Connection, id: string): Work<void> {
  const revoked = yield* row(
    db.update(tokens).set({ status: 'revoked' }).where(eq(tokens.id, id)).returning({ id: tokens.id }),
  )
  if (!revoked) throw new Fault('token_not_found')
}

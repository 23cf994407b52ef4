/** Second factors of accounts, and the codes for who has lost one. */
import { and, count, eq, isNotNull, isNull, lt, sql } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import type { SecondFactorStore } from '../core/metadata.ts'
import type { SecondFactor } from '../core/model.ts'
import { secondFactorColumns } from './columns.ts'
import { type Connection, type Engine, prepared, row, run, type Work } from './database.ts'
import { recoveryCodes, secondFactors } from './schema.ts'

const byAccount = prepared((db) =>
  db
    .select(secondFactorColumns)
    .from(secondFactors)
    .where(eq(secondFactors.accountId, sql.placeholder('accountId')))
    .prepare(),
)

export function secondFactorStore(engine: Engine): SecondFactorStore {
  return {
    find: (accountId) => engine.read((db) => row(byAccount(db), { accountId })),
    begin: (factor) => engine.write((db) => begin(db, factor)),
    confirm: (accountId, step, codeHashes, now) =>
      engine.write((db) => confirm(db, accountId, step, codeHashes, now)),
    takeStep: (accountId, step) => engine.write((db) => takeStep(db, accountId, step)),
    takeCode: (accountId, hash, now) => engine.write((db) => takeCode(db, accountId, hash, now)),
    codesLeft: (accountId) => engine.read((db) => codesLeft(db, accountId)),
    replaceCodes: (accountId, codeHashes) => engine.write((db) => replaceCodes(db, accountId, codeHashes)),
    remove: (accountId) => engine.write((db) => remove(db, accountId)),
  }
}

function* begin(
  db: Connection,
  factor: Pick<SecondFactor, 'accountId' | 'secret' | 'createdAt'>,
): Work<void> {
  const { secret, createdAt } = factor
  const begun = yield* row(
    db
      .insert(secondFactors)
      .values(factor)
      .onConflictDoUpdate({
        target: secondFactors.accountId,
        set: { secret, createdAt, lastStep: 0 },
        setWhere: isNull(secondFactors.confirmedAt),
      })
      .returning({ accountId: secondFactors.accountId }),
  )
  if (!begun) throw new Fault('conflict', 'There is a second factor already.')
}

function* confirm(
  db: Connection,
  accountId: number,
  lastStep: number,
  codeHashes: string[],
  confirmedAt: Date,
): Work<void> {
  const confirmed = yield* row(
    db
      .update(secondFactors)
      .set({ confirmedAt, lastStep })
      .where(and(eq(secondFactors.accountId, accountId), isNull(secondFactors.confirmedAt)))
      .returning({ accountId: secondFactors.accountId }),
  )
  if (!confirmed) throw new Fault('conflict', 'There is no second factor to confirm.')
  yield* replaceCodes(db, accountId, codeHashes)
}

function* takeStep(db: Connection, accountId: number, step: number): Work<boolean> {
  const isNew = and(
    eq(secondFactors.accountId, accountId),
    isNotNull(secondFactors.confirmedAt),
    lt(secondFactors.lastStep, step),
  )
  const taken = db.update(secondFactors).set({ lastStep: step }).where(isNew)
  return (yield* row(taken.returning({ accountId: secondFactors.accountId }))) !== null
}

function* takeCode(db: Connection, accountId: number, hash: string, usedAt: Date): Work<boolean> {
  const unused = and(
    eq(recoveryCodes.accountId, accountId),
    eq(recoveryCodes.hash, hash),
    isNull(recoveryCodes.usedAt),
  )
  const taken = db.update(recoveryCodes).set({ usedAt }).where(unused).returning({ id: recoveryCodes.id })
  return (yield* row(taken)) !== null
}

function* codesLeft(db: Connection, accountId: number): Work<number> {
  const unused = and(eq(recoveryCodes.accountId, accountId), isNull(recoveryCodes.usedAt))
  return (yield* row(db.select({ left: count() }).from(recoveryCodes).where(unused)))?.left ?? 0
}

function* replaceCodes(db: Connection, accountId: number, codeHashes: string[]): Work<void> {
  yield* run(db.delete(recoveryCodes).where(eq(recoveryCodes.accountId, accountId)))
  if (codeHashes.length === 0) return
  yield* run(db.insert(recoveryCodes).values(codeHashes.map((hash) => ({ accountId, hash }))))
}

function* remove(db: Connection, accountId: number): Work<void> {
  yield* run(db.delete(secondFactors).where(eq(secondFactors.accountId, accountId)))
  yield* run(db.delete(recoveryCodes).where(eq(recoveryCodes.accountId, accountId)))
}

/** Second factors of accounts, and the codes for who has lost one. */
import { and, count, eq, exists, isNotNull, isNull, lt, sql } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import type { FactorSecret, SecondFactorStore } from '../core/metadata.ts'
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
    confirm: (of, step, codeHashes, now) => engine.write((db) => confirm(db, of, step, codeHashes, now)),
    takeStep: (of, step) => engine.write((db) => takeStep(db, of, step)),
    takeCode: (of, hash, now) => engine.write((db) => takeCode(db, of, hash, now)),
    codesLeft: (accountId) => engine.read((db) => codesLeft(db, accountId)),
    replaceCodes: (of, codeHashes) => engine.write((db) => renewCodes(db, of, codeHashes)),
    remove: (accountId, secret) => engine.write((db) => remove(db, accountId, secret)),
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

const isOf = ({ accountId, secret }: FactorSecret) =>
  and(eq(secondFactors.accountId, accountId), eq(secondFactors.secret, secret))
const isOn = (of: FactorSecret) => and(isOf(of), isNotNull(secondFactors.confirmedAt))

function* confirm(
  db: Connection,
  of: FactorSecret,
  lastStep: number,
  codeHashes: string[],
  confirmedAt: Date,
): Work<void> {
  const confirmed = yield* row(
    db
      .update(secondFactors)
      .set({ confirmedAt, lastStep })
      .where(and(isOf(of), isNull(secondFactors.confirmedAt)))
      .returning({ accountId: secondFactors.accountId }),
  )
  if (!confirmed) throw new Fault('conflict', 'There is no second factor to confirm.')
  yield* replaceCodes(db, of, codeHashes)
}

function* takeStep(db: Connection, of: FactorSecret, step: number): Work<boolean> {
  const isNew = and(isOn(of), lt(secondFactors.lastStep, step))
  const taken = db.update(secondFactors).set({ lastStep: step }).where(isNew)
  return (yield* row(taken.returning({ accountId: secondFactors.accountId }))) !== null
}

function* takeCode(db: Connection, of: FactorSecret, hash: string, usedAt: Date): Work<boolean> {
  const unused = and(
    eq(recoveryCodes.accountId, of.accountId),
    eq(recoveryCodes.hash, hash),
    isNull(recoveryCodes.usedAt),
    exists(db.select({ accountId: secondFactors.accountId }).from(secondFactors).where(isOn(of))),
  )
  const taken = db.update(recoveryCodes).set({ usedAt }).where(unused).returning({ id: recoveryCodes.id })
  return (yield* row(taken)) !== null
}

function* codesLeft(db: Connection, accountId: number): Work<number> {
  const unused = and(eq(recoveryCodes.accountId, accountId), isNull(recoveryCodes.usedAt))
  return (yield* row(db.select({ left: count() }).from(recoveryCodes).where(unused)))?.left ?? 0
}

function* replaceCodes(db: Connection, { accountId }: FactorSecret, codeHashes: string[]): Work<void> {
  yield* run(db.delete(recoveryCodes).where(eq(recoveryCodes.accountId, accountId)))
  if (codeHashes.length === 0) return
  yield* run(db.insert(recoveryCodes).values(codeHashes.map((hash) => ({ accountId, hash }))))
}

const changedMeanwhile = (): Fault =>
  new Fault('conflict', 'The second factor was set up anew, or turned off.')

function* renewCodes(db: Connection, of: FactorSecret, codeHashes: string[]): Work<void> {
  const same = db.select({ accountId: secondFactors.accountId }).from(secondFactors).where(isOn(of))
  if (!(yield* row(same))) throw changedMeanwhile()
  yield* replaceCodes(db, of, codeHashes)
}

function* remove(db: Connection, accountId: number, secret?: string): Work<void> {
  const which = secret === undefined ? eq(secondFactors.accountId, accountId) : isOf({ accountId, secret })
  const removed = db.delete(secondFactors).where(which).returning({ accountId: secondFactors.accountId })
  if (!(yield* row(removed)) && secret !== undefined) throw changedMeanwhile()
  yield* run(db.delete(recoveryCodes).where(eq(recoveryCodes.accountId, accountId)))
}

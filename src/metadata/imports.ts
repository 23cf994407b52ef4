/** Files to be fetched from a URL: a queue whose entries are worked on under a lease. */
import { and, count, desc, eq, gte, inArray, lt, lte, sql } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import type { HeldImport, ImportStore, NewImport } from '../core/metadata.ts'
import type { FileRecord, ImportStatus, RemoteImport } from '../core/model.ts'
import { importColumns } from './columns.ts'
import { type Connection, type Engine, given, prepared, row, rows, type Work } from './database.ts'
import { accounts, imports } from './schema.ts'

const LEASED: ImportStatus[] = ['downloading', 'processing']
const UNFINISHED: ImportStatus[] = ['pending', ...LEASED]

const byId = prepared((db) =>
  db
    .select(importColumns)
    .from(imports)
    .where(eq(imports.id, sql.placeholder('id')))
    .prepare(),
)

const due = lte(imports.claimableAt, given('now', imports.claimableAt))

/** The smallest id of those whose time has come, and its state, changed in one statement. */
const claiming = prepared((db) => {
  // The sum with 0 keeps SQLite from looking for the minimum in the order of ids, through all that is finished.
  const oldest = db
    .select({ id: sql`min(${imports.id} + 0)` })
    .from(imports)
    .where(due)
  return db
    .update(imports)
    .set({
      status: 'downloading',
      attempts: sql`${imports.attempts} + 1`,
      leaseHolder: given('holder', imports.leaseHolder),
      claimableAt: given('leaseUntil', imports.claimableAt),
      startedAt: sql`coalesce(${imports.startedAt}, ${given('now', imports.startedAt)})`,
    })
    .where(and(eq(imports.id, sql`${oldest}`), due))
    .returning(importColumns)
    .prepare()
})

export function importStore(engine: Engine): ImportStore {
  return {
    create: (item, maxUnfinished) => engine.write((db) => create(db, item, maxUnfinished)),
    find: (id) => engine.read((db) => row(byId(db), { id })),
    list: (accountId, limit) => engine.read((db) => list(db, accountId, limit)),
    cancel: (accountId, id, now) => engine.write((db) => cancel(db, accountId, id, now)),
    claim: (holder, now, leaseUntil) => engine.write((db) => row(claiming(db), { holder, now, leaseUntil })),
    renew: (id, holder, progress, leaseUntil) =>
      engine.write((db) => step(db, id, holder, LEASED, { ...progress, claimableAt: leaseUntil })),
    beginProcessing: (id, holder) =>
      engine.write((db) => step(db, id, holder, ['downloading'], { status: 'processing' })),
    fail: (id, holder, errorMessage, now) => engine.write((db) => fail(db, id, holder, errorMessage, now)),
    postpone: (id, holder, notBefore) => engine.write((db) => postpone(db, id, holder, notBefore)),
    reopenInterrupted: (now) => engine.write((db) => reopen(db, now)),
    purge: (before) => engine.write((db) => purge(db, before)),
  }
}

function* create(db: Connection, item: NewImport, maxUnfinished: number): Work<RemoteImport> {
  const account = db.select({ id: accounts.id }).from(accounts).where(eq(accounts.id, item.accountId))
  if (!(yield* row(account))) throw new Fault('account_not_found')
  if (maxUnfinished > 0) yield* admit(db, item.accountId, maxUnfinished)
  const created = yield* row(
    db
      .insert(imports)
      .values({
        ...item,
        status: 'pending',
        totalBytes: 0,
        receivedBytes: 0,
        attempts: 0,
        claimableAt: item.createdAt,
      })
      .returning(importColumns),
  )
  if (!created) throw new Fault('conflict')
  return created
}

function* admit(db: Connection, accountId: number, most: number): Work<void> {
  const mine = and(eq(imports.accountId, accountId), inArray(imports.status, UNFINISHED))
  const unfinished = yield* row(db.select({ count: count() }).from(imports).where(mine))
  if ((unfinished?.count ?? 0) >= most) throw new Fault('too_many_imports')
}

const list = (db: Connection, accountId: number, limit: number): Work<RemoteImport[]> =>
  rows(
    db
      .select(importColumns)
      .from(imports)
      .where(eq(imports.accountId, accountId))
      .orderBy(desc(imports.id))
      .limit(limit),
  )

function* cancel(db: Connection, accountId: number, id: number, now: Date): Work<RemoteImport> {
  const mine = and(eq(imports.id, id), eq(imports.accountId, accountId))
  const cancelled = yield* row(
    db
      .update(imports)
      .set({ status: 'cancelled', ...ended(now) })
      .where(and(mine, inArray(imports.status, UNFINISHED)))
      .returning(importColumns),
  )
  const found = cancelled ?? (yield* row(db.select(importColumns).from(imports).where(mine)))
  if (!found) throw new Fault('import_not_found')
  return found
}

type Change = Partial<typeof imports.$inferInsert>

/** Changes an import that this process works on. False when the lease is lost or the import has ended. */
function* step(
  db: Connection,
  id: number,
  holder: string,
  from: ImportStatus[],
  change: Change,
): Work<boolean> {
  const held = and(eq(imports.id, id), eq(imports.leaseHolder, holder), inArray(imports.status, from))
  return (yield* row(db.update(imports).set(change).where(held).returning({ id: imports.id }))) !== null
}

const ended = (now: Date): Change => ({ leaseHolder: null, claimableAt: null, finishedAt: now })

function* fail(db: Connection, id: number, holder: string, errorMessage: string, now: Date): Work<void> {
  yield* step(db, id, holder, LEASED, { status: 'failed', errorMessage, ...ended(now) })
}

/** In the transaction that makes its file. Fault: import_not_found, when the holder has lost it. */
export function* completeImport(
  db: Connection,
  { importId, holder }: HeldImport,
  { id: fileId, createdAt }: Pick<FileRecord, 'id' | 'createdAt'>,
): Work<void> {
  const change: Change = { status: 'complete', fileId, errorMessage: null, ...ended(createdAt) }
  if (!(yield* step(db, importId, holder, LEASED, change))) throw new Fault('import_not_found')
}

function* postpone(db: Connection, id: number, holder: string, notBefore: Date): Work<void> {
  yield* step(db, id, holder, LEASED, { status: 'pending', leaseHolder: null, claimableAt: notBefore })
}

/** What has not ended is found by when it can be taken. */
function* reopen(db: Connection, now: Date): Work<number> {
  const held = db
    .update(imports)
    .set({ status: 'pending', leaseHolder: null, claimableAt: now })
    .where(and(gte(imports.claimableAt, new Date(0)), inArray(imports.status, LEASED)))
    .returning({ id: imports.id })
  return (yield* rows(held)).length
}

function* purge(db: Connection, before: Date): Work<number> {
  const old = db.delete(imports).where(lt(imports.finishedAt, before)).returning({ id: imports.id })
  return (yield* rows(old)).length
}

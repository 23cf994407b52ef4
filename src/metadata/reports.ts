/** What visitors say of files. */
import { and, asc, count, eq, gt, inArray, isNull, lt } from 'drizzle-orm'
import { Fault } from '../core/fault.ts'
import type { NewReport, ReportStore, Resolved } from '../core/metadata.ts'
import type { Report } from '../core/model.ts'
import { reportColumns } from './columns.ts'
import { type Connection, type Engine, row, rows, run, type Work } from './database.ts'
import { reports } from './schema.ts'

const isOpen = isNull(reports.resolvedAt)

export function reportStore(engine: Engine): ReportStore {
  return {
    add: (report, allowance) => engine.write((db) => add(db, report, allowance)),
    find: (id) => engine.read((db) => row(db.select(reportColumns).from(reports).where(eq(reports.id, id)))),
    open: (afterId, limit) => engine.read((db) => open(db, afterId, limit)),
    countOpen: () => engine.read(countOpen),
    resolve: (id, resolved) => engine.write((db) => resolve(db, id, resolved)),
    resolveFile: (fileId, resolved) => engine.write((db) => resolveFile(db, fileId, resolved)),
    purge: (resolvedBefore, limit) => engine.write((db) => purge(db, resolvedBefore, limit)),
    forgetAddresses: (madeBefore, limit) => engine.write((db) => forgetAddresses(db, madeBefore, limit)),
  }
}

function* add(
  db: Connection,
  report: NewReport,
  { since, most }: { since: Date; most: number },
): Work<boolean> {
  const { ip, fileId } = report
  const same = db
    .select({ id: reports.id })
    .from(reports)
    .where(and(eq(reports.fileId, fileId), eq(reports.ip, ip), isOpen))
  if (yield* row(same)) return false
  const made = db
    .select({ total: count() })
    .from(reports)
    .where(and(eq(reports.ip, ip), gt(reports.createdAt, since)))
  if (((yield* row(made))?.total ?? 0) >= most)
    throw new Fault('rate_limited', undefined, { retryAfter: 3600 })
  yield* run(db.insert(reports).values(report))
  return true
}

const open = (db: Connection, afterId: number, limit: number): Work<Report[]> =>
  rows(
    db
      .select(reportColumns)
      .from(reports)
      .where(and(isOpen, gt(reports.id, afterId)))
      .orderBy(asc(reports.id))
      .limit(limit),
  )

function* countOpen(db: Connection): Work<number> {
  return (yield* row(db.select({ total: count() }).from(reports).where(isOpen)))?.total ?? 0
}

function* resolve(db: Connection, id: number, resolved: Resolved): Work<void> {
  const done = db
    .update(reports)
    .set(resolved)
    .where(and(eq(reports.id, id), isOpen))
    .returning({ id: reports.id })
  if (!(yield* row(done))) throw new Fault('report_not_found')
}

function* resolveFile(db: Connection, fileId: number, resolved: Resolved): Work<number> {
  const done = db
    .update(reports)
    .set(resolved)
    .where(and(eq(reports.fileId, fileId), isOpen))
    .returning({ id: reports.id })
  return (yield* rows(done)).length
}

function* purge(db: Connection, before: Date, limit: number): Work<number> {
  const old = db.select({ id: reports.id }).from(reports).where(lt(reports.resolvedAt, before)).limit(limit)
  const removed = db.delete(reports).where(inArray(reports.id, old)).returning({ id: reports.id })
  return (yield* rows(removed)).length
}

function* forgetAddresses(db: Connection, before: Date, limit: number): Work<number> {
  const byGuests = and(gt(reports.ip, ''), lt(reports.createdAt, before), isNull(reports.accountId))
  const old = db.select({ id: reports.id }).from(reports).where(byGuests).limit(limit)
  const changed = db.update(reports).set({ ip: '' }).where(inArray(reports.id, old))
  return (yield* rows(changed.returning({ id: reports.id }))).length
}

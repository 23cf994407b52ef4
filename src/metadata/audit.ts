/** What was done, by whom. */
import { and, desc, eq, gte, lt } from 'drizzle-orm'
import type { AuditFilter, AuditPage, AuditStore } from '../core/metadata.ts'
import type { AuditEntry } from '../core/model.ts'
import { auditColumns } from './columns.ts'
import { type Connection, type Engine, rows, run, type Work } from './database.ts'
import { auditLog } from './schema.ts'

export function auditStore(engine: Engine): AuditStore {
  return {
    add: (entry) => engine.write((db) => run(db.insert(auditLog).values(entry))),
    page: (page) => engine.read((db) => pageOf(db, page)),
    purge: (before) => engine.write((db) => purge(db, before)),
  }
}

const conditions = ({ actorId, actorName, action, from, until }: AuditFilter) => [
  actorId === undefined ? undefined : eq(auditLog.actorId, actorId),
  actorName === undefined ? undefined : eq(auditLog.actorName, actorName),
  action === undefined ? undefined : eq(auditLog.action, action),
  from && gte(auditLog.at, from),
  until && lt(auditLog.at, until),
]

const pageOf = (db: Connection, { limit, beforeId, ...filter }: AuditPage): Work<AuditEntry[]> =>
  rows(
    db
      .select(auditColumns)
      .from(auditLog)
      .where(and(beforeId === null ? undefined : lt(auditLog.id, beforeId), ...conditions(filter)))
      .orderBy(desc(auditLog.id))
      .limit(limit),
  )

function* purge(db: Connection, before: Date): Work<number> {
  const old = db.delete(auditLog).where(lt(auditLog.at, before)).returning({ id: auditLog.id })
  return (yield* rows(old)).length
}

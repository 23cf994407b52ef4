/** The tables by which administrators watch over the site. */
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { ReportReason, ReportResolution } from '../../core/model.ts'
import { id, time } from '../column-kinds.ts'

/** What a visitor says of a file. The file may be gone before anybody reads it. */
export const reports = sqliteTable(
  'reports',
  {
    id: id(),
    fileId: integer('file_id').notNull(),
    slug: text('slug').notNull(),
    fileName: text('file_name').notNull(),
    reason: text('reason').$type<ReportReason>().notNull(),
    message: text('message').notNull().default(''),
    accountId: integer('account_id'),
    ip: text('ip').notNull(),
    createdAt: time('created_at').notNull(),
    /** Null while it waits. */
    resolvedAt: time('resolved_at'),
    resolvedBy: integer('resolved_by'),
    resolution: text('resolution').$type<ReportResolution>(),
  },
  (table) => [
    index('reports_open').on(table.resolvedAt, table.id),
    index('reports_file').on(table.fileId),
    index('reports_address').on(table.ip, table.createdAt),
  ],
)

/** Who did what to whom. Nothing is ever changed here. */
export const auditLog = sqliteTable(
  'audit_log',
  {
    id: id(),
    at: time('at').notNull(),
    /** Null: the system, or nobody known. */
    actorId: integer('actor_id'),
    actorName: text('actor_name').notNull(),
    action: text('action').notNull(),
    subject: text('subject').notNull(),
    detail: text('detail').notNull().default(''),
    ip: text('ip'),
  },
  (table) => [
    index('audit_log_age').on(table.at),
    index('audit_log_actor').on(table.actorId, table.id),
    index('audit_log_name').on(table.actorName, table.id),
    index('audit_log_action').on(table.action, table.id),
  ],
)

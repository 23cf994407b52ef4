/** The tables of what was downloaded. */
import { isNotNull, isNull } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { flag, time } from '../column-kinds.ts'
import { files } from './files.ts'

/** Neither file nor account is a foreign key: limits go on counting what is gone by now. */
export const downloads = sqliteTable(
  'downloads',
  {
    id: text('id').primaryKey(),
    fileId: integer('file_id').notNull(),
    accountId: integer('account_id'),
    ip: text('ip').notNull(),
    startedAt: time('started_at').notNull(),
    endedAt: time('ended_at').notNull(),
    bytes: integer('bytes').notNull(),
    counted: flag('counted').notNull(),
    completed: flag('completed').notNull(),
  },
  (table) => [
    index('downloads_account')
      .on(table.accountId, table.endedAt, table.startedAt, table.bytes, table.fileId)
      .where(isNotNull(table.accountId)),
    index('downloads_address')
      .on(table.ip, table.endedAt, table.startedAt, table.bytes, table.fileId)
      .where(isNull(table.accountId)),
    index('downloads_file').on(table.fileId, table.endedAt, table.completed),
    index('downloads_age').on(table.endedAt),
  ],
)

/** What the downloads of a file add up to, day by day. */
export const fileDays = sqliteTable(
  'file_days',
  {
    fileId: integer('file_id')
      .notNull()
      .references(() => files.id, { onDelete: 'cascade' }),
    day: text('day').notNull(),
    downloads: integer('downloads').notNull(),
    bytes: integer('bytes').notNull(),
    completed: integer('completed').notNull(),
  },
  (table) => [primaryKey({ columns: [table.fileId, table.day] }), index('file_days_age').on(table.day)],
)

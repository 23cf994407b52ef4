/** The tables of what was downloaded. */
import { isNotNull, isNull, sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
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

/**
 * Who has fetched a file of an account, one row for each account, or all guests together, and share link: so it is
 * bounded by accounts times links, however often they come. 0 is no account and no link. It says nothing of where
 * anybody was. Neither account nor link is a foreign key, since 0 is none of them: what is left of a removed account
 * becomes that of guests, a removed link is known by its absence. The owner stands here too, so that the newest of
 * all files are a walk along an index; those of one file are few enough to be sorted.
 */
export const downloaders = sqliteTable(
  'downloaders',
  {
    id: integer('id').primaryKey(),
    fileId: integer('file_id')
      .notNull()
      .references(() => files.id, { onDelete: 'cascade' }),
    ownerId: integer('owner_id').notNull(),
    accountId: integer('account_id').notNull(),
    shareLinkId: integer('share_link_id').notNull(),
    downloads: integer('downloads').notNull(),
    completed: integer('completed').notNull(),
    bytes: integer('bytes').notNull(),
    firstAt: time('first_at').notNull(),
    lastAt: time('last_at').notNull(),
  },
  (table) => [
    uniqueIndex('downloaders_who').on(table.fileId, table.accountId, table.shareLinkId),
    index('downloaders_owner').on(table.ownerId, table.lastAt),
    index('downloaders_account').on(table.accountId).where(sql`${table.accountId} <> 0`),
    index('downloaders_link').on(table.shareLinkId, table.lastAt).where(sql`${table.shareLinkId} <> 0`),
  ],
)

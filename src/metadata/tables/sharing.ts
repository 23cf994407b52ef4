/** The tables of what owners hand out: links to their files, and links by which others send them some. */
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { id, time } from '../column-kinds.ts'
import { owner } from './accounts.ts'
import { files, folders } from './files.ts'

/** A link to one file or one folder, as many of them as the owner likes. */
export const shareLinks = sqliteTable(
  'share_links',
  {
    id: id(),
    accountId: owner(),
    fileId: integer('file_id').references(() => files.id, { onDelete: 'cascade' }),
    folderId: integer('folder_id').references(() => folders.id, { onDelete: 'cascade' }),
    token: text('token').notNull(),
    passwordHash: text('password_hash'),
    expiresAt: time('expires_at'),
    /** Null: without end. */
    downloadsLeft: integer('downloads_left'),
    downloads: integer('downloads').notNull().default(0),
    lastUsedAt: time('last_used_at'),
    createdAt: time('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('share_links_token').on(table.token),
    index('share_links_account').on(table.accountId, table.id),
    index('share_links_file').on(table.fileId),
    index('share_links_folder').on(table.folderId),
  ],
)

/** A link by which anybody who has it puts files into a folder of the account. Without a folder: its root. */
export const fileRequests = sqliteTable(
  'file_requests',
  {
    id: id(),
    accountId: owner(),
    folderId: integer('folder_id').references(() => folders.id, { onDelete: 'cascade' }),
    token: text('token').notNull(),
    title: text('title').notNull(),
    note: text('note').notNull().default(''),
    passwordHash: text('password_hash'),
    expiresAt: time('expires_at'),
    /** Null: without end. */
    filesLeft: integer('files_left'),
    filesReceived: integer('files_received').notNull().default(0),
    bytesReceived: integer('bytes_received').notNull().default(0),
    closedAt: time('closed_at'),
    createdAt: time('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('file_requests_token').on(table.token),
    index('file_requests_account').on(table.accountId, table.id),
    index('file_requests_folder').on(table.folderId),
  ],
)

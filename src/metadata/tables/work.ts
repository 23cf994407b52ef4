/** The tables of what the server has to do, has answered, and keeps by name. */
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { ImportStatus } from '../../core/model.ts'
import { id, time } from '../column-kinds.ts'
import { owner } from './accounts.ts'

/** Folder and file are named without a foreign key: either may be gone before the import is forgotten. */
export const imports = sqliteTable(
  'imports',
  {
    id: id(),
    accountId: owner(),
    folderId: integer('folder_id'),
    url: text('url').notNull(),
    status: text('status').$type<ImportStatus>().notNull(),
    errorMessage: text('error_message'),
    totalBytes: integer('total_bytes').notNull(),
    receivedBytes: integer('received_bytes').notNull(),
    fileId: integer('file_id'),
    attempts: integer('attempts').notNull(),
    /** The process that works on it. */
    leaseHolder: text('lease_holder'),
    /** From when on a process may take it: its turn, or the end of the lease. Null when finished. */
    claimableAt: time('claimable_at'),
    createdAt: time('created_at').notNull(),
    startedAt: time('started_at'),
    finishedAt: time('finished_at'),
  },
  (table) => [
    index('imports_account').on(table.accountId, table.status),
    index('imports_claim').on(table.claimableAt),
    index('imports_age').on(table.finishedAt),
  ],
)

export const idempotency = sqliteTable(
  'idempotency',
  {
    key: text('key').notNull(),
    endpoint: text('endpoint').notNull(),
    actor: text('actor').notNull(),
    payloadHash: text('payload_hash').notNull(),
    /** The process that works on it, while there is no answer. */
    owner: text('owner').notNull(),
    /** Null while pending. */
    status: integer('status'),
    body: text('body'),
    updatedAt: time('updated_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.key, table.endpoint, table.actor] }),
    index('idempotency_age').on(table.updatedAt),
  ],
)

export const settings = sqliteTable('settings', {
  name: text('name').primaryKey(),
  value: text('value').notNull(),
})

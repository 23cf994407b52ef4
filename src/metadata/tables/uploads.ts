/** The tables of upload sessions. */
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { UploadStatus } from '../../core/model.ts'
import { flag, time } from '../column-kinds.ts'

/**
 * Accounts, folders, files and objects are named here without a foreign key: a session outlives them
 * until the sweeper has removed its staged bytes.
 */
export const uploads = sqliteTable(
  'uploads',
  {
    id: text('id').primaryKey(),
    accountId: integer('account_id'),
    folderId: integer('folder_id'),
    filename: text('filename').notNull(),
    expectedSize: integer('expected_size').notNull(),
    partSize: integer('part_size').notNull(),
    mimeType: text('mime_type'),
    checksumSha256: text('checksum_sha256'),
    status: text('status').$type<UploadStatus>().notNull(),
    reservedBytes: integer('reserved_bytes').notNull(),
    uploadedBytes: integer('uploaded_bytes').notNull(),
    completedParts: integer('completed_parts').notNull(),
    /** Sum of the parts the storage holds, reported or not: what the session is no longer owed. */
    storedBytes: integer('stored_bytes').notNull(),
    /** How many parts from the first on the storage holds without a gap. */
    prefixParts: integer('prefix_parts').notNull(),
    /** False once the staged bytes are gone: turned into the object, or removed. */
    staged: flag('staged').notNull(),
    errorMessage: text('error_message'),
    objectKey: text('object_key').notNull(),
    storageUpload: text('storage_upload').notNull(),
    fileId: integer('file_id'),
    objectId: integer('object_id'),
    expiresAt: time('expires_at').notNull(),
    completedAt: time('completed_at'),
    createdAt: time('created_at').notNull(),
    updatedAt: time('updated_at').notNull(),
  },
  (table) => [
    index('uploads_account').on(table.accountId, table.status),
    index('uploads_status').on(table.status, table.expiresAt),
    index('uploads_staged').on(table.staged, table.status),
  ],
)

export const parts = sqliteTable(
  'upload_parts',
  {
    uploadId: text('upload_id')
      .notNull()
      .references(() => uploads.id, { onDelete: 'cascade' }),
    number: integer('number').notNull(),
    etag: text('etag'),
    size: integer('size').notNull(),
    checksumSha256: text('checksum_sha256'),
    reported: flag('reported').notNull(),
    createdAt: time('created_at').notNull(),
    updatedAt: time('updated_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.uploadId, table.number] })],
)

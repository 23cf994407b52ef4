/** The tables of folders, files and the objects they point to. */
import { isNotNull, isNull, sql } from 'drizzle-orm'
import type { AnySQLiteColumn } from 'drizzle-orm/sqlite-core'
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { ContentState, FileSource, RecordStatus, Visibility } from '../../core/model.ts'
import { flag, id, time } from '../column-kinds.ts'
import { accounts, owner } from './accounts.ts'

export const folders = sqliteTable(
  'folders',
  {
    id: id(),
    accountId: owner(),
    /** No cascade: SQLite gives up on a chain of a thousand. Folders go leaf by leaf, or all of an account's at once. */
    parentId: integer('parent_id').references((): AnySQLiteColumn => folders.id),
    name: text('name').notNull(),
    nameKey: text('name_key').notNull().default(''),
    visibility: integer('visibility').$type<Visibility>().notNull(),
    passwordMd5: text('password_md5'),
    status: text('status').$type<RecordStatus>().notNull().default('active'),
    /** It or a folder above is private or has a password: what is below is not for site search. */
    concealed: flag('concealed').notNull().default(false),
    totalSize: integer('total_size').notNull().default(0),
    totalDownloads: integer('total_downloads').notNull().default(0),
    fileCount: integer('file_count').notNull().default(0),
    folderCount: integer('folder_count').notNull().default(0),
    createdAt: time('created_at').notNull(),
    updatedAt: time('updated_at'),
    trashedAt: time('trashed_at'),
    /** Where it was before it was trashed by itself; that may be gone by now. */
    trashedFrom: integer('trashed_from'),
  },
  (table) => [
    index('folders_place').on(table.accountId, table.parentId, table.status, table.name),
    index('folders_by_name').on(table.accountId, table.parentId, table.status, table.nameKey),
    index('folders_own').on(table.accountId, table.status, table.nameKey),
    index('folders_parent').on(table.parentId),
    index('folders_trash').on(table.trashedAt),
    index('folders_search').on(table.visibility, table.status, table.id, table.nameKey),
  ],
)

/**
 * `announced`: its bytes are being written, size and hashes are not known yet. `suspect`: that failed, but they may
 * still appear; `created_at` is then the moment of the failure. `claimed`: condemned, its
 * bytes are being removed; it can get no file any more.
 */
export type ObjectState = 'announced' | 'suspect' | 'live' | 'claimed'

export const objects = sqliteTable(
  'objects',
  {
    id: id(),
    key: text('key').notNull(),
    size: integer('size').notNull(),
    /** Empty when unknown. */
    sha256: text('sha256').notNull(),
    md5: text('md5'),
    crc32: integer('crc32'),
    storedName: text('stored_name'),
    state: text('state').$type<ObjectState>().notNull(),
    /** How many files point here: lets the sweeper find the unreferenced ones by index. */
    fileCount: integer('file_count').notNull(),
    createdAt: time('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('objects_key').on(table.key),
    index('objects_reference').on(table.state, table.fileCount),
  ],
)

export const files = sqliteTable(
  'files',
  {
    id: id(),
    slug: text('slug').notNull(),
    deleteKey: text('delete_key').notNull(),
    accountId: integer('account_id').references(() => accounts.id, { onDelete: 'cascade' }),
    folderId: integer('folder_id').references(() => folders.id, { onDelete: 'set null' }),
    objectId: integer('object_id')
      .notNull()
      .references(() => objects.id),
    name: text('name').notNull(),
    nameKey: text('name_key').notNull().default(''),
    size: integer('size').notNull(),
    mimeType: text('mime_type').notNull(),
    visibility: integer('visibility').$type<Visibility>().notNull(),
    status: text('status').$type<RecordStatus>().notNull(),
    contentState: text('content_state').$type<ContentState>().notNull().default('ready'),
    source: text('source').$type<FileSource>().notNull().default('api'),
    uploadedIp: text('uploaded_ip'),
    urlExtension: text('url_extension'),
    usesLeft: integer('uses_left'),
    expiresAt: time('expires_at'),
    downloads: integer('downloads').notNull(),
    lastDownloadedAt: time('last_downloaded_at'),
    createdAt: time('created_at').notNull(),
    updatedAt: time('updated_at').notNull(),
    trashedAt: time('trashed_at'),
    /** Where it was before it was trashed by itself; that may be gone by now. */
    trashedFrom: integer('trashed_from'),
  },
  (table) => [
    uniqueIndex('files_slug').on(table.slug),
    uniqueIndex('files_delete_key').on(table.deleteKey),
    index('files_place').on(table.accountId, table.folderId, table.status, table.name),
    index('files_by_name').on(table.accountId, table.folderId, table.status, table.nameKey),
    index('files_by_size').on(table.accountId, table.folderId, table.status, table.size),
    index('files_by_date').on(table.accountId, table.folderId, table.status, table.createdAt),
    index('files_by_downloads').on(table.accountId, table.folderId, table.status, table.downloads),
    index('files_own').on(table.accountId, table.status, table.nameKey, table.id, table.folderId),
    index('files_folder').on(table.folderId),
    index('files_object').on(table.objectId),
    index('files_trash').on(table.trashedAt),
    index('files_search').on(table.visibility, table.status, table.id, table.nameKey),
    index('files_age').on(
      table.accountId,
      table.status,
      table.createdAt,
      table.id,
      table.usesLeft,
      table.folderId,
    ),
    index('files_uses').on(table.usesLeft).where(isNotNull(table.usesLeft)),
    index('files_expiry').on(table.expiresAt).where(isNotNull(table.expiresAt)),
    index('files_unready').on(table.contentState, table.id).where(sql`${table.contentState} <> 'ready'`),
    index('files_guests').on(table.uploadedIp, table.createdAt, table.size).where(isNull(table.accountId)),
    index('files_interest').on(
      table.accountId,
      table.status,
      table.lastDownloadedAt,
      table.createdAt,
      table.folderId,
    ),
    index('files_guest_interest')
      .on(table.status, table.lastDownloadedAt, table.createdAt)
      .where(isNull(table.accountId)),
  ],
)

export const shares = sqliteTable(
  'shares',
  {
    fileId: integer('file_id')
      .primaryKey()
      .references(() => files.id, { onDelete: 'cascade' }),
    token: text('token').notNull(),
    expiresAt: time('expires_at'),
    createdAt: time('created_at').notNull(),
  },
  (table) => [uniqueIndex('shares_token').on(table.token)],
)

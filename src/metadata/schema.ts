/**
 * The tables. `bun run db:generate --name X` turns a change here into a migration in drizzle/.
 * Ids are never used twice (AUTOINCREMENT): links and signatures name them after the row is gone.
 */
import { isNotNull, isNull } from 'drizzle-orm'
import type { AnySQLiteColumn } from 'drizzle-orm/sqlite-core'
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type {
  AccountStatus,
  FileSource,
  ImportStatus,
  RecordStatus,
  TokenKind,
  TokenStatus,
  UploadStatus,
  Visibility,
} from '../core/model.ts'
import { flag, id, time } from './column-kinds.ts'

export * from './download-tables.ts'

const owner = () =>
  integer('account_id')
    .notNull()
    .references(() => accounts.id, { onDelete: 'cascade' })

export const packages = sqliteTable(
  'packages',
  {
    id: id(),
    name: text('name').notNull(),
    nameKey: text('name_key').notNull(),
    maxUploadSize: integer('max_upload_size').notNull(),
    canUpload: flag('can_upload').notNull(),
    waitBetweenDownloads: integer('wait_between_downloads').notNull(),
    downloadSpeed: integer('download_speed').notNull(),
    maxStorageBytes: integer('max_storage_bytes').notNull(),
    showSiteAdverts: flag('show_site_adverts').notNull(),
    showUpgradeScreen: flag('show_upgrade_screen').notNull(),
    daysToKeepInactiveFiles: integer('days_to_keep_inactive_files').notNull(),
    concurrentUploads: integer('concurrent_uploads').notNull(),
    concurrentDownloads: integer('concurrent_downloads').notNull(),
    downloadsPer24Hours: integer('downloads_per_24_hours').notNull(),
    downloadSizePer24Hours: integer('download_size_per_24_hours').notNull(),
    maxDownloadFilesizeAllowed: integer('max_download_filesize_allowed').notNull(),
    maxRemoteDownloadUrls: integer('max_remote_download_urls').notNull(),
    levelType: text('level_type').notNull(),
    onUpgradePage: flag('on_upgrade_page').notNull(),
    apiAccess: flag('api_access').notNull(),
    flamenetApi: flag('flamenet_api').notNull(),
    waitBeforeDownload: integer('wait_before_download').notNull(),
  },
  (table) => [uniqueIndex('packages_name').on(table.nameKey)],
)

export const accounts = sqliteTable(
  'accounts',
  {
    id: id(),
    name: text('name').notNull(),
    nameKey: text('name_key').notNull(),
    email: text('email'),
    emailKey: text('email_key'),
    passwordHash: text('password_hash').notNull(),
    isAdmin: flag('is_admin').notNull(),
    status: text('status').$type<AccountStatus>().notNull(),
    packageId: integer('package_id')
      .notNull()
      .references(() => packages.id),
    defaultVisibility: integer('default_visibility').$type<Visibility>().notNull(),
    storageUsed: integer('storage_used').notNull(),
    storageReserved: integer('storage_reserved').notNull(),
    title: text('title'),
    firstName: text('first_name'),
    lastName: text('last_name'),
    lastSignInAt: time('last_sign_in_at'),
    lastSignInIp: text('last_sign_in_ip'),
    paidUntil: time('paid_until'),
    createdAt: time('created_at').notNull(),
  },
  (table) => [
    uniqueIndex('accounts_name').on(table.nameKey),
    uniqueIndex('accounts_email').on(table.emailKey),
    index('accounts_package').on(table.packageId),
    index('accounts_admin').on(table.isAdmin),
  ],
)

export const tokens = sqliteTable(
  'tokens',
  {
    id: text('id').primaryKey(),
    accountId: owner(),
    kind: text('kind').$type<TokenKind>().notNull(),
    hash: text('hash').notNull(),
    name: text('name').notNull(),
    prefix: text('prefix').notNull(),
    last4: text('last4').notNull(),
    scopes: text('scopes', { mode: 'json' }).$type<string[]>().notNull(),
    status: text('status').$type<TokenStatus>().notNull(),
    createdAt: time('created_at').notNull(),
    expiresAt: time('expires_at'),
    lastUsedAt: time('last_used_at'),
    lastUsedIp: text('last_used_ip'),
  },
  (table) => [
    uniqueIndex('tokens_hash').on(table.kind, table.hash),
    index('tokens_account').on(table.accountId, table.createdAt),
  ],
)

export const webSessions = sqliteTable(
  'web_sessions',
  {
    id: id(),
    accountId: owner(),
    hash: text('hash').notNull(),
    csrf: text('csrf').notNull(),
    previousCsrf: text('previous_csrf'),
    createdAt: time('created_at').notNull(),
    expiresAt: time('expires_at').notNull(),
  },
  (table) => [
    uniqueIndex('web_sessions_hash').on(table.hash),
    index('web_sessions_account').on(table.accountId),
    index('web_sessions_expiry').on(table.expiresAt),
  ],
)

export const accessTokens = sqliteTable(
  'access_tokens',
  {
    hash: text('hash').primaryKey(),
    accountId: owner(),
    createdAt: time('created_at').notNull(),
    lastUsedAt: time('last_used_at').notNull(),
  },
  (table) => [
    index('access_tokens_account').on(table.accountId),
    index('access_tokens_use').on(table.lastUsedAt),
  ],
)

export const loginTokens = sqliteTable(
  'login_tokens',
  {
    id: text('id').primaryKey(),
    accountId: owner(),
    isBot: flag('is_bot').notNull(),
    createdAt: time('created_at').notNull(),
    expiresAt: time('expires_at').notNull(),
  },
  (table) => [
    index('login_tokens_account').on(table.accountId, table.createdAt, table.id),
    index('login_tokens_expiry').on(table.expiresAt),
  ],
)

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
  },
  (table) => [
    index('folders_place').on(table.accountId, table.parentId, table.status, table.name),
    index('folders_parent').on(table.parentId),
    index('folders_trash').on(table.trashedAt),
    index('folders_search').on(table.visibility, table.status, table.id, table.nameKey),
  ],
)

/**
 * `announced`: its bytes are being written, size and hashes are not known yet. `claimed`: condemned, its
 * bytes are being removed; it can get no file any more.
 */
export type ObjectState = 'announced' | 'live' | 'claimed'

export const objects = sqliteTable(
  'objects',
  {
    id: id(),
    key: text('key').notNull(),
    size: integer('size').notNull(),
    sha256: text('sha256').notNull(),
    md5: text('md5'),
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
    source: text('source').$type<FileSource>().notNull().default('api'),
    uploadedIp: text('uploaded_ip'),
    urlExtension: text('url_extension'),
    usesLeft: integer('uses_left'),
    downloads: integer('downloads').notNull(),
    lastDownloadedAt: time('last_downloaded_at'),
    createdAt: time('created_at').notNull(),
    updatedAt: time('updated_at').notNull(),
    trashedAt: time('trashed_at'),
  },
  (table) => [
    uniqueIndex('files_slug').on(table.slug),
    uniqueIndex('files_delete_key').on(table.deleteKey),
    index('files_place').on(table.accountId, table.folderId, table.status, table.name),
    index('files_folder').on(table.folderId),
    index('files_object').on(table.objectId),
    index('files_trash').on(table.trashedAt),
    index('files_search').on(table.visibility, table.status, table.id, table.nameKey),
    index('files_age').on(table.accountId, table.status, table.createdAt, table.id, table.usesLeft),
    index('files_uses').on(table.usesLeft).where(isNotNull(table.usesLeft)),
    index('files_guests').on(table.uploadedIp, table.createdAt, table.size).where(isNull(table.accountId)),
    index('files_interest').on(table.accountId, table.status, table.lastDownloadedAt, table.createdAt),
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

/** The tables of accounts and packages. */
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { AccountStatus, Visibility } from '../../core/model.ts'
import { flag, id, time } from '../column-kinds.ts'

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

/** The column that names whose a record is: it goes with the account. */
export const owner = () =>
  integer('account_id')
    .notNull()
    .references(() => accounts.id, { onDelete: 'cascade' })

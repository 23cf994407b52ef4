/** A database of the first version, filled, comes through the migrations whole. */
import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { metadataStore } from '../../src/metadata/open.ts'
import { migrate } from '../../src/metadata/sqlite/migrate.ts'
import { migrations } from '../../src/metadata/sqlite/migrations.ts'
import { transactions } from '../../src/metadata/sqlite/transactions.ts'
import { addOneShot, at, expectCleanLedgers, NOON, newFolder } from '../contract/metadata-store/records.ts'

const DAY = 86_400_000
const T = NOON.getTime()

type Row = Record<string, string | number | null>

function insert(sqlite: Database, table: string, rows: Row[]): void {
  for (const row of rows) {
    const columns = Object.keys(row)
    const marks = columns.map(() => '?').join(', ')
    sqlite.run(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${marks})`, Object.values(row))
  }
}

const limitColumns = [
  ...['max_upload_size', 'can_upload', 'wait_between_downloads', 'download_speed', 'max_storage_bytes'],
  ...['show_site_adverts', 'show_upgrade_screen', 'days_to_keep_inactive_files', 'concurrent_uploads'],
  ...['concurrent_downloads', 'downloads_per_24_hours', 'download_size_per_24_hours'],
  ...['max_download_filesize_allowed', 'max_remote_download_urls', 'on_upgrade_page', 'api_access'],
  ...['flamenet_api', 'wait_before_download'],
]

const account = (id: number, name: string, email: string | null, used: number): Row => ({
  ...{ id, name, name_key: name.toLowerCase(), email, password_hash: `hash ${id}`, is_admin: 0 },
  ...{ status: 'active', package_id: 1, default_visibility: 1, storage_used: used, storage_reserved: 0 },
  created_at: T,
})

const folder = (id: number, parent_id: number | null, visibility: number, edited = 0): Row => ({
  ...{ id, account_id: 1, parent_id, name: `Folder ${id}`, visibility },
  ...{ created_at: T, updated_at: T + edited },
})

const file = (id: number, folder_id: number | null, size: number, change: Row = {}): Row => ({
  ...{ id, slug: `slug${id}`, delete_key: `key${id}`, account_id: 1, folder_id, object_id: id },
  ...{ name: `File ${id}.TXT`, size, mime_type: 'text/plain', visibility: 2, status: 'active' },
  ...{ downloads: id, created_at: T, updated_at: T + DAY, ...change },
})

function filled(): Database {
  const sqlite = new Database(':memory:')
  migrate(sqlite, migrations.slice(0, 1))
  const limits = Object.fromEntries(limitColumns.map((column, n) => [column, n]))
  insert(sqlite, 'packages', [{ id: 1, name: 'Free', name_key: 'free', level_type: 'free user', ...limits }])
  insert(sqlite, 'accounts', [
    account(1, 'Ann', 'Ann@X.org', 150),
    account(2, 'Bob', 'ann@x.ORG', 0),
    account(3, 'Cy', null, 0),
  ])
  // 1 ⊃ 2 ⊃ 3, and 4 ⊃ 5 where 4 is private. 9 is gone.
  insert(sqlite, 'folders', [folder(1, null, 1), folder(2, 1, 1, DAY), folder(3, 2, 1)])
  insert(sqlite, 'folders', [folder(4, null, 0), folder(5, 4, 2), folder(9, null, 1)])
  sqlite.run('DELETE FROM folders WHERE id = 9')
  for (let id = 1; id <= 6; id++) {
    const sizes = { size: id * 10, sha256: `sha ${id}`, file_count: 1, created_at: T }
    insert(sqlite, 'objects', [{ id, key: `k${id}`, state: 'live', ...sizes }])
  }
  insert(sqlite, 'files', [
    ...[file(1, 1, 10), file(2, 3, 20), file(3, 3, 30), file(4, 5, 40), file(5, null, 50)],
    file(6, 2, 0, { status: 'deleted', account_id: null }),
  ])
  insert(sqlite, 'web_sessions', [
    { id: 1, account_id: 1, hash: 'web', csrf: 'c', created_at: T, expires_at: T + DAY },
  ])
  insert(sqlite, 'tokens', [
    {
      ...{ id: 'atk_1', account_id: 1, kind: 'nating', hash: 'h', name: 'n', prefix: 'p', last4: 'l' },
      ...{ scopes: '["files.read"]', status: 'active', created_at: T },
    },
  ])
  return sqlite
}

async function migrated() {
  const sqlite = filled()
  const tables = ['packages', 'accounts', 'folders', 'objects', 'files', 'web_sessions', 'tokens']
  const count = () => tables.map((table) => sqlite.query(`SELECT count(*) AS n FROM ${table}`).get())
  const before = count()
  migrate(sqlite, migrations)
  expect(count()).toEqual(before)
  expect(sqlite.query('PRAGMA foreign_key_check').all()).toEqual([])
  expect(sqlite.query('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
  return { sqlite, store: metadataStore(transactions(sqlite, 0)) }
}

test('every record is still there, with the values that new columns should have', async () => {
  const { store } = await migrated()
  expect(await store.accounts.find(1)).toMatchObject({
    ...{ name: 'Ann', email: 'Ann@X.org', passwordHash: 'hash 1', storageUsed: 150, createdAt: NOON },
    ...{ title: null, firstName: null, lastName: null, lastSignInAt: null, lastSignInIp: null },
    paidUntil: null,
  })
  expect(await store.files.find(2)).toEqual({
    ...{ id: 2, slug: 'slug2', deleteKey: 'key2', accountId: 1, folderId: 3, objectId: 2 },
    ...{ name: 'File 2.TXT', size: 20, mimeType: 'text/plain', visibility: 2, status: 'active' },
    ...{ source: 'api', uploadedIp: null, downloads: 2, lastDownloadedAt: null, createdAt: NOON },
    ...{ updatedAt: new Date(T + DAY), trashedAt: null, urlExtension: null, usesLeft: null },
    contentState: 'ready',
    expiresAt: null,
  })
  expect((await store.files.findWithObject(2))?.object).toMatchObject({
    key: 'k2',
    sha256: 'sha 2',
    md5: null,
    crc32: null,
    storedName: null,
  })
  expect(await store.tokens.findByHash('nating', 'h')).not.toBeNull()
  expect(await store.webSessions.findByHash('web')).not.toBeNull()
})

test('folders have their counters, and only an edited one has a time of it', async () => {
  const { store } = await migrated()
  expect(await store.folders.find(2)).toEqual({
    ...{ id: 2, accountId: 1, parentId: 1, name: 'Folder 2', visibility: 1, passwordMd5: null },
    ...{ status: 'active', totalSize: 50, totalDownloads: 5, fileCount: 0, folderCount: 1 },
    ...{ createdAt: NOON, updatedAt: new Date(T + DAY), trashedAt: null },
  })
  expect(await store.folders.find(1)).toMatchObject({
    ...{ totalSize: 60, totalDownloads: 6, fileCount: 1, folderCount: 1, updatedAt: null },
  })
  await expectCleanLedgers(store)
})

test('a deleted file is in the trash now', async () => {
  const { store } = await migrated()
  expect(await store.files.find(6)).toMatchObject({
    ...{ status: 'trashed', folderId: null, trashedAt: new Date(T + DAY) },
  })
  expect(await store.files.purgeTrash(new Date(T + 2 * DAY), 10)).toBe(1)
})

test('old names are found, but not those below a private folder', async () => {
  const { store } = await migrated()
  const found = await store.files.search('file', { limit: 10, beforeId: null })
  expect(found.map(({ id }) => id)).toEqual([5, 3, 2, 1])
})

test('of accounts with one address the first is found by it, and all keep it', async () => {
  const { store } = await migrated()
  expect((await store.accounts.findByEmail('ANN@x.org'))?.name).toBe('Ann')
  expect((await store.accounts.find(2))?.email).toBe('ann@x.ORG')
})

test('two folders may have one name, all still cascades, and the id of a removed folder is not given again', async () => {
  const { store } = await migrated()
  const again = await store.folders.create(newFolder(1, 'Folder 1'))
  expect(again.id).toBe(10)
  await addOneShot(store, 1, { folderId: 5 })
  await store.accounts.delete(1, at(1))
  expect(await store.folders.find(5)).toBeNull()
  expect(await store.files.find(4)).toBeNull()
  expect(await store.tokens.findByHash('nating', 'h')).toBeNull()
})

test('an empty database of the first version comes to the same schema as a new one', () => {
  const schema = (history: Array<typeof migrations>) => {
    const sqlite = new Database(':memory:')
    for (const part of history) migrate(sqlite, part)
    return sqlite.query('SELECT type, name, sql FROM sqlite_schema ORDER BY type, name').all()
  }
  const steps = migrations.map((_, n) => migrations.slice(0, n + 1))
  expect(schema(steps)).toEqual(schema([migrations]))
})

/** Migrations: the embedded list, the foreign-key trap, databases of a newer program. */
import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { databaseVersion, openMetadata, sqliteVersion } from '../../src/metadata/open.ts'
import { migrate, NewerDatabaseError } from '../../src/metadata/sqlite/migrate.ts'
import { type Migration, migrations } from '../../src/metadata/sqlite/migrations.ts'
import { tempFolders } from './temp-folder.ts'

const tempFolder = tempFolders()
const drizzleFolder = join(import.meta.dir, '../../drizzle')

const first: Migration = {
  tag: '0000_first',
  createdAt: 1,
  sql: `CREATE TABLE parents (id INTEGER PRIMARY KEY, name TEXT);
--> statement-breakpoint
CREATE TABLE children (id INTEGER PRIMARY KEY, parent_id INTEGER NOT NULL REFERENCES parents(id) ON DELETE CASCADE);`,
}

/** What drizzle-kit writes to change a column: a new table, the rows moved over, the old one dropped. */
const rebuild: Migration = {
  tag: '0001_rebuild',
  createdAt: 2,
  sql: `PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE __new_parents (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
--> statement-breakpoint
INSERT INTO __new_parents SELECT id, name FROM parents;--> statement-breakpoint
DROP TABLE parents;--> statement-breakpoint
ALTER TABLE __new_parents RENAME TO parents;--> statement-breakpoint
PRAGMA foreign_keys=ON;`,
}

const count = (sqlite: Database, table: string): number =>
  sqlite.query<{ n: number }, []>(`SELECT count(*) AS n FROM ${table}`).get()?.n ?? -1

function filled(): Database {
  const sqlite = new Database(':memory:')
  migrate(sqlite, [first])
  sqlite.run("INSERT INTO parents VALUES (1, 'a'), (2, 'b')")
  sqlite.run('INSERT INTO children VALUES (1, 1), (2, 2)')
  return sqlite
}

test('the embedded migrations are those of the folder, in the order of the journal', () => {
  const files = readdirSync(drizzleFolder).filter((name) => name.endsWith('.sql'))
  expect(migrations.map(({ tag }) => `${tag}.sql`)).toEqual(files.sort())
  for (const { tag, sql } of migrations) {
    expect(sql).toBe(readFileSync(join(drizzleFolder, `${tag}.sql`), 'utf8'))
  }
  const times = migrations.map(({ createdAt }) => createdAt)
  expect(times).toEqual([...times].sort((a, b) => a - b))
  expect(databaseVersion()).toBe(migrations.at(-1)?.tag ?? '')
  expect(sqliteVersion()).toMatch(/^3\.\d+\.\d+$/)
})

test('rebuilding a table keeps the rows that reference it', () => {
  const sqlite = filled()
  migrate(sqlite, [first, rebuild])
  expect([count(sqlite, 'parents'), count(sqlite, 'children')]).toEqual([2, 2])
  sqlite.run('DELETE FROM parents WHERE id = 1')
  expect(count(sqlite, 'children')).toBe(1)
})

test('the trap this avoids: with foreign keys on, the same rebuild in a transaction drops them', () => {
  const sqlite = filled()
  sqlite.run('BEGIN')
  for (const statement of rebuild.sql.split('--> statement-breakpoint')) sqlite.run(statement)
  sqlite.run('COMMIT')
  expect([count(sqlite, 'parents'), count(sqlite, 'children')]).toEqual([2, 0])
})

test('a migration that fails, or would orphan rows, leaves the database as it was', () => {
  const failing = {
    tag: '0001_bad',
    createdAt: 2,
    sql: 'CREATE TABLE extra (x);--> statement-breakpoint\nNONSENSE',
  }
  const orphaning = { tag: '0001_orphan', createdAt: 2, sql: 'DELETE FROM parents WHERE id = 1' }
  for (const bad of [failing, orphaning]) {
    const sqlite = filled()
    expect(() => migrate(sqlite, [first, bad])).toThrow()
    expect([count(sqlite, 'parents'), count(sqlite, 'children')]).toEqual([2, 2])
    expect(sqlite.query('SELECT 1 FROM sqlite_schema WHERE name = ?').get('extra')).toBeNull()
    expect(sqlite.inTransaction).toBe(false)
    migrate(sqlite, [first, rebuild])
    expect(count(sqlite, 'children')).toBe(2)
  }
})

test('a database of a newer program is refused and left alone', async () => {
  const path = join(tempFolder(), 'kist.db')
  await (await openMetadata({ path })).close()
  const sqlite = new Database(path)
  const later = (migrations.at(-1)?.createdAt ?? 0) + 1
  sqlite.run("INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('later', ?)", [later])
  sqlite.close()
  const refused = await openMetadata({ path }).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(NewerDatabaseError)
  expect(String(refused)).toContain('newer version of kist')
})

test('opening again applies nothing twice, and six openings at once make one schema', async () => {
  const path = join(tempFolder(), 'kist.db')
  const stores = await Promise.all(Array.from({ length: 6 }, () => openMetadata({ path })))
  for (const store of stores) expect(await store.accounts.list()).toEqual([])
  for (const store of stores) await store.close()
  const sqlite = new Database(path)
  expect(count(sqlite, '__drizzle_migrations')).toBe(migrations.length)
  sqlite.close()
})

test('a file that is no database and a folder that is not there are named in the error', async () => {
  const folder = tempFolder()
  const path = join(folder, 'kist.db')
  await Bun.write(
    path,
    'this is a text, and long enough to be looked at as a database header, surely'.repeat(20),
  )
  const broken = await openMetadata({ path }).catch((error: unknown) => error)
  expect(String(broken)).toContain(`cannot open the database ${path}`)
  const missing = join(folder, 'none', 'kist.db')
  const absent = await openMetadata({ path: missing }).catch((error: unknown) => error)
  expect(String(absent)).toContain(`cannot open the database ${missing}`)
})

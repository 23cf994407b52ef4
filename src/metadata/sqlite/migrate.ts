/**
 * Brings a database up to the schema of this program, in one transaction. drizzle's own migrator is not
 * used: it begins its transaction without the write lock, accepts a database newer than the program, and
 * runs with foreign keys on, where rebuilding a table drops the rows that reference it. The table it keeps
 * its notes in is the same.
 */
import type { Database } from 'bun:sqlite'
import { createHash } from 'node:crypto'
import type { Migration } from './migrations.ts'

const NOTES = '__drizzle_migrations'

/** The database was made by a later version of this program. */
export class NewerDatabaseError extends Error {
  constructor() {
    super('the database was made by a newer version of kist; use that version or a newer one')
    this.name = 'NewerDatabaseError'
  }
}

/**
 * Applies what is missing. Safe when two processes start at once: the second one waits for the first
 * and finds nothing to do. Foreign keys are on afterwards. Throws NewerDatabaseError.
 */
export function migrate(sqlite: Database, migrations: Migration[]): void {
  if (isCurrent(sqlite, migrations)) {
    sqlite.run('PRAGMA foreign_keys = ON')
    return
  }
  // Has no effect inside a transaction, so it comes first.
  sqlite.run('PRAGMA foreign_keys = OFF')
  sqlite.run('BEGIN IMMEDIATE')
  try {
    applyMissing(sqlite, migrations)
    sqlite.run('COMMIT')
  } catch (error) {
    if (sqlite.inTransaction) sqlite.run('ROLLBACK')
    throw error
  }
  sqlite.run('PRAGMA foreign_keys = ON')
}

function isCurrent(sqlite: Database, migrations: Migration[]): boolean {
  const newest = migrations.at(-1)?.createdAt ?? 0
  const applied = lastApplied(sqlite)
  if (applied > newest) throw new NewerDatabaseError()
  return applied === newest
}

/** `createdAt` of the newest migration the database has, 0 when it has none. */
function lastApplied(sqlite: Database): number {
  const known = sqlite.query('SELECT 1 FROM sqlite_schema WHERE type = ? AND name = ?').get('table', NOTES)
  if (!known) return 0
  const newest = sqlite.query<{ at: number | null }, []>(`SELECT max(created_at) AS at FROM ${NOTES}`).get()
  return newest?.at ?? 0
}

function applyMissing(sqlite: Database, migrations: Migration[]): void {
  if (isCurrent(sqlite, migrations)) return
  const applied = lastApplied(sqlite)
  sqlite.run(
    `CREATE TABLE IF NOT EXISTS ${NOTES} (id INTEGER PRIMARY KEY, hash text NOT NULL, created_at numeric)`,
  )
  for (const migration of migrations) {
    if (migration.createdAt > applied) applyOne(sqlite, migration)
  }
  const broken = sqlite.query('PRAGMA foreign_key_check').all()
  if (broken.length > 0)
    throw new Error(`the migration would leave ${broken.length} rows without their parents`)
}

function applyOne(sqlite: Database, migration: Migration): void {
  for (const statement of migration.sql.split('--> statement-breakpoint')) sqlite.run(statement)
  const hash = createHash('sha256').update(migration.sql).digest('hex')
  sqlite.run(`INSERT INTO ${NOTES} (hash, created_at) VALUES (?, ?)`, [hash, migration.createdAt])
}

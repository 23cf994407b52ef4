/** Opens a SQLite database the way this product needs it. */
import { Database } from 'bun:sqlite'
import { closeSync, existsSync, fsyncSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Engine } from '../database.ts'
import { migrate, NewerDatabaseError } from './migrate.ts'
import { type Migration, migrations } from './migrations.ts'
import { patiently } from './patience.ts'
import { transactions } from './transactions.ts'

export interface SqliteOptions {
  /** A file, or `:memory:`. Its folder must exist. */
  path: string
  /** How long to wait for another process that writes; default 5000. */
  lockPatienceMs?: number
  /** For tests: another history than the embedded one. */
  migrations?: Migration[]
}

const DEFAULT_PATIENCE = 5000

/**
 * FULL: a commit is on disk when it returns; NORMAL lost every acknowledged commit in a power cut.
 * The busy timeout stays tiny because SQLite's waiting stops the event loop; we wait ourselves.
 */
const SETTINGS = [
  'busy_timeout = 5',
  'journal_mode = WAL',
  'synchronous = FULL',
  'trusted_schema = OFF',
  'journal_size_limit = 67108864',
  'cache_size = -8000',
  'temp_store = MEMORY',
]

/** Opens, creates and migrates. Errors are plain and meant for the operator. */
export async function openSqlite(options: SqliteOptions): Promise<Engine> {
  const patience = options.lockPatienceMs ?? DEFAULT_PATIENCE
  const isNew = options.path !== ':memory:' && !existsSync(options.path)
  const sqlite = openFile(options.path)
  try {
    await patiently(() => prepare(sqlite, options.migrations ?? migrations), patience)
  } catch (error) {
    sqlite.close()
    throw explained(options.path, error)
  }
  if (isNew) syncFolder(dirname(options.path))
  return transactions(sqlite, patience)
}

function openFile(path: string): Database {
  try {
    return new Database(path, { create: true, readwrite: true })
  } catch (error) {
    throw explained(path, error)
  }
}

function prepare(sqlite: Database, history: Migration[]): void {
  for (const setting of SETTINGS) sqlite.run(`PRAGMA ${setting}`)
  migrate(sqlite, history)
}

function explained(path: string, error: unknown): Error {
  if (error instanceof NewerDatabaseError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new Error(`cannot open the database ${path}: ${reason}`, { cause: error })
}

/** A new file survives a power cut only when its folder is on disk too. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** SQLite's own version, as `kist version` shows it. */
export function sqliteVersion(): string {
  const sqlite = new Database(':memory:')
  try {
    return sqlite.query<{ version: string }, []>('SELECT sqlite_version() AS version').get()?.version ?? ''
  } finally {
    sqlite.close()
  }
}

/** The newest migration this program brings: what its databases are at. */
export const databaseVersion = (): string => migrations.at(-1)?.tag ?? 'none'

/** A copy of the whole database as it is at one moment. */
import { Database } from 'bun:sqlite'
import { closeSync, fsyncSync, openSync } from 'node:fs'

/**
 * Writes it to a new file, beside whoever reads and writes the database meanwhile; on disk when it returns. Throws a
 * plain Error for the operator.
 */
export function snapshotDatabase(path: string, into: string): void {
  const sqlite = new Database(path, { readwrite: true })
  try {
    sqlite.run('PRAGMA busy_timeout = 5000')
    sqlite.run('VACUUM INTO ?', [into])
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`cannot copy the database to ${into}: ${reason}`, { cause: error })
  } finally {
    sqlite.close()
  }
  const handle = openSync(into, 'r+')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** One server per data directory. */
import { Database } from 'bun:sqlite'
import { join } from 'node:path'
import { isBusy } from './sqlite/faults.ts'

export interface DataDirectoryLock {
  release(): void
}

/** A connection that nobody refers to is closed by the collector, and its lock with it. */
const held = new Set<Database>()

/**
 * Takes the directory for this process. The lock is the kernel's (SQLite's exclusive lock on `lock.db`),
 * so it ends with the process, however that ends. Throws a plain Error when another server has it.
 */
export function lockDataDirectory(directory: string): DataDirectoryLock {
  const sqlite = openLock(directory)
  try {
    sqlite.run('PRAGMA busy_timeout = 0')
    sqlite.run('BEGIN EXCLUSIVE')
  } catch (error) {
    sqlite.close()
    if (isBusy(error)) throw new Error(`another kist serve is using this data directory: ${directory}`)
    throw unlockable(directory, error)
  }
  held.add(sqlite)
  return {
    release() {
      held.delete(sqlite)
      sqlite.run('ROLLBACK')
      sqlite.close()
    },
  }
}

function openLock(directory: string): Database {
  try {
    return new Database(join(directory, 'lock.db'), { create: true, readwrite: true })
  } catch (error) {
    throw unlockable(directory, error)
  }
}

const unlockable = (directory: string, cause: unknown): Error =>
  new Error(`cannot lock the data directory ${directory}`, { cause })

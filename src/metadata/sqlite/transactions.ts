/**
 * The one place with transactions. Work that waits at the same moment commits together: one
 * BEGIN IMMEDIATE, a savepoint each, one COMMIT. A commit is an fsync, and many share it. Nobody is told
 * of success before the COMMIT. All of a group runs without a pause, so no other code ever sees it open.
 */
import type { Database } from 'bun:sqlite'
import { drizzle } from 'drizzle-orm/bun-sqlite'
import { Fault } from '../../core/fault.ts'
import type { Connection, Engine, Step, Work } from '../database.ts'
import { isBusy, toFault } from './faults.ts'
import { patiently } from './patience.ts'

/** After this many milliseconds a group takes no further member: the event loop has other work. */
const GROUP_BUDGET = 20

interface Member {
  /** Does the work; the function it returns tells the caller, once the group is committed. */
  execute(): () => void
  reject(error: unknown): void
}

/** Takes work for an open database; closes it in the end. `lockPatience`: milliseconds to wait for a lock. */
export function transactions(sqlite: Database, lockPatience: number): Engine {
  const db: Connection = drizzle({ client: sqlite })
  const waiting: Member[] = []
  let draining: Promise<void> | null = null
  let closed: Promise<void> | null = null
  const changes = changeCounter(sqlite)

  async function drain(): Promise<void> {
    try {
      do {
        // Everything that arrives in this turn of the event loop joins the group; other work gets its turn.
        await new Promise<void>((resolve) => setImmediate(resolve))
        await commitGroup(sqlite, waiting, lockPatience, changes.note)
      } while (waiting.length > 0)
    } finally {
      draining = null
    }
  }

  async function finish(): Promise<void> {
    await draining
    closeDatabase(sqlite)
  }

  return {
    async read(work) {
      try {
        return await patiently(() => (closed ? refuse() : finishWork(work(db))), lockPatience)
      } catch (error) {
        throw toFault(error)
      }
    },
    async write<T>(work: (db: Connection) => Work<T>) {
      if (closed) refuse()
      const { promise, resolve, reject } = Promise.withResolvers<T>()
      const execute = () => {
        const value = finishWork(work(db))
        return () => resolve(value)
      }
      waiting.push({ execute, reject })
      draining ??= drain()
      return promise
    },
    changes: changes.count,
    close() {
      closed ??= finish()
      return closed
    },
  }
}

/** SQLite tells of the commits of others, but not of our own. */
function changeCounter(sqlite: Database): { note(): void; count(): number } {
  const version = sqlite.query<{ data_version: number }, []>('PRAGMA data_version')
  let ofOthers: number | undefined
  let count = 0
  return {
    note() {
      count++
    },
    count() {
      const seen = readVersion(version)
      if (seen !== ofOthers || seen === undefined) count++
      ofOthers = seen
      return count
    },
  }
}

/** Undefined while the database cannot be read: whoever reads it then will know why. */
function readVersion(version: { get(): { data_version: number } | null }): number | undefined {
  try {
    return version.get()?.data_version
  } catch {
    return undefined
  }
}

function refuse(): never {
  throw new Fault('unavailable', 'The service is shutting down.')
}

/** Runs work from beginning to end. A query that fails throws inside it, as a plain call would. */
function finishWork<T>(work: Work<T>): T {
  let next = work.next([])
  while (!next.done) {
    let answer: unknown[]
    try {
      answer = execute(next.value)
    } catch (error) {
      next = work.throw(error)
      continue
    }
    next = work.next(answer)
  }
  return next.value
}

function execute(step: Step): unknown[] {
  if ('query' in step) return step.query.all(step.values)
  step.command.run(step.values)
  return []
}

/** Commits as many of `waiting` as fit into the budget, at least one, and tells each how it went. */
async function commitGroup(
  sqlite: Database,
  waiting: Member[],
  lockPatience: number,
  onCommit: () => void,
): Promise<void> {
  const members: Member[] = []
  try {
    await patiently(() => sqlite.run('BEGIN IMMEDIATE'), lockPatience)
  } catch (error) {
    for (const member of waiting.splice(0)) member.reject(toFault(error))
    return
  }
  try {
    const settle = executeGroup(sqlite, waiting, members)
    sqlite.run('COMMIT')
    onCommit()
    for (const tell of settle) tell()
  } catch (error) {
    for (const member of members) member.reject(toFault(error))
    if (sqlite.inTransaction) sqlite.run('ROLLBACK')
  }
}

/** Throws only when the whole transaction is lost; `members` are those who were part of it. */
function executeGroup(sqlite: Database, waiting: Member[], members: Member[]): Array<() => void> {
  const settle: Array<() => void> = []
  const deadline = performance.now() + GROUP_BUDGET
  do {
    const member = waiting.shift()
    if (!member) break
    members.push(member)
    settle.push(executeMember(sqlite, member))
  } while (performance.now() < deadline)
  return settle
}

function executeMember(sqlite: Database, member: Member): () => void {
  sqlite.run('SAVEPOINT member')
  try {
    const tell = member.execute()
    sqlite.run('RELEASE member')
    return tell
  } catch (error) {
    // A full disk or an input/output error makes SQLite undo all of the transaction, not just this member.
    if (!sqlite.inTransaction) throw error
    sqlite.run('ROLLBACK TO member')
    sqlite.run('RELEASE member')
    return () => member.reject(toFault(error))
  }
}

/** The log is folded into the database first, so that what is left behind is one file. */
function closeDatabase(sqlite: Database): void {
  try {
    sqlite.run('PRAGMA wal_checkpoint(TRUNCATE)')
  } catch (error) {
    // Another process is using it, or the disk is full: the log stays and is read at the next start.
    if (!isBusy(error) && !(toFault(error) instanceof Fault)) throw error
  } finally {
    sqlite.close()
  }
}

/** Group commit on SQLite, and why work is never an async callback. */
import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/bun-sqlite'
import { integer, sqliteTable } from 'drizzle-orm/sqlite-core'
import { Fault } from '../../src/core/fault.ts'
import type { Engine, Work } from '../../src/metadata/database.ts'
import { row, rows, run } from '../../src/metadata/database.ts'
import { transactions } from '../../src/metadata/sqlite/transactions.ts'
import { expectFault } from '../contract/metadata-store/records.ts'
import { tempFolders } from './temp-folder.ts'

const numbers = sqliteTable('numbers', { n: integer('n').primaryKey() })
const tempFolder = tempFolders()

/** An engine over one small table, with the statements it sends that are not queries. */
function openNumbers(path = ':memory:', patience = 1000) {
  const sqlite = new Database(path, { create: true, readwrite: true })
  sqlite.run('PRAGMA journal_mode = WAL')
  sqlite.run('CREATE TABLE IF NOT EXISTS numbers (n INTEGER PRIMARY KEY CHECK (n < 1000))')
  const sent: string[] = []
  const { run: send } = sqlite
  sqlite.run = (statement, ...rest) => {
    sent.push(statement)
    return send.call(sqlite, statement, ...rest)
  }
  const engine = transactions(sqlite, patience)
  const commits = () => sent.filter((statement) => statement === 'COMMIT').length
  return { sqlite, engine, commits }
}

const insert = (engine: Engine, ...values: number[]): Promise<number> =>
  engine.write(function* (db): Work<number> {
    for (const n of values) yield* run(db.insert(numbers).values({ n }))
    return values.length
  })

const stored = (engine: Engine): Promise<number[]> =>
  engine.read(function* (db): Work<number[]> {
    return (yield* rows(db.select().from(numbers).orderBy(numbers.n))).map(({ n }) => n)
  })

test('writes that wait at the same moment share one commit', async () => {
  const { engine, commits } = openNumbers()
  await Promise.all(Array.from({ length: 100 }, (_, n) => insert(engine, n)))
  // On a busy machine the budget of a group may end before its last member.
  expect(commits()).toBeLessThan(10)
  expect(await stored(engine)).toHaveLength(100)
  await engine.close()
})

test('one member that fails is rolled back alone and rejects alone', async () => {
  const { engine, commits } = openNumbers()
  const outcomes = await Promise.allSettled([
    insert(engine, 1, 2),
    insert(engine, 3, 4, 3),
    insert(engine, 5, 2),
    insert(engine, 6),
  ])
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled'])
  expect(commits()).toBeLessThan(4)
  expect(await stored(engine)).toEqual([1, 2, 6])
  await engine.close()
})

test('a broken rule is a Fault where callers can meet it, and the error itself where it is our mistake', async () => {
  const { engine } = openNumbers()
  await insert(engine, 1)
  await expectFault(insert(engine, 1), 'conflict')
  const mistake = await insert(engine, 5000).catch((error: unknown) => error)
  expect(mistake).not.toBeInstanceOf(Fault)
  expect(mistake).toMatchObject({ code: 'SQLITE_CONSTRAINT_CHECK' })
  await engine.close()
})

test('work may catch the failure of a query and go on', async () => {
  const { engine } = openNumbers()
  await insert(engine, 1)
  const answer = await engine.write(function* (db): Work<string> {
    try {
      yield* run(db.insert(numbers).values({ n: 1 }))
    } catch {
      yield* run(db.insert(numbers).values({ n: 2 }))
      return 'second'
    }
    return 'first'
  })
  expect(answer).toBe('second')
  expect(await stored(engine)).toEqual([1, 2])
  await engine.close()
})

test('a member sees what the members before it did', async () => {
  const { engine } = openNumbers()
  const [, seen] = await Promise.all([
    insert(engine, 7),
    engine.write((db) => row(db.select().from(numbers).where(eq(numbers.n, 7)))),
  ])
  expect(seen).toEqual({ n: 7 })
  await engine.close()
})

test('when the commit fails every member is told, and the next write works', async () => {
  const { sqlite, engine } = openNumbers()
  const { run: send } = sqlite
  const full = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' })
  sqlite.run = (statement, ...rest) => {
    if (statement === 'COMMIT') throw full
    return send.call(sqlite, statement, ...rest)
  }
  const outcomes = await Promise.allSettled([insert(engine, 1), insert(engine, 2), insert(engine, 5000)])
  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'storage_full' } })
  }
  sqlite.run = send
  expect(await stored(engine)).toEqual([])
  expect(await insert(engine, 3)).toBe(1)
  expect(await stored(engine)).toEqual([3])
  await engine.close()
})

test('when SQLite undoes the whole transaction nobody before it is told of success', async () => {
  const { sqlite, engine } = openNumbers()
  const lost = (db: Parameters<Parameters<Engine['write']>[0]>[0]) =>
    (function* (): Work<void> {
      yield* run(db.insert(numbers).values({ n: 2 }))
      sqlite.run('ROLLBACK')
      throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_WRITE' })
    })()
  const outcomes = await Promise.allSettled([insert(engine, 1), engine.write(lost), insert(engine, 3)])
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled'])
  expect(await stored(engine)).toEqual([3])
  await engine.close()
})

test('a lock that another process keeps is a Fault when the patience ends, and the event loop runs on', async () => {
  const path = join(tempFolder(), 'numbers.db')
  const { engine } = openNumbers(path, 100)
  const other = new Database(path)
  other.run('BEGIN IMMEDIATE')
  let turns = 0
  const ticker = setInterval(() => turns++, 5)
  await expectFault(insert(engine, 1), 'unavailable')
  clearInterval(ticker)
  expect(turns).toBeGreaterThan(5)
  expect(await stored(engine)).toEqual([])
  other.run('COMMIT')
  other.close()
  expect(await insert(engine, 1)).toBe(1)
  await engine.close()
})

test('a lock that another process gives back in time is waited for', async () => {
  const path = join(tempFolder(), 'numbers.db')
  const { engine } = openNumbers(path, 5000)
  const other = new Database(path)
  other.run('BEGIN IMMEDIATE')
  other.run('INSERT INTO numbers VALUES (1)')
  const waiting = insert(engine, 2)
  setTimeout(() => other.run('COMMIT'), 30)
  expect(await waiting).toBe(1)
  expect(await stored(engine)).toEqual([1, 2])
  other.close()
  await engine.close()
})

test('an async callback of drizzle is no transaction: what it did before its await stays', async () => {
  const sqlite = new Database(':memory:')
  sqlite.run('CREATE TABLE numbers (n INTEGER PRIMARY KEY)')
  const db = drizzle({ client: sqlite })
  const broken = db.transaction(async (tx) => {
    tx.insert(numbers).values({ n: 1 }).run()
    await Promise.resolve()
    tx.insert(numbers).values({ n: 2 }).run()
    throw new Error('undo this')
  })
  await broken.catch(() => undefined)
  expect(db.select().from(numbers).all()).toEqual([{ n: 1 }, { n: 2 }])
  sqlite.close()
})

test('the same as a piece of work is undone as a whole', async () => {
  const { engine } = openNumbers()
  const broken = engine.write(function* (db): Work<void> {
    yield* run(db.insert(numbers).values({ n: 1 }))
    yield* run(db.insert(numbers).values({ n: 2 }))
    throw new Fault('invalid')
  })
  await expectFault(broken, 'invalid')
  expect(await stored(engine)).toEqual([])
  await engine.close()
})

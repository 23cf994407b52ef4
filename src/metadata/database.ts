/**
 * How the records reach the database, whichever it is. A piece of work is a generator that yields its
 * queries one by one and is given their rows. SQLite runs it to the end in one go, so that nothing can
 * happen in between (an async callback in a SQLite transaction commits at its first `await`); an engine
 * with a network in between can await every step of the same work.
 */
import { type Column, type SQL, sql } from 'drizzle-orm'
import type { BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core'

/** The query builder, bound to a connection. */
export type Connection = BaseSQLiteDatabase<'sync', unknown>

/** Values of the placeholders of a prepared query. */
export type Values = Record<string, unknown>

interface RowsQuery<Row> {
  all(values?: Values): Row[]
}

interface RunQuery {
  run(values?: Values): unknown
}

/** One query for the engine to execute. Only `rows` below makes use of what comes back. */
export type Step = { query: RowsQuery<unknown>; values?: Values } | { command: RunQuery; values?: Values }

/** What a piece of work is: yields steps, returns a value, or throws and so undoes what it did. */
export type Work<T> = Generator<Step, T, unknown[]>

/** Runs pieces of work. Both reject with Faults for what the caller may meet (unavailable, storage_full). */
export interface Engine {
  /** One single query, outside any transaction. */
  read<T>(work: (db: Connection) => Work<T>): Promise<T>
  /** One transaction, durable when it resolves; `work` may be started anew and must touch nothing but `db`. */
  write<T>(work: (db: Connection) => Work<T>): Promise<T>
  /** Another number after every change of the database, whichever process made it. Costs less than any query. */
  changes(): number
  close(): Promise<void>
}

/** Executes a query; its rows. */
export function* rows<Row>(query: RowsQuery<Row>, values?: Values): Work<Row[]> {
  return (yield { query, values }) as Row[]
}

/** Executes a query; its first row. */
export function* row<Row>(query: RowsQuery<Row>, values?: Values): Work<Row | null> {
  return (yield* rows(query, values))[0] ?? null
}

/** Executes a query that has no rows. */
export function* run(command: RunQuery, values?: Values): Work<void> {
  yield { command, values }
}

/** A query that is built and parsed once per connection: for the paths every request takes. */
export function prepared<Query extends object>(build: (db: Connection) => Query): (db: Connection) => Query {
  const built = new WeakMap<Connection, Query>()
  return (db) => {
    const known = built.get(db)
    if (known) return known
    const query = build(db)
    built.set(db, query)
    return query
  }
}

/** A placeholder, turned into what the database keeps in that column. */
export const given = (name: string, column: Column): SQL => sql`${sql.param(sql.placeholder(name), column)}`

/** A placeholder for a whole number where the database cannot tell its type by itself. */
export const givenNumber = (name: string): SQL => sql`cast(${sql.placeholder(name)} as integer)`

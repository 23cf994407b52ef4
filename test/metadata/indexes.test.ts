/** Every query of the store on the paths of requests and of the sweeper finds its rows by an index. */
import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { metadataStore } from '../../src/metadata/open.ts'
import { migrate } from '../../src/metadata/sqlite/migrate.ts'
import { migrations } from '../../src/metadata/sqlite/migrations.ts'
import { transactions } from '../../src/metadata/sqlite/transactions.ts'
import { addAccount, NOON } from '../contract/metadata-store/records.ts'
import { ORDERS, useAll } from './every-query.ts'

/** An empty store and the text of every query it sends. */
function recordingStore() {
  const sqlite = new Database(':memory:')
  migrate(sqlite, migrations)
  const sent = new Set<string>()
  const prepare = sqlite.prepare.bind(sqlite)
  sqlite.prepare = ((query: string) => {
    sent.add(query)
    return prepare(query)
  }) as typeof sqlite.prepare
  return { sqlite, sent, store: metadataStore(transactions(sqlite, 0)) }
}

/** Reads all rows of a table, or all that are not in the trash, which is the same. */
function isScan(detail: string): boolean {
  // `run` counts the numbers to sign, `up` and `down` are what was found of a tree so far.
  if (/^SCAN /.test(detail)) return !/^SCAN (run|up|down|CONSTANT ROW|\d+ CONSTANT)/.test(detail)
  return (
    /^SEARCH (?!down$)\w+$/.test(detail) ||
    /^SEARCH (files|folders|imports) .*\((status|visibility)=\?\)/.test(detail)
  )
}

test('no query of requests and sweeper reads a whole table', async () => {
  const { sqlite, sent, store } = recordingStore()
  await useAll(store)
  const scans: string[] = []
  const queries = [...sent].filter((query) => /^(with|select|insert|update|delete)\b/i.test(query))
  expect(queries.length).toBeGreaterThan(130)
  for (const query of queries) {
    const plan = sqlite.query<{ detail: string }, []>(`EXPLAIN QUERY PLAN ${query}`).all()
    for (const { detail } of plan) {
      if (isScan(detail)) scans.push(`${detail}: ${query}`)
    }
  }
  expect(scans).toEqual([])
  await store.close()
})

test('files of a folder are counted and skipped in the index alone', async () => {
  const { sqlite, sent, store } = recordingStore()
  const { id } = await addAccount(store)
  for (const folderId of [null, 1]) {
    sent.clear()
    await store.files.count(id, folderId)
    await store.files.list(id, folderId, { offset: 90_000, limit: 500 })
    const counting: string[] = []
    for (const query of sent) {
      const plan = sqlite.query<{ detail: string }, []>(`EXPLAIN QUERY PLAN ${query}`).all()
      counting.push(
        ...plan.map(({ detail }) => detail).filter((detail) => /files_(place|by_\w+)/.test(detail)),
      )
    }
    expect(counting.length).toBe(2)
    for (const detail of counting)
      expect(detail).toMatch(/^SEARCH files USING COVERING INDEX files_(place|by_\w+) /)
  }
  await store.close()
})

test('files of a folder are skipped in the index of their order, and never sorted as a whole', async () => {
  const { sqlite, sent, store } = recordingStore()
  const { id } = await addAccount(store)
  for (const by of ORDERS) {
    for (const descending of [false, true]) {
      for (const folderId of [null, 1]) {
        sent.clear()
        await store.files.sorted(id, folderId, { by, descending }, { offset: 90_000, limit: 100 })
        const [query = ''] = sent
        const plan = sqlite.query<{ detail: string }, []>(`EXPLAIN QUERY PLAN ${query}`).all()
        const skipping = plan.map(({ detail }) => detail).filter((detail) => detail.includes('COVERING'))
        expect([by, skipping.some((detail) => detail.includes(`COVERING INDEX files_by_${by} `))]).toEqual([
          by,
          true,
        ])
        // One sort is left: of the slice itself.
        expect(plan.filter(({ detail }) => detail.includes('TEMP B-TREE')).length).toBeLessThanOrEqual(1)
      }
    }
  }
  await store.close()
})

test('who downloaded the files of an account, or by a link, is read in order from an index', async () => {
  const { sqlite, sent, store } = recordingStore()
  for (const [of, name] of [
    [{ ownerId: 1 }, 'downloaders_owner'],
    [{ shareLinkId: 1 }, 'downloaders_link'],
  ] as const) {
    for (const before of [null, { lastAt: NOON, id: 5 }]) {
      sent.clear()
      await store.downloaders.page(of, { limit: 20, before })
      const [query = ''] = sent
      const plan = sqlite.query<{ detail: string }, []>(`EXPLAIN QUERY PLAN ${query}`).all()
      const details = plan.map(({ detail }) => detail)
      expect(details[0]).toStartWith(`SEARCH downloaders USING INDEX ${name} `)
      expect(details.join()).not.toContain('TEMP B-TREE')
    }
  }
  await store.close()
})

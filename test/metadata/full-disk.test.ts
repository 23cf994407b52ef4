/** A disk that is full: writes are refused with a Fault and leave nothing, reads go on. */
import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { metadataStore, openMetadata } from '../../src/metadata/open.ts'
import { transactions } from '../../src/metadata/sqlite/transactions.ts'
import {
  addAccount,
  addFile,
  addUpload,
  at,
  expectCleanLedgers,
  expectFault,
} from '../contract/metadata-store/records.ts'
import { tempFolders } from './temp-folder.ts'

const tempFolder = tempFolders()

test('a full disk refuses writes as storage_full, keeps reads and counters right, and recovers', async () => {
  const path = join(tempFolder(), 'kist.db')
  await (await openMetadata({ path })).close()
  const sqlite = new Database(path, { readwrite: true })
  sqlite.run('PRAGMA foreign_keys = ON')
  const store = metadataStore(transactions(sqlite, 1000))
  const account = await addAccount(store)
  const file = await addFile(store, account.id)
  const pages = sqlite.query<{ page_count: number }, []>('PRAGMA page_count').get()?.page_count ?? 0
  sqlite.run(`PRAGMA max_page_count = ${pages + 2}`)

  const big = { filename: 'x'.repeat(1500) }
  const outcomes = await Promise.allSettled(
    Array.from({ length: 40 }, () => addUpload(store, account.id, big)),
  )
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
  expect(refused.length).toBeGreaterThan(30)
  for (const { reason } of refused) expect(reason).toMatchObject({ name: 'Fault', code: 'storage_full' })
  await expectFault(addUpload(store, account.id, { filename: 'x'.repeat(20_000) }), 'storage_full')

  expect(await store.files.find(file.id)).toEqual(file)
  expect(await store.uploads.staged()).toHaveLength(40 - refused.length)
  await expectCleanLedgers(store)

  sqlite.run('PRAGMA max_page_count = 1000000')
  const { id } = await addUpload(store, account.id, big)
  expect((await store.uploads.abort(id, at(1))).status).toBe('aborted')
  await expectCleanLedgers(store)
  await store.close()
})

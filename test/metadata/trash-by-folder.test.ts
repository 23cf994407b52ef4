/** Folders of many files in the trash: what is written for them. */
import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { metadataStore } from '../../src/metadata/open.ts'
import { migrate } from '../../src/metadata/sqlite/migrate.ts'
import { migrations } from '../../src/metadata/sqlite/migrations.ts'
import { transactions } from '../../src/metadata/sqlite/transactions.ts'
import { addAccount, addOneShot, at, newFolder } from '../contract/metadata-store/records.ts'

const changesOf = (sqlite: Database): number =>
  sqlite.query<{ n: number }, []>('SELECT total_changes() AS n').get()?.n ?? 0

test('a folder is trashed and restored by as many writes with two hundred files as with two', async () => {
  const sqlite = new Database(':memory:')
  migrate(sqlite, migrations)
  const store = metadataStore(transactions(sqlite, 0))
  const { id } = await addAccount(store)
  const writes: number[][] = []
  for (const count of [2, 200]) {
    const folder = await store.folders.create(newFolder(id, 'f'))
    const inner = await store.folders.create(newFolder(id, 'g', { parentId: folder.id }))
    await Promise.all(Array.from({ length: count }, () => addOneShot(store, id, { folderId: inner.id })))
    const before = changesOf(sqlite)
    await store.folders.trash(id, folder.id, at(1))
    const between = changesOf(sqlite)
    await store.folders.restore(id, folder.id, null, at(2))
    writes.push([between - before, changesOf(sqlite) - between])
  }
  expect(writes).toEqual([
    [2, 3],
    [2, 3],
  ])
  await store.close()
})

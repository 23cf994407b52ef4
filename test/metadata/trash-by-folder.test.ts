/** Folders of many files in the trash: what is written for them, how they are read, and those of an older database. */
import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { metadataStore } from '../../src/metadata/open.ts'
import { migrate } from '../../src/metadata/sqlite/migrate.ts'
import { migrations } from '../../src/metadata/sqlite/migrations.ts'
import { transactions } from '../../src/metadata/sqlite/transactions.ts'
import {
  addAccount,
  addOneShot,
  at,
  expectCleanLedgers,
  held,
  newFolder,
} from '../contract/metadata-store/records.ts'

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

test('a database from before keeps what is in its trash, and gets it back whole', async () => {
  const sqlite = new Database(':memory:')
  const index = migrations.findIndex(({ tag }) => tag.endsWith('_trash_by_folder'))
  migrate(sqlite, migrations)
  const store = metadataStore(transactions(sqlite, 0))
  const { id } = await addAccount(store)
  const top = await store.folders.create(newFolder(id, 'top'))
  const inner = await store.folders.create(newFolder(id, 'inner', { parentId: top.id }))
  const file = await addOneShot(store, id, { folderId: inner.id, size: 10 })
  const alone = await addOneShot(store, id, { folderId: inner.id, size: 10 })
  const kept = await addOneShot(store, id, { size: 10 })
  await store.files.trash(id, alone.id, at(5))
  await store.folders.trash(id, top.id, at(6))
  // As it was written then: every file on its own, and no counters in the trash.
  sqlite.run(`UPDATE files SET status = 'trashed', trashed_at = ${at(6).getTime()} WHERE id = ${file.id}`)
  sqlite.run('UPDATE folders SET total_size = 0, total_downloads = 0, file_count = 0, folder_count = 0')
  for (const statement of migrations[index]?.sql.split('--> statement-breakpoint') ?? [])
    sqlite.run(statement)
  await expectCleanLedgers(store)
  expect(await store.files.find(file.id)).toMatchObject({ status: 'trashed', trashedAt: at(6) })
  expect(await store.files.find(alone.id)).toMatchObject({ status: 'trashed', trashedAt: at(5) })
  await store.folders.restore(id, top.id, null, at(7))
  expect(await store.files.find(file.id)).toMatchObject({ status: 'active', trashedAt: null })
  expect((await store.files.listAll(id)).map((each) => each.id)).toEqual([file.id, kept.id])
  expect(await held(store, top.id)).toEqual([10, 0, 0, 1])
  expect(await held(store, inner.id)).toEqual([10, 0, 1, 0])
  await expectCleanLedgers(store)
  await store.close()
})

test('all files of an account are counted, skipped and searched in an index, whatever is in the trash', async () => {
  const sqlite = new Database(':memory:')
  migrate(sqlite, migrations)
  const sent: string[] = []
  const prepare = sqlite.prepare.bind(sqlite)
  sqlite.prepare = ((query: string) => {
    sent.push(query)
    return prepare(query)
  }) as typeof sqlite.prepare
  const store = metadataStore(transactions(sqlite, 0))
  await store.files.page(1, { offset: 90_000, limit: 100 })
  await store.files.searchOwn(1, 'a', 100)
  const covering = sent.flatMap((query) =>
    sqlite
      .query<{ detail: string }, []>(`EXPLAIN QUERY PLAN ${query}`)
      .all()
      .map(({ detail }) => detail)
      .filter((detail) => /COVERING INDEX files_(age|own) /.test(detail)),
  )
  expect(covering.map((detail) => /files_\w+/.exec(detail.slice(13))?.[0])).toEqual([
    'files_age',
    'files_age',
    'files_own',
  ])
  await store.close()
})

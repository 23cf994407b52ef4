/** Counters that went wrong are found and set right; those kept by every step never go wrong. */
import { Database } from 'bun:sqlite'
import { expect, test } from 'bun:test'
import { isFault } from '../../src/core/fault.ts'
import type { MetadataStore } from '../../src/core/metadata.ts'
import { metadataStore } from '../../src/metadata/open.ts'
import { migrate } from '../../src/metadata/sqlite/migrate.ts'
import { migrations } from '../../src/metadata/sqlite/migrations.ts'
import { transactions } from '../../src/metadata/sqlite/transactions.ts'
import {
  addAccount,
  addChain,
  addOneShot,
  at,
  countDownload,
  expectCleanLedgers,
  held,
  newCopy,
  newFolder,
} from '../contract/metadata-store/records.ts'

function openStore() {
  const sqlite = new Database(':memory:')
  migrate(sqlite, migrations)
  return { sqlite, store: metadataStore(transactions(sqlite, 0)) }
}

test('each wrong counter is named and repaired by itself', async () => {
  const { sqlite, store } = openStore()
  const { id } = await addAccount(store)
  const [a, b, c] = (await addChain(store, id, 3)).map((folder) => folder.id) as [number, number, number]
  await addOneShot(store, id, { folderId: c, size: 20 })
  await expectCleanLedgers(store)
  sqlite.run(`UPDATE folders SET total_size = 7, file_count = 3 WHERE id = ${b}`)
  sqlite.run(`UPDATE folders SET total_downloads = 1, folder_count = 9, concealed = true WHERE id = ${a}`)
  expect(await store.folders.wrongCounters()).toEqual([
    {
      id: a,
      detail: 'totalDownloads 1, records 0; folderCount 9, records 1; concealed true, records false',
    },
    { id: b, detail: 'totalSize 7, records 20; fileCount 3, records 0' },
  ])
  await store.folders.repairCounters(b)
  expect(await held(store, b)).toEqual([20, 0, 0, 1])
  await store.folders.repairCounters(a)
  await store.folders.repairCounters(9999)
  await expectCleanLedgers(store)
})

test('the concealment of a folder is repaired from all that is above it', async () => {
  const { sqlite, store } = openStore()
  const { id } = await addAccount(store)
  const chain = (await addChain(store, id, 4)).map((folder) => folder.id)
  await store.folders.update(id, chain[1] ?? 0, { passwordMd5: 'm' }, at(1))
  sqlite.run('UPDATE folders SET concealed = NOT concealed')
  const wrong = await store.folders.wrongCounters()
  expect(wrong.map((each) => each.id)).toEqual(chain)
  for (const each of wrong) await store.folders.repairCounters(each.id)
  await expectCleanLedgers(store)
})

test('folders that lie inside each other are named and do not stop anything', async () => {
  const { sqlite, store } = openStore()
  const { id } = await addAccount(store)
  const [a, b] = (await addChain(store, id, 2)).map((folder) => folder.id) as [number, number]
  sqlite.run(`UPDATE folders SET parent_id = ${b} WHERE id = ${a}`)
  expect(await store.folders.wrongCounters()).toEqual([
    { id: a, detail: 'the folder lies inside itself' },
    { id: b, detail: 'the folder lies inside itself' },
  ])
  expect(await store.folders.ancestors(b)).toHaveLength(2)
  await addOneShot(store, id, { folderId: b, size: 1 })
  await store.folders.trash(id, a, at(1))
  expect((await store.folders.find(b))?.status).toBe('trashed')
})

/** A small generator of its own (Lehmer): the same walk in every run. */
function walk(seed: number) {
  let state = seed
  const below = (bound: number) => {
    state = (state * 48_271) % 2_147_483_647
    return state % bound
  }
  const pick = <T>(list: T[]): T | undefined => list[below(list.length || 1)]
  return { below, pick }
}

/** One random step; Faults of the tree and of missing records are part of the game. */
async function step(store: MetadataStore, accountId: number, { below, pick }: ReturnType<typeof walk>) {
  const { folders, files } = store
  const somewhere = below(5) === 0 ? null : below(25) + 1
  const folder = below(25) + 1
  const file = below(60) + 1
  const inTrash = async () =>
    (await folders.trashed(accountId, { offset: 0, limit: 100 })).map((each) => each.id)
  const steps = [
    () => folders.create(newFolder(accountId, 'f', { parentId: somewhere })),
    () => folders.update(accountId, folder, { parentId: somewhere }, at(1)),
    () => folders.update(accountId, folder, { visibility: pick([0, 1, 2] as const) ?? 1 }, at(1)),
    () => folders.update(accountId, folder, { passwordMd5: pick([null, 'm']) ?? null }, at(1)),
    () => (below(4) === 0 ? folders.trash(accountId, folder, at(2)) : Promise.resolve()),
    async () =>
      folders.restore(
        accountId,
        pick(await inTrash()) ?? folder,
        pick(['back', somewhere] as const) ?? null,
        at(3),
      ),
    async () => (below(3) === 0 ? folders.purge(accountId, pick(await inTrash()) ?? folder, 2) : undefined),
    () => addOneShot(store, accountId, { folderId: somewhere, size: below(100) + 1 }),
    () => files.update(accountId, file, { folderId: somewhere }, at(1)),
    () => files.copy(accountId, file, newCopy(somewhere), { maxStorageBytes: 5000 }),
    () => countDownload(store, file, at(1)),
    () => (below(3) === 0 ? files.trash(accountId, file, at(2)) : Promise.resolve()),
    () => (below(3) === 0 ? files.remove(accountId, file) : Promise.resolve()),
    () => addOneShot(store, accountId, { folderId: somewhere, size: below(100) + 1, usesLeft: 1 }),
    () => files.takeUse(file),
    () => (below(3) === 0 ? files.purgeUsedUp(at(2), [], 3) : Promise.resolve()),
    () => addOneShot(store, null, { size: below(100) + 1 }),
    () => files.claim(file, accountId, { maxStorageBytes: 5000 }, at(1)),
    () => (below(5) === 0 ? files.purgeInactiveGuests(at(9), 2) : Promise.resolve()),
    () => (below(5) === 0 ? files.purgeTrash(at(3), 5) : Promise.resolve()),
    () => (below(5) === 0 ? folders.purgeTrash(at(3), 5) : Promise.resolve()),
  ]
  await pick(steps)?.()
}

const EXPECTED = [
  ...(['folder_not_found', 'destination_not_found', 'folder_cycle'] as const),
  ...(['file_not_found', 'quota_exceeded'] as const),
]

for (const seed of [1, 2, 3, 4]) {
  test(`three hundred random steps leave every counter right (walk ${seed})`, async () => {
    const { sqlite, store } = openStore()
    const { id } = await addAccount(store)
    const random = walk(seed * 7919)
    let done = 0
    for (let n = 0; n < 300; n++) {
      await step(store, id, random).then(
        () => done++,
        (error: unknown) => {
          if (!isFault(error, ...EXPECTED)) throw error
        },
      )
      await expectCleanLedgers(store)
    }
    expect(done).toBeGreaterThan(100)
    const references = '(SELECT count(*) FROM files WHERE object_id = objects.id)'
    expect(sqlite.query(`SELECT key FROM objects WHERE file_count <> ${references}`).all()).toEqual([])
  })
}

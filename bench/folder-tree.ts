/**
 * What steps on a tree of folders cost while the tree grows from 100 folders and 1,000 files to 10,000 and
 * 100,000, and what a new file costs in a folder that has its name ten thousand times.
 * Usage: bun bench/folder-tree.ts [folder]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MetadataStore } from '../src/core/metadata.ts'
import { SEEDED_PACKAGES } from '../src/core/packages.ts'
import { openMetadata } from '../src/metadata/open.ts'

const NOW = new Date('2030-01-01T00:00:00Z')
const NO_LIMIT = { maxStorageBytes: 0 }
const FILES_PER_FOLDER = 10
const FOLDERS_PER_FOLDER = 10

const say = (line: string) => process.stdout.write(`${line}\n`)

/** The best of `times` runs, in milliseconds. */
async function timed(name: string, times: number, work: () => Promise<unknown>): Promise<void> {
  let best = Number.POSITIVE_INFINITY
  for (let n = 0; n < times; n++) {
    const start = performance.now()
    await work()
    best = Math.min(best, performance.now() - start)
  }
  say(`  ${name}: ${best.toFixed(2)} ms`)
}

let drawn = 0
const draw = (length: number) => String(++drawn).padStart(length, '0')
const drawCopy = (folderId: number | null) => ({
  slug: draw(10),
  deleteKey: draw(36),
  folderId,
  createdAt: NOW,
})

async function addAccount(store: MetadataStore): Promise<number> {
  await store.packages.seed(SEEDED_PACKAGES)
  const [pkg] = await store.packages.list()
  const record = {
    name: draw(8),
    email: null,
    passwordHash: 'x',
    isAdmin: false,
    defaultVisibility: 1 as const,
  }
  return (await store.accounts.create({ ...record, packageId: pkg?.id ?? 0, createdAt: NOW })).id
}

async function addFile(store: MetadataStore, accountId: number, name: string): Promise<number> {
  const key = draw(20)
  await store.objects.announce(key, NOW)
  const plain = { uploadedIp: null, urlExtension: null, usesLeft: null }
  const kind = { ...plain, mimeType: 'text/plain', visibility: 2, source: 'api' } as const
  const file = { ...drawCopy(null), ...kind, accountId, name, size: 10 }
  return (await store.files.add(file, { key, size: 10, sha256: 'f', md5: null }, NO_LIMIT)).id
}

const newFolder = (accountId: number, parentId: number | null) => ({
  ...{ accountId, parentId, name: 'folder', passwordMd5: null, createdAt: NOW },
  visibility: 1 as const,
})

/** A tree in which every folder has ten; returns its top and all its folders. */
async function addTree(store: MetadataStore, accountId: number, folders: number): Promise<number[]> {
  const ids = [(await store.folders.create(newFolder(accountId, null))).id]
  for (let parent = 0; ids.length < folders; parent++) {
    const inner = Array.from({ length: FOLDERS_PER_FOLDER }, () =>
      store.folders.create(newFolder(accountId, ids[parent] ?? null)),
    )
    ids.push(...(await Promise.all(inner)).map(({ id }) => id))
  }
  return ids
}

async function fillTree(store: MetadataStore, accountId: number, ids: number[]): Promise<number> {
  const first = await addFile(store, accountId, 'report.pdf')
  for (const id of ids) {
    const copies = Array.from({ length: FILES_PER_FOLDER }, () =>
      store.files.copy(accountId, first, drawCopy(id), NO_LIMIT),
    )
    await Promise.all(copies)
  }
  return first
}

async function measureTree(store: MetadataStore, folders: number): Promise<void> {
  const accountId = await addAccount(store)
  const ids = await addTree(store, accountId, folders)
  await fillTree(store, accountId, ids)
  say(`${ids.length} folders, ${ids.length * FILES_PER_FOLDER} files`)
  const [top = 0, deepest = 0] = [ids[0], ids.at(-1)]
  const [file] = await store.files.list(accountId, deepest)
  const other = (await store.folders.create(newFolder(accountId, null))).id
  await timed('list the folders of one', 20, () => store.folders.list(accountId, top))
  await timed('list the files of one', 20, () => store.files.list(accountId, deepest))
  await timed('its ancestors', 20, () => store.folders.ancestors(deepest))
  await timed('count a download', 20, () => store.files.countDownload(file?.id ?? 0, NOW))
  await timed('move all of it', 10, async () => {
    await store.folders.update(accountId, top, { parentId: other }, NOW)
    await store.folders.update(accountId, top, { parentId: null }, NOW)
  })
  const page = { limit: 50, beforeId: null }
  await timed('search, found', 10, () => store.files.search('report', page))
  await timed('search, not found', 10, () => store.files.search('nothing', page))
  await timed('compare all counters', 1, () => store.folders.wrongCounters())
  await timed('conceal all of it', 1, () => store.folders.update(accountId, top, { visibility: 0 }, NOW))
  await timed('trash all of it', 1, () => store.folders.trash(accountId, top, NOW))
  await timed('purge 1000 files', 1, () => store.files.purgeTrash(new Date(NOW.getTime() + 1), 1000))
}

async function measureNames(store: MetadataStore): Promise<void> {
  const accountId = await addAccount(store)
  const first = await addFile(store, accountId, 'backup.tar')
  for (let n = 0; n <= 10_000; n++) {
    const add = () => store.files.copy(accountId, first, drawCopy(null), NO_LIMIT)
    if ([10, 100, 1000, 10_000].includes(n)) await timed(`a name that exists ${n} times`, 1, add)
    else await add()
  }
}

async function measure(folder: string): Promise<void> {
  const store = await openMetadata({ path: join(folder, 'kist.db') })
  for (const folders of [100, 1000, 10_000]) await measureTree(store, folders)
  await measureNames(store)
  await store.close()
}

const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'kist-bench-'))
try {
  await measure(folder)
} finally {
  rmSync(folder, { recursive: true })
}

/**
 * What calls about folders cost as the tree grows: 1,000, 10,000 and 100,000 files in a tenth as many folders,
 * through the YetiShare API in process, on a real database. Prints milliseconds, how much they grew from the
 * smallest tree to the largest, and how many statements a call takes. Usage: bun bench/folder-tree.ts [directory]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../src/core/clock.ts'
import { type Core, createCore } from '../src/core/core.ts'
import { randomIds } from '../src/core/ids.ts'
import { noLimits } from '../src/core/limiter.ts'
import { silentLog } from '../src/core/log.ts'
import type { MetadataStore } from '../src/core/metadata.ts'
import type { Account } from '../src/core/model.ts'
import { yetishare } from '../src/dialects/yetishare/index.ts'
import { browserSessions } from '../src/http/browser.ts'
import { createMetrics } from '../src/http/metrics.ts'
import { createHttp } from '../src/http/server.ts'
import type { Engine, Work } from '../src/metadata/database.ts'
import { metadataStore } from '../src/metadata/open.ts'
import { openSqlite } from '../src/metadata/sqlite/open.ts'
import { httpFetcher } from '../src/remote/http-fetcher.ts'
import { localDriver } from '../src/storage/local/local-driver.ts'

const SIZES = [1000, 10_000, 100_000]
const FILES_PER_FOLDER = 10
/** Of a folder in the tree. */
const BRANCHES = 10
/** Even: what is moved in is moved out again. */
const ROUNDS = 16
const BATCH = 500

const say = (line: string) => process.stdout.write(`${line}\n`)
const statements = { count: 0 }

/** Counts every query that goes to the database. */
function countingEngine(engine: Engine): Engine {
  return {
    read: (work) => engine.read((db) => counted(work(db))),
    write: (work) => engine.write((db) => counted(work(db))),
    changes: () => engine.changes(),
    close: () => engine.close(),
  }
}

function* counted<Result>(work: Work<Result>): Work<Result> {
  let next = work.next([])
  while (!next.done) {
    statements.count += 1
    let answer: unknown[]
    try {
      answer = yield next.value
    } catch (error) {
      next = work.throw(error)
      continue
    }
    next = work.next(answer)
  }
  return next.value
}

interface Product {
  core: Core
  metadata: MetadataStore
  account: Account
  /** The answer's payload; throws on a refusal. */
  call(action: string, fields?: Record<string, string | number>): Promise<Payload>
  close(): Promise<void>
}

interface Payload {
  data: { id: string; access_token?: string; account_id?: string }
}

async function openProduct(dir: string): Promise<Product> {
  const metadata = metadataStore(countingEngine(await openSqlite({ path: join(dir, 'kist.db') })))
  const storage = await localDriver({ dir, ids: randomIds })
  const passwords = { hash: async () => 'x', verify: async () => false, close: () => undefined }
  const core = await createCore({
    ...{ metadata, storage, passwords, clock: systemClock, ids: randomIds, log: silentLog },
    fetcher: httpFetcher({ allowPrivateAddresses: false }),
    settings: {
      uploads: {
        ...{ partSize: 65_536, sessionTtl: 7200, minFree: 0, enabled: true, guests: false },
        blockedExtensions: [],
      },
      ...{ idempotencyTtl: 86_400, defaultPackage: 'Gold', trashTtl: 0, guestBytesPerDay: 0 },
      imports: { enabled: true, maxSize: 1 },
    },
  })
  const account = await core.accounts.create({ name: 'bench', password: 'correct horse' })
  const call = await signIn(serve(core), core, account)
  const close = async (): Promise<void> => {
    await storage.close()
    await metadata.close()
  }
  return { core, metadata, account, call, close }
}

function serve(core: Core) {
  const browsers = browserSessions({
    webSessions: core.webSessions,
    address: () => '192.0.2.1',
    origin: () => 'http://localhost',
  })
  const limits = { limiter: noLimits, callsPerMinute: 1, signInPerMinute: 1 }
  const dialect = yetishare({ core, browsers, ...limits, siteName: 'Kist', now: () => systemClock.now() })
  return createHttp({
    dialects: [dialect],
    log: silentLog,
    metrics: createMetrics(systemClock),
    accessLog: false,
  })
}

async function signIn(app: ReturnType<typeof serve>, core: Core, account: Account): Promise<Product['call']> {
  const ask = async (action: string, fields: Record<string, string>): Promise<Payload> => {
    const query = new URLSearchParams(fields)
    const response = await app.handle(new Request(`http://localhost/api/v2/${action}?${query}`))
    const text = await response.text()
    const answer = JSON.parse(text) as Payload & { _status: string }
    if (answer._status !== 'success') throw new Error(`${action}: ${text}`)
    return answer
  }
  const { secrets } = await core.tokens.issue(account, { kind: 'yetishare' })
  const granted = await ask('authorize', { key1: secrets[0] ?? '', key2: secrets[1] ?? '' })
  const { access_token = '', account_id = '' } = granted.data
  return (action, fields = {}) => {
    const texts = Object.entries(fields).map(([name, value]) => [name, String(value)])
    return ask(action, { access_token, account_id, ...Object.fromEntries(texts) })
  }
}

/** Does `count` things, many at a time: they share their commits. */
async function inBatches(count: number, work: (index: number) => Promise<void>): Promise<void> {
  for (let at = 0; at < count; at += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, count - at) }, (_, index) => work(at + index))
    await Promise.all(batch)
  }
}

/** Ids of the folders; the first is the top, every other lies in one before it. */
async function growTree({ core, account, metadata }: Product, files: number): Promise<number[]> {
  const folders: number[] = []
  for (let index = 0; index < files / FILES_PER_FOLDER; index++) {
    const parentId = index === 0 ? null : (folders[Math.floor((index - 1) / BRANCHES)] ?? null)
    folders.push(
      (await core.folders.create(account, { name: `folder ${index}`, parentId, visibility: 1 })).id,
    )
  }
  await inBatches(files, (index) => addFile(metadata, account, index, folders[index % folders.length] ?? 0))
  return folders
}

/** A record without bytes: nothing here reads them. */
async function addFile(
  metadata: MetadataStore,
  { id: accountId }: Account,
  index: number,
  folderId: number,
): Promise<void> {
  const [key, createdAt] = [randomIds.objectKey(), systemClock.now()]
  await metadata.objects.announce(key, createdAt)
  const names = { slug: randomIds.slug(), deleteKey: randomIds.deleteKey(), name: `file ${index}.txt` }
  const plain = { uploadedIp: null, urlExtension: null, usesLeft: null }
  const kind = { ...plain, mimeType: 'text/plain', visibility: 1, source: 'api' } as const
  const file = { ...names, ...kind, accountId, folderId, size: 1000, createdAt }
  const object = { key, size: 1000, sha256: 'e'.repeat(64), md5: 'e'.repeat(32) }
  await metadata.files.add(file, object, { maxStorageBytes: 0, numbered: true })
}

interface Cost {
  milliseconds: number
  statements: number
}

/** The median of a few. */
async function costOf(times: number, work: (round: number) => Promise<unknown>): Promise<Cost> {
  const seen: number[] = []
  const before = statements.count
  for (let round = 0; round < times; round++) {
    const start = performance.now()
    await work(round)
    seen.push(performance.now() - start)
  }
  const milliseconds = seen.toSorted((a, b) => a - b)[Math.floor(times / 2)] ?? 0
  return { milliseconds, statements: (statements.count - before) / times }
}

/** What the calls cost beside and in a tree of so many files. */
async function measure(dir: string, files: number): Promise<Map<string, Cost>> {
  const product = await openProduct(dir)
  const { call, core, metadata, account } = product
  const costs = new Map<string, Cost>()
  const folders = await growTree(product, files)
  const [top = 0, deepest = 0] = [folders[0], folders.at(-1)]
  const small = Number((await call('folder/create', { folder_name: 'small' })).data.id)
  await inBatches(10, (index) => addFile(metadata, account, index, small))
  const oneFile = (await core.files.list(account, deepest))[0]?.id ?? 0
  const note = async (name: string, times: number, work: (round: number) => Promise<unknown>) =>
    costs.set(name, await costOf(times, work))
  const either = (round: number): number => (round % 2 === 0 ? small : deepest)

  await call('folder/listing')
  await note('listing of a small folder beside it', ROUNDS, () =>
    call('folder/listing', { parent_folder_id: small }),
  )
  await note('listing of the deepest folder', ROUNDS, () =>
    call('folder/listing', { parent_folder_id: deepest }),
  )
  await note('listing of the root', ROUNDS, () => call('folder/listing'))
  await note('info of the top folder', ROUNDS, () => call('folder/info', { folder_id: top }))
  await note('a folder made in the deepest', ROUNDS, () =>
    call('folder/create', { folder_name: 'n', parent_id: deepest }),
  )
  await note('a file moved in and out', ROUNDS, (round) =>
    call('file/move', { file_id: oneFile, new_parent_folder_id: either(round) }),
  )
  await note('a file copied into the deepest', ROUNDS, () =>
    call('file/copy', { file_id: oneFile, copy_to_folder_id: deepest }),
  )
  await note('the tree moved in and out of a folder', ROUNDS, (round) =>
    call('folder/move', { folder_id: top, new_parent_folder_id: round % 2 === 0 ? small : 0 }),
  )
  await note('the tree made private and public', 4, (round) =>
    call('folder/edit', { folder_id: top, is_public: round % 2 }),
  )
  await note('the counters compared', 1, () => metadata.folders.wrongCounters())
  await note('the tree deleted', 1, () => call('folder/delete', { folder_id: top }))
  const later = new Date(systemClock.now().getTime() + 1000)
  await note('files of the trash purged', 1, () => emptied(() => metadata.files.purgeTrash(later, 1000)))
  await note('folders of the trash purged', 1, () => emptied(() => metadata.folders.purgeTrash(later, 1000)))
  await product.close()
  return costs
}

/** Round by round, as the sweeper does it. */
async function emptied(purge: () => Promise<number>): Promise<void> {
  while ((await purge()) > 0);
}

const results: Array<Map<string, Cost>> = []
for (const files of SIZES) {
  const dir = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'kist-bench-'))
  try {
    const start = performance.now()
    results.push(await measure(dir, files))
    say(
      `${files} files in ${files / FILES_PER_FOLDER} folders: ${((performance.now() - start) / 1000).toFixed(1)} s in all`,
    )
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
say(
  `\n${'call'.padEnd(38)}${SIZES.map((files) => `${files} files`.padStart(15)).join('')}${'grew'.padStart(9)}  statements`,
)
for (const name of results[0]?.keys() ?? []) {
  const costs = results.map((result) => result.get(name) ?? { milliseconds: 0, statements: 0 })
  const times = costs.map(({ milliseconds }) => `${milliseconds.toFixed(2)} ms`.padStart(15)).join('')
  const growth = (costs.at(-1)?.milliseconds ?? 0) / (costs[0]?.milliseconds ?? 1)
  const counts = costs.map((cost) => cost.statements.toFixed(1)).join(' → ')
  say(`${name.padEnd(38)}${times}${`${growth.toFixed(1)}×`.padStart(9)}  ${counts}`)
}

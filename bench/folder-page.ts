/**
 * What one page of a shared folder costs, read as a visitor reads it, in folders of 1,000 to 100,000 files, and
 * beside it what reading all records of the folder costs.
 *
 *   bun bench/folder-page.ts [DIR]
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
import { browserSessions } from '../src/http/browser.ts'
import { fileSender } from '../src/http/download.ts'
import { createMetrics } from '../src/http/metrics.ts'
import { createPacer } from '../src/http/pacing.ts'
import { createHttp } from '../src/http/server.ts'
import { openMetadata } from '../src/metadata/open.ts'
import { httpFetcher } from '../src/remote/http-fetcher.ts'
import { localDriver } from '../src/storage/local/local-driver.ts'
import { createTextRenderer, web } from '../src/web/index.ts'

const SIZES = [1000, 10_000, 100_000]
const ROUNDS = 9
const BATCH = 500
const PAGE_SIZE = 500

const say = (line: string) => process.stdout.write(`${line}\n`)

async function openProduct(dir: string) {
  const metadata = await openMetadata({ path: join(dir, 'kist.db') })
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
  const close = async (): Promise<void> => {
    await storage.close()
    await metadata.close()
  }
  return { core, metadata, close }
}

function serve(core: Core) {
  const browsers = browserSessions({
    webSessions: core.webSessions,
    address: () => '192.0.2.1',
    origin: () => 'http://localhost',
  })
  const loginJwt = async () => ''
  const now = () => systemClock.now()
  const sendFile = fileSender(createPacer())
  const site = { signInPerMinute: 1, siteName: 'Kist', notice: () => '', loginJwt, sendFile, now }
  const pages = web({
    core,
    browsers,
    limiter: noLimits,
    textRenderer: createTextRenderer(),
    uploadOrigins: [],
    ...site,
  })
  return createHttp({
    dialects: [pages],
    log: silentLog,
    metrics: createMetrics(systemClock),
    accessLog: false,
  })
}

/** Records without bytes: nothing here reads them. */
async function fill(metadata: MetadataStore, accountId: number, folderId: number, files: number) {
  const add = async (index: number): Promise<void> => {
    const [key, createdAt] = [randomIds.objectKey(), systemClock.now()]
    await metadata.objects.announce(key, createdAt)
    const names = { slug: randomIds.slug(), deleteKey: randomIds.deleteKey(), name: `file ${index}.txt` }
    const plain = { uploadedIp: null, urlExtension: null, usesLeft: null }
    const kind = { ...plain, mimeType: 'text/plain', visibility: 1, source: 'api' } as const
    const file = { ...names, ...kind, accountId, folderId, size: 1000, createdAt }
    const object = { key, size: 1000, sha256: 'e'.repeat(64), md5: 'e'.repeat(32) }
    await metadata.files.add(file, object, { maxStorageBytes: 0 })
  }
  for (let at = 0; at < files; at += BATCH)
    await Promise.all(Array.from({ length: BATCH }, (_, index) => add(at + index)))
}

/** Milliseconds, the median of a few. */
async function costOf(work: () => Promise<unknown>): Promise<number> {
  const seen: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now()
    await work()
    seen.push(performance.now() - start)
  }
  return seen.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0
}

async function measure(dir: string, files: number): Promise<void> {
  const { core, metadata, close } = await openProduct(dir)
  const account = await core.accounts.create({ name: 'bench', password: 'correct horse' })
  const folder = await core.folders.create(account, { name: 'many', parentId: null, visibility: 1 })
  await fill(metadata, account.id, folder.id, files)
  const app = serve(core)
  const read = async (page: number): Promise<void> => {
    const response = await app.handle(new Request(`http://localhost/folder/${folder.id}?page=${page}`))
    const entries = (await response.text()).split('<li>').length - 1
    if (entries !== PAGE_SIZE) throw new Error(`Page ${page} has ${entries} entries.`)
  }
  const first = await costOf(() => read(1))
  const last = await costOf(() => read(files / PAGE_SIZE))
  const all = await costOf(() => metadata.files.list(account.id, folder.id))
  const cells = [files, first, last, all].map((value, n) =>
    n === 0 ? String(value) : `${value.toFixed(1)} ms`,
  )
  say(cells.map((cell) => cell.padStart(14)).join(''))
  await close()
}

say(['files', 'first page', 'last page', 'all records'].map((name) => name.padStart(14)).join(''))
for (const files of SIZES) {
  const dir = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'kist-bench-'))
  try {
    await measure(dir, files)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/**
 * What a recorded part costs, and how long the event loop stands still for it, on an idle disk and beside
 * a process that writes and syncs 1 GiB on the same one. Usage: bun bench/metadata.ts [folder]
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MetadataStore } from '../src/core/metadata.ts'
import { openMetadata } from '../src/metadata/open.ts'

const MIB = 2 ** 20
const NOW = new Date('2030-01-01T00:00:00Z')
const LATER = new Date('2030-01-01T02:00:00Z')
const PARTS = 10_000

const say = (line: string) => process.stdout.write(`${line}\n`)

function describe(name: string, times: number[]): void {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(2)
  say(`${name}: n ${times.length}, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms`)
}

async function timed(name: string, work: () => Promise<unknown>): Promise<void> {
  const start = performance.now()
  await work()
  say(`${name}: ${(performance.now() - start).toFixed(1)} ms`)
}

async function addSession(store: MetadataStore, id: string): Promise<void> {
  const record = { id, accountId: null, folderId: null, filename: 'a', mimeType: null, checksumSha256: null }
  const sizes = { expectedSize: 10 * PARTS, partSize: 10 }
  const places = { objectKey: id, storageUpload: id, createdAt: NOW, expiresAt: LATER }
  const admission = { maxConcurrent: 0, maxStorageBytes: 0, capacity: null }
  await store.uploads.create({ ...record, ...sizes, ...places }, admission)
}

const part = (number: number) => ({ number, etag: 'e'.repeat(32), size: 10 })

/** Four parts arrive every 10 ms until `end`. */
async function underLoad(name: string, store: MetadataStore, id: string, end: Promise<unknown>) {
  const saves: number[] = []
  const stalls: number[] = []
  let running = true
  let last = performance.now()
  const ticker = setInterval(() => {
    const now = performance.now()
    stalls.push(Math.max(0, now - last - 2))
    last = now
  }, 2)
  const stop = end.finally(() => {
    running = false
  })
  for (let n = 0; running; n += 4) {
    const start = performance.now()
    const four = [1, 2, 3, 4].map((k) => store.uploads.savePart(id, part(((n + k) % PARTS) + 1), NOW, LATER))
    await Promise.all(four)
    saves.push(performance.now() - start)
    await Bun.sleep(10)
  }
  clearInterval(ticker)
  await stop
  describe(`${name}, savePart`, saves)
  describe(`${name}, event loop stall`, stalls)
}

async function measure(folder: string): Promise<void> {
  const store = await openMetadata({ path: join(folder, 'kist.db') })
  const numbers = Array.from({ length: PARTS }, (_, index) => index + 1)
  await addSession(store, 'one')
  await timed(`signParts of ${PARTS}`, () => store.uploads.signParts('one', numbers, NOW, LATER))
  await timed(`${PARTS} savePart at once`, () =>
    Promise.all(numbers.map((number) => store.uploads.savePart('one', part(number), NOW, LATER))),
  )
  await addSession(store, 'two')
  await timed('1000 savePart one after the other', async () => {
    for (let n = 1; n <= 1000; n++) await store.uploads.savePart('two', part(n), NOW, LATER)
  })
  await underLoad('idle disk', store, 'two', Bun.sleep(3000))
  const writer = Bun.spawn([process.execPath, import.meta.path, '--write', join(folder, 'big')])
  await underLoad('1 GiB written beside', store, 'two', writer.exited)
  await store.close()
}

/** The process beside: 1 GiB, synced every 64 MiB as finished parts are. */
function writeBeside(path: string): void {
  const file = openSync(path, 'w')
  const bytes = Buffer.alloc(MIB, 7)
  for (let n = 0; n < 1024; n++) {
    writeSync(file, bytes)
    if (n % 64 === 63) fdatasyncSync(file)
  }
  closeSync(file)
}

const [first, path] = process.argv.slice(2)
if (first === '--write' && path) writeBeside(path)
else {
  const folder = mkdtempSync(join(first ?? tmpdir(), 'kist-bench-'))
  try {
    await measure(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

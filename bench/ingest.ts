/**
 * Bytes per second into the local storage, beside the plainest way to put the same bytes on the same disk:
 * `cat > file; sync file`. Both in one run and in turns, because disks differ more than code does.
 *
 *   bun bench/ingest.ts [MiB per round] [directory]
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomIds } from '../src/core/ids.ts'
import type { StorageDriver } from '../src/core/storage.ts'
import { localDriver } from '../src/storage/local/local-driver.ts'

const MiB = 1024 * 1024
const ROUNDS = 5
const CHUNK = 64 * 1024
const total = Number(process.argv[2] ?? 512) * MiB
const chunk = crypto.getRandomValues(new Uint8Array(CHUNK))

async function* body(length: number): AsyncGenerator<Uint8Array> {
  for (let left = length; left > 0; left -= CHUNK) yield chunk.subarray(0, Math.min(left, CHUNK))
}

/** Megabytes per second of `work`, which moves `total` bytes, and the share of a core it took here. */
async function measure(work: () => Promise<void>): Promise<{ rate: number; cores: number }> {
  const cpu = process.cpuUsage()
  const start = performance.now()
  await work()
  const seconds = (performance.now() - start) / 1000
  const used = process.cpuUsage(cpu)
  return { rate: total / 1e6 / seconds, cores: (used.user + used.system) / 1e6 / seconds }
}

/** The bytes come through a pipe, as they would come through a socket. */
async function plain(dir: string): Promise<void> {
  const path = join(dir, 'plain')
  const cat = Bun.spawn(['sh', '-c', 'cat > "$0" && sync "$0"', path], { stdin: 'pipe' })
  for await (const piece of body(total)) {
    cat.stdin.write(piece)
    await cat.stdin.flush()
  }
  await cat.stdin.end()
  if ((await cat.exited) !== 0) throw new Error('cat failed')
  await rm(path)
}

/** One upload in four parts, `parallel` of them at once; with hashing ahead as the server does it. */
async function inParts(driver: StorageDriver, parallel: number, complete: boolean): Promise<void> {
  const plan = { size: total, partSize: total / 4 }
  const key = randomIds.objectKey()
  const ref = { key, upload: await driver.createUpload(key, plan), ...plan }
  const numbers = [1, 2, 3, 4].values()
  const parts = new Array(4)
  const send = async (): Promise<void> => {
    for (const number of numbers) {
      parts[number - 1] = await driver.putPart(ref, { number, size: total / 4 }, body(total / 4))
      if (complete && parallel === 1) driver.hashAhead?.(ref, number)
    }
  }
  await Promise.all(Array.from({ length: parallel }, send))
  if (complete) await driver.completeUpload(ref, parts)
  await driver.abortUpload(ref)
  await driver.delete(key)
}

async function oneShot(driver: StorageDriver): Promise<void> {
  const key = randomIds.objectKey()
  await driver.put(key, body(total))
  await driver.delete(key)
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

const dir = await mkdtemp(join(process.argv[3] ?? tmpdir(), 'kist-bench-'))
const driver = await localDriver({ dir: join(dir, 'data') })
const ways: Record<string, () => Promise<void>> = {
  'cat > file; sync': () => plain(dir),
  'parts, one at a time': () => inParts(driver, 1, false),
  'parts, four at once': () => inParts(driver, 4, false),
  'parts one at a time, hashed, completed': () => inParts(driver, 1, true),
  'parts four at once, hashed, completed': () => inParts(driver, 4, true),
  'one shot, MD5 and SHA-256': () => oneShot(driver),
}
const results = new Map(Object.keys(ways).map((name) => [name, { rates: [0], cores: [0] }]))
for (const result of results.values()) for (const list of [result.rates, result.cores]) list.pop()
for (let round = 0; round < ROUNDS; round++)
  for (const [name, work] of Object.entries(ways)) {
    const { rate, cores } = await measure(work)
    results.get(name)?.rates.push(rate)
    results.get(name)?.cores.push(cores)
  }
const reference = median(results.get('cat > file; sync')?.rates ?? [])
for (const [name, { rates, cores }] of results) {
  const rate = median(rates)
  const ratio = (rate / reference).toFixed(2)
  process.stdout.write(
    `${name.padEnd(40)} ${rate.toFixed(0).padStart(5)} MB/s  ratio ${ratio}  cores ${median(cores).toFixed(2)}\n`,
  )
}
process.stdout.write(`resident ${(process.memoryUsage.rss() / MiB).toFixed(0)} MiB\n`)
await driver.close()
await rm(dir, { recursive: true })

/** Hashing that follows uploads: how little it reads, and that it answers whatever happens. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Log, silentLog } from '../../../src/core/log.ts'
import { type HashFollower, hashFollower } from '../../../src/storage/local/hash-follower.ts'
import { startHashThread } from '../../../src/storage/local/hash-thread.ts'
import { ThreadOnDemand } from '../../../src/storage/local/hash-thread-on-demand.ts'
import { bytesOf, crc32Of, piecesOf, sha256Of } from '../../contract/byte-sources.ts'
import { startUpload, temporaryStorage } from './temporary-storage.ts'

const MiB = 1024 * 1024
const bytes = bytesOf(5 * MiB + 12_345)
const prefix = 3 * MiB + 1
let dir: string
let path: string
let follower: HashFollower

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kist-hash-'))
  path = join(dir, 'file')
  await Bun.write(path, bytes)
  follower = hashFollower(silentLog)
})
afterEach(async () => {
  await follower.close()
  await rm(dir, { recursive: true })
})

async function overwrite(at: number, content: Uint8Array): Promise<void> {
  const handle = await open(path, 'r+')
  await handle.write(content, 0, content.length, at)
  await handle.close()
}

test('without a word ahead the whole file is read when asked', async () => {
  expect(await follower.digest('u', path, bytes.length)).toEqual({
    sha256: sha256Of(bytes),
    crc32: crc32Of(bytes),
    read: bytes.length,
  })
})

test('what was hashed ahead is not read again: only the tail is', async () => {
  follower.advance('u', path, prefix)
  const half = await follower.digest('u', path, prefix)
  expect(half.sha256).toBe(sha256Of(bytes.subarray(0, prefix)))
  const whole = await follower.digest('u', path, bytes.length)
  const { crc32 } = whole
  expect(whole).toEqual({ sha256: sha256Of(bytes), crc32: crc32Of(bytes), read: bytes.length - prefix })
  expect(await follower.digest('u', path, bytes.length)).toEqual({ sha256: sha256Of(bytes), crc32, read: 0 })
})

test('a driver whose hashing kept up reads nothing at complete', async () => {
  await using storage = await temporaryStorage({ follower })
  const { driver } = storage
  const ref = await startUpload(driver, 3 * MiB, MiB)
  const content = bytesOf(3 * MiB, 2)
  const parts = []
  for (const number of [1, 2, 3]) {
    const body = piecesOf(content.subarray((number - 1) * MiB, number * MiB))
    parts.push(await driver.putPart(ref, { number, size: MiB }, body))
    driver.hashAhead?.(ref, number)
  }
  const staged = join(storage.dir, 'staging', ref.upload)
  await follower.digest(ref.upload, staged, ref.size)
  // Behind the driver's back: would show in the hash if the file were read once more.
  const handle = await open(staged, 'r+')
  await handle.write(new Uint8Array(100), 0, 100, 0)
  await handle.close()
  expect((await driver.completeUpload(ref, parts)).sha256).toBe(sha256Of(content))
})

test('bytes that change inside the hashed prefix are read again', async () => {
  follower.advance('u', path, bytes.length)
  await follower.digest('u', path, bytes.length)
  const written = follower.writing('u', MiB)
  const changed = bytes.slice()
  changed.set(bytesOf(1000, 9), MiB)
  await overwrite(MiB, bytesOf(1000, 9))
  written()
  follower.advance('u', path, bytes.length)
  expect((await follower.digest('u', path, bytes.length)).sha256).toBe(sha256Of(changed))
})

test('bytes that change beyond the hashed prefix cost nothing', async () => {
  follower.advance('u', path, prefix)
  await follower.digest('u', path, prefix)
  follower.writing('u', prefix)()
  expect((await follower.digest('u', path, bytes.length)).read).toBe(bytes.length - prefix)
})

test('a word that is out of date does not lead into a part that is being written', async () => {
  const written = follower.writing('u', MiB)
  follower.advance('u', path, bytes.length)
  const ahead = await follower.digest('u', path, MiB)
  expect(ahead.sha256).toBe(sha256Of(bytes.subarray(0, MiB)))
  written()
  expect((await follower.digest('u', path, bytes.length)).read).toBe(bytes.length - MiB)
})

test('files are followed side by side', async () => {
  const other = join(dir, 'other')
  const content = bytesOf(4 * MiB, 3)
  await Bun.write(other, content)
  follower.advance('a', path, bytes.length)
  follower.advance('b', other, content.length)
  const both = await Promise.all([
    follower.digest('a', path, bytes.length),
    follower.digest('b', other, content.length),
  ])
  expect(both.map(({ sha256 }) => sha256)).toEqual([sha256Of(bytes), sha256Of(content)])
})

test('the same name for another file is not answered from the first', async () => {
  await follower.digest('u', path, bytes.length)
  const other = join(dir, 'other')
  await Bun.write(other, bytesOf(bytes.length, 4))
  expect((await follower.digest('u', other, bytes.length)).sha256).toBe(sha256Of(bytesOf(bytes.length, 4)))
})

test('questions that are overtaken by a drop or a change are answered all the same', async () => {
  const asked = follower.digest('u', path, bytes.length)
  follower.drop('u')
  const again = follower.digest('u', path, bytes.length)
  follower.writing('u', 0)()
  expect((await asked).sha256).toBe(sha256Of(bytes))
  expect((await again).sha256).toBe(sha256Of(bytes))
})

test('a missing file is the error of the system, a short one is EOF', async () => {
  await expect(follower.digest('u', join(dir, 'none'), 10)).rejects.toMatchObject({ code: 'ENOENT' })
  await expect(follower.digest('v', path, bytes.length + 1)).rejects.toMatchObject({ code: 'EOF' })
})

test('hashing ahead of a missing file disturbs nobody', async () => {
  follower.advance('gone', join(dir, 'none'), 10)
  expect((await follower.digest('u', path, bytes.length)).sha256).toBe(sha256Of(bytes))
})

test('an empty file has the hash of nothing', async () => {
  expect(await follower.digest('u', path, 0)).toEqual({
    sha256: sha256Of(new Uint8Array(0)),
    crc32: 0,
    read: 0,
  })
})

/** A log that keeps the events. */
function listening(): { log: Log; events: string[] } {
  const events: string[] = []
  const note = (event: string): void => {
    events.push(event)
  }
  return { log: { info: note, warn: note, error: note }, events }
}

test('a thread that dies while somebody waits does not keep him waiting', async () => {
  const { log, events } = listening()
  let kill = async (): Promise<void> => {}
  const thread = new ThreadOnDemand(log, (ended) => {
    const started = startHashThread(ended)
    kill = started.end
    return started
  })
  const doomed = hashFollower(log, thread)
  const asked = doomed.digest('u', path, bytes.length)
  await kill()
  expect(await asked).toEqual({
    sha256: sha256Of(bytes),
    crc32: crc32Of(bytes),
    read: bytes.length,
  })
  expect(events).toContain('hash_worker.died')
  expect((await doomed.digest('u', path, bytes.length)).sha256).toBe(sha256Of(bytes))
  await doomed.close()
})

test('a thread that cannot start is given up, and hashing goes on without it', async () => {
  const { log, events } = listening()
  let starts = 0
  const thread = new ThreadOnDemand(log, () => {
    starts++
    throw new Error('no threads here')
  })
  const alone = hashFollower(log, thread)
  for (let i = 0; i < 10; i++) {
    alone.advance('u', path, MiB)
    expect(await alone.digest('u', path, bytes.length)).toEqual({
      sha256: sha256Of(bytes),
      crc32: crc32Of(bytes),
      read: bytes.length,
    })
  }
  expect(starts).toBe(3)
  expect(events.filter((event) => event === 'hash_worker.died').length).toBe(3)
})

test('an idle thread does not keep the process alive, a question does', async () => {
  const source = `
    import { hashFollower } from ${JSON.stringify(join(import.meta.dir, '../../../src/storage/local/hash-follower.ts'))}
    const follower = hashFollower({ info() {}, warn() {}, error() {} })
    follower.advance('u', ${JSON.stringify(path)}, ${MiB})
    follower.digest('u', ${JSON.stringify(path)}, ${bytes.length}).then(({ sha256 }) => process.stdout.write(sha256))
  `
  const child = Bun.spawn([process.execPath, '-e', source], { stdout: 'pipe', stderr: 'pipe', timeout: 9000 })
  expect(await child.exited).toBe(0)
  expect(await new Response(child.stdout).text()).toBe(sha256Of(bytes))
}, 10_000)

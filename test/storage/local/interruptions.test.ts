/** Clients that go away, files that are removed meanwhile, processes that died. */
import { expect, test } from 'bun:test'
import { readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomIds } from '../../../src/core/ids.ts'
import { localDriver } from '../../../src/storage/local/local-driver.ts'
import { bytesOf, cutAfter, piecesOf, sha256Of } from '../../contract/byte-sources.ts'
import { collect, expectFault, readObject } from '../../contract/storage-tools.ts'
import { openFiles, startUpload, temporaryStorage } from './temporary-storage.ts'

/** A FileHandle that is collected while open is an error nobody can catch: it would fail the test run. */
function collectGarbage(): void {
  for (let i = 0; i < 3; i++) Bun.gc(true)
}

test('a hundred bodies cut in the middle leave no open file, no staged file and a process that lives', async () => {
  await using storage = await temporaryStorage()
  const { driver, dir } = storage
  const ref = await startUpload(driver, 100 * 10_000, 10_000)
  const files = openFiles()
  const body = bytesOf(10_000)
  await Promise.all(
    Array.from({ length: 100 }, (_, index) =>
      Promise.all([
        expectFault(
          'client_gone',
          driver.putPart(ref, { number: index + 1, size: 10_000 }, cutAfter(body, index * 100)),
        ),
        expectFault('client_gone', driver.put(randomIds.objectKey(), cutAfter(body, index * 100))),
      ]),
    ),
  )
  collectGarbage()
  expect(openFiles()).toBeLessThanOrEqual(files)
  expect(await readdir(join(dir, 'staging'))).toEqual([ref.upload])
  expect(await collect(driver.list())).toEqual([])
  const parts = []
  for (let number = 1; number <= 100; number++)
    parts.push(await driver.putPart(ref, { number, size: 10_000 }, piecesOf(body)))
  expect((await driver.completeUpload(ref, parts)).size).toBe(1_000_000)
})

test('bodies of a real server whose clients hang up are client_gone, and no file stays open', async () => {
  await using storage = await temporaryStorage()
  const { driver, dir } = storage
  const outcomes: Array<Promise<unknown>> = []
  const gate = Promise.withResolvers<void>()
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    development: false,
    async fetch(request) {
      const put = driver.put(randomIds.objectKey(), request.body ?? piecesOf(new Uint8Array(0)))
      outcomes.push(expectFault('client_gone', put))
      if (outcomes.length === 20) gate.resolve()
      return new Response(String(await put.then(() => 200)))
    },
    error: () => new Response('', { status: 500 }),
  })
  const files = openFiles()
  const sockets = await Promise.all(
    Array.from({ length: 20 }, () =>
      Bun.connect({ hostname: '127.0.0.1', port: server.port ?? 0, socket: { data() {} } }),
    ),
  )
  for (const socket of sockets) {
    socket.write('PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n')
    socket.write(bytesOf(1000))
    socket.flush()
  }
  await gate.promise
  for (const socket of sockets) socket.terminate()
  await Promise.all(outcomes)
  await server.stop(true)
  collectGarbage()
  expect(openFiles()).toBeLessThanOrEqual(files)
  expect(await readdir(join(dir, 'staging'))).toEqual([])
  expect(outcomes.length).toBe(20)
})

test('a second driver finishes what a process left between the rename and its answer', async () => {
  await using storage = await temporaryStorage()
  const { driver, dir } = storage
  const bytes = bytesOf(50_000)
  const ref = await startUpload(driver, 50_000, 50_000)
  const part = await driver.putPart(ref, { number: 1, size: 50_000 }, piecesOf(bytes))
  await driver.completeUpload(ref, [part])
  const restarted = await localDriver({ dir, recover: true })
  const done = await restarted.completeUpload(ref, [part], { sha256: sha256Of(bytes) })
  expect(done).toMatchObject({ size: 50_000, sha256: sha256Of(bytes) })
  await restarted.close()
})

test('a finished object of another size is not taken for the answer', async () => {
  await using storage = await temporaryStorage()
  const { driver } = storage
  const ref = await startUpload(driver, 50_000, 50_000)
  const part = await driver.putPart(ref, { number: 1, size: 50_000 }, piecesOf(bytesOf(50_000)))
  await driver.abortUpload(ref)
  await driver.put(ref.key, piecesOf(bytesOf(49_999)))
  await expectFault('upload_not_found', driver.completeUpload(ref, [part]))
  expect((await driver.head(ref.key))?.size).toBe(49_999)
})

test('a staging file that somebody truncated is size_mismatch', async () => {
  await using storage = await temporaryStorage()
  const { driver, dir } = storage
  const ref = await startUpload(driver, 1000, 1000)
  const part = await driver.putPart(ref, { number: 1, size: 1000 }, piecesOf(bytesOf(1000)))
  await writeFile(join(dir, 'staging', ref.upload), bytesOf(999))
  await expectFault('size_mismatch', driver.completeUpload(ref, [part]))
  expect(await driver.head(ref.key)).toBeNull()
})

test('the owner removes what a dead process was writing, and only that', async () => {
  await using storage = await temporaryStorage()
  const { driver, dir } = storage
  const ref = await startUpload(driver, 10, 10)
  const left = `put-${randomIds.secret(16)}`
  for (const name of [left, 'note.txt']) await writeFile(join(dir, 'staging', name), 'x')

  const visitor = await localDriver({ dir })
  expect((await readdir(join(dir, 'staging'))).sort()).toEqual(['note.txt', left, ref.upload].sort())
  expect((await collect(visitor.listUploads())).map(({ upload }) => upload)).toEqual([ref.upload])
  await visitor.close()

  const owner = await localDriver({ dir, recover: true })
  expect((await readdir(join(dir, 'staging'))).sort()).toEqual(['note.txt', ref.upload].sort())
  await owner.close()
})

test('strange files among the objects are not listed and do no harm', async () => {
  await using storage = await temporaryStorage()
  const { driver, dir } = storage
  const key = randomIds.objectKey()
  await driver.put(key, piecesOf(bytesOf(7)))
  await writeFile(join(dir, 'objects', 'README'), 'x')
  await writeFile(join(dir, 'objects', key.slice(0, 5), 'lost+found'), 'x')
  await rename(join(dir, 'objects', 'README'), join(dir, 'objects', key.slice(0, 2), 'zz'))
  expect(await collect(driver.list())).toEqual([{ key, size: 7 }])
})

test('files and directories are for the owner only', async () => {
  await using storage = await temporaryStorage()
  const { driver, dir } = storage
  const key = randomIds.objectKey()
  await driver.put(key, piecesOf(bytesOf(7)))
  const ref = await startUpload(driver, 10, 10)
  const mode = async (...path: string[]): Promise<number> => (await stat(join(dir, ...path))).mode & 0o777
  expect(await mode('objects', key)).toBe(0o600)
  expect(await mode('staging', ref.upload)).toBe(0o600)
  for (const path of ['objects', 'staging', `objects/${key.slice(0, 2)}`, `objects/${key.slice(0, 5)}`])
    expect(await mode(path)).toBe(0o700)
})

test('a directory that does not exist is made with its parents', async () => {
  await using storage = await temporaryStorage()
  const deep = join(storage.dir, 'a', 'b', 'c')
  const driver = await localDriver({ dir: deep })
  const key = randomIds.objectKey()
  await driver.put(key, piecesOf(bytesOf(3)))
  expect(await readObject(driver, key)).toEqual(bytesOf(3))
  await driver.close()
})

test('a directory that is a file is an error at start', async () => {
  await using storage = await temporaryStorage()
  await writeFile(join(storage.dir, 'plain'), '')
  for (const dir of ['plain', 'plain/below', 'plain/far/below'])
    await expect(localDriver({ dir: join(storage.dir, dir) })).rejects.toMatchObject({ code: 'ENOTDIR' })
})

test('an upload takes disk space only for the bytes that were sent', async () => {
  await using storage = await temporaryStorage()
  const { driver, dir } = storage
  const ref = await startUpload(driver, 1024 ** 4, 1024 ** 3)
  const staged = await stat(join(dir, 'staging', ref.upload))
  expect(staged.size).toBe(1024 ** 4)
  expect(staged.blocks * 512).toBeLessThan(1024 ** 2)
  await rm(join(dir, 'staging', ref.upload))
})

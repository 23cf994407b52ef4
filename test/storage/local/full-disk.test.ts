/** A disk that fills up, for real: a small file system in memory. Mounting it needs root. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomIds } from '../../../src/core/ids.ts'
import type { StorageDriver } from '../../../src/core/storage.ts'
import { localDriver } from '../../../src/storage/local/local-driver.ts'
import { bytesOf, md5Of, piecesOf, repeated, sha256Of } from '../../contract/byte-sources.ts'
import { collect, expectFault, readObject } from '../../contract/storage-tools.ts'
import { openFiles, startUpload } from './temporary-storage.ts'

const MiB = 1024 * 1024
const canMount = process.getuid?.() === 0 && process.platform === 'linux'
if (!canMount && process.env.CI === 'true') throw new Error('the full-disk tests need root to mount a tmpfs')
if (!canMount) process.stderr.write('SKIPPED: the full-disk tests need root to mount a tmpfs\n')

function run(...command: string[]): void {
  const { exitCode, stderr } = Bun.spawnSync(command)
  if (exitCode !== 0) throw new Error(`${command.join(' ')}: ${stderr.toString()}`)
}

describe.skipIf(!canMount)('a disk that is full', () => {
  let mountPoint: string
  let driver: StorageDriver

  beforeAll(async () => {
    mountPoint = await mkdtemp(join(tmpdir(), 'kist-full-'))
    run('mount', '-t', 'tmpfs', '-o', 'size=20m,nr_inodes=64', 'tmpfs', mountPoint)
    driver = await localDriver({ dir: join(mountPoint, 'data') })
  })
  afterAll(async () => {
    await driver.close()
    run('umount', mountPoint)
    await rm(mountPoint, { recursive: true })
  })

  const ballast = (): string => join(mountPoint, 'ballast')
  const staged = (): Promise<string[]> => readdir(join(mountPoint, 'data', 'staging'))

  test('an object that does not fit is storage_full, keeps nothing, and fits once there is room', async () => {
    await writeFile(ballast(), bytesOf(12 * MiB))
    const free = await driver.freeBytes()
    const files = openFiles()
    const key = randomIds.objectKey()
    const body = bytesOf(10 * MiB)
    await expectFault('storage_full', driver.put(key, piecesOf(body, 131_072)))
    expect(await driver.head(key)).toBeNull()
    expect(await staged()).toEqual([])
    expect(await collect(driver.list())).toEqual([])
    expect(openFiles()).toBeLessThanOrEqual(files)
    expect(await driver.freeBytes()).toBe(free)

    await rm(ballast())
    expect((await driver.put(key, piecesOf(body, 131_072))).sha256).toBe(sha256Of(body))
    expect(sha256Of(await readObject(driver, key))).toBe(sha256Of(body))
    await driver.delete(key)
  })

  test('a part that does not fit is storage_full, and the upload goes on once there is room', async () => {
    await writeFile(ballast(), bytesOf(8 * MiB))
    const bytes = bytesOf(16 * MiB, 2)
    const ref = await startUpload(driver, bytes.length, 8 * MiB)
    const send = (number: number) =>
      driver.putPart(
        ref,
        { number, size: 8 * MiB },
        piecesOf(bytes.subarray((number - 1) * 8 * MiB, number * 8 * MiB), 131_072),
      )
    const first = await send(1)
    const files = openFiles()
    for (let attempt = 0; attempt < 3; attempt++) await expectFault('storage_full', send(2))
    expect(openFiles()).toBeLessThanOrEqual(files)

    await rm(ballast())
    const second = await send(2)
    expect(second.etag).toBe(md5Of(bytes.subarray(8 * MiB)))
    expect((await driver.completeUpload(ref, [first, second])).sha256).toBe(sha256Of(bytes))
    await driver.delete(ref.key)
  })

  test('of a body larger than the disk not one byte is acknowledged or kept', async () => {
    const free = await driver.freeBytes()
    await expectFault('storage_full', driver.put(randomIds.objectKey(), repeated(bytesOf(MiB), 30 * MiB)))
    expect(await driver.freeBytes()).toBe(free)
    expect(await staged()).toEqual([])
  })

  test('parts sent at once to a disk that cannot hold them all: what is acknowledged is there', async () => {
    const bytes = bytesOf(32 * MiB, 3)
    const ref = await startUpload(driver, bytes.length, 4 * MiB)
    const part = (number: number) => bytes.subarray((number - 1) * 4 * MiB, number * 4 * MiB)
    const results = await Promise.allSettled(
      [1, 2, 3, 4, 5, 6, 7, 8].map((number) =>
        driver.putPart(ref, { number, size: 4 * MiB }, piecesOf(part(number), 65_536)),
      ),
    )
    const file = Bun.file(join(mountPoint, 'data', 'staging', ref.upload))
    for (const [index, result] of results.entries()) {
      if (result.status === 'rejected') await expectFault('storage_full', Promise.reject(result.reason))
      else {
        const onDisk = await file.slice(index * 4 * MiB, (index + 1) * 4 * MiB).bytes()
        expect(result.value.etag).toBe(md5Of(onDisk))
      }
    }
    expect(results.some(({ status }) => status === 'rejected')).toBe(true)
    await driver.abortUpload(ref)
  })

  test('no room for another file is storage_full for uploads and objects', async () => {
    const names: string[] = []
    try {
      for (let i = 0; ; i++) {
        const name = join(mountPoint, `file-${i}`)
        await writeFile(name, '')
        names.push(name)
      }
    } catch {
      // All names are taken: that is the state wanted.
    }
    const files = openFiles()
    await expectFault('storage_full', startUpload(driver, 10, 10))
    await expectFault('storage_full', driver.put(randomIds.objectKey(), piecesOf(bytesOf(10))))
    expect(openFiles()).toBeLessThanOrEqual(files)
    await Promise.all(names.map((name) => rm(name)))
    await driver.abortUpload(await startUpload(driver, 10, 10))
  })

  test('a fan-out directory that cannot be made keeps the upload for another try', async () => {
    const bytes = bytesOf(1000)
    const ref = await startUpload(driver, 1000, 1000)
    const part = await driver.putPart(ref, { number: 1, size: 1000 }, piecesOf(bytes))
    const names: string[] = []
    for (let i = 0; i < 100; i++) {
      const name = join(mountPoint, `file-${i}`)
      const made = await writeFile(name, '').then(
        () => true,
        () => false,
      )
      if (!made) break
      names.push(name)
    }
    await expectFault('storage_full', driver.completeUpload(ref, [part]))
    await Promise.all(names.map((name) => rm(name)))
    expect((await driver.completeUpload(ref, [part])).sha256).toBe(sha256Of(bytes))
    await driver.delete(ref.key)
  })
})

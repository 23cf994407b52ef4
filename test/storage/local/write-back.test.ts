/** Early write-back on real files; only the disk's own failure is played, since no disk fails on demand. */
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeBack } from '../../../src/storage/local/write-back.ts'
import { writeBody } from '../../../src/storage/local/write-body.ts'
import { bytesOf, repeated } from '../../contract/byte-sources.ts'
import { expectFault } from '../../contract/storage-tools.ts'

const STEP = 8 * 1024 * 1024
let dir: string
let handle: FileHandle

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'kist-write-back-'))
  handle = await open(join(dir, 'file'), 'w')
})
afterEach(async () => {
  await handle.close()
  await rm(dir, { recursive: true })
})

/** Replaces the sync of the handle; returns how often it ran. */
function playSync(sync: () => Promise<void>): () => number {
  let runs = 0
  handle.datasync = () => {
    runs++
    return sync()
  }
  return () => runs
}

const failing = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }))

test('one sync runs in the background at a time, also for two files of one driver', async () => {
  const held = Promise.withResolvers<void>()
  const runs = playSync(() => held.promise)
  const slot = { busy: false }
  const [one, two] = [writeBack(handle, slot), writeBack(handle, slot)]
  one.wrote(STEP - 1)
  expect(runs()).toBe(0)
  one.wrote(1)
  one.wrote(STEP)
  two.wrote(STEP)
  expect(runs()).toBe(1)
  held.resolve()
  await one.settled()
  two.wrote(1)
  expect(runs()).toBe(2)
  await two.settled()
  expect(slot.busy).toBe(false)
})

test('what a background sync failed with is thrown at the next write and at the end', async () => {
  playSync(failing('EIO'))
  const back = writeBack(handle, { busy: false })
  back.wrote(STEP)
  await back.settled()
  playSync(() => Promise.resolve())
  expect(() => back.wrote(1)).toThrow('EIO')
  await expect(back.sync()).rejects.toThrow('EIO')
})

test('a disk that is full only at the sync is storage_full', async () => {
  for (const code of ['ENOSPC', 'EDQUOT', 'EFBIG']) {
    playSync(failing(code))
    const plan = { at: 0, limit: 1e9, tooLong: 'file_too_large', hashers: [], slot: { busy: false } } as const
    await expectFault(
      'storage_full',
      writeBody(handle, repeated(bytesOf(100), 100), { ...plan, hashers: [] }),
    )
  }
})

test('the slot is free again after a body that failed while a sync was under way', async () => {
  const slot = { busy: false }
  const body = repeated(bytesOf(1024 * 1024), 2 * STEP)
  const plan = { at: 0, limit: 2 * STEP - 1, tooLong: 'file_too_large', hashers: [], slot } as const
  await expectFault('file_too_large', writeBody(handle, body, { ...plan, hashers: [] }))
  expect(slot.busy).toBe(false)
})

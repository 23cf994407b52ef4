/** The disk and a bucket as one store; here two disks, told apart by what is on them. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isFault } from '../../src/core/fault.ts'
import type { DirectAccess, StorageDriver } from '../../src/core/storage.ts'
import { localDriver } from '../../src/storage/local/local-driver.ts'
import { twoStores } from '../../src/storage/two-stores.ts'

const keyOf = (n: number): string => {
  const name = String(n).padStart(32, '0')
  return `${name.slice(0, 2)}/${name.slice(2, 4)}/${name}`
}
const bytes = (text: string) => [new TextEncoder().encode(text)] as unknown as AsyncIterable<Uint8Array>
const textOf = async (storage: StorageDriver, key: string, range?: { start: number; end: number }) =>
  new Response(await storage.open(key, range)).text()
const REMOTE_URL: DirectAccess = {
  partsOrigin: 'http://127.0.0.1',
  signPart: async () => 'part',
  findPart: async () => null,
  listParts: async () => [],
  signObject: async () => 'object',
  publicUrl: () => null,
}

describe('two stores', () => {
  let dir: string
  let local: StorageDriver
  let remote: StorageDriver
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'kist-two-'))
    local = await localDriver({ dir: join(dir, 'here') })
    remote = {
      ...(await localDriver({ dir: join(dir, 'there') })),
      name: 's3',
      direct: REMOTE_URL,
      describes: true,
    }
  })
  afterEach(async () => {
    await local.close()
    await remote.close()
    rmSync(dir, { recursive: true, force: true })
  })
  const both = (target: 'local' | 'remote') => twoStores({ local, remote, target })

  test('put new bytes where they are told, and say its name', async () => {
    await both('local').put(keyOf(1), bytes('here'))
    await both('remote').put(keyOf(2), bytes('there'))
    expect([await local.head(keyOf(1)), await remote.head(keyOf(1))]).toEqual([
      { key: keyOf(1), size: 4 },
      null,
    ])
    expect([await local.head(keyOf(2)), await remote.head(keyOf(2))]).toEqual([
      null,
      { key: keyOf(2), size: 5 },
    ])
    expect([both('local').name, both('remote').name]).toEqual(['local', 's3'])
    expect([both('local').describes, both('remote').describes]).toEqual([false, true])
  })

  test('find what comes from the bucket to the disk while it is looked for', async () => {
    await remote.put(keyOf(1), bytes('moved'))
    const { open, head } = remote
    const moveFirst = async (key: string) => {
      await local.put(key, bytes('moved'))
      await remote.delete(key)
    }
    remote.open = async (key, range) => {
      await moveFirst(key)
      return open(key, range)
    }
    expect(await textOf(both('local'), keyOf(1), { start: 1, end: 3 })).toBe('ove')
    await remote.put(keyOf(2), bytes('moved'))
    remote.head = async (key) => {
      await moveFirst(key)
      return head(key)
    }
    expect(await both('local').head(keyOf(2))).toEqual({ key: keyOf(2), size: 5 })
  })

  test('find bytes where they are, the disk first, and forget them in both', async () => {
    const storage = both('remote')
    await local.put(keyOf(1), bytes('on the disk'))
    await remote.put(keyOf(1), bytes('in the bucket'))
    await remote.put(keyOf(2), bytes('only there'))
    expect(await textOf(storage, keyOf(1))).toBe('on the disk')
    expect(await textOf(storage, keyOf(1), { start: 3, end: 5 })).toBe('the')
    expect(await textOf(storage, keyOf(2))).toBe('only there')
    expect(await storage.direct?.holds?.(keyOf(1))).toBe(false)
    expect(await storage.direct?.holds?.(keyOf(2))).toBe(true)
    expect([storage.pathOf?.(keyOf(1)), storage.pathOf?.(keyOf(2))]).toEqual([
      local.pathOf?.(keyOf(1)) ?? '',
      null,
    ])
    expect((await Array.fromAsync(storage.list())).map(({ key }) => key).toSorted()).toEqual([
      keyOf(1),
      keyOf(2),
    ])
    for (const n of [1, 2, 3]) await storage.delete(keyOf(n))
    expect(await Array.fromAsync(storage.list())).toEqual([])
    const missing = await Promise.resolve(storage.open(keyOf(1))).catch((error: unknown) => error)
    expect(isFault(missing, 'object_missing')).toBe(true)
  })

  test('read on when the file is moved in the middle', async () => {
    const storage = both('remote')
    const text = 'x'.repeat(700_000)
    await local.put(keyOf(1), bytes(text))
    const body = await storage.open(keyOf(1))
    await remote.put(keyOf(1), bytes(text))
    await local.delete(keyOf(1))
    expect(await new Response(body).text()).toBe(text)
    expect(await textOf(storage, keyOf(1))).toBe(text)
  })

  test('give nothing of an empty file, and let go of one that nobody reads on', async () => {
    await local.put(keyOf(1), bytes(''))
    expect(await textOf(both('remote'), keyOf(1))).toBe('')
    await local.put(keyOf(2), bytes('x'.repeat(700_000)))
    const body = (await both('remote').open(keyOf(2))) as ReadableStream<Uint8Array>
    const reader = body.getReader()
    expect((await reader.read()).done).toBe(false)
    await reader.cancel()
  })

  test('go on with an upload where it was begun, whoever takes new ones', async () => {
    const plan = { size: 10, partSize: 10 }
    const upload = await both('local').createUpload(keyOf(1), plan)
    const ref = { key: keyOf(1), upload, ...plan }
    const later = both('remote')
    expect(later.direct?.takesParts?.(upload)).toBe(false)
    expect(later.direct?.takesParts?.('2~abc')).toBe(true)
    const part = await later.putPart(ref, { number: 1, size: 10 }, bytes('0123456789'))
    expect((await Array.fromAsync(later.listUploads())).map((listed) => listed.upload)).toEqual([upload])
    await later.completeUpload(ref, [part])
    expect(await local.head(keyOf(1))).toEqual({ key: keyOf(1), size: 10 })
    const second = await both('local').createUpload(keyOf(2), plan)
    await later.abortUpload({ key: keyOf(2), upload: second })
    expect(await Array.fromAsync(later.listUploads())).toEqual([])
  })
})

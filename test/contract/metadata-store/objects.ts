import { expect, test } from 'bun:test'
import type { Stage } from '../metadata-store.contract.ts'
import {
  addAccount,
  addFile,
  addOneShot,
  addUpload,
  at,
  countDownload,
  expectFault,
  fill,
  NOON,
  newFile,
} from './records.ts'

export function objectCases(stage: Stage): void {
  test('a file is found by id, by slug and with its object', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const file = await addFile(store, id, { name: 'naïve\u0000 ☃.txt' })
    expect(file).toMatchObject({ status: 'active', downloads: 0, createdAt: at(3), updatedAt: at(3) })
    expect(await store.files.find(file.id)).toEqual(file)
    expect(await store.files.findBySlug(file.slug)).toEqual(file)
    const both = await store.files.findWithObject(file.id)
    expect(both?.file).toEqual(file)
    expect(both?.object).toMatchObject({ id: file.objectId, size: 25, sha256: 'f'.repeat(64) })
    expect(await store.files.find(file.id + 1)).toBeNull()
    expect(await store.files.findBySlug('nothing___')).toBeNull()
    expect(await store.files.findWithObject(file.id + 1)).toBeNull()
  })

  test('a slug is found with its letter case only', async () => {
    const { store } = stage()
    await addFile(store, null, { slug: 'abcdefghiJ' })
    expect(await store.files.findBySlug('abcdefghij')).toBeNull()
  })

  test('downloads counted at once are all counted', async () => {
    const { store } = stage()
    const file = await addFile(store, null)
    await Promise.all(Array.from({ length: 30 }, () => countDownload(store, file.id, at(5))))
    await countDownload(store, file.id + 1, at(5))
    expect((await store.files.find(file.id))?.downloads).toBe(30)
  })

  test('objects are paged in order of id', async () => {
    const { store } = stage()
    const made = []
    for (let n = 0; n < 5; n++) made.push((await addFile(store, null)).objectId)
    const first = await store.objects.page(0, 2)
    const second = await store.objects.page(first[1]?.id ?? 0, 10)
    expect([...first, ...second].map(({ id }) => id)).toEqual(made)
    const [object] = first
    expect(object && (await store.objects.findByKey(object.key))).toEqual(object ?? null)
    expect(await store.objects.findByKey('no/such/key')).toBeNull()
  })

  test('a CRC-32 is noted once, and only where there is none', async () => {
    const { store } = stage()
    const { objectId } = await addFile(store, null)
    const crcOf = async () => (await store.objects.page(objectId - 1, 1))[0]?.crc32
    expect(await crcOf()).toBeNull()
    await store.objects.setCrc32(objectId, 0xffff_ffff)
    expect(await crcOf()).toBe(0xffff_ffff)
    await store.objects.setCrc32(objectId, 1)
    expect(await crcOf()).toBe(0xffff_ffff)
    await store.objects.setCrc32(objectId + 1, 1)
  })

  test('an object with a file is never claimed', async () => {
    const { store } = stage()
    const file = await addFile(store, null)
    expect(await store.objects.claimUnreferenced(10)).toEqual([])
    await store.objects.remove(file.objectId)
    expect(await store.files.findWithObject(file.id)).not.toBeNull()
  })

  test('claimed objects come again until they are removed', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const files = [await addFile(store, id), await addFile(store, id), await addFile(store, id)]
    await store.accounts.delete(id, at(9))
    const first = await store.objects.claimUnreferenced(2)
    expect(first).toHaveLength(2)
    expect(await store.objects.page(0, 10)).toHaveLength(1)
    for (const object of first) await store.objects.remove(object.id)
    const rest = await store.objects.claimUnreferenced(10)
    expect(rest.map((object) => object.id)).toEqual([files[2]?.objectId ?? -1])
    expect(await store.objects.claimUnreferenced(10)).toEqual(rest)
    for (const object of rest) await store.objects.remove(object.id)
    expect(await store.objects.claimUnreferenced(10)).toEqual([])
  })

  test('no second object of one key', async () => {
    const { store } = stage()
    const [first, second] = [
      await addUpload(store, null, { objectKey: 'aa/bb/cc' }),
      await addUpload(store, null, { objectKey: 'aa/bb/cc' }),
    ]
    for (const { id } of [first, second]) {
      await fill(store, id)
      await store.uploads.beginComplete(id, at(3))
    }
    await store.uploads.finish(first.id, { sha256: 'f', file: newFile(null) }, at(4))
    const again = store.uploads.finish(second.id, { sha256: 'f', file: newFile(null) }, at(4))
    await expectFault(again, 'conflict')
  })

  test('an announced object is known, but is no object yet', async () => {
    const { objects } = stage().store
    await objects.announce('aa/bb/one', NOON)
    expect(await objects.isKnownKey('aa/bb/one')).toBe(true)
    expect(await objects.isKnownKey('aa/bb/two')).toBe(false)
    expect(await objects.findByKey('aa/bb/one')).toBeNull()
    expect(await objects.page(0, 10)).toEqual([])
    expect(await objects.claimUnreferenced(10)).toEqual([])
    await expectFault(objects.announce('aa/bb/one', at(1)), 'conflict')
  })

  test('a retracted key is forgotten, one in use is not', async () => {
    const { store } = stage()
    await store.objects.announce('aa/bb/one', NOON)
    await store.objects.retract('aa/bb/one')
    expect(await store.objects.isKnownKey('aa/bb/one')).toBe(false)
    await store.objects.retract('aa/bb/one')
    const file = await addOneShot(store, null)
    const found = await store.files.findWithObject(file.id)
    await store.objects.retract(found?.object.key ?? '')
    expect(await store.files.findWithObject(file.id)).toEqual(found)
  })

  test('what dead writers announced is listed, oldest first', async () => {
    const { store } = stage()
    for (const [n, key] of ['a', 'b', 'c', 'd'].entries()) await store.objects.announce(key, at(n))
    await addOneShot(store, null)
    expect(await store.objects.announced(at(3), 2)).toEqual(['a', 'b'])
    expect(await store.objects.announced(at(3), 10)).toEqual(['a', 'b', 'c'])
  })

  test('a suspect is known and is no object, until it is acquitted; retracting leaves it', async () => {
    const { objects } = stage().store
    for (const key of ['a', 'b', 'c']) await objects.announce(key, NOON)
    await objects.suspect('b', at(5))
    await objects.suspect('a', at(6))
    await objects.suspect('none', at(6))
    expect(await objects.suspects(at(6), 10)).toEqual(['b'])
    expect((await objects.suspects(at(7), 10)).toSorted()).toEqual(['a', 'b'])
    expect((await objects.suspects(at(7), 1)).length).toBe(1)
    expect(await objects.announced(at(9), 10)).toEqual(['c'])
    await objects.retract('b')
    expect([await objects.isKnownKey('b'), await objects.findByKey('b')]).toEqual([true, null])
    expect(await objects.claimUnreferenced(10)).toEqual([])
    await objects.acquit('b')
    await objects.acquit('c')
    expect([await objects.isKnownKey('b'), await objects.isKnownKey('c')]).toEqual([false, true])
  })

  test('a claimed object is known until it is removed', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    await addOneShot(store, id)
    await store.accounts.delete(id, at(1))
    const [object] = await store.objects.claimUnreferenced(1)
    expect(await store.objects.isKnownKey(object?.key ?? '')).toBe(true)
    await store.objects.remove(object?.id ?? 0)
    expect(await store.objects.isKnownKey(object?.key ?? '')).toBe(false)
  })
}

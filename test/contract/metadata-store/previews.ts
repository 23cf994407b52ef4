import { expect, test } from 'bun:test'
import type { MetadataStore } from '../../../src/core/metadata.ts'
import type { Preview } from '../../../src/core/model.ts'
import type { Stage } from '../metadata-store.contract.ts'
import { addAccount, addFile, at, expectFault, NOON } from './records.ts'

const preview = (objectId: number, change: Partial<Preview> = {}): Preview => ({
  objectId,
  size: 'thumb',
  format: 'webp',
  key: 'aa/bb/preview',
  bytes: 900,
  width: 256,
  height: 192,
  createdAt: at(5),
  ...change,
})
const refusal = (objectId: number): Preview => preview(objectId, { key: null, bytes: 0, width: 0, height: 0 })

async function addPreview(store: MetadataStore, objectId: number, change: Partial<Preview> = {}) {
  const made = preview(objectId, change)
  if (made.key !== null) await store.objects.announce(made.key, NOON)
  await store.previews.add(made)
  return made
}

export function previewCases(stage: Stage): void {
  test('a preview is found by its object and size, and its key is known', async () => {
    const { store } = stage()
    const { objectId } = await addFile(store, null)
    const thumb = await addPreview(store, objectId)
    const avif = await addPreview(store, objectId, { format: 'avif', key: 'aa/bb/avif' })
    const large = await addPreview(store, objectId, { size: 'preview', key: 'aa/bb/large' })
    expect(await store.previews.find(objectId, 'preview')).toEqual([large])
    const thumbs = await store.previews.find(objectId, 'thumb')
    expect(thumbs).toHaveLength(2)
    expect(thumbs).toEqual(expect.arrayContaining([thumb, avif]))
    expect(await store.previews.of(objectId)).toHaveLength(3)
    expect(await store.previews.find(objectId + 1, 'thumb')).toEqual([])
    expect(await store.objects.isKnownKey('aa/bb/avif')).toBe(true)
  })

  test('its key is announced no longer, and is no object', async () => {
    const { store } = stage()
    const { objectId } = await addFile(store, null)
    await addPreview(store, objectId)
    expect(await store.objects.announced(at(100), 10)).toEqual([])
    expect(await store.objects.findByKey('aa/bb/preview')).toBeNull()
    await store.objects.retract('aa/bb/preview')
    expect(await store.objects.isKnownKey('aa/bb/preview')).toBe(true)
  })

  test('a failure is remembered without a key', async () => {
    const { store } = stage()
    const { objectId } = await addFile(store, null)
    await store.previews.add(refusal(objectId))
    expect(await store.previews.find(objectId, 'thumb')).toEqual([refusal(objectId)])
    expect(await store.previews.page(0, 10)).toEqual([])
  })

  test('of one size and format there is one, and the key of a second stays announced', async () => {
    const { store } = stage()
    const { objectId } = await addFile(store, null)
    const first = await addPreview(store, objectId)
    await expectFault(addPreview(store, objectId, { key: 'aa/bb/second' }), 'conflict')
    expect(await store.previews.of(objectId)).toEqual([first])
    expect(await store.objects.announced(at(100), 10)).toEqual(['aa/bb/second'])
    await expectFault(store.previews.add(refusal(objectId)), 'conflict')
  })

  test('a key nobody announced is refused', async () => {
    const { store } = stage()
    const { objectId } = await addFile(store, null)
    await expectFault(store.previews.add(preview(objectId)), 'object_missing')
    expect(await store.previews.of(objectId)).toEqual([])
  })

  test('an object that is being removed gets none, and goes only after those it has', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const { objectId } = await addFile(store, id)
    await addPreview(store, objectId)
    await store.accounts.delete(id, at(9))
    expect(await store.objects.claimUnreferenced(10)).toHaveLength(1)
    await expectFault(addPreview(store, objectId, { size: 'preview', key: 'aa/bb/large' }), 'conflict')
    expect(await store.objects.remove(objectId).catch(() => 'refused')).toBe('refused')
    await store.previews.forget(objectId)
    await store.objects.remove(objectId)
    expect(await store.objects.claimUnreferenced(10)).toEqual([])
    expect(await store.objects.isKnownKey('aa/bb/preview')).toBe(false)
  })

  test('one is removed by what it is, and another that took its place stays', async () => {
    const { store } = stage()
    const { objectId } = await addFile(store, null)
    const first = await addPreview(store, objectId)
    await store.previews.remove(first)
    const second = await addPreview(store, objectId, { key: 'aa/bb/second' })
    await store.previews.remove(first)
    expect(await store.previews.of(objectId)).toEqual([second])
  })

  test('those of many objects are found at once and paged by object', async () => {
    const { store } = stage()
    const objects: number[] = []
    for (let n = 0; n < 4; n++) {
      const { objectId } = await addFile(store, null)
      objects.push(objectId)
      await addPreview(store, objectId, { key: `aa/bb/${n}` })
      await addPreview(store, objectId, { key: `aa/cc/${n}`, size: 'preview' })
    }
    const found = await store.previews.findAll([...objects.slice(1), 999], 'thumb')
    expect(found.map(({ objectId }) => objectId).sort((left, right) => left - right)).toEqual(
      objects.slice(1),
    )
    expect(await store.previews.findAll([], 'thumb')).toEqual([])
    const page = await store.previews.page(objects[0] ?? 0, 2)
    expect(page.map(({ objectId }) => objectId)).toEqual([
      objects[1],
      objects[1],
      objects[2],
      objects[2],
    ] as number[])
    expect(await store.previews.page(objects[3] ?? 0, 2)).toEqual([])
  })
}

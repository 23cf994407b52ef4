import { expect, test } from 'bun:test'
import type { MetadataStore, NewFolder } from '../../../src/core/metadata.ts'
import type { Stage } from '../metadata-store.contract.ts'
import { addAccount, addOneShot, at, expectCleanLedgers, NOON, newFolder } from './records.ts'

const ALL = { limit: 100, beforeId: null }

async function found(store: MetadataStore, text: string): Promise<string[]> {
  return (await store.files.search(text, ALL)).map(({ name }) => name)
}

export function searchCases(stage: Stage): void {
  const addPublic = (accountId: number | null, name: string, folderId: number | null = null) =>
    addOneShot(stage().store, accountId, { name, folderId, visibility: 2 })

  test('public active files are found by a part of their name, newest first', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const first = await addPublic(id, 'Holiday.JPG')
    await addPublic(null, 'my holiday.txt')
    await addOneShot(store, id, { name: 'holiday unlisted', visibility: 1 })
    await addOneShot(store, id, { name: 'holiday private', visibility: 0 })
    const gone = await addPublic(id, 'holiday gone')
    await store.files.trash(id, gone.id, at(5))
    expect(await found(store, 'HOLIDAY')).toEqual(['my holiday.txt', 'Holiday.JPG'])
    expect((await store.files.search('day.jpg', ALL))[0]).toEqual(first)
    expect(await found(store, 'nothing')).toEqual([])
  })

  test('letter case does not count beyond ASCII, and a new name is found instead of the old one', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const file = await addPublic(id, 'ÄRGER.txt')
    expect(await found(store, 'ärger')).toEqual(['ÄRGER.txt'])
    await store.files.update(id, file.id, { name: 'Фото.txt' }, at(5))
    expect(await found(store, 'ärger')).toEqual([])
    expect(await found(store, 'ФОТО')).toEqual(['Фото.txt'])
  })

  test('wildcards and backslashes stand for themselves, and too long a text is in no name', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    for (const name of ['100%', '1000', 'a_b', 'acb', 'back\\slash', "quote'"]) await addPublic(id, name)
    expect(await found(store, '0%')).toEqual(['100%'])
    expect(await found(store, 'A_B')).toEqual(['a_b'])
    expect(await found(store, '\\')).toEqual(['back\\slash'])
    expect(await found(store, "'")).toEqual(["quote'"])
    expect(await found(store, 'x'.repeat(100_000))).toEqual([])
    expect(await store.folders.search('x'.repeat(100_000), ALL)).toEqual([])
  })

  test('pages go on below the last id', async () => {
    const { store } = stage()
    for (let n = 0; n < 5; n++) await addPublic(null, `page ${n}`)
    const first = await store.files.search('page', { limit: 2, beforeId: null })
    expect(first.map(({ name }) => name)).toEqual(['page 4', 'page 3'])
    const rest = await store.files.search('page', { limit: 9, beforeId: first[1]?.id ?? 0 })
    expect(rest.map(({ name }) => name)).toEqual(['page 2', 'page 1', 'page 0'])
  })

  test('a file below a private or protected folder is not found, at whatever depth', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const add = (name: string, change: Partial<NewFolder>) =>
      store.folders.create(newFolder(id, name, change))
    const hidden = await add('hidden', { visibility: 0 })
    const locked = await add('locked', { passwordMd5: 'm' })
    const plain = await add('plain', { visibility: 1 })
    for (const top of [hidden, locked, plain]) {
      const inner = await add('inner', { parentId: top.id, visibility: 2 })
      await addPublic(id, `doc in ${top.name}`, top.id)
      await addPublic(id, `doc below ${top.name}`, inner.id)
    }
    expect(await found(store, 'doc')).toEqual(['doc below plain', 'doc in plain'])
    expect(await store.folders.search('inner', ALL)).toHaveLength(1)
    await expectCleanLedgers(store)
  })

  test('files appear and disappear with every change of a folder above them', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const top = await store.folders.create(newFolder(id, 'top'))
    const middle = await store.folders.create(newFolder(id, 'middle', { parentId: top.id }))
    const bottom = await store.folders.create(newFolder(id, 'bottom', { parentId: middle.id }))
    const vault = await store.folders.create(newFolder(id, 'vault', { visibility: 0 }))
    await addPublic(id, 'doc', bottom.id)
    const change = async (folder: number, update: Parameters<typeof store.folders.update>[2]) => {
      await store.folders.update(id, folder, update, at(5))
      await expectCleanLedgers(store)
      return (await found(store, 'doc')).length
    }
    expect(await found(store, 'doc')).toEqual(['doc'])
    expect(await change(top.id, { visibility: 0 })).toBe(0)
    expect(await change(middle.id, { passwordMd5: 'm' })).toBe(0)
    expect(await change(top.id, { visibility: 1 })).toBe(0)
    expect(await change(middle.id, { passwordMd5: null })).toBe(1)
    expect(await change(middle.id, { parentId: vault.id })).toBe(0)
    expect(await change(bottom.id, { parentId: null })).toBe(1)
    expect(await change(bottom.id, { parentId: middle.id })).toBe(0)
    expect(await change(vault.id, { visibility: 2 })).toBe(1)
    await store.folders.trash(id, vault.id, at(6))
    expect(await found(store, 'doc')).toEqual([])
  })

  test('folders are found when they are public themselves, newest first and by page', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const add = (name: string, change: Partial<NewFolder>) =>
      store.folders.create(newFolder(id, name, change))
    const first = await add('Photos 1', { visibility: 2 })
    await add('photos 2', { visibility: 1 })
    const locked = await add('photos 3', { visibility: 2, passwordMd5: 'm' })
    await add('photos 4', { visibility: 2, parentId: locked.id })
    const gone = await add('photos 5', { visibility: 2 })
    await store.folders.trash(id, gone.id, NOON)
    expect(await store.folders.search('PHOTOS', ALL)).toEqual([{ ...locked, folderCount: 1 }, first])
    expect(await store.folders.search('photos', { limit: 5, beforeId: locked.id })).toEqual([first])
  })
}

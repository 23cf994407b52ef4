import { expect, test } from 'bun:test'
import type { FileRecord, Visibility } from '../../../src/core/model.ts'
import type { Stage } from '../metadata-store.contract.ts'
import { addAccount, addOneShot, at, NOON } from './records.ts'

export function folderPictureCases(stage: Stage): void {
  const place = async () => {
    const { store } = stage()
    const { id: accountId } = await addAccount(store)
    const folder = { accountId, parentId: null, name: 'f', visibility: 1, passwordMd5: null } as const
    const { id: folderId } = await store.folders.create({ ...folder, createdAt: NOON })
    const add = (name: string, change: Partial<FileRecord> = {}) =>
      addOneShot(store, accountId, { name, folderId, mimeType: 'image/png', visibility: 1, ...change })
    const around = async (file: FileRecord, least: Visibility = 1) => {
      const { previous, next } = await store.files.neighbours(file, least)
      return [previous?.id ?? null, next?.id ?? null]
    }
    return { store, accountId, add, around }
  }

  test('the pictures beside one are those next to it by name, and by age where names are equal', async () => {
    const { store, accountId, add, around } = await place()
    const c = await add('c.png')
    const a = await add('a.png')
    const b = await add('b.jpg', { mimeType: 'image/jpeg' })
    const other = await add('other.jpg')
    const b2 = await store.files.update(accountId, other.id, { name: 'b.jpg' }, at(1))
    expect(await around(a)).toEqual([null, b.id])
    expect(await around(b)).toEqual([a.id, b2.id])
    expect(await around(b2)).toEqual([b.id, c.id])
    expect(await around(c)).toEqual([b2.id, null])
  })

  test('what is no picture, private, used up, not verified, elsewhere or in the trash is passed over', async () => {
    const { store, accountId, add, around } = await place()
    const a = await add('a.png')
    await add('b.txt', { mimeType: 'text/plain' })
    const hidden = await add('c.png', { visibility: 0 })
    await add('d.png', { usesLeft: 1 })
    await add('e.png', { folderId: null })
    await add('e2.png', { contentState: 'processing' })
    const trashed = await add('f.png')
    await store.files.trash(accountId, trashed.id, at(1))
    const z = await add('z.png')
    expect(await around(a)).toEqual([null, z.id])
    expect(await around(a, 0)).toEqual([null, hidden.id])
    expect(await around(z)).toEqual([a.id, null])
  })

  test('files of nobody have none beside them', async () => {
    const { store } = stage()
    const [one] = [await addOneShot(store, null, { name: 'a.png', mimeType: 'image/png' })]
    await addOneShot(store, null, { name: 'b.png', mimeType: 'image/png' })
    expect(await store.files.neighbours(one, 0)).toEqual({ previous: null, next: null })
  })

  test('files come in the order that is asked for', async () => {
    const { store, accountId } = await place()
    const { id: folderId } = await store.folders.create({
      ...{ accountId, parentId: null, name: 'g', visibility: 1, passwordMd5: null, createdAt: NOON },
    })
    const sizes = { b: 30, a: 10, d: 20, c: 30 }
    for (const [index, [name, size]] of Object.entries(sizes).entries())
      await addOneShot(store, accountId, { name, size, folderId, createdAt: at(index === 3 ? 1 : index) })
    const list = async (order: 'name' | 'newest' | 'largest', offset = 0, limit = 9) =>
      (await store.files.list(accountId, folderId, { offset, limit, order })).map(({ name }) => name).join('')
    expect([await list('name'), await list('newest'), await list('largest')]).toEqual([
      'abcd',
      'dcab',
      'bcda',
    ])
    expect([await list('newest', 1, 2), await list('largest', 3, 2)]).toEqual(['ca', 'a'])
  })
}

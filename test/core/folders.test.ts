import { describe, expect, test } from 'bun:test'
import { coresUnderTest, faultOf, principalOf } from './core-under-test.ts'
import { upload } from './upload-steps.ts'

const open = coresUnderTest()

async function withAccount() {
  const product = await open()
  return { product, core: product.core, ann: await product.account('ann'), bob: await product.account('bob') }
}

describe('a folder', () => {
  test('has its owner’s visibility and lies where it was made', async () => {
    const { core, ann } = await withAccount()
    const top = await core.folders.create(ann, { name: ' top ', parentId: null })
    const inner = await core.folders.create(ann, { name: 'inner', parentId: top.id })
    expect(top).toMatchObject({
      name: 'top',
      accountId: ann.id,
      parentId: null,
      visibility: ann.defaultVisibility,
    })
    expect(inner.parentId).toBe(top.id)
    expect((await core.folders.list(ann, null)).map(({ id }) => id)).toEqual([top.id])
    expect((await core.folders.list(ann, top.id)).map(({ id }) => id)).toEqual([inner.id])
  })

  test('is nobody else’s, nor is anything in it', async () => {
    const { core, ann, bob } = await withAccount()
    const folder = await core.folders.create(ann, { name: 'mine', parentId: null })
    expect((await core.folders.get(ann, folder.id)).name).toBe('mine')
    await faultOf(core.folders.get(bob, folder.id), 'folder_not_found')
    await faultOf(core.folders.list(bob, folder.id), 'folder_not_found')
    await faultOf(core.folders.create(bob, { name: 'a', parentId: folder.id }), 'folder_not_found')
    expect(await core.folders.list(bob, null)).toEqual([])
  })

  test('that is not there is not found', async () => {
    const { core, ann } = await withAccount()
    for (const id of [0, -1, 99, 1.5, Number.NaN, 2 ** 60]) {
      await faultOf(core.folders.get(ann, id), 'folder_not_found')
      await faultOf(core.folders.list(ann, id), 'folder_not_found')
      await faultOf(core.folders.create(ann, { name: 'a', parentId: id }), 'folder_not_found')
    }
  })

  test.each([
    ['a/b\\c', 'abc'],
    ['../..', '....'],
    ['a\u0000b\nc', 'abc'],
    ['photo\u202egpj', 'photogpj'],
    ['a\ud800', 'a\ufffd'],
    ['文件 😀', '文件 😀'],
    ['x'.repeat(255), 'x'.repeat(255)],
  ])('named %j is called %j', async (given, name) => {
    const { core, ann } = await withAccount()
    expect((await core.folders.create(ann, { name: given, parentId: null })).name).toBe(name)
  })

  test.each(['', ' ', '.', '..', '/', '\\', './', '\u0000', '\u202e', ' \u200e '])(
    'needs a name, which %j is not',
    async (name) => {
      const { core, ann } = await withAccount()
      const fault = await faultOf(core.folders.create(ann, { name, parentId: null }), 'invalid')
      expect(fault).toMatchObject({ field: 'name', message: 'Folder name is required.' })
    },
  )

  test('has a name of at most 255 bytes', async () => {
    const { core, ann } = await withAccount()
    for (const name of ['x'.repeat(256), 'é'.repeat(128)])
      expect((await faultOf(core.folders.create(ann, { name, parentId: null }), 'invalid')).message).toBe(
        'A folder name has at most 255 bytes.',
      )
  })

  test('knows how many files and bytes it holds', async () => {
    const { product, core, ann } = await withAccount()
    const top = await core.folders.create(ann, { name: 'top', parentId: null })
    await core.folders.create(ann, { name: 'inner', parentId: top.id })
    await upload(product, principalOf(ann), 250, { folderId: top.id })
    await upload(product, principalOf(ann), 50, { folderId: top.id })
    expect(await core.folders.list(ann, null)).toMatchObject([
      { fileCount: 2, folderCount: 1, totalSize: 300 },
    ])
    expect(await product.problems()).toEqual([])
  })

  test('lies at most 100 levels below the root, however it gets there', async () => {
    const { product, core, ann } = await withAccount()
    const ids: number[] = []
    for (let level = 1; level <= 100; level++)
      ids.push((await core.folders.create(ann, { name: `l${level}`, parentId: ids.at(-1) ?? null })).id)
    const deepest = ids[99] ?? 0
    const tooDeep = async (work: Promise<unknown>) =>
      expect(await faultOf(work, 'invalid')).toMatchObject({
        field: 'parentId',
        message: 'Folders can be nested at most 100 levels deep.',
      })
    await tooDeep(core.folders.create(ann, { name: 'more', parentId: deepest }))
    const other = await core.folders.create(ann, { name: 'other', parentId: null })
    const inner = await core.folders.create(ann, { name: 'inner', parentId: other.id })
    await tooDeep(core.folders.change(ann, other.id, { parentId: deepest }))
    await tooDeep(core.folders.change(ann, other.id, { parentId: ids[98] ?? 0 }))
    await tooDeep(core.folders.change(ann, ids[0] ?? 0, { parentId: inner.id }))
    expect((await core.folders.change(ann, other.id, { parentId: ids[97] ?? 0 })).parentId).toBe(ids[97] ?? 0)
    expect((await core.folders.change(ann, deepest, { name: 'still fine' })).name).toBe('still fine')
    expect((await core.folders.change(ann, ids[50] ?? 0, { parentId: null })).parentId).toBeNull()
    await core.folders.create(ann, { name: 'more', parentId: deepest })
    expect(await product.problems()).toEqual([])
  })
})

/** The copy of a folder that ends in the middle: refused, or because the process dies. */
import { expect, spyOn, test } from 'bun:test'
import { coresUnderTest, errorOf, faultOf, principalOf } from './core-under-test.ts'
import { upload } from './upload-steps.ts'

const open = coresUnderTest()
const FILES = 60

async function withFolder(packageName?: string) {
  const product = await open()
  const { core } = product
  const ann = await product.account('ann', packageName)
  const source = await core.folders.create(ann, { name: 'many', parentId: null })
  const { fileId } = await upload(product, principalOf(ann), 250)
  for (let n = 0; n < FILES; n++) await core.files.copy(ann, fileId, source.id)
  const used = async () => (await product.metadata.accounts.find(ann.id))?.storageUsed ?? 0
  const tops = async () =>
    (await core.folders.list(ann, null)).map(({ name, fileCount }) => [name, fileCount])
  return { product, ann, source, used, tops }
}

/** What the process would have done next does not happen any more. */
test('a process that dies leaves whole files, all of them counted and charged', async () => {
  const { product, ann, source, used, tops } = await withFolder()
  const { files, folders } = product.metadata
  const before = await used()
  const copy = files.copy.bind(files)
  let left = 50
  const dead = new Error('killed')
  const copying = spyOn(files, 'copy').mockImplementation(async (...what) => {
    if (left-- <= 0) throw dead
    return copy(...what)
  })
  const trashing = spyOn(folders, 'trash').mockImplementation(async () => {
    throw dead
  })
  expect(await errorOf(product.core.folderCopies.copy(ann, source.id, null))).toBe(dead)
  copying.mockRestore()
  trashing.mockRestore()
  expect((await tops()).toSorted()).toEqual([
    ['many', 50],
    ['many', FILES],
  ])
  expect(await used()).toBe(before + 50 * 250)
  expect(await product.problems()).toEqual([])
})

test('what does not fit is refused before anything is copied, and beside uploads of that moment nothing is exceeded', async () => {
  const { product, ann, source, used, tops } = await withFolder()
  const before = await used()
  await product.core.packages.set('Admin', { max_storage_bytes: String(before + FILES * 250 - 1) })
  await faultOf(product.core.folderCopies.copy(ann, source.id, null), 'quota_exceeded')
  expect([await tops(), await used()]).toEqual([[['many', FILES]], before])
  // It fits when it is judged, and another upload takes the room meanwhile.
  const most = before + FILES * 250
  await product.core.packages.set('Admin', { max_storage_bytes: String(most) })
  const { folders } = product.metadata
  const create = folders.create.bind(folders)
  const spy = spyOn(folders, 'create').mockImplementationOnce(async (...what) => {
    await upload(product, principalOf(ann), 250)
    return create(...what)
  })
  await faultOf(product.core.folderCopies.copy(ann, source.id, null), 'quota_exceeded')
  spy.mockRestore()
  expect(await used()).toBeLessThanOrEqual(most)
  expect(await tops()).toEqual([['many', FILES]])
  expect(await product.problems()).toEqual([])
})

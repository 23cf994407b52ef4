import { describe, expect, spyOn, test } from 'bun:test'
import { type CoreUnderTest, coresUnderTest, faultOf, guest, principalOf } from './core-under-test.ts'
import { upload } from './upload-steps.ts'

const open = coresUnderTest()

async function withFile(slug?: string) {
  const product = await open()
  const by = principalOf(await product.account('ann'))
  return { product, by, file: await fileOf(product, by, slug) }
}

/** A file of somebody, with a slug of the test's choice. */
async function fileOf(product: CoreUnderTest, by: typeof guest, slug?: string) {
  const drawn = slug && spyOn(product.ids, 'slug').mockImplementationOnce(() => slug)
  const { fileId } = await upload(product, by, 10)
  if (drawn) drawn.mockRestore()
  const file = await product.metadata.files.find(fileId)
  if (!file) throw new Error('no file')
  return file
}

describe('a file', () => {
  test('is found by its id and by its slug', async () => {
    const { product, by, file } = await withFile('4ynA8yjhsu')
    expect(await product.core.files.getOwn(by, String(file.id))).toEqual(file)
    expect(await product.core.files.getOwn(by, '4ynA8yjhsu')).toEqual(file)
  })

  test('is found by a slug of ten digits', async () => {
    const { product, by, file } = await withFile('0000000042')
    expect((await product.core.files.getOwn(by, '0000000042')).id).toBe(file.id)
  })

  test('is found by an id of ten digits, also when that is the slug of a stranger’s file', async () => {
    const { product, by } = await withFile()
    const stranger = principalOf(await product.account('bob'))
    await fileOf(product, stranger, '1234567890')
    const mine = await fileOf(product, by)
    const real = product.metadata.files.find
    spyOn(product.metadata.files, 'find').mockImplementation((id) =>
      real(id === 1_234_567_890 ? mine.id : id),
    )
    expect(await product.core.files.getOwn(by, '1234567890')).toEqual(mine)
    expect((await product.core.files.getOwn(stranger, '1234567890')).slug).toBe('1234567890')
  })

  test('is not given the ending of a kind that is refused', async () => {
    const { product, by, file } = await withFile()
    for (const name of ['a.exe', 'A.EXE', 'a.txt.exe', 'x/a.exe', 'a.exe. ', '.exe']) {
      const fault = await faultOf(
        product.core.files.change(by.account, file.id, { name }),
        'extension_refused',
      )
      expect(fault.message).toBe('Security Error: file type (.exe) is not allowed.')
    }
    expect(await product.metadata.files.find(file.id)).toEqual(file)
    const named = await product.core.files.change(by.account, file.id, { name: 'a.exe.txt' })
    expect(named.name).toBe('a.exe.txt')
  })

  test('of a kind that is refused by now can be moved', async () => {
    const { product, by, file } = await withFile()
    await product.metadata.files.update(by.account.id, file.id, { name: 'old.exe' }, product.clock.now())
    const folder = await product.core.folders.create(by.account, { name: 'f', parentId: null })
    const change = { folderId: folder.id, mimeType: 'text/plain' }
    expect(await product.core.files.change(by.account, file.id, change)).toMatchObject({ name: 'old.exe' })
  })

  test('is nobody else’s', async () => {
    const { product, file } = await withFile()
    const stranger = principalOf(await product.account('bob'))
    for (const which of [String(file.id), file.slug])
      await faultOf(product.core.files.getOwn(stranger, which), 'file_not_found')
    await faultOf(product.core.files.getOwn(guest, String(file.id)), 'unauthenticated')
  })

  test('of a guest is nobody’s', async () => {
    const { product, by } = await withFile()
    const file = await fileOf(product, guest)
    await faultOf(product.core.files.getOwn(by, file.slug), 'file_not_found')
    await faultOf(product.core.files.getOwn(guest, file.slug), 'unauthenticated')
  })

  test.each([
    '',
    '0',
    '01',
    '-1',
    '1.0',
    '1e0',
    ' 1',
    '99',
    '9999999999999999',
    '99999999999999999999',
    'aaaaaaaaaa',
    'é',
    "1' OR 1=1",
    '1\u0000',
  ])('is not found under %j', async (which) => {
    const { product, by } = await withFile()
    await faultOf(product.core.files.getOwn(by, which), 'file_not_found')
  })
})

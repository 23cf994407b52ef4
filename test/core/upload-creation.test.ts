import { describe, expect, test } from 'bun:test'
import type { Fault } from '../../src/core/fault.ts'
import type { UploadRequest } from '../../src/core/upload-request.ts'
import { errorOf, failOnce, faultOf, guest, OUTAGE, principalOf, SESSION_TTL } from './core-under-test.ts'
import { requestFor, staged, states, uploadsUnderTest } from './upload-steps.ts'

const { open, withAccount } = uploadsUnderTest()

describe('a new session', () => {
  test('is pending, lives two hours and has the size of its parts', async () => {
    const { product, by } = await withAccount()
    const session = await product.core.uploads.create(
      by,
      requestFor(250, { filename: '../a.txt', mimeType: 'Text/Plain; x', checksumSha256: 'AB'.repeat(32) }),
    )
    expect(session).toMatchObject({
      id: expect.stringMatching(/^ups_[0-9a-f]{20}$/),
      accountId: by.account?.id,
      status: 'pending',
      filename: 'a.txt',
      mimeType: 'text/plain',
      checksumSha256: 'ab'.repeat(32),
      expectedSize: 250,
      partSize: 100,
      reservedBytes: 250,
      uploadedBytes: 0,
      completedParts: 0,
      fileId: null,
    })
    expect(session.expiresAt.getTime() - session.createdAt.getTime()).toBe(SESSION_TTL * 1000)
  })

  const refused: Array<[what: string, fields: Partial<UploadRequest>, code: Fault['code'], message: string]> =
    [
      ['no name', { filename: ' ' }, 'invalid', 'A filename is required.'],
      ['a size of nothing', { size: 0 }, 'invalid', 'Upload size must be greater than zero.'],
      ['a negative size', { size: -1 }, 'invalid', 'Upload size must be greater than zero.'],
      ['half a byte', { size: 0.5 }, 'invalid', 'Upload size must be greater than zero.'],
      ['no size', { size: Number.NaN }, 'invalid', 'Upload size must be greater than zero.'],
      [
        'a size beyond all numbers',
        { size: 2 ** 60 },
        'file_too_large',
        'File exceeds your package upload limit.',
      ],
      [
        'a size beyond 10,000 parts of 5 GiB',
        { size: 10_000 * 5 * 2 ** 30 + 1 },
        'file_too_large',
        'File exceeds your package upload limit.',
      ],
      [
        'a blocked extension',
        { filename: 'a.Exe' },
        'extension_refused',
        'Security Error: file type (.exe) is not allowed.',
      ],
      ['a folder that is not there', { folderId: 99 }, 'invalid', 'Folder not found.'],
      ['a folder with an impossible id', { folderId: -1 }, 'invalid', 'Folder not found.'],
    ]
  test.each(refused)('is refused for %s, and nothing is staged', async (_what, fields, code, message) => {
    const { product, by } = await withAccount()
    const fault = await faultOf(product.core.uploads.create(by, requestFor(1, fields)), code)
    expect(fault.message).toBe(message)
    expect(await staged(product)).toEqual([])
  })

  test('tells the first thing that is wrong', async () => {
    const product = await open()
    await product.core.packages.add('None', { can_upload: '0', max_upload_size: '10' })
    const by = principalOf(await product.account('ann', 'None'))
    const wrong = { filename: '', size: 0, folderId: 99 }
    const messages: string[] = []
    for (const repair of [{}, { filename: 'a.exe' }, { size: 100 }, { filename: 'a.txt' }]) {
      Object.assign(wrong, repair)
      const request = { ...requestFor(1), ...wrong }
      messages.push((await faultOf(product.core.uploads.create(by, request))).message)
    }
    await product.core.packages.set('None', { can_upload: '1' })
    messages.push((await faultOf(product.core.uploads.create(by, { ...requestFor(1), ...wrong }))).message)
    await product.core.packages.set('None', { max_upload_size: '100' })
    messages.push((await faultOf(product.core.uploads.create(by, { ...requestFor(1), ...wrong }))).message)
    expect(messages).toEqual([
      'A filename is required.',
      'Upload size must be greater than zero.',
      'Security Error: file type (.exe) is not allowed.',
      'Your package does not allow uploads.',
      'File exceeds your package upload limit.',
      'Folder not found.',
    ])
  })

  test('goes into a folder of the owner only, and a guest has none', async () => {
    const { product, by } = await withAccount()
    const folder = await product.core.folders.create(by.account, { name: 'mine', parentId: null })
    const request = requestFor(10, { folderId: folder.id })
    expect((await product.core.uploads.create(by, request)).folderId).toBe(folder.id)
    const stranger = principalOf(await product.account('bob'))
    await faultOf(product.core.uploads.create(stranger, request), 'invalid')
    const fault = await faultOf(product.core.uploads.create(guest, request), 'invalid')
    expect(fault.message).toBe('Guests cannot upload into private folders.')
  })
})

describe('a managed session', () => {
  test('signs the parts there are and leaves the others out', async () => {
    const { product, by } = await withAccount()
    const numbers = [3, 1, 3, 0, 4, -1, 1.5, Number.NaN, 2 ** 40]
    const { session, parts } = await product.core.uploads.createManaged(by, requestFor(250), numbers, 60)
    expect(parts.map(({ number, size, expiresIn }) => [number, size, expiresIn])).toEqual([
      [3, 50, 60],
      [1, 100, 60],
    ])
    expect(states(await product.metadata.uploads.parts(session.id))).toEqual(['1', '3'])
    expect(session.status).toBe('pending')
  })

  test('is not made when no part number is valid', async () => {
    const { product, by } = await withAccount()
    for (const numbers of [[], [0], [4, 5], [Number.NaN]])
      await faultOf(
        product.core.uploads.createManaged(by, requestFor(250), numbers, 60),
        'part_number_invalid',
      )
    expect(await product.metadata.uploads.staged()).toEqual([])
    expect(await staged(product)).toEqual([])
    expect((await product.metadata.accounts.find(by.account.id))?.storageReserved).toBe(0)
  })

  test('takes a list of ten thousand numbers and repetitions of them', async () => {
    const { product, by } = await withAccount()
    const numbers = Array.from({ length: 30_000 }, (_, index) => (index % 10_000) + 1)
    const { session, parts } = await product.core.uploads.createManaged(
      by,
      requestFor(1_000_000),
      numbers,
      60,
    )
    expect(parts).toHaveLength(10_000)
    expect(new Set(parts.map(({ url }) => url)).size).toBe(10_000)
    expect(await product.metadata.uploads.parts(session.id)).toHaveLength(10_000)
  })

  test('whose parts could not be signed leaves nothing once it has expired', async () => {
    const { product, by } = await withAccount()
    failOnce(product.metadata.uploads, 'signParts')
    const made = product.core.uploads.createManaged(by, requestFor(250), [1], 60)
    expect(await errorOf(made)).toEqual(OUTAGE)
    product.clock.advance(SESSION_TTL)
    expect(await product.core.sweeper.sweep()).toMatchObject({ expired: 1, discarded: 1 })
    expect(await staged(product)).toEqual([])
    expect((await product.metadata.accounts.find(by.account.id))?.storageReserved).toBe(0)
    expect(await product.problems()).toEqual([])
  })
})

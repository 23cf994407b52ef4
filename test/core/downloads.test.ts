import { describe, expect, test } from 'bun:test'
import type { FaultCode } from '../../src/core/fault.ts'
import type { Account, Visibility } from '../../src/core/model.ts'
import { type CoreOptions, coresUnderTest, faultOf, guest, principalOf } from './core-under-test.ts'
import { upload } from './upload-steps.ts'

const open = coresUnderTest()
const as = (account: Account | null) => ({ account, ip: '192.0.2.1' })

/** A file of the wanted visibility, and a link to it that is good for a minute. */
async function withFile(visibility: Visibility = 1, options?: CoreOptions) {
  const product = await open(options)
  const ann = { ...(await product.account('ann')), defaultVisibility: visibility }
  const by = principalOf(ann)
  const { fileId, data } = await upload(product, by, 250)
  const { path, expiresIn } = await product.core.downloads.link(by, String(fileId), 60)
  const query = new URL(path, 'http://localhost').searchParams
  const visit = { fileId, expires: Number(query.get('expires')), signature: query.get('token') ?? '' }
  return { product, by, fileId, data, path, expiresIn, visit }
}

describe('who may have the bytes', () => {
  type Who = 'owner' | 'other' | 'guest'
  type Signature = 'good' | 'expired' | 'bad' | 'none'
  const visitors: Who[] = ['owner', 'other', 'guest']
  const signatures: Signature[] = ['good', 'expired', 'bad', 'none']

  const expected = (visitor: Who, visibility: Visibility, signature: Signature): FaultCode | 'granted' => {
    if (visitor === 'owner' || signature === 'good') return 'granted'
    return visibility === 0 && signature !== 'expired' ? 'file_not_found' : 'link_invalid'
  }
  const matrix = visitors.flatMap((visitor) =>
    ([0, 1, 2] as const).flatMap((visibility) =>
      signatures.map((signature) => ({ visitor, visibility, signature })),
    ),
  )

  test.each(matrix)(
    'the $visitor, a file of visibility $visibility and a signature that is $signature',
    async ({ visitor, visibility, signature }) => {
      const { product, by, visit } = await withFile(visibility)
      expect((await product.metadata.files.find(visit.fileId))?.visibility).toBe(visibility)
      const other = principalOf(await product.account('bob'))
      const accounts: Record<Who, Account | null> = { owner: by.account, other: other.account, guest: null }
      if (signature === 'expired') product.clock.advance(60)
      const given = {
        good: visit,
        expired: visit,
        bad: { ...visit, expires: visit.expires + 1 },
        none: { ...visit, signature: '', expires: Number.NaN },
      }[signature]
      const grant = product.core.downloads.authorise({ ...given, visitor: as(accounts[visitor]) })
      const wanted = expected(visitor, visibility, signature)
      if (wanted === 'granted') expect((await grant).file.id).toBe(visit.fileId)
      else await faultOf(grant, wanted)
    },
  )

  test('a link of another file opens nothing', async () => {
    const { product, by, visit } = await withFile()
    const { fileId } = await upload(product, by, 10)
    const { downloads } = product.core
    await faultOf(downloads.authorise({ ...visit, fileId, visitor: as(null) }), 'link_invalid')
    await faultOf(downloads.authorise({ ...visit, fileId: 99, visitor: as(by.account) }), 'file_not_found')
    await faultOf(
      downloads.authorise({ ...visit, fileId: Number.NaN, visitor: as(by.account) }),
      'file_not_found',
    )
  })

  test('nobody has what is in the trash, not even its owner by an old link', async () => {
    const { product, by, visit } = await withFile()
    await product.core.files.trash(by.account, visit.fileId)
    for (const account of [by.account, null])
      await faultOf(product.core.downloads.authorise({ ...visit, visitor: as(account) }), 'file_not_found')
    await faultOf(product.core.downloads.link(by, String(visit.fileId), 60), 'file_not_found')
  })
})

describe('a link', () => {
  test('is relative to the site and good until its second', async () => {
    const { product, fileId, path, expiresIn, visit } = await withFile()
    expect(path).toMatch(new RegExp(`^/download/${fileId}\\?token=[0-9a-f]{64}&expires=\\d+$`))
    expect(expiresIn).toBe(60)
    product.clock.advance(59.999)
    expect((await product.core.downloads.authorise({ ...visit, visitor: as(null) })).file.id).toBe(fileId)
    product.clock.advance(0.001)
    await faultOf(product.core.downloads.authorise({ ...visit, visitor: as(null) }), 'link_invalid')
  })

  test.each([
    [0, 1],
    [-1, 1],
    [1.9, 1],
    [604_800, 604_800],
    [604_801, 604_800],
    [Number.MAX_VALUE, 604_800],
    [Number.NEGATIVE_INFINITY, 1],
    [Number.NaN, 3600],
  ])('asked for %p seconds lives %p', async (asked, lives) => {
    const { product, by, fileId } = await withFile()
    const { path, expiresIn } = await product.core.downloads.link(by, String(fileId), asked)
    expect(expiresIn).toBe(lives)
    expect(path).toEndWith(`&expires=${product.clock.now().getTime() / 1000 + lives}`)
  })

  test('is made for the owner only', async () => {
    const { product, fileId } = await withFile(2)
    const bob = principalOf(await product.account('bob'))
    await faultOf(product.core.downloads.link(bob, String(fileId), 60), 'file_not_found')
    await faultOf(product.core.downloads.link(guest, String(fileId), 60), 'unauthenticated')
  })
})

describe('a grant', () => {
  test('gives the bytes, whole or in part, and counts', async () => {
    const { product, by, data, visit } = await withFile()
    const grant = await product.core.downloads.authorise({ ...visit, visitor: as(null) })
    const read = async (range?: { start: number; end: number }): Promise<Uint8Array> => {
      const { body, transfer } = await grant.begin(range)
      const bytes = new Uint8Array(await new Response(body as Blob).arrayBuffer())
      transfer.end({ bytes: bytes.length, completed: true })
      return bytes
    }
    expect(grant.object).toMatchObject({ size: 250 })
    expect(await read()).toEqual(data)
    expect(await read({ start: 10, end: 19 })).toEqual(data.subarray(10, 20))
    expect(await read()).toEqual(data)
    expect((await product.core.files.getOwn(by, String(visit.fileId))).downloads).toBe(2)
    expect(await product.problems()).toEqual([])
  })

  test('of lost bytes says so', async () => {
    const { product, visit } = await withFile()
    const grant = await product.core.downloads.authorise({ ...visit, visitor: as(null) })
    await product.storage.delete(grant.object.key)
    await faultOf(grant.begin(), 'object_missing')
    expect((await product.metadata.files.find(visit.fileId))?.downloads).toBe(0)
    expect(product.core.traffic.live()).toEqual([])
  })
})

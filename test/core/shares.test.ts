import { describe, expect, test } from 'bun:test'
import type { Account } from '../../src/core/model.ts'
import { type CoreUnderTest, coresUnderTest, faultOf } from './core-under-test.ts'

const open = coresUnderTest()
const PAGE = { number: 1, size: 20 }

async function* once(): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode('hello')
}
const receive = async ({ core }: CoreUnderTest, owner: Account | null, name = 'a.txt') => {
  const content = {
    name,
    leastSize: 0,
    mimeType: null,
    folderId: null,
    uploadedIp: null,
    visibility: 0,
  } as const
  return (await core.ingest.receive(owner, { ...content, source: 'api' }, once())).file
}
async function withFile() {
  const product = await open()
  const ann = await product.account('ann')
  return {
    product,
    ann,
    file: await receive(product, ann),
    shares: product.core.shares,
    clock: product.clock,
  }
}

describe('a link', () => {
  test('opens its file until it ends, to the second', async () => {
    const { product, ann, file, shares, clock } = await withFile()
    const expiresAt = new Date(clock.now().getTime() + 100_000)
    const share = await shares.share(ann, file.id, expiresAt)
    expect(share).toEqual({
      fileId: file.id,
      token: expect.stringMatching(/^[0-9a-f]{32}$/),
      expiresAt,
      createdAt: clock.now(),
    })
    clock.advance(99)
    expect(await shares.open(share.token)).toBe(file.id)
    expect((await shares.get(ann, file.id)).share).toEqual(share)
    clock.advance(1)
    await faultOf(shares.open(share.token), 'file_not_found')
    expect((await shares.get(ann, file.id)).share).toBeNull()
    expect((await shares.page(ann, PAGE)).items[0]?.share).toBeNull()
    expect(await product.problems()).toEqual([])
  })

  test('without an end opens it for good', async () => {
    const { ann, file, shares, clock } = await withFile()
    const { token } = await shares.share(ann, file.id, null)
    clock.advance(100 * 365 * 86_400)
    expect(await shares.open(token)).toBe(file.id)
  })

  test('takes the place of the one before, and the file counts as changed', async () => {
    const { ann, file, shares, clock } = await withFile()
    const first = await shares.share(ann, file.id, null)
    clock.advance(10)
    const second = await shares.share(ann, file.id, new Date('2001-01-01'))
    expect(second.token).not.toBe(first.token)
    await faultOf(shares.open(first.token), 'file_not_found')
    await faultOf(shares.open(second.token), 'file_not_found')
    expect((await shares.get(ann, file.id)).file.updatedAt).toEqual(clock.now())
  })

  test('taken back opens nothing, and taking back what is not shared changes nothing', async () => {
    const { ann, file, shares, clock } = await withFile()
    const { token } = await shares.share(ann, file.id, null)
    clock.advance(5)
    await shares.unshare(ann, file.id)
    await faultOf(shares.open(token), 'file_not_found')
    const changed = clock.now()
    clock.advance(5)
    await shares.unshare(ann, file.id)
    expect((await shares.get(ann, file.id)).file.updatedAt).toEqual(changed)
  })

  test.each(['', 'x', '0'.repeat(31), '0'.repeat(33), 'G'.repeat(32), '\u0000', '%'])(
    'that is %j opens nothing',
    async (token) => {
      const { ann, file, shares } = await withFile()
      await shares.share(ann, file.id, null)
      await faultOf(shares.open(token), 'file_not_found')
    },
  )

  test('of a file that goes for good is gone with it', async () => {
    const { product, ann, file, shares } = await withFile()
    const { token } = await shares.share(ann, file.id, null)
    await product.core.files.remove(ann, file.id)
    await faultOf(shares.open(token), 'file_not_found')
    expect(await product.metadata.shares.find(file.id)).toBeNull()
  })

  test('opens nothing while its file is in the trash', async () => {
    const { product, ann, file, shares } = await withFile()
    const { token } = await shares.share(ann, file.id, null)
    await product.core.files.trash(ann, file.id)
    await faultOf(
      product.core.downloads.authoriseShared(await shares.open(token).catch(() => 0), {
        account: null,
        ip: '192.0.2.1',
      }),
      'file_not_found',
    )
  })
})

describe('whoever is not the owner', () => {
  test('finds no file to look at, to share or to unshare', async () => {
    const { product, ann, file, shares } = await withFile()
    const bob = await product.account('bob')
    const anonymous = await receive(product, null)
    await product.core.files.trash(ann, (await receive(product, ann)).id)
    for (const [who, id] of [
      [bob, file.id],
      [ann, anonymous.id],
      [ann, file.id + 2],
      [ann, 999],
    ] as const) {
      await faultOf(shares.get(who, id), 'file_not_found')
      await faultOf(shares.share(who, id, null), 'file_not_found')
      await faultOf(shares.unshare(who, id), 'file_not_found')
    }
    expect((await shares.page(bob, PAGE)).total).toBe(0)
  })
})

describe('a page', () => {
  test('has the newest first, each with its link', async () => {
    const { product, ann, file, shares } = await withFile()
    const second = await receive(product, ann, 'b.txt')
    const share = await shares.share(ann, file.id, null)
    const { items, total } = await shares.page(ann, PAGE)
    expect(total).toBe(2)
    expect(items.map((item) => [item.file.id, item.share])).toEqual([
      [second.id, null],
      [file.id, share],
    ])
    expect((await shares.page(ann, { number: 2, size: 1 })).items.map((item) => item.file.id)).toEqual([
      file.id,
    ])
    expect(await shares.page(ann, { number: 3, size: 1 })).toEqual({ items: [], total: 2 })
  })
})

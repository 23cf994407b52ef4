import { describe, expect, test } from 'bun:test'
import { md5 } from '../support/upload.ts'
import { faultOf } from './core-under-test.ts'
import { begin, bytesOf, partOf, put, report, send, states, uploadsUnderTest } from './upload-steps.ts'

const { withAccount } = uploadsUnderTest()

describe('a signed part', () => {
  /** What the URL of a signed part carries. */
  const fromUrl = (url: string) => {
    const { pathname, searchParams } = new URL(url, 'http://localhost')
    return {
      session: pathname.split('/').at(-1) ?? '',
      number: Number(searchParams.get('partNumber')),
      expires: Number(searchParams.get('expires')),
      signature: searchParams.get('signature') ?? '',
    }
  }

  async function signed() {
    const { product, by } = await withAccount()
    const begun = await begin(product, by, 250)
    const [part] = await product.core.uploads.sign(by, begun.session.id, [1], 60)
    const bytes = partOf(begun.session, begun.data, 1)
    const sent = () => ({ ...fromUrl(part?.url ?? ''), length: 100, body: bytesOf(bytes) })
    return { product, by, ...begun, bytes, sent }
  }

  test('is taken without any other credential', async () => {
    const { product, sent, bytes } = await signed()
    expect(await product.core.uploads.putSignedPart(sent())).toEqual({ etag: md5(bytes), size: 100 })
  })

  test('is refused for another number, session or expiry', async () => {
    const { product, by, sent } = await signed()
    const other = await begin(product, by, 250)
    for (const change of [{ number: 2 }, { session: other.session.id }, { expires: sent().expires + 1 }])
      await faultOf(product.core.uploads.putSignedPart({ ...sent(), ...change }), 'signature_invalid')
  })

  test('is refused when its URL has expired or its session has ended', async () => {
    const { product, by, session, sent } = await signed()
    product.clock.advance(60)
    await faultOf(product.core.uploads.putSignedPart(sent()), 'signature_expired')
    const [fresh] = await product.core.uploads.sign(by, session.id, [1], 60)
    await product.core.uploads.abort(by, session.id)
    const late = { ...fromUrl(fresh?.url ?? ''), length: 100, body: bytesOf(new Uint8Array(100)) }
    await faultOf(product.core.uploads.putSignedPart(late), 'parts_closed')
  })

  test('can be signed again without losing what was sent', async () => {
    const { product, by, session, sent } = await signed()
    await product.core.uploads.putSignedPart(sent())
    await product.core.uploads.sign(by, session.id, [1, 2], 60)
    expect(states(await product.metadata.uploads.parts(session.id))).toEqual(['1 stored', '2'])
  })

  test('needs a number, and only numbers there are', async () => {
    const { product, by, session } = await signed()
    const { uploads } = product.core
    expect((await faultOf(uploads.sign(by, session.id, [], 60), 'invalid')).field).toBe('part_numbers')
    for (const numbers of [[0], [1, 4], [1.5], [Number.NaN], Array.from({ length: 10_001 }, () => 1)])
      await faultOf(uploads.sign(by, session.id, numbers, 60), 'part_number_invalid')
    await uploads.abort(by, session.id)
    await faultOf(uploads.sign(by, session.id, [1], 60), 'sign_closed')
    expect(await uploads.signAgain(by, session.id, [1], 60)).toBeNull()
  })

  test.each([
    [0, 1],
    [-5, 1],
    [1.9, 1],
    [604_801, 604_800],
    [Number.POSITIVE_INFINITY, 604_800],
    [Number.NaN, 3600],
  ])('asked for %p seconds lives %p', async (asked, given) => {
    const { product, by, session } = await signed()
    const [part] = await product.core.uploads.sign(by, session.id, [1], asked)
    expect(part?.expiresIn).toBe(given)
    expect(fromUrl(part?.url ?? '').expires).toBe(product.clock.now().getTime() / 1000 + given)
  })
})

describe('a report', () => {
  test('counts a part once, however often it comes', async () => {
    const { product, by } = await withAccount()
    const { session, data } = await begin(product, by, 250)
    await send(product, by, { session, data }, [3])
    const again = await report(product, by, session, 3, partOf(session, data, 3))
    expect(again.session).toMatchObject({ status: 'uploading', uploadedBytes: 50, completedParts: 1 })
    expect(states(again.parts)).toEqual(['3 stored reported'])
  })

  test('that is not what was stored changes nothing', async () => {
    const { product, by } = await withAccount()
    const { session, data } = await begin(product, by, 250)
    const bytes = partOf(session, data, 1)
    await faultOf(report(product, by, session, 1, bytes), 'part_mismatch')
    await put(product, by, session, 1, bytes)
    const right = { number: 1, etag: md5(bytes), size: 100, checksumSha256: null }
    for (const change of [{ etag: md5(data) }, { etag: '' }, { size: 99 }, { size: Number.NaN }])
      await faultOf(product.core.uploads.report(by, session.id, { ...right, ...change }), 'part_mismatch')
    for (const number of [0, 4, Number.NaN])
      await faultOf(product.core.uploads.report(by, session.id, { ...right, number }), 'part_number_invalid')
    const { session: after } = await product.core.uploads.get(by, session.id)
    expect(after).toMatchObject({ uploadedBytes: 0, completedParts: 0 })
  })

  test('of a closed session is refused', async () => {
    const { product, by } = await withAccount()
    const begun = await begin(product, by, 250)
    await send(product, by, begun)
    await product.core.uploads.abort(by, begun.session.id)
    await faultOf(report(product, by, begun.session, 1, begun.data.subarray(0, 100)), 'parts_closed')
  })
})

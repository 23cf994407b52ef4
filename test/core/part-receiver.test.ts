import { describe, expect, spyOn, test } from 'bun:test'
import { Fault } from '../../src/core/fault.ts'
import { md5, sampleBytes, sha256 } from '../support/upload.ts'
import {
  type CoreUnderTest,
  coresUnderTest,
  errorOf,
  failOnce,
  faultOf,
  OUTAGE,
  principalOf,
  SESSION_TTL,
} from './core-under-test.ts'
import {
  begin,
  bytesOf,
  complete,
  partOf,
  pausedBody,
  put,
  report,
  send,
  states,
  watchedBody,
} from './upload-steps.ts'

const open = coresUnderTest()

async function begun(size = 250) {
  const product = await open()
  const by = principalOf(await product.account('ann'))
  return { product, by, ...(await begin(product, by, size)) }
}

const partsOf = async ({ metadata }: CoreUnderTest, id: string): Promise<string[]> =>
  states(await metadata.uploads.parts(id))

describe('a part', () => {
  test('is answered with the MD5 and size of its bytes, and recorded', async () => {
    const { product, by, session, data } = await begun()
    expect(await put(product, by, session, 3, data.subarray(200))).toEqual({
      etag: md5(data.subarray(200)),
      size: 50,
    })
    expect(await partsOf(product, session.id)).toEqual(['3 stored'])
  })

  test('of undeclared length is taken when it has the right one', async () => {
    const { product, by, session, data } = await begun()
    const bytes = partOf(session, data, 1)
    const part = { number: 1, length: null, body: bytesOf(bytes.subarray(0, 60), bytes.subarray(60)) }
    expect(await product.core.uploads.putPart(by, session.id, part)).toEqual({ etag: md5(bytes), size: 100 })
  })

  test('of undeclared length that is too long or too short leaves none', async () => {
    const { product, by, session } = await begun()
    for (const [length, code] of [
      [101, 'part_too_large'],
      [99, 'part_too_small'],
      [0, 'part_too_small'],
    ] as const) {
      const part = { number: 1, length: null, body: bytesOf(new Uint8Array(length)) }
      await faultOf(product.core.uploads.putPart(by, session.id, part), code)
      expect(await partsOf(product, session.id)).toEqual([])
    }
  })

  test('sent again replaces the earlier bytes and has to be reported again', async () => {
    const { product, by, session, data } = await begun()
    await send(product, by, { session, data })
    const other = sampleBytes(100, 7)
    await put(product, by, session, 2, other)
    expect(await partsOf(product, session.id)).toEqual(['1 stored reported', '2 stored', '3 stored reported'])
    await faultOf(complete(product, by, session), 'size_mismatch')
    await report(product, by, session, 2, other)
    const bytes = Buffer.concat([data.subarray(0, 100), other, data.subarray(200)])
    expect((await complete(product, by, session)).sha256).toBe(sha256(bytes))
  })
})

describe('a part is refused before a byte of it is read', () => {
  const wrong: Array<[what: string, number: number, length: number, code: Fault['code']]> = [
    ['one byte too long', 1, 101, 'part_too_large'],
    ['one byte too short', 1, 99, 'part_too_small'],
    ['empty', 1, 0, 'part_too_small'],
    ['as long as a whole part at the end', 3, 100, 'part_too_large'],
    ['number 0', 0, 100, 'part_number_invalid'],
    ['beyond the last', 4, 100, 'part_number_invalid'],
    ['a broken number', 1.5, 100, 'part_number_invalid'],
    ['no number', Number.NaN, 100, 'part_number_invalid'],
  ]
  test.each(wrong)('when it is %s', async (_what, number, length, code) => {
    const { product, by, session, data } = await begun()
    await put(product, by, session, 1, partOf(session, data, 1))
    const body = watchedBody(new Uint8Array(length))
    await faultOf(product.core.uploads.putPart(by, session.id, { number, length, body }), code)
    expect(body.asked()).toBe(0)
    expect(await partsOf(product, session.id)).toEqual(['1 stored'])
  })

  test('when the session is closed', async () => {
    const { product, by, session } = await begun()
    await product.core.uploads.abort(by, session.id)
    const body = watchedBody(new Uint8Array(100))
    await faultOf(
      product.core.uploads.putPart(by, session.id, { number: 1, length: 100, body }),
      'parts_closed',
    )
    expect(body.asked()).toBe(0)
  })

  test('when it is being sent by another request', async () => {
    const { product, by, session, data } = await begun()
    const bytes = partOf(session, data, 1)
    const slow = pausedBody(bytes.subarray(0, 50), bytes.subarray(50))
    const first = product.core.uploads.putPart(by, session.id, { number: 1, length: 100, body: slow.body })
    await slow.reached
    const body = watchedBody(bytes)
    const second = product.core.uploads.putPart(by, session.id, { number: 1, length: 100, body })
    expect(await faultOf(second, 'part_busy')).toMatchObject({ retryAfter: 1 })
    expect(body.asked()).toBe(0)
    // Other parts are not in the way.
    await put(product, by, session, 2, partOf(session, data, 2))
    slow.goOn()
    expect(await first).toEqual({ etag: md5(bytes), size: 100 })
    expect(await put(product, by, session, 1, bytes)).toEqual({ etag: md5(bytes), size: 100 })
  })
})

describe('while bytes are being replaced', () => {
  test('there is no record of the part, and the upload cannot be completed', async () => {
    const { product, by, session, data } = await begun()
    await send(product, by, { session, data })
    const bytes = sampleBytes(100, 9)
    const slow = pausedBody(bytes.subarray(0, 50), bytes.subarray(50))
    const again = product.core.uploads.putPart(by, session.id, { number: 2, length: 100, body: slow.body })
    await slow.reached
    expect(await partsOf(product, session.id)).toEqual(['1 stored reported', '2', '3 stored reported'])
    await faultOf(report(product, by, session, 2, partOf(session, data, 2)), 'part_mismatch')
    await faultOf(complete(product, by, session), 'size_mismatch')
    slow.goOn()
    await again
    await report(product, by, session, 2, bytes)
    const whole = Buffer.concat([data.subarray(0, 100), bytes, data.subarray(200)])
    expect((await complete(product, by, session)).sha256).toBe(sha256(whole))
  })

  test('a cut connection leaves no part, and the part can be sent again', async () => {
    const { product, by, session, data } = await begun()
    await send(product, by, { session, data })
    const slow = pausedBody(new Uint8Array(50), new Uint8Array(50))
    const cut = product.core.uploads.putPart(by, session.id, { number: 2, length: 100, body: slow.body })
    await slow.reached
    slow.fail(new Fault('client_gone'))
    await faultOf(cut, 'client_gone')
    expect(await partsOf(product, session.id)).toEqual(['1 stored reported', '2', '3 stored reported'])
    await send(product, by, { session, data }, [2])
    expect((await complete(product, by, session)).sha256).toBe(sha256(data))
  })

  test('an abort ends it without a record', async () => {
    const { product, by, session, data } = await begun()
    const bytes = partOf(session, data, 1)
    const slow = pausedBody(bytes.subarray(0, 50), bytes.subarray(50))
    const part = product.core.uploads.putPart(by, session.id, { number: 1, length: 100, body: slow.body })
    await slow.reached
    await product.core.uploads.abort(by, session.id)
    slow.goOn()
    await faultOf(part, 'parts_closed', 'upload_not_found')
    expect(await partsOf(product, session.id)).toEqual([])
    expect(await product.problems()).toEqual([])
  })
})

describe('a failure', () => {
  test('of the storage leaves no record', async () => {
    const { product, by, session, data } = await begun()
    await send(product, by, { session, data }, [1])
    failOnce(product.storage, 'putPart', new Fault('storage_full'))
    await faultOf(put(product, by, session, 1, partOf(session, data, 1)), 'storage_full')
    expect(await partsOf(product, session.id)).toEqual(['1'])
    await send(product, by, { session, data })
    expect((await complete(product, by, session)).sha256).toBe(sha256(data))
  })

  test('of the records leaves none, whatever the storage has, and frees the part', async () => {
    const { product, by, session, data } = await begun()
    failOnce(product.metadata.uploads, 'savePart')
    expect(await errorOf(put(product, by, session, 1, partOf(session, data, 1)))).toEqual(OUTAGE)
    expect(await partsOf(product, session.id)).toEqual([])
    await put(product, by, session, 1, partOf(session, data, 1))
    expect(await partsOf(product, session.id)).toEqual(['1 stored'])
  })

  test('to withdraw the record leaves bytes and record as they are', async () => {
    const { product, by, session, data } = await begun()
    await send(product, by, { session, data })
    failOnce(product.metadata.uploads, 'withdrawPart')
    const body = watchedBody(sampleBytes(100, 5))
    const part = { number: 1, length: 100, body }
    expect(await errorOf(product.core.uploads.putPart(by, session.id, part))).toEqual(OUTAGE)
    expect(body.asked()).toBe(0)
    expect((await complete(product, by, session)).sha256).toBe(sha256(data))
  })
})

describe('the life of a session', () => {
  test('goes on during a part that takes longer than a session may live', async () => {
    const { product, by, session, data } = await begun()
    const bytes = partOf(session, data, 1)
    async function* slowly() {
      for (const byte of bytes) {
        product.clock.advance(SESSION_TTL / 10)
        await product.core.sweeper.sweep()
        yield Uint8Array.of(byte)
      }
    }
    const sent = await product.core.uploads.putPart(by, session.id, {
      number: 1,
      length: 100,
      body: slowly(),
    })
    expect(sent.etag).toBe(md5(bytes))
    const { session: after } = await product.core.uploads.get(by, session.id)
    expect(after.status).toBe('uploading')
    expect(after.expiresAt.getTime() - product.clock.now().getTime()).toBe(SESSION_TTL * 1000)
  })

  test('is not written anew with every chunk', async () => {
    const { product, by, session, data } = await begun()
    const extend = spyOn(product.metadata.uploads, 'extend')
    async function* steadily() {
      for (const byte of partOf(session, data, 1)) {
        product.clock.advance(SESSION_TTL / 100)
        yield Uint8Array.of(byte)
      }
    }
    await product.core.uploads.putPart(by, session.id, { number: 1, length: 100, body: steadily() })
    expect(extend).toHaveBeenCalledTimes(2)
  })

  test('starts anew with every part', async () => {
    const { product, by, session, data } = await begun()
    product.clock.advance(SESSION_TTL - 1)
    await put(product, by, session, 1, partOf(session, data, 1))
    product.clock.advance(SESSION_TTL - 1)
    await put(product, by, session, 2, partOf(session, data, 2))
    product.clock.advance(SESSION_TTL)
    await faultOf(put(product, by, session, 3, partOf(session, data, 3)), 'parts_closed')
  })
})

test('hashing runs ahead only over parts that are recorded without a gap', async () => {
  const { product, by, session, data } = await begun()
  const ahead = spyOn(product.storage, 'hashAhead')
  for (const number of [3, 1, 2, 2]) await put(product, by, session, number, partOf(session, data, number))
  expect(ahead.mock.calls.map(([, parts]) => parts)).toEqual([0, 1, 3, 3])
})

/** Parts that go past us: what the store has of them counts, whatever a client says. */
import { describe, expect, spyOn, test } from 'bun:test'
import { BYTES_LOST } from '../../src/core/completion.ts'
import type { Principal, UploadSession } from '../../src/core/model.ts'
import type { StoredPart } from '../../src/core/storage.ts'
import { md5, sampleBytes, sha256 } from '../support/upload.ts'
import { bypassedStore } from './bypassed-store.ts'
import { type CoreUnderTest, coresUnderTest, faultOf, principalOf, SESSION_TTL } from './core-under-test.ts'
import { begin, complete, partOf, put, report, states } from './upload-steps.ts'

const open = coresUnderTest()

async function begun(size = 250, { bypassed = true } = {}) {
  const store = bypassedStore()
  store.bypassed = bypassed
  const product = await open({ storage: store.storage })
  const by = principalOf(await product.account('ann'))
  const { session, data } = await begin(product, by, size)
  const send = (number: number, bytes = partOf(session, data, number)) => store.send(session, number, bytes)
  const arrived = async () => (await product.core.uploads.arrived(by, session.id)).parts
  const reportAll = (parts: StoredPart[]) => product.core.uploads.reportAll(by, session.id, parts)
  return { store, product, by, session, data, send, arrived, reportAll }
}

const recorded = async ({ metadata }: CoreUnderTest, { id }: UploadSession) =>
  states(await metadata.uploads.parts(id))
const statusOf = async ({ core }: CoreUnderTest, by: Principal, { id }: UploadSession) =>
  (await core.uploads.get(by, id)).session

describe('what has arrived of an upload whose parts go past us', () => {
  test('is what the store has, which is asked once and for all parts', async () => {
    const { store, send, arrived } = await begun()
    expect(await arrived()).toEqual([])
    const [third, first] = [await send(3), await send(1)]
    store.asked.length = 0
    const parts = await arrived()
    expect(parts).toMatchObject([first, third])
    expect(states(parts)).toEqual(['1 stored', '3 stored'])
    expect(store.asked).toEqual(['all parts'])
  })

  test('is recorded once: what is known and reported stays as it is', async () => {
    const { product, send, arrived, reportAll } = await begun()
    const parts = [await send(1), await send(2)]
    await reportAll(parts)
    const save = spyOn(product.metadata.uploads, 'savePart')
    expect(states(await arrived())).toEqual(['1 stored reported', '2 stored reported'])
    expect(save).not.toHaveBeenCalled()
    await send(3)
    expect(states(await arrived())).toEqual(['1 stored reported', '2 stored reported', '3 stored'])
    expect(save).toHaveBeenCalledTimes(1)
  })

  test('has the part that overwrote another, which is to be reported anew', async () => {
    const { product, by, session, data, send, arrived, reportAll } = await begun()
    await reportAll([await send(1), await send(2), await send(3)])
    const other = sampleBytes(100, 7)
    await send(2, other)
    expect((await arrived())[1]).toMatchObject({ etag: md5(other), reported: false })
    await faultOf(complete(product, by, session), 'size_mismatch')
    await reportAll([{ number: 2, etag: md5(other), size: 100 }])
    const bytes = Buffer.concat([data.subarray(0, 100), other, data.subarray(200)])
    expect((await complete(product, by, session)).sha256).toBe(sha256(bytes))
  })

  test('has no part that the plan does not have', async () => {
    const { store, session, send, arrived } = await begun()
    await send(3)
    for (const number of [4, 10_000])
      store.pretend(session, { number, etag: md5(new Uint8Array()), size: 100 })
    expect(states(await arrived())).toEqual(['3 stored'])
  })

  test('is a sign of life of the session', async () => {
    const { product, by, session, send, arrived } = await begun()
    product.clock.advance(SESSION_TTL - 1)
    await send(1)
    await arrived()
    expect((await statusOf(product, by, session)).expiresAt).toEqual(
      new Date(product.clock.now().getTime() + SESSION_TTL * 1000),
    )
  })

  test('cannot be told when the store has lost the upload, or does not answer', async () => {
    const { store, product, session, send, arrived, reportAll } = await begun()
    const part = await send(1)
    store.down = true
    await faultOf(arrived(), 'unavailable')
    await faultOf(reportAll([part]), 'unavailable')
    store.down = false
    store.lose(session)
    expect((await faultOf(arrived(), 'parts_closed')).message).toBe(BYTES_LOST)
    expect((await faultOf(reportAll([part]), 'parts_closed')).message).toBe(BYTES_LOST)
    expect(await recorded(product, session)).toEqual([])
  })

  test('of an upload that has ended is nothing, and the store is not asked', async () => {
    const { store, product, by, session, send, arrived, reportAll } = await begun()
    await reportAll([await send(1), await send(2), await send(3)])
    await complete(product, by, session)
    store.asked.length = 0
    expect(await arrived()).toEqual([])
    expect(store.asked).toEqual([])
  })

  test("is the owner's alone to know and to report", async () => {
    const { store, product, session, send } = await begun()
    const bob = principalOf(await product.account('bob'))
    const part = await send(1)
    store.asked.length = 0
    await faultOf(product.core.uploads.arrived(bob, session.id), 'upload_not_found')
    await faultOf(product.core.uploads.reportAll(bob, session.id, [part]), 'upload_not_found')
    expect(store.asked).toEqual([])
  })

  test('of one whose parts come to us is in our records', async () => {
    const { store, product, by, session, data, arrived, reportAll } = await begun(250, { bypassed: false })
    for (const number of [1, 2, 3]) await put(product, by, session, number, partOf(session, data, number))
    const parts = await arrived()
    expect(states(parts)).toEqual(['1 stored', '2 stored', '3 stored'])
    await reportAll(parts.map(({ number, etag, size }) => ({ number, etag: etag ?? '', size })))
    expect((await complete(product, by, session)).sha256).toBe(sha256(data))
    expect(store.asked).toEqual([])
  })
})

describe('many parts reported at once', () => {
  test('may have gone to the store without anybody telling us before', async () => {
    const { store, product, by, session, data, send, reportAll } = await begun()
    const parts = [await send(2), await send(3), await send(1)]
    await reportAll(parts)
    expect(store.asked).toEqual(['all parts'])
    expect((await complete(product, by, session)).sha256).toBe(sha256(data))
  })

  test('can be reported again, and what is reported already is not doubted', async () => {
    const { product, session, send, reportAll } = await begun()
    const [first, second] = [await send(1), await send(2)]
    await reportAll([first])
    await reportAll([{ ...first, etag: md5(sampleBytes(100, 9)) }, second])
    await reportAll([])
    expect(await recorded(product, session)).toEqual(['1 stored reported', '2 stored reported'])
  })

  test('are not believed when the store has others, and the session stays open', async () => {
    const { product, by, session, data, send, reportAll } = await begun()
    const [first, second] = [await send(1), await send(2)]
    const lies: StoredPart[] = [
      { ...second, etag: md5(sampleBytes(100, 9)) },
      { ...second, size: 99 },
      { number: 3, etag: md5(partOf(session, data, 3)), size: 50 },
    ]
    for (const lie of lies) {
      await faultOf(reportAll([first, lie]), 'part_mismatch')
      expect(await recorded(product, session)).toEqual(['1 stored reported', '2 stored'])
    }
    await faultOf(complete(product, by, session), 'size_mismatch')
    await reportAll([second, await send(3)])
    expect((await complete(product, by, session)).sha256).toBe(sha256(data))
  })

  test('have numbers of the plan', async () => {
    const { store, product, session, send, reportAll } = await begun()
    const first = await send(1)
    for (const number of [0, -1, 4, 1.5, Number.NaN]) {
      const beyond = { number, etag: first.etag, size: 100 }
      if (number === 4) store.pretend(session, beyond)
      await faultOf(reportAll([first, beyond]), 'part_number_invalid')
    }
    expect(await recorded(product, session)).toEqual(['1 stored'])
  })

  test('come too late for a session that has ended', async () => {
    const { product, by, session, send, reportAll } = await begun()
    const part = await send(1)
    await product.core.uploads.abort(by, session.id)
    await faultOf(reportAll([part]), 'parts_closed')
  })

  test('may be a thousand, and say nothing wrong of each other', async () => {
    const count = 1000
    const { store, product, by, session, reportAll, arrived } = await begun(count * 100)
    const parts = Array.from({ length: count }, (_, index): StoredPart => {
      const part = { number: index + 1, etag: md5(sampleBytes(4, index + 1)), size: 100 }
      store.pretend(session, part)
      return part
    })
    const begin = performance.now()
    expect((await arrived()).length).toBe(count)
    await reportAll(parts)
    expect(performance.now() - begin).toBeLessThan(3000)
    expect(store.asked).toEqual(['all parts', 'all parts'])
    const { completedParts, uploadedBytes } = await statusOf(product, by, session)
    expect([completedParts, uploadedBytes]).toEqual([count, count * 100])
  })
})

test('two who report at once do not take what is reported from each other', async () => {
  const { product, by, session, data, send, reportAll } = await begun()
  const parts = [await send(1), await send(2), await send(3)]
  const { uploads } = product.metadata
  const save = uploads.savePart.bind(uploads)
  let isLate = false
  spyOn(uploads, 'savePart').mockImplementation(async (...what) => {
    // The other one has asked the store as well, and is done before this one has written down what it was told.
    if (!isLate) {
      isLate = true
      await reportAll(parts)
    }
    return save(...what)
  })
  await product.core.uploads.arrived(by, session.id)
  expect(await recorded(product, session)).toEqual([1, 2, 3].map((number) => `${number} stored reported`))
  expect((await complete(product, by, session)).sha256).toBe(sha256(data))
})

test('one part is compared with the store as well, and is told from what it was before', async () => {
  const { store, product, by, session, data, send } = await begun()
  const bytes = partOf(session, data, 1)
  await faultOf(report(product, by, session, 1, bytes), 'part_mismatch')
  await send(1)
  await report(product, by, session, 1, bytes)
  const other = sampleBytes(100, 7)
  await faultOf(report(product, by, session, 1, other), 'part_mismatch')
  await send(1, other)
  await report(product, by, session, 1, other)
  await faultOf(report(product, by, session, 1, bytes), 'part_mismatch')
  expect(store.asked).toEqual(Array.from({ length: 5 }, () => 'part 1'))
  store.lose(session)
  expect((await faultOf(report(product, by, session, 1, other), 'parts_closed')).message).toBe(BYTES_LOST)
})

import { expect, test } from 'bun:test'
import type { Stage } from '../metadata-store.contract.ts'
import {
  addUpload,
  at,
  EXPIRY,
  etagOf,
  expectFault,
  fill,
  LATER,
  NO_LIMITS,
  newUpload,
  part,
  reported,
} from './records.ts'

export function uploadPartCases(stage: Stage): void {
  const uploads = () => stage().store.uploads
  const add = async () => (await addUpload(stage().store, null)).id
  const sums = async (id: string) => {
    const session = await uploads().find(id)
    return [session?.status, session?.completedParts, session?.uploadedBytes]
  }

  test('signing notes parts without bytes, leaves the status and moves the expiry', async () => {
    const id = await add()
    await uploads().signParts(id, [3, 1], at(1), LATER)
    expect(await uploads().parts(id)).toEqual(
      [1, 3].map((number) => ({
        number,
        etag: null,
        size: 0,
        checksumSha256: null,
        reported: false,
        createdAt: at(1),
        updatedAt: at(1),
      })),
    )
    expect(await sums(id)).toEqual(['pending', 0, 0])
    expect((await uploads().find(id))?.expiresAt).toEqual(LATER)
  })

  test('signing again leaves parts that are already known as they are', async () => {
    const id = await add()
    await uploads().savePart(id, part(1), at(1), EXPIRY)
    await uploads().reportPart(id, reported(1), at(2), EXPIRY)
    const before = await uploads().parts(id)
    await uploads().signParts(id, [1, 1], at(3), EXPIRY)
    expect(await uploads().parts(id)).toEqual(before)
    expect(await sums(id)).toEqual(['uploading', 1, 10])
  })

  test('ten thousand parts are signed in one call', async () => {
    const { id } = await uploads().create(newUpload(null, { expectedSize: 100_000 }), NO_LIMITS)
    const numbers = Array.from({ length: 10_000 }, (_, index) => index + 1)
    await uploads().signParts(id, numbers, at(1), EXPIRY)
    expect((await uploads().parts(id)).map(({ number }) => number)).toEqual(numbers)
  })

  test('signing numbers with gaps, twice and in any order adds just those', async () => {
    const id = await add()
    await uploads().signParts(id, [9, 2, 3, 2, 7, 1, 9], at(1), EXPIRY)
    await uploads().signParts(id, [], at(1), EXPIRY)
    await uploads().signParts(id, [3, 4], at(2), EXPIRY)
    const known = (await uploads().parts(id)).map(({ number, createdAt }) => [number, createdAt])
    expect(known).toEqual([1, 2, 3, 4, 7, 9].map((number) => [number, at(number === 4 ? 2 : 1)]))
  })

  test('a saved part makes the session uploading, is not reported and moves the expiry', async () => {
    const id = await add()
    expect(await uploads().savePart(id, part(1), at(1), LATER)).toBe(1)
    expect(await uploads().parts(id)).toMatchObject([
      { number: 1, etag: etagOf(1), size: 10, reported: false, createdAt: at(1) },
    ])
    expect(await sums(id)).toEqual(['uploading', 0, 0])
    expect(await uploads().find(id)).toMatchObject({ expiresAt: LATER, updatedAt: at(1) })
  })

  test('saving tells how many parts from the first on are there without a gap', async () => {
    const id = await add()
    const save = (number: number) => uploads().savePart(id, part(number), at(1), EXPIRY)
    await uploads().signParts(id, [1, 2, 3, 4, 5, 6], at(1), EXPIRY)
    expect([await save(4), await save(2), await save(3), await save(1), await save(6)]).toEqual([
      0, 0, 0, 4, 4,
    ])
    await uploads().withdrawPart(id, 3, at(2))
    expect(await save(5)).toBe(2)
    expect(await save(3)).toBe(6)
    expect(await save(1)).toBe(6)
  })

  test('the gapless beginning is exact when parts are saved, withdrawn and saved at once', async () => {
    const id = await add()
    const numbers = Array.from({ length: 40 }, (_, index) => ((index * 7) % 40) + 1)
    await Promise.all(numbers.map((number) => uploads().savePart(id, part(number), at(1), EXPIRY)))
    await Promise.all([9, 4, 30].map((number) => uploads().withdrawPart(id, number, at(1))))
    expect(await uploads().savePart(id, part(30), at(2), EXPIRY)).toBe(3)
    expect(await uploads().savePart(id, part(4), at(2), EXPIRY)).toBe(8)
    expect(await uploads().savePart(id, part(9), at(2), EXPIRY)).toBe(40)
  })

  test('reporting counts a part once, however often it is repeated', async () => {
    const id = await add()
    await uploads().savePart(id, part(1), at(1), EXPIRY)
    const session = await uploads().reportPart(id, reported(1), at(2), LATER)
    expect(session).toMatchObject({
      status: 'uploading',
      completedParts: 1,
      uploadedBytes: 10,
      expiresAt: LATER,
    })
    await Promise.all(Array.from({ length: 5 }, () => uploads().reportPart(id, reported(1), at(3), LATER)))
    expect(await sums(id)).toEqual(['uploading', 1, 10])
    expect(await uploads().parts(id)).toMatchObject([{ reported: true, updatedAt: at(2) }])
  })

  test('a reported checksum is kept, and a report without one does not remove it', async () => {
    const id = await add()
    await uploads().savePart(id, part(1), at(1), EXPIRY)
    await uploads().reportPart(id, { ...part(1), checksumSha256: 'c1' }, at(2), EXPIRY)
    await uploads().reportPart(id, reported(1), at(3), EXPIRY)
    expect(await uploads().parts(id)).toMatchObject([{ checksumSha256: 'c1' }])
    await uploads().reportPart(id, { ...part(1), checksumSha256: 'c2' }, at(4), EXPIRY)
    expect(await uploads().parts(id)).toMatchObject([{ checksumSha256: 'c2' }])
  })

  test('a report that differs from what is stored changes nothing', async () => {
    const id = await add()
    await uploads().savePart(id, part(1), at(1), EXPIRY)
    await uploads().signParts(id, [2], at(1), EXPIRY)
    const before = await uploads().find(id)
    const report = (change: object) => uploads().reportPart(id, { ...reported(1), ...change }, at(2), LATER)
    await expectFault(report({ etag: etagOf(2) }), 'part_mismatch')
    await expectFault(report({ size: 9 }), 'part_mismatch')
    await expectFault(report({ number: 2, size: 0 }), 'part_mismatch')
    await expectFault(report({ number: 3 }), 'part_mismatch')
    expect(await uploads().find(id)).toEqual(before)
  })

  test('withdrawing a reported part takes it off the sums, once', async () => {
    const id = await add()
    await fill(stage().store, id)
    await uploads().withdrawPart(id, 2, at(4))
    await uploads().withdrawPart(id, 2, at(5))
    await uploads().withdrawPart(id, 9, at(5))
    expect(await sums(id)).toEqual(['uploading', 2, 15])
    expect((await uploads().parts(id))[1]).toMatchObject({ etag: null, size: 0, reported: false })
    await expectFault(uploads().reportPart(id, reported(2), at(6), EXPIRY), 'part_mismatch')
    await expectFault(uploads().beginComplete(id, at(6)), 'size_mismatch')
  })

  test('bytes saved over a reported part must be reported again', async () => {
    const id = await add()
    await fill(stage().store, id)
    await uploads().savePart(id, { number: 3, etag: etagOf(77), size: 4 }, at(4), EXPIRY)
    expect(await sums(id)).toEqual(['uploading', 2, 20])
    await uploads().reportPart(
      id,
      { number: 3, etag: etagOf(77), size: 4, checksumSha256: null },
      at(5),
      EXPIRY,
    )
    expect(await sums(id)).toEqual(['uploading', 3, 24])
  })

  test('bytes that are recorded already can be saved again, and stay reported', async () => {
    const id = await add()
    await fill(stage().store, id)
    const before = await uploads().parts(id)
    expect(await uploads().savePart(id, part(2), at(4), LATER)).toBe(3)
    expect(await uploads().parts(id)).toEqual(before)
    expect(await sums(id)).toEqual(['uploading', 3, 25])
    expect((await uploads().find(id))?.expiresAt).toEqual(LATER)
    await uploads().beginComplete(id, at(5))
  })

  test('parts sent and reported by many at once are counted exactly', async () => {
    const { id } = await uploads().create(newUpload(null, { expectedSize: 1000 }), NO_LIMITS)
    const numbers = Array.from({ length: 100 }, (_, index) => 100 - index)
    await Promise.all(
      numbers.map(async (number) => {
        await uploads().savePart(id, part(number), at(1), EXPIRY)
        await uploads().reportPart(id, reported(number), at(2), EXPIRY)
        if (number % 10 === 0) await uploads().withdrawPart(id, number, at(3))
      }),
    )
    expect(await sums(id)).toEqual(['uploading', 90, 900])
  })

  test('an ended session takes no parts and no signatures', async () => {
    const id = await add()
    await uploads().savePart(id, part(1), at(1), EXPIRY)
    await uploads().abort(id, at(2))
    await expectFault(uploads().signParts(id, [1], at(3), LATER), 'sign_closed')
    await expectFault(uploads().withdrawPart(id, 1, at(3)), 'parts_closed')
    await expectFault(uploads().savePart(id, part(1), at(3), LATER), 'parts_closed')
    await expectFault(uploads().reportPart(id, reported(1), at(3), LATER), 'parts_closed')
    expect(await uploads().parts(id)).toEqual([])
  })

  test('a completing session takes no parts and no signatures', async () => {
    const id = await add()
    await fill(stage().store, id)
    await uploads().beginComplete(id, at(3))
    await expectFault(uploads().signParts(id, [1], at(4), LATER), 'sign_closed')
    await expectFault(uploads().withdrawPart(id, 1, at(4)), 'parts_closed')
    await expectFault(uploads().savePart(id, part(1), at(4), LATER), 'parts_closed')
  })

  test('past its expiry a session begins nothing, but a part that began in time is recorded', async () => {
    const id = await add()
    await uploads().savePart(id, part(1), at(1), EXPIRY)
    await expectFault(uploads().signParts(id, [2], EXPIRY, LATER), 'sign_closed')
    await expectFault(uploads().withdrawPart(id, 1, EXPIRY), 'parts_closed')
    await expectFault(uploads().reportPart(id, reported(1), EXPIRY, LATER), 'parts_closed')
    expect(await uploads().savePart(id, part(2), EXPIRY, LATER)).toBe(2)
    expect((await uploads().find(id))?.expiresAt).toEqual(LATER)
    await uploads().reportPart(id, reported(1), EXPIRY, LATER)
  })

  test('a session that does not exist is named as such', async () => {
    await expectFault(uploads().signParts('ups_none', [1], at(1), EXPIRY), 'upload_not_found')
    await expectFault(uploads().withdrawPart('ups_none', 1, at(1)), 'upload_not_found')
    await expectFault(uploads().savePart('ups_none', part(1), at(1), EXPIRY), 'upload_not_found')
    await expectFault(uploads().reportPart('ups_none', reported(1), at(1), EXPIRY), 'upload_not_found')
    expect(await uploads().parts('ups_none')).toEqual([])
  })
}

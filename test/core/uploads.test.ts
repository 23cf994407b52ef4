import { describe, expect, test } from 'bun:test'
import { faultOf, guest, principalOf, SESSION_TTL } from './core-under-test.ts'
import { begin, bytesOf, complete, put, upload, uploadsUnderTest } from './upload-steps.ts'

const { open, withAccount } = uploadsUnderTest()

describe('a session', () => {
  test('is reached by its owner only', async () => {
    const { product, by } = await withAccount()
    const bob = principalOf(await product.account('bob'))
    const { session } = await begin(product, by, 250)
    const byGuest = await begin(product, guest, 250)
    const { uploads } = product.core
    for (const [who, id] of [
      [bob, session.id],
      [guest, session.id],
      [by, byGuest.session.id],
      [by, 'ups_ffffffffffffffffffff'],
      [by, "' OR 1=1 --"],
      [by, ''],
    ] as const) {
      for (const attempt of [
        () => uploads.get(who, id),
        () => uploads.sign(who, id, [1], 60),
        () => uploads.abort(who, id),
        () => uploads.complete(who, id, { checksumSha256: null, retried: true }),
        () => uploads.putPart(who, id, { number: 1, length: 100, body: bytesOf(new Uint8Array(100)) }),
        () => uploads.report(who, id, { number: 1, etag: '', size: 100, checksumSha256: null }),
      ])
        await faultOf(attempt(), 'upload_not_found')
    }
    expect((await uploads.get({ ...guest, ip: '10.0.0.1' }, byGuest.session.id)).session.status).toBe(
      'pending',
    )
  })

  test('is kept alive by looking at it when less than half of its time is left', async () => {
    const { product, by } = await withAccount()
    const { session } = await begin(product, by, 250)
    product.clock.advance(SESSION_TTL / 2)
    expect((await product.core.uploads.get(by, session.id)).session.expiresAt).toEqual(session.expiresAt)
    product.clock.advance(1)
    const { session: seen } = await product.core.uploads.get(by, session.id)
    expect(seen.expiresAt.getTime()).toBe(product.clock.now().getTime() + SESSION_TTL * 1000)
    expect((await product.metadata.uploads.find(session.id))?.expiresAt).toEqual(seen.expiresAt)
  })

  test('expires on the second and is then closed to everything but a look and an abort', async () => {
    const { product, by } = await withAccount()
    const { session } = await begin(product, by, 250)
    product.clock.advance(SESSION_TTL)
    const { uploads } = product.core
    expect((await uploads.get(by, session.id)).session).toMatchObject({ status: 'expired', reservedBytes: 0 })
    await faultOf(uploads.sign(by, session.id, [1], 60), 'sign_closed')
    await faultOf(put(product, by, session, 1, new Uint8Array(100)), 'parts_closed')
    await faultOf(complete(product, by, session), 'complete_closed')
    expect((await uploads.abort(by, session.id)).status).toBe('expired')
  })

  test('can be aborted again and again, but not when it is completed', async () => {
    const { product, by } = await withAccount()
    const { session } = await begin(product, by, 250)
    for (let times = 0; times < 3; times++)
      expect((await product.core.uploads.abort(by, session.id)).status).toBe('aborted')
    const done = await upload(product, by, 250)
    await faultOf(product.core.uploads.abort(by, done.session.id), 'abort_closed')
  })
})

describe('uploads', () => {
  test('can be switched off for everybody, and for guests', async () => {
    const off = await open({ uploads: { enabled: false } })
    expect(() => off.core.uploads.requireEnabled()).toThrow(
      expect.objectContaining({ code: 'uploads_disabled' }),
    )
    expect(() => off.core.uploads.requireAllowed(guest)).toThrow(
      expect.objectContaining({ code: 'uploads_disabled' }),
    )
    const members = await open({ uploads: { guests: false } })
    expect(() => members.core.uploads.requireAllowed(guest)).toThrow(
      expect.objectContaining({ code: 'unauthenticated' }),
    )
    const by = principalOf(await members.account('ann'))
    expect(() => members.core.uploads.requireAllowed(by)).not.toThrow()
  })
})

import { describe, expect, spyOn, test } from 'bun:test'
import { Fault } from '../../src/core/fault.ts'
import { coresUnderTest, failOnce, guest, outage, principalOf, SESSION_TTL } from './core-under-test.ts'
import { begin, complete, put, send, upload } from './upload-steps.ts'

const open = coresUnderTest()
const NOTHING = { expired: 0, discarded: 0, objects: 0, purged: 0 }

async function withAccount() {
  const product = await open()
  const by = principalOf(await product.account('ann'))
  return { product, by }
}

describe('a sweep', () => {
  test('of a product at rest does nothing', async () => {
    const { product, by } = await withAccount()
    await upload(product, by, 250)
    await begin(product, by, 250)
    expect(await product.core.sweeper.sweep()).toMatchObject(NOTHING)
    expect(await product.problems()).toEqual([])
  })

  test('ends sessions on the second of their expiry, with bytes and reservation', async () => {
    const { product, by } = await withAccount()
    const old = await begin(product, by, 250)
    await send(product, by, old, [1])
    product.clock.advance(SESSION_TTL - 1)
    expect(await product.core.sweeper.sweep()).toMatchObject(NOTHING)
    const young = await begin(product, guest, 250)
    product.clock.advance(1)
    expect(await product.core.sweeper.sweep()).toMatchObject({ ...NOTHING, expired: 1, discarded: 1 })
    expect((await product.core.uploads.get(by, old.session.id)).session.status).toBe('expired')
    expect((await product.core.uploads.get(guest, young.session.id)).session.status).toBe('pending')
    expect((await product.metadata.uploads.staged()).map(({ session }) => session)).toEqual([
      young.session.id,
    ])
    expect(await Array.fromAsync(product.storage.listUploads())).toHaveLength(1)
    expect((await product.metadata.accounts.find(by.account.id))?.storageReserved).toBe(0)
  })

  test('removes the objects of files that are gone, and only those', async () => {
    const { product, by } = await withAccount()
    const gone = await upload(product, by, 250)
    const kept = await upload(product, guest, 250)
    await product.metadata.accounts.delete(by.account.id, product.clock.now())
    expect(await product.core.sweeper.sweep()).toMatchObject({ ...NOTHING, objects: 1 })
    expect(await product.storage.head(gone.session.objectKey)).toBeNull()
    expect(await product.metadata.objects.findByKey(gone.session.objectKey)).toBeNull()
    expect(await product.storage.head(kept.session.objectKey)).not.toBeNull()
    expect(await product.problems()).toEqual([])
  })

  test('forgets reports a year after they were resolved, and who made them after 90 days', async () => {
    const { product, by } = await withAccount()
    const { core, clock, metadata } = product
    const day = 86_400
    for (const account of [null, by.account]) {
      const { fileId } = await upload(product, guest, 250)
      const slug = (await metadata.files.find(fileId))?.slug ?? ''
      await core.reports.report({ account, ip: '192.0.2.1' }, slug, { reason: 'other', message: '' })
    }
    await core.reports.resolve(by.account, 1, 'dismissed')
    const known = () => Promise.all([1, 2].map(async (id) => (await metadata.reports.find(id))?.ip))
    clock.advance(90 * day)
    await core.sweeper.sweep()
    expect(await known()).toEqual(['192.0.2.1', '192.0.2.1'])
    clock.advance(1)
    await core.sweeper.sweep()
    expect(await known()).toEqual(['', '192.0.2.1'])
    clock.advance(275 * day)
    await core.sweeper.sweep()
    expect(await known()).toEqual([undefined, '192.0.2.1'])
  })

  test('forgets old answers, browsers and sessions, each in its time', async () => {
    const { product, by } = await withAccount()
    const { core, clock, metadata } = product
    const request = { key: 'k', endpoint: 'e', principal: by, payload: {} }
    await core.idempotency.run(request, { execute: async () => ({ status: 201, body: {} }) })
    await core.webSessions.signIn('ann', 'correct horse')
    const { session } = await upload(product, by, 250)
    clock.advance(86_401)
    expect(await core.sweeper.sweep()).toMatchObject({ ...NOTHING, purged: 1 })
    clock.advance(13 * 86_400)
    expect(await core.sweeper.sweep()).toMatchObject({ ...NOTHING, purged: 1 })
    clock.advance(15 * 86_400)
    expect(await core.sweeper.sweep()).toMatchObject(NOTHING)
    expect(await metadata.uploads.find(session.id)).not.toBeNull()
    clock.advance(86_400)
    expect(await core.sweeper.sweep()).toMatchObject({ ...NOTHING, purged: 1 })
    expect(await metadata.uploads.find(session.id)).toBeNull()
    expect(await product.problems()).toEqual([])
  })

  test('works through more than a batch', async () => {
    const { product, by } = await withAccount()
    for (let count = 0; count < 230; count++) await begin(product, by, 1)
    product.clock.advance(SESSION_TTL)
    expect(await product.core.sweeper.sweep()).toMatchObject({ expired: 230, discarded: 230 })
    expect(await product.metadata.uploads.staged()).toEqual([])
    expect(await Array.fromAsync(product.storage.listUploads())).toEqual([])
  })
})

describe('a storage that fails', () => {
  test('in one object does not keep the others, and the next sweep removes it', async () => {
    const { product, by } = await withAccount()
    const { session: first } = await upload(product, by, 250)
    const { session: second } = await upload(product, by, 250)
    await product.metadata.accounts.delete(by.account.id, product.clock.now())
    failOnce(product.storage, 'delete')
    expect(await product.core.sweeper.sweep()).toMatchObject({ objects: 1 })
    expect(product.log.events).toEqual(['warn object_not_removed'])
    const left = [first, second].map(({ objectKey }) => product.storage.head(objectKey))
    expect((await Promise.all(left)).filter((found) => found !== null)).toHaveLength(1)
    expect(await product.core.sweeper.sweep()).toMatchObject({ objects: 1 })
    expect(await product.problems()).toEqual([])
  })

  test('in more than a batch of sessions does not keep the one behind them', async () => {
    const { product } = await withAccount()
    const bad = new Set<string>()
    for (let count = 0; count < 120; count++) bad.add((await begin(product, guest, 1)).session.storageUpload)
    product.clock.advance(1)
    const good = await begin(product, guest, 1)
    product.clock.advance(SESSION_TTL)
    const real = product.storage.abortUpload
    spyOn(product.storage, 'abortUpload').mockImplementation((ref) =>
      bad.has(ref.upload) ? Promise.reject(outage()) : real(ref),
    )
    expect(await product.core.sweeper.sweep()).toMatchObject({ expired: 121, discarded: 1 })
    const staged = await product.metadata.uploads.staged()
    expect(staged).toHaveLength(120)
    expect(staged.map(({ session }) => session)).not.toContain(good.session.id)
    expect(product.log.events).toHaveLength(120)
    bad.clear()
    expect(await product.core.sweeper.sweep()).toMatchObject({ discarded: 120 })
    expect(await product.problems()).toEqual([])
  })

  test('that is out of reach is left alone for this round', async () => {
    const { product } = await withAccount()
    for (let count = 0; count < 3; count++) await begin(product, guest, 1)
    product.clock.advance(SESSION_TTL)
    const abort = spyOn(product.storage, 'abortUpload')
    abort.mockImplementation(() => Promise.reject(new Fault('unavailable')))
    expect(await product.core.sweeper.sweep()).toMatchObject({ expired: 3, discarded: 0 })
    expect(abort).toHaveBeenCalledTimes(1)
    expect(product.log.events).toEqual(['warn upload_not_discarded'])
    abort.mockRestore()
    expect(await product.core.sweeper.sweep()).toMatchObject({ discarded: 3 })
  })

  test('altogether does not keep old records from being forgotten', async () => {
    const { product, by } = await withAccount()
    await product.core.webSessions.signIn('ann', 'correct horse')
    await begin(product, by, 10)
    product.clock.advance(15 * 86_400)
    spyOn(product.storage, 'abortUpload').mockImplementation(() => Promise.reject(outage()))
    expect(await product.core.sweeper.sweep()).toMatchObject({ ...NOTHING, expired: 1, purged: 1 })
  })
})

describe('a start', () => {
  test('opens again what was being completed when the process died', async () => {
    const { product, by } = await withAccount()
    const begun = await begin(product, by, 250)
    await send(product, by, begun)
    await product.metadata.uploads.beginComplete(begun.session.id, product.clock.now())
    await (await product.core.sweeper.recover())()
    expect((await product.metadata.uploads.find(begun.session.id))?.status).toBe('uploading')
    expect(product.log.events).toEqual(['info recovered'])
    expect((await complete(product, by, begun.session)).session.status).toBe('completed')
  })

  test('removes staging that no session knows, and no other', async () => {
    const { product, by } = await withAccount()
    const { session, data } = await begin(product, by, 250)
    const key = product.ids.objectKey()
    const unknown = await product.storage.createUpload(key, { size: 10, partSize: 10 })
    await (await product.core.sweeper.recover())()
    const left = (await Array.fromAsync(product.storage.listUploads())).map(({ upload }) => upload)
    expect(left).toEqual([session.storageUpload])
    expect(left).not.toContain(unknown)
    await put(product, by, session, 1, data.subarray(0, 100))
  })

  test('is not stopped by staging that cannot be removed', async () => {
    const { product } = await withAccount()
    for (let count = 0; count < 2; count++)
      await product.storage.createUpload(product.ids.objectKey(), { size: 10, partSize: 10 })
    failOnce(product.storage, 'abortUpload')
    await (await product.core.sweeper.recover())()
    expect(product.log.events).toEqual(['warn staging_not_removed', 'info recovered'])
    expect(await Array.fromAsync(product.storage.listUploads())).toHaveLength(1)
  })

  test('after a clean stop says nothing', async () => {
    const { product } = await withAccount()
    await (await product.core.sweeper.recover())()
    expect(product.log.events).toEqual([])
  })
})

import { describe, expect, spyOn, test } from 'bun:test'
import { Fault } from '../../src/core/fault.ts'
import { failOnce, faultOf, guest, principalOf } from './core-under-test.ts'
import { begin, requestFor, staged, upload, uploadsUnderTest } from './upload-steps.ts'

const { open, withAccount } = uploadsUnderTest()

describe('what the records refuse', () => {
  test('is not staged: a guest’s upload beyond what its address may send a day', async () => {
    const product = await open({ guestBytesPerDay: 300 })
    await upload(product, guest, 299)
    const later = await begin(product, guest, 300)
    await upload(product, guest, 1)
    const fault = await faultOf(product.core.uploads.create(guest, requestFor(1)), 'guest_allowance_used')
    expect(fault.retryAfter).toBe(3600)
    await faultOf(
      product.core.uploads.create({ ...guest, ip: '::1' }, requestFor(301)),
      'guest_allowance_used',
    )
    expect(await staged(product)).toHaveLength(1)
    await product.core.uploads.abort(guest, later.session.id)
    await begin(product, { ...guest, ip: '::1' }, 300)
    await begin(product, principalOf(await product.account('ann')), 1000)
    product.clock.advance(86_401)
    await begin(product, guest, 300)
  })

  test('is not staged: too many sessions', async () => {
    const product = await open()
    await product.core.packages.add('One', { concurrent_uploads: '1' })
    const by = principalOf(await product.account('ann', 'One'))
    const { session } = await begin(product, by, 10)
    await faultOf(begin(product, by, 10), 'too_many_uploads')
    expect(await staged(product)).toHaveLength(1)
    await product.core.uploads.abort(by, session.id)
    await begin(product, by, 10)
  })

  test('is not staged: more than the quota, whatever is asked for at once', async () => {
    const product = await open()
    await product.core.packages.add('Small', { max_storage_bytes: '1000' })
    const by = principalOf(await product.account('ann', 'Small'))
    const all = await Promise.allSettled(Array.from({ length: 50 }, () => begin(product, by, 300)))
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
    expect((await product.metadata.accounts.find(by.account.id))?.storageReserved).toBe(900)
    expect(await staged(product)).toHaveLength(3)
    await faultOf(begin(product, by, 101), 'quota_exceeded')
    await begin(product, by, 100)
    expect(await product.problems()).toEqual([])
  })

  test('is not staged: more than the storage has room for', async () => {
    const { product, by } = await withAccount()
    spyOn(product.storage, 'freeBytes').mockImplementation(async () => 1000)
    await begin(product, by, 600)
    await faultOf(begin(product, by, 401), 'no_space')
    await faultOf(begin(product, by, 1001), 'no_space')
    expect(await staged(product)).toHaveLength(1)
    await begin(product, by, 400)
  })

  test('is told in its order, also when one file is more than the whole storage', async () => {
    const product = await open()
    await product.core.packages.add('Tiny', { max_storage_bytes: '100', concurrent_uploads: '1' })
    const by = principalOf(await product.account('ann', 'Tiny'))
    spyOn(product.storage, 'freeBytes').mockImplementation(async () => 50)
    await faultOf(begin(product, by, 101), 'quota_exceeded')
    await faultOf(begin(product, by, 51), 'no_space')
    await begin(product, by, 50)
    await faultOf(begin(product, by, 101), 'too_many_uploads')
    expect(product.log.events).toEqual([])
  })

  test('the room that must stay free is no room', async () => {
    const product = await open({ uploads: { minFree: 900 } })
    const by = principalOf(await product.account('ann'))
    spyOn(product.storage, 'freeBytes').mockImplementation(async () => 1000)
    await faultOf(begin(product, by, 101), 'no_space')
    await begin(product, by, 100)
    spyOn(product.storage, 'freeBytes').mockImplementation(async () => 10)
    await faultOf(begin(product, by, 1), 'no_space')
  })

  test('a storage without an end has room for everything', async () => {
    const { product, by } = await withAccount()
    spyOn(product.storage, 'freeBytes').mockImplementation(async () => null)
    expect((await begin(product, by, 2 ** 20)).session.status).toBe('pending')
  })

  test('is told even when the staging cannot be removed, which the next start does', async () => {
    const product = await open()
    await product.core.packages.add('Small', { max_storage_bytes: '10' })
    const by = principalOf(await product.account('ann', 'Small'))
    failOnce(product.storage, 'abortUpload')
    await faultOf(begin(product, by, 11), 'quota_exceeded')
    expect(product.log.events).toEqual(['warn staging_left'])
    expect(await product.problems()).toEqual([expect.stringContaining('orphan_staging')])
    await (await product.core.sweeper.recover())()
    expect(await staged(product)).toEqual([])
    expect(await product.problems()).toEqual([])
  })

  test('and what the storage refuses leaves no record and no reservation', async () => {
    const { product, by } = await withAccount()
    failOnce(product.storage, 'createUpload', new Fault('storage_full'))
    await faultOf(begin(product, by, 10), 'storage_full')
    expect(await product.metadata.uploads.staged()).toEqual([])
    expect((await product.metadata.accounts.find(by.account.id))?.storageReserved).toBe(0)
  })
})

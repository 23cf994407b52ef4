import { describe, expect, spyOn, test } from 'bun:test'
import { Fault } from '../../src/core/fault.ts'
import type { Account } from '../../src/core/model.ts'
import { crc32Of } from '../contract/byte-sources.ts'
import { sha256 } from '../support/upload.ts'
import {
  type CoreUnderTest,
  coresUnderTest,
  errorOf,
  failOnce,
  faultOf,
  guest,
  OUTAGE,
  outage,
  principalOf,
} from './core-under-test.ts'
import { begin, complete, put, report, send, stored, upload } from './upload-steps.ts'

const open = coresUnderTest()

/** An account with a session of three parts, all sent and reported. */
async function ready(fields = {}) {
  const product = await open()
  const account = await product.account('ann')
  const by = principalOf(account)
  const begun = await begin(product, by, 250, fields)
  await send(product, by, begun)
  return { product, account, by, ...begun }
}

/** What an account is charged for: used and reserved. */
async function ledger({ metadata }: CoreUnderTest, { id }: Account): Promise<[number, number]> {
  const account = await metadata.accounts.find(id)
  return [account?.storageUsed ?? -1, account?.storageReserved ?? -1]
}

describe('a completed upload', () => {
  test('is a file of the owner with the bytes that were sent', async () => {
    const { product, account, by, session, data } = await ready({ filename: 'a.txt', mimeType: 'text/plain' })
    expect(await ledger(product, account)).toEqual([0, 250])
    const done = await complete(product, by, session)
    expect(done.sha256).toBe(sha256(data))
    expect(done.session).toMatchObject({ status: 'completed', fileId: done.fileId, objectId: done.objectId })
    expect(await product.core.files.getOwn(by, String(done.fileId))).toMatchObject({
      name: 'a.txt',
      size: 250,
      mimeType: 'text/plain',
      visibility: 1,
      status: 'active',
      folderId: null,
      downloads: 0,
    })
    expect((await product.metadata.objects.findByKey(session.objectKey))?.crc32).toBe(crc32Of(data))
    expect(await stored(product, session.objectKey)).toEqual(data)
    expect(await ledger(product, account)).toEqual([250, 0])
    expect(await product.core.uploads.get(by, session.id)).toMatchObject({ parts: [] })
    expect(await product.problems()).toEqual([])
  })

  test('of a guest is public', async () => {
    const product = await open()
    const { fileId } = await upload(product, guest, 120)
    expect(await product.metadata.files.find(fileId)).toMatchObject({ accountId: null, visibility: 2 })
  })

  test('of a guest beyond the allowance of its address is no file, and can be one a day later', async () => {
    const product = await open({ guestBytesPerDay: 300 })
    await upload(product, guest, 200)
    product.clock.advance(86_400 - 3600)
    const begun = await begin(product, guest, 101)
    await send(product, guest, begun)
    const refused = await faultOf(complete(product, guest, begun.session), 'guest_allowance_used')
    expect(refused.retryAfter).toBe(3600)
    expect(await product.core.uploads.get(guest, begun.session.id)).toMatchObject({
      session: { status: 'uploading' },
    })
    await upload(product, guest, 100)
    product.clock.advance(3601)
    const { fileId } = await complete(product, guest, begun.session)
    expect(await product.metadata.files.find(fileId)).toMatchObject({ size: 101, uploadedIp: '127.0.0.1' })
    await upload(product, principalOf(await product.account('ann')), 500)
    expect(await product.problems()).toEqual([])
  })

  test('cannot be completed again, but a retried attempt gets the earlier result', async () => {
    const { product, by, session, data } = await ready()
    const first = await complete(product, by, session)
    await faultOf(complete(product, by, session), 'already_completed')
    expect(await complete(product, by, session, { retried: true })).toEqual(first)
    expect(first.sha256).toBe(sha256(data))
  })

  test('whose file and bytes are gone has no earlier result', async () => {
    const { product, by, account, session } = await ready()
    const { objectId } = await complete(product, by, session)
    await product.metadata.accounts.delete(account.id, product.clock.now())
    await product.core.sweeper.sweep()
    expect(await product.metadata.objects.findByKey(session.objectKey)).toBeNull()
    expect(objectId).toBeGreaterThan(0)
    await faultOf(complete(product, by, session, { retried: true }), 'already_completed', 'upload_not_found')
  })

  test('of ten at once is completed exactly once', async () => {
    const { product, by, session, account } = await ready()
    const all = await Promise.allSettled(Array.from({ length: 10 }, () => complete(product, by, session)))
    const lost = all.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as Fault] : []))
    expect(lost).toHaveLength(9)
    expect(lost.every(({ code }) => code === 'conflict' || code === 'already_completed')).toBe(true)
    expect(await ledger(product, account)).toEqual([250, 0])
    expect(await product.problems()).toEqual([])
  })
})

describe('an upload that is not ready', () => {
  test('stays open when no part is reported, or some are missing', async () => {
    const product = await open()
    const by = principalOf(await product.account('ann'))
    const { session, data } = await begin(product, by, 250)
    await faultOf(complete(product, by, session), 'no_parts_reported')
    await put(product, by, session, 1, data.subarray(0, 100))
    await faultOf(complete(product, by, session), 'no_parts_reported')
    await report(product, by, session, 1, data.subarray(0, 100))
    await faultOf(complete(product, by, session), 'size_mismatch')
    expect((await product.core.uploads.get(by, session.id)).session.status).toBe('uploading')
    await send(product, by, { session, data }, [3, 2])
    expect((await complete(product, by, session)).sha256).toBe(sha256(data))
  })

  test('is closed when it was aborted or has expired', async () => {
    const { product, by, session } = await ready()
    await product.core.uploads.abort(by, session.id)
    await faultOf(complete(product, by, session), 'complete_closed')
    const late = await begin(product, by, 250)
    await send(product, by, late)
    product.clock.advance(7200)
    await faultOf(complete(product, by, late.session), 'complete_closed')
    expect((await product.core.uploads.get(by, late.session.id)).session.status).toBe('expired')
  })

  test('is refused when the package no longer allows it, and can be completed when it does again', async () => {
    const product = await open()
    await product.core.packages.add('Team', {})
    const by = principalOf(await product.account('ann', 'Team'))
    const begun = await begin(product, by, 250)
    await send(product, by, begun)
    await product.core.packages.set('Team', { max_upload_size: '249' })
    await faultOf(complete(product, by, begun.session), 'file_too_large')
    await product.core.packages.set('Team', { max_upload_size: '0', can_upload: '0' })
    await faultOf(complete(product, by, begun.session), 'upload_refused')
    await product.core.packages.set('Team', { can_upload: '1' })
    expect((await complete(product, by, begun.session)).session.status).toBe('completed')
  })
})

describe('a checksum', () => {
  test('given at the beginning or at the end is compared; the later one counts', async () => {
    const right = await ready({ checksumSha256: 'AB'.repeat(32) })
    expect(right.session.checksumSha256).toBe('ab'.repeat(32))
    const given = { checksumSha256: sha256(right.data).toUpperCase() }
    expect((await complete(right.product, right.by, right.session, given)).sha256).toBe(sha256(right.data))
  })

  test('that is wrong fails the session, releases what was reserved and leaves no bytes', async () => {
    const { product, by, account, session } = await ready()
    const wrong = { checksumSha256: 'ab'.repeat(32) }
    await faultOf(complete(product, by, session, wrong), 'checksum_mismatch')
    const { session: failed, parts } = await product.core.uploads.get(by, session.id)
    expect(failed).toMatchObject({
      status: 'failed',
      errorMessage: 'Completed upload checksum did not match the supplied checksum.',
      reservedBytes: 0,
    })
    expect(parts).toEqual([])
    expect(await ledger(product, account)).toEqual([0, 0])
    expect(await product.metadata.uploads.staged()).toEqual([])
    expect(await product.storage.head(session.objectKey)).toBeNull()
    await faultOf(complete(product, by, session), 'complete_closed')
    expect(await product.problems()).toEqual([])
  })

  test('that is none is ignored', async () => {
    const { product, by, session, data } = await ready({ checksumSha256: 'optional' })
    const given = { checksumSha256: 'optional-final-sha256' }
    expect((await complete(product, by, session, given)).sha256).toBe(sha256(data))
  })
})

describe('a completion that is cut off', () => {
  /** Completes again after a restart and compares with what was sent. */
  async function completesAfterRestart({
    product,
    by,
    session,
    data,
    account,
  }: Awaited<ReturnType<typeof ready>>) {
    const core = await product.restart()
    await core.sweeper.recover()
    await core.sweeper.sweep()
    const done = await complete({ core }, by, session, { retried: true })
    expect(done.sha256).toBe(sha256(data))
    expect(await stored(product, session.objectKey)).toEqual(data)
    expect(await ledger(product, account)).toEqual([250, 0])
    expect(await product.problems()).toEqual([])
  }

  test('before the bytes are sealed goes through after the restart', async () => {
    const upload = await ready()
    const { product, session } = upload
    await product.metadata.uploads.beginComplete(session.id, product.clock.now())
    await faultOf(complete(product, upload.by, session), 'conflict')
    await completesAfterRestart(upload)
  })

  test('after the bytes are sealed and before the record goes through after the restart', async () => {
    const upload = await ready()
    const { product, session } = upload
    // The process dies here: neither finish nor anything that follows a failure of it happens.
    const finish = spyOn(product.metadata.uploads, 'finish').mockImplementationOnce(() =>
      Promise.reject(outage()),
    )
    const reopen = spyOn(product.metadata.uploads, 'reopen').mockImplementationOnce(async () => {})
    expect(await errorOf(complete(product, upload.by, session))).toEqual(OUTAGE)
    expect([finish.mock.calls.length, reopen.mock.calls.length]).toEqual([1, 1])
    expect((await product.metadata.uploads.find(session.id))?.status).toBe('completing')
    expect(await product.storage.head(session.objectKey)).not.toBeNull()
    expect(await product.problems()).toEqual([])
    await completesAfterRestart(upload)
  })

  test('after the record is answered by its result', async () => {
    const upload = await ready()
    const done = await complete(upload.product, upload.by, upload.session)
    const core = await upload.product.restart()
    await core.sweeper.recover()
    expect(await complete({ core }, upload.by, upload.session, { retried: true })).toEqual(done)
    await completesAfterRestart(upload)
  })

  test('and never taken up again leaves nothing once the session has expired', async () => {
    const { product, by, account, session } = await ready()
    failOnce(product.metadata.uploads, 'finish')
    expect(await errorOf(complete(product, by, session))).toEqual(OUTAGE)
    product.clock.advance(7200)
    expect(await product.core.sweeper.sweep()).toMatchObject({ expired: 1, discarded: 1 })
    expect(await product.storage.head(session.objectKey)).toBeNull()
    expect(await ledger(product, account)).toEqual([0, 0])
    expect(await product.problems()).toEqual([])
  })

  test('for longer than the session may live has failed', async () => {
    const { product, by, session } = await ready()
    await product.metadata.uploads.beginComplete(session.id, product.clock.now())
    product.clock.advance(7201)
    await product.core.sweeper.sweep()
    expect((await product.core.uploads.get(by, session.id)).session).toMatchObject({
      status: 'failed',
      errorMessage: 'Completion timed out before metadata could be finalized.',
    })
    expect(await product.problems()).toEqual([])
  })
})

describe('a completion that fails', () => {
  test('in the storage leaves the session open, and the next attempt succeeds', async () => {
    const { product, by, session, data } = await ready()
    failOnce(product.storage, 'completeUpload', new Fault('storage_full'))
    await faultOf(complete(product, by, session), 'storage_full')
    expect((await product.core.uploads.get(by, session.id)).session.status).toBe('uploading')
    expect((await complete(product, by, session)).sha256).toBe(sha256(data))
  })

  test('in the records leaves the session open, and the next attempt has the same result', async () => {
    const { product, by, account, session, data } = await ready()
    failOnce(product.metadata.uploads, 'finish')
    expect(await errorOf(complete(product, by, session))).toEqual(OUTAGE)
    expect((await product.core.uploads.get(by, session.id)).session.status).toBe('uploading')
    expect(await product.problems()).toEqual([])
    expect((await complete(product, by, session)).sha256).toBe(sha256(data))
    expect(await ledger(product, account)).toEqual([250, 0])
    expect(await product.problems()).toEqual([])
  })

  test('tells why even when the session could not be opened again, and a restart opens it', async () => {
    const { product, by, session, data } = await ready()
    failOnce(product.storage, 'completeUpload', new Fault('storage_full'))
    failOnce(product.metadata.uploads, 'reopen')
    await faultOf(complete(product, by, session), 'storage_full')
    expect(product.log.events).toEqual(['error upload_not_reopened'])
    await product.core.sweeper.recover()
    expect((await complete(product, by, session)).sha256).toBe(sha256(data))
  })

  test('because the slug exists draws another one', async () => {
    const { product, by, session } = await ready()
    const other = await upload(product, by, 120)
    const taken = (await product.metadata.files.find(other.fileId))?.slug ?? ''
    const slug = spyOn(product.ids, 'slug').mockImplementationOnce(() => taken)
    const done = await complete(product, by, session)
    expect(slug).toHaveBeenCalledTimes(2)
    expect((await product.metadata.files.find(done.fileId))?.slug).not.toBe(taken)
    slug.mockRestore()
  })

  test('because every slug exists ends with a conflict and leaves the session open', async () => {
    const { product, by, session } = await ready()
    const other = await upload(product, by, 120)
    const taken = (await product.metadata.files.find(other.fileId))?.slug ?? ''
    const slug = spyOn(product.ids, 'slug').mockImplementation(() => taken)
    await faultOf(complete(product, by, session), 'conflict')
    slug.mockRestore()
    expect((await complete(product, by, session)).session.status).toBe('completed')
  })
})

describe('what an aborted upload leaves', () => {
  test('is removed at once', async () => {
    const { product, by, session, account } = await ready()
    expect((await product.core.uploads.abort(by, session.id)).status).toBe('aborted')
    expect(await product.metadata.uploads.staged()).toEqual([])
    expect(await Array.fromAsync(product.storage.listUploads())).toEqual([])
    expect(await ledger(product, account)).toEqual([0, 0])
  })

  test('is left for the sweeper when the storage fails', async () => {
    const { product, by, session } = await ready()
    failOnce(product.storage, 'abortUpload')
    expect((await product.core.uploads.abort(by, session.id)).status).toBe('aborted')
    expect(product.log.events).toEqual(['warn upload_not_discarded'])
    expect(await product.metadata.uploads.staged()).toHaveLength(1)
    expect(await product.core.sweeper.sweep()).toMatchObject({ discarded: 1 })
    expect(await product.metadata.uploads.staged()).toEqual([])
    expect(await Array.fromAsync(product.storage.listUploads())).toEqual([])
  })

  test('is not the object of a file, even when it is asked for twice', async () => {
    const { product, by, session, data } = await ready()
    await complete(product, by, session)
    await faultOf(product.core.uploads.abort(by, session.id), 'abort_closed')
    expect(await stored(product, session.objectKey)).toEqual(data)
  })
})

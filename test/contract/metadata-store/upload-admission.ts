import { expect, test } from 'bun:test'
import type { NewUploadSession } from '../../../src/core/metadata.ts'
import type { Stage } from '../metadata-store.contract.ts'
import {
  addAccount,
  addFile,
  addUpload,
  at,
  counters,
  EXPIRY,
  expectCleanLedgers,
  expectFault,
  fill,
  NO_LIMITS,
  newUpload,
  part,
  settled,
} from './records.ts'

export function uploadAdmissionCases(stage: Stage): void {
  test('a new session is pending and reserves its size', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const plan = newUpload(id, { mimeType: 'text/plain', checksumSha256: 'c'.repeat(64) })
    const session = await store.uploads.create(plan, NO_LIMITS)
    expect(session).toEqual({
      ...plan,
      status: 'pending',
      reservedBytes: 25,
      uploadedBytes: 0,
      completedParts: 0,
      errorMessage: null,
      fileId: null,
      objectId: null,
      completedAt: null,
      updatedAt: plan.createdAt,
    })
    expect(await store.uploads.find(session.id)).toEqual(session)
    expect(await store.uploads.find('ups_none')).toBeNull()
    expect(await counters(store, id)).toEqual([0, 25])
    await expectFault(store.uploads.create(plan, NO_LIMITS), 'conflict')
    expect(await counters(store, id)).toEqual([0, 25])
  })

  test('fifty sessions created at once never reserve more than the quota', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    await addFile(store, id)
    const admission = { ...NO_LIMITS, maxStorageBytes: 25 + 25 * 20 + 24 }
    const attempts = Array.from({ length: 50 }, () => addUpload(store, id, {}, admission))
    expect(await settled(attempts)).toEqual({ won: 20, faults: ['quota_exceeded'] })
    expect(await counters(store, id)).toEqual([25, 500])
    await expectCleanLedgers(store)
  })

  test('the quota can be filled to the last byte', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const admission = { ...NO_LIMITS, maxStorageBytes: 50 }
    await addUpload(store, id, {}, admission)
    await expectFault(addUpload(store, id, { expectedSize: 26 }, admission), 'quota_exceeded')
    await addUpload(store, id, {}, admission)
    await expectFault(addUpload(store, id, { expectedSize: 1 }, admission), 'quota_exceeded')
  })

  test('a guest whose address has used up its allowance begins nothing more', async () => {
    const { store } = stage()
    const begin = (address: string | null, change: Partial<NewUploadSession> = {}, maxBytes = 50) =>
      addUpload(store, null, change, { ...NO_LIMITS, guest: { address, since: at(1), maxBytes } })
    await addFile(store, null, { uploadedIp: '::1', createdAt: at(2), size: 25 })
    await addFile(store, null, { uploadedIp: '::1', createdAt: at(0), size: 25 })
    await begin('::1', { expectedSize: 50 })
    await addFile(store, null, { uploadedIp: '::1', createdAt: at(1), size: 25 })
    await expectFault(begin('::1', { expectedSize: 1 }), 'guest_allowance_used')
    await begin('::1', { expectedSize: 1 }, 51)
    await expectFault(begin('::2', { expectedSize: 1 }), 'guest_allowance_used')
    await begin('2001:db8::2', { expectedSize: 50 })
    await begin(null, { expectedSize: 50 })
    await expectFault(begin('2001:db8::2', { expectedSize: 51 }), 'guest_allowance_used')
    const { id } = await addAccount(store)
    await addUpload(store, id, {}, { ...NO_LIMITS, guest: { address: '::1', since: at(1), maxBytes: 1 } })
  })

  test('sizes of terabytes are added exactly', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const size = 3 * 2 ** 40 + 1
    const admission = { ...NO_LIMITS, maxStorageBytes: 2 * size, capacity: 3 * size }
    await addUpload(store, id, { expectedSize: size }, admission)
    await addUpload(store, id, { expectedSize: size }, admission)
    expect(await counters(store, id)).toEqual([0, 2 * size])
    await expectFault(addUpload(store, id, { expectedSize: 1 }, admission), 'quota_exceeded')
  })

  test('live sessions are counted, also completing ones; ended ones are not', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const admission = { ...NO_LIMITS, maxConcurrent: 2 }
    const first = await addUpload(store, id, {}, admission)
    await fill(store, first.id)
    await store.uploads.beginComplete(first.id, at(3))
    const second = await addUpload(store, id, {}, admission)
    await expectFault(addUpload(store, id, {}, admission), 'too_many_uploads')
    await store.uploads.abort(second.id, at(4))
    await addUpload(store, id, {}, admission)
  })

  test('of twenty sessions created at once only the allowed number exists', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const admission = { ...NO_LIMITS, maxConcurrent: 3 }
    const attempts = Array.from({ length: 20 }, () => addUpload(store, id, {}, admission))
    expect(await settled(attempts)).toEqual({ won: 3, faults: ['too_many_uploads'] })
  })

  test('guests are counted together and have no quota', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const admission = { maxConcurrent: 2, maxStorageBytes: 1, capacity: null }
    expect((await addUpload(store, null, {}, admission)).reservedBytes).toBe(0)
    await addUpload(store, null, {}, admission)
    await expectFault(addUpload(store, null, {}, admission), 'too_many_uploads')
    await addUpload(store, id, {}, { ...admission, maxStorageBytes: 0 })
  })

  test('a session must fit beside what all live sessions are still owed', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const first = await addUpload(store, id, {}, { ...NO_LIMITS, capacity: 25 })
    await expectFault(addUpload(store, null, {}, { ...NO_LIMITS, capacity: 49 }), 'no_space')
    await store.uploads.savePart(first.id, part(1), at(1), EXPIRY)
    await store.uploads.savePart(first.id, part(1), at(1), EXPIRY)
    await expectFault(addUpload(store, null, {}, { ...NO_LIMITS, capacity: 39 }), 'no_space')
    await addUpload(store, null, {}, { ...NO_LIMITS, capacity: 40 })
    await store.uploads.withdrawPart(first.id, 1, at(2))
    await expectFault(addUpload(store, null, {}, { ...NO_LIMITS, capacity: 74 }), 'no_space')
    await store.uploads.abort(first.id, at(3))
    await addUpload(store, null, {}, { ...NO_LIMITS, capacity: 50 })
  })

  test('a storage without room takes nothing, and what was refused reserves nothing', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    await expectFault(addUpload(store, id, {}, { ...NO_LIMITS, capacity: 0 }), 'no_space')
    await expectFault(addUpload(store, id, {}, { ...NO_LIMITS, capacity: -5 }), 'no_space')
    expect(await counters(store, id)).toEqual([0, 0])
  })

  test('sessions created at once never promise more than the capacity', async () => {
    const { store } = stage()
    const attempts = Array.from({ length: 30 }, () =>
      addUpload(store, null, {}, { ...NO_LIMITS, capacity: 260 }),
    )
    expect(await settled(attempts)).toEqual({ won: 10, faults: ['no_space'] })
  })

  test('the checks come in their order: number, quota, space', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    await addUpload(store, id)
    const nothing = { maxConcurrent: 1, maxStorageBytes: 1, capacity: 1 }
    await expectFault(addUpload(store, id, {}, nothing), 'too_many_uploads')
    await expectFault(addUpload(store, id, {}, { ...nothing, maxConcurrent: 0 }), 'quota_exceeded')
    await expectFault(addUpload(store, id, {}, { ...NO_LIMITS, capacity: 1 }), 'no_space')
  })

  test('an account that is gone gets no session', async () => {
    await expectFault(addUpload(stage().store, 12345), 'account_not_found')
  })
}

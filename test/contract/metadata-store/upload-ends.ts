import { expect, test } from 'bun:test'
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
  LATER,
  part,
  reported,
} from './records.ts'

export function uploadEndCases(stage: Stage): void {
  const uploads = () => stage().store.uploads

  test('aborting releases the reservation and forgets the parts', async () => {
    const { store } = stage()
    const account = await addAccount(store)
    const { id } = await addUpload(store, account.id)
    await fill(store, id)
    const aborted = await uploads().abort(id, at(4))
    expect(aborted).toMatchObject({ status: 'aborted', reservedBytes: 0, updatedAt: at(4) })
    expect(await uploads().find(id)).toEqual(aborted)
    expect(await uploads().parts(id)).toEqual([])
    expect(await counters(store, account.id)).toEqual([0, 0])
  })

  test('aborting what has ended without a file is fine and releases nothing twice', async () => {
    const { store } = stage()
    const account = await addAccount(store)
    await addUpload(store, account.id)
    const { id } = await addUpload(store, account.id)
    const aborted = await uploads().abort(id, at(1))
    expect(await uploads().abort(id, at(2))).toEqual(aborted)
    const late = await addUpload(store, account.id)
    await uploads().expire(EXPIRY, 'timed out', late.id)
    expect((await uploads().abort(late.id, LATER)).status).toBe('expired')
    expect(await counters(store, account.id)).toEqual([0, 25])
    await expectFault(uploads().abort('ups_none', at(3)), 'upload_not_found')
  })

  test('a completing session cannot be aborted', async () => {
    const { id } = await addUpload(stage().store, null)
    await fill(stage().store, id)
    await uploads().beginComplete(id, at(3))
    await expectFault(uploads().abort(id, at(4)), 'abort_closed')
    expect((await uploads().find(id))?.status).toBe('completing')
  })

  test('failing ends a completing session with its message, and only such a one', async () => {
    const { store } = stage()
    const account = await addAccount(store)
    const open = await addUpload(store, account.id)
    await uploads().fail(open.id, 'no', at(1))
    expect((await uploads().find(open.id))?.status).toBe('pending')
    const { id } = await addUpload(store, account.id)
    await fill(store, id)
    await uploads().beginComplete(id, at(3))
    await uploads().fail(id, 'The checksum differs.', at(4))
    await uploads().fail(id, 'again', at(5))
    expect(await uploads().find(id)).toMatchObject({
      status: 'failed',
      errorMessage: 'The checksum differs.',
      reservedBytes: 0,
      updatedAt: at(4),
    })
    expect(await uploads().parts(id)).toEqual([])
    expect(await counters(store, account.id)).toEqual([0, 25])
  })

  test('sessions past their expiry end: open ones expired, completing ones failed', async () => {
    const { store } = stage()
    const account = await addAccount(store)
    const pending = await addUpload(store, account.id)
    const completing = await addUpload(store, account.id)
    await fill(store, completing.id)
    await uploads().beginComplete(completing.id, at(3))
    const alive = await addUpload(store, account.id, { expiresAt: LATER })
    expect(await uploads().expire(at(7199), 'timed out')).toBe(0)
    expect(await uploads().expire(EXPIRY, 'timed out')).toBe(2)
    expect(await uploads().expire(EXPIRY, 'timed out')).toBe(0)
    expect(await uploads().find(pending.id)).toMatchObject({ status: 'expired', errorMessage: null })
    expect(await uploads().find(completing.id)).toMatchObject({ status: 'failed', errorMessage: 'timed out' })
    expect((await uploads().find(alive.id))?.status).toBe('pending')
    expect(await counters(store, account.id)).toEqual([0, 25])
    await expectCleanLedgers(store)
  })

  test('expiry can look at one session only, and at many', async () => {
    const { store } = stage()
    const sessions = []
    for (let n = 0; n < 25; n++) sessions.push(await addUpload(store, null))
    expect(await uploads().expire(EXPIRY, 'timed out', sessions[3]?.id)).toBe(1)
    expect(await uploads().expire(EXPIRY, 'timed out', 'ups_none')).toBe(0)
    expect(await uploads().expire(EXPIRY, 'timed out')).toBe(24)
  })

  test('extending moves the expiry of open sessions only', async () => {
    const { store } = stage()
    const open = await addUpload(store, null)
    await uploads().extend(open.id, LATER)
    expect((await uploads().find(open.id))?.expiresAt).toEqual(LATER)
    const ended = await addUpload(store, null)
    await uploads().abort(ended.id, at(1))
    await uploads().extend(ended.id, LATER)
    expect((await uploads().find(ended.id))?.expiresAt).toEqual(EXPIRY)
    await uploads().extend('ups_none', LATER)
  })

  test('expiry against a report at the same moment leaves one clear outcome', async () => {
    const { store } = stage()
    const account = await addAccount(store)
    const { id } = await addUpload(store, account.id)
    await uploads().savePart(id, part(1), at(1), EXPIRY)
    const [report, expired] = await Promise.allSettled([
      uploads().reportPart(id, reported(1), at(7199), LATER),
      uploads().expire(EXPIRY, 'timed out', id),
    ])
    const open = report.status === 'fulfilled'
    expect(expired).toEqual({ status: 'fulfilled', value: open ? 0 : 1 })
    expect((await uploads().find(id))?.status).toBe(open ? 'uploading' : 'expired')
    await expectCleanLedgers(store)
  })

  test('ended sessions wait as abandoned until their staged bytes are cleared', async () => {
    const { store } = stage()
    const first = await addUpload(store, null)
    const second = await addUpload(store, null)
    const open = await addUpload(store, null)
    await uploads().abort(first.id, at(1))
    await uploads().expire(EXPIRY, 'timed out', second.id)
    const before = await uploads().abandoned(10)
    expect(before.map(({ id }) => id)).toEqual([first.id, second.id])
    expect(before[0]).toMatchObject({ storageUpload: first.storageUpload, objectKey: first.objectKey })
    expect(await uploads().abandoned(1)).toHaveLength(1)
    await uploads().cleared(first.id)
    await uploads().cleared(open.id)
    expect((await uploads().abandoned(10)).map(({ id }) => id)).toEqual([second.id])
    expect((await uploads().staged()).map(({ session }) => session).sort()).toEqual(
      [second.id, open.id].sort(),
    )
  })

  test('staged uploads are named with their key and whether parts can still arrive', async () => {
    const { store } = stage()
    await addFile(store, null)
    const open = await addUpload(store, null)
    const completing = await addUpload(store, null)
    await fill(store, completing.id)
    await uploads().beginComplete(completing.id, at(3))
    const staged = await uploads().staged()
    expect(staged.sort((a, b) => (a.session < b.session ? -1 : 1))).toEqual([
      { session: open.id, upload: open.storageUpload, key: open.objectKey, open: true },
      { session: completing.id, upload: completing.storageUpload, key: completing.objectKey, open: false },
    ])
  })

  test('purging removes old ended sessions whose staged bytes are gone, and nothing else', async () => {
    const { store } = stage()
    await addFile(store, null)
    const cleared = await addUpload(store, null)
    await uploads().abort(cleared.id, at(3))
    await uploads().cleared(cleared.id)
    const uncleared = await addUpload(store, null)
    await uploads().abort(uncleared.id, at(3))
    const open = await addUpload(store, null)
    expect(await uploads().purge(at(3))).toBe(0)
    expect(await uploads().purge(at(4))).toBe(2)
    expect(await uploads().find(cleared.id)).toBeNull()
    expect(await uploads().find(uncleared.id)).not.toBeNull()
    expect(await uploads().find(open.id)).not.toBeNull()
  })
}

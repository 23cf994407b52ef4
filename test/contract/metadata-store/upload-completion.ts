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
  newFile,
  newFolder,
  part,
  reported,
  settled,
} from './records.ts'

export function uploadCompletionCases(stage: Stage): void {
  const uploads = () => stage().store.uploads

  test('completing needs every byte reported', async () => {
    const { id } = await addUpload(stage().store, null)
    await expectFault(uploads().beginComplete(id, at(1)), 'no_parts_reported')
    await uploads().savePart(id, part(1), at(1), EXPIRY)
    await expectFault(uploads().beginComplete(id, at(1)), 'no_parts_reported')
    await uploads().reportPart(id, reported(1), at(1), EXPIRY)
    await expectFault(uploads().beginComplete(id, at(1)), 'size_mismatch')
    expect((await uploads().find(id))?.status).toBe('uploading')
    await fill(stage().store, id)
    const begun = await uploads().beginComplete(id, at(4))
    expect(begun.session).toMatchObject({ status: 'completing', uploadedBytes: 25, updatedAt: at(4) })
    expect(begun.parts.map(({ number, size }) => [number, size])).toEqual([
      [1, 10],
      [2, 10],
      [3, 5],
    ])
  })

  test('of ten callers completing at once exactly one wins', async () => {
    const { id } = await addUpload(stage().store, null)
    await fill(stage().store, id)
    const attempts = Array.from({ length: 10 }, () => uploads().beginComplete(id, at(3)))
    expect(await settled(attempts)).toEqual({ won: 1, faults: ['conflict'] })
  })

  test('a session that ended, expired or never was cannot be completed', async () => {
    const { store } = stage()
    const aborted = await addUpload(store, null)
    await fill(store, aborted.id)
    await uploads().abort(aborted.id, at(3))
    await expectFault(uploads().beginComplete(aborted.id, at(4)), 'complete_closed')
    const late = await addUpload(store, null)
    await fill(store, late.id)
    await expectFault(uploads().beginComplete(late.id, EXPIRY), 'complete_closed')
    await expectFault(uploads().beginComplete('ups_none', at(4)), 'upload_not_found')
  })

  test('finishing makes the file, turns the reservation into use and forgets the parts', async () => {
    const { store } = stage()
    const account = await addAccount(store)
    const { id, objectKey } = await addUpload(store, account.id)
    await fill(store, id)
    await uploads().beginComplete(id, at(3))
    const plan = newFile(account.id)
    const { session, file } = await uploads().finish(id, { sha256: 'e'.repeat(64), file: plan }, at(4))
    expect(file).toMatchObject({ ...plan, status: 'active', downloads: 0 })
    expect(session).toMatchObject({
      status: 'completed',
      fileId: file.id,
      objectId: file.objectId,
      completedAt: at(4),
      reservedBytes: 0,
      uploadedBytes: 25,
      completedParts: 3,
    })
    expect(await uploads().find(id)).toEqual(session)
    expect(await uploads().parts(id)).toEqual([])
    const object = await store.objects.findByKey(objectKey)
    expect(object).toMatchObject({ id: file.objectId, size: 25, sha256: 'e'.repeat(64), createdAt: at(4) })
    expect(await counters(store, account.id)).toEqual([25, 0])
    expect(await uploads().staged()).toEqual([])
    await expectCleanLedgers(store)
  })

  test('a finished session is closed', async () => {
    const { store } = stage()
    const { id } = await addUpload(store, null)
    await fill(store, id)
    await uploads().beginComplete(id, at(3))
    await uploads().finish(id, { sha256: 'e', file: newFile(null) }, at(4))
    await expectFault(uploads().beginComplete(id, at(5)), 'already_completed')
    await expectFault(uploads().finish(id, { sha256: 'e', file: newFile(null) }, at(5)), 'complete_closed')
    await expectFault(uploads().abort(id, at(5)), 'abort_closed')
    await expectFault(uploads().savePart(id, part(1), at(5), EXPIRY), 'parts_closed')
    await uploads().fail(id, 'late', at(5))
    await uploads().reopen(id, at(5))
    expect((await uploads().find(id))?.status).toBe('completed')
    expect(await uploads().abandoned(10)).toEqual([])
  })

  test('finishing that fails half-way leaves the session completing and usage unchanged', async () => {
    const { store } = stage()
    const account = await addAccount(store)
    const taken = await addFile(store, account.id)
    const { id, objectKey } = await addUpload(store, account.id)
    await fill(store, id)
    const { session, parts } = await uploads().beginComplete(id, at(3))
    const result = { sha256: 'e', file: newFile(account.id, { slug: taken.slug }) }
    await expectFault(uploads().finish(id, result, at(4)), 'conflict')
    expect(await uploads().find(id)).toEqual(session)
    expect(await uploads().parts(id)).toEqual(parts)
    expect(await store.objects.findByKey(objectKey)).toBeNull()
    expect(await counters(store, account.id)).toEqual([25, 25])
    await uploads().finish(id, { ...result, file: newFile(account.id) }, at(5))
    expect(await counters(store, account.id)).toEqual([50, 0])
  })

  test('of several callers finishing at once exactly one makes a file', async () => {
    const { store } = stage()
    const account = await addAccount(store)
    const { id } = await addUpload(store, account.id)
    await fill(store, id)
    await uploads().beginComplete(id, at(3))
    const attempts = Array.from({ length: 5 }, () =>
      uploads().finish(id, { sha256: 'e', file: newFile(account.id) }, at(4)),
    )
    expect(await settled(attempts)).toEqual({ won: 1, faults: ['complete_closed'] })
    expect(await counters(store, account.id)).toEqual([25, 0])
  })

  test('only a completing session can be finished', async () => {
    const { id } = await addUpload(stage().store, null)
    await fill(stage().store, id)
    const result = { sha256: 'e', file: newFile(null) }
    await expectFault(uploads().finish(id, result, at(4)), 'complete_closed')
    await expectFault(uploads().finish('ups_none', result, at(4)), 'upload_not_found')
  })

  test('a file whose folder is not there for its owner goes to the root', async () => {
    const { store } = stage()
    const ann = await addAccount(store, 'Ann')
    const bob = await addAccount(store, 'Bob')
    const mine = await store.folders.create(newFolder(ann.id, 'f'))
    const theirs = await store.folders.create(newFolder(bob.id, 'f'))
    const trashed = await store.folders.create(newFolder(ann.id, 'gone'))
    await store.folders.trash(ann.id, trashed.id, at(1))
    expect((await addFile(store, ann.id, { folderId: mine.id })).folderId).toBe(mine.id)
    expect((await addFile(store, ann.id, { folderId: theirs.id })).folderId).toBeNull()
    expect((await addFile(store, ann.id, { folderId: 9999 })).folderId).toBeNull()
    expect((await addFile(store, ann.id, { folderId: trashed.id })).folderId).toBeNull()
  })

  test('an attempt that failed for a passing reason is reopened with all its parts', async () => {
    const { store } = stage()
    const { id } = await addUpload(store, null)
    await fill(store, id)
    const { parts } = await uploads().beginComplete(id, at(3))
    await uploads().reopen(id, at(4))
    expect(await uploads().find(id)).toMatchObject({ status: 'uploading', completedParts: 3 })
    expect(await uploads().parts(id)).toEqual(parts)
    await uploads().beginComplete(id, at(5))
  })

  test('what a killed process was completing is reopened at the next start', async () => {
    const { store } = stage()
    const completing = await addUpload(store, null)
    await fill(store, completing.id)
    await uploads().beginComplete(completing.id, at(3))
    const pending = await addUpload(store, null)
    expect(await uploads().reopenInterrupted(at(4))).toBe(1)
    expect((await uploads().find(completing.id))?.status).toBe('uploading')
    expect((await uploads().find(pending.id))?.status).toBe('pending')
    expect(await uploads().reopenInterrupted(at(5))).toBe(0)
  })
}

import { expect, test } from 'bun:test'
import type { GuestAllowance, MetadataStore, NewFile } from '../../../src/core/metadata.ts'
import type { Stage } from '../metadata-store.contract.ts'
import {
  addAccount,
  addFile,
  addOneShot,
  addUpload,
  at,
  countDownload,
  counters,
  expectCleanLedgers,
  expectFault,
  fill,
  NOON,
  newCopy,
  newFile,
  newObject,
  settled,
} from './records.ts'

const NO_LIMIT = { maxStorageBytes: 0 }
const allowance: GuestAllowance = { since: at(10), maxBytes: 100 }

let keys = 0

/** A guest's one-shot upload under the allowance. */
async function leave(store: MetadataStore, change: Partial<NewFile> = {}, guestAllowance = allowance) {
  const file = newFile(null, { uploadedIp: '192.0.2.1', size: 40, createdAt: at(20), ...change })
  const key = `guest/${keys++}`
  await store.objects.announce(key, at(0))
  return store.files.add(file, newObject(key, file.size), { maxStorageBytes: 0, guestAllowance })
}

export function guestFileCases(stage: Stage): void {
  test('an address may leave so many bytes since a moment, to the byte', async () => {
    const { store } = stage()
    await leave(store, { size: 50 })
    await leave(store, { size: 50 })
    await expectFault(leave(store, { size: 1 }), 'guest_allowance_used')
    await leave(store, { size: 1 }, { since: at(10), maxBytes: 101 })
    expect((await store.objects.announced(at(1), 10)).length).toBe(1)
  })

  test('files from before the moment do not count, those of that moment do', async () => {
    const { store } = stage()
    await leave(store, { size: 60, createdAt: at(9) })
    await leave(store, { size: 60, createdAt: at(10) })
    await expectFault(leave(store, { size: 41 }), 'guest_allowance_used')
    await leave(store, { size: 40 })
  })

  test('addresses of one network of IPv6 are counted together, whatever their spelling shares', async () => {
    const { store } = stage()
    const networks: Array<[all: string[], others: string[]]> = [
      [
        ['2001:db8:7:1::1', '2001:db8:7:1:a:b:c:d'],
        ['2001:db8:7:2::1', '2001:db8:7:10::1'],
      ],
      [['2001:db8::1', '2001:db8:0:0:1::'], ['2001:db8::1:0:0:0:1']],
      [
        ['2001::1:a:b:c:d', '2001:0:0:1::'],
        ['2001::1', '2001::2:a:b:c:d'],
      ],
      [['::1', '::2'], []],
    ]
    for (const [all, others] of networks) {
      for (const uploadedIp of all) await leave(store, { size: 50, uploadedIp })
      for (const uploadedIp of [...all, all[0]?.replace(/[^:]*$/, 'fff') ?? ''])
        await expectFault(leave(store, { size: 1, uploadedIp }), 'guest_allowance_used')
      for (const uploadedIp of others) await leave(store, { size: 50, uploadedIp })
    }
  })

  test('addresses are counted one by one, and those unknown together', async () => {
    const { store } = stage()
    await leave(store, { size: 100 })
    await leave(store, { size: 100, uploadedIp: '192.0.2.2' })
    await leave(store, { size: 100, uploadedIp: null })
    for (const uploadedIp of ['192.0.2.1', '192.0.2.2', null]) {
      await expectFault(leave(store, { size: 1, uploadedIp }), 'guest_allowance_used')
    }
  })

  test('trashed files and those without a use left count, removed and claimed ones do not', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const [trashed, usedUp] = [await leave(store), await leave(store, { usesLeft: 1 })]
    await store.files.trash(null, trashed.id, at(21))
    await store.files.takeUse(usedUp.id)
    await expectFault(leave(store, { size: 21 }), 'guest_allowance_used')
    await store.files.purgeUsedUp(NOON, [], 10)
    const claimed = await leave(store, { size: 60 })
    await expectFault(leave(store, { size: 1 }), 'guest_allowance_used')
    await store.files.claim(claimed.id, id, NO_LIMIT, at(22))
    await leave(store, { size: 60 })
    await expectFault(leave(store, { size: 1 }), 'guest_allowance_used')
  })

  test('an account’s files neither count nor are counted', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    await addOneShot(store, id, { uploadedIp: '192.0.2.1', size: 1000, createdAt: at(20) })
    await leave(store, { size: 100 })
    const key = 'account/under/allowance'
    await store.objects.announce(key, at(0))
    const own = newFile(id, { uploadedIp: '192.0.2.1', size: 1000 })
    const added = await store.files.add(own, newObject(key, 1000), { ...NO_LIMIT, guestAllowance: allowance })
    expect(added.accountId).toBe(id)
  })

  test('many files from one address at once never exceed its allowance', async () => {
    const { store } = stage()
    const attempts = Array.from({ length: 20 }, () => leave(store, { size: 30 }))
    expect(await settled(attempts)).toEqual({ won: 3, faults: ['guest_allowance_used'] })
    await leave(store, { size: 10 })
  })

  test('an upload that comes in parts is under the same allowance; refused, it changes nothing', async () => {
    const { store } = stage()
    await leave(store, { size: 76 })
    const { id } = await addUpload(store, null)
    await fill(store, id)
    await store.uploads.beginComplete(id, at(20))
    const file = newFile(null, { uploadedIp: '192.0.2.1', createdAt: at(20) })
    const result = { sha256: 'f'.repeat(64), file }
    const finish = (guestAllowance: GuestAllowance) =>
      store.uploads.finish(id, { ...result, guestAllowance }, at(20))
    await expectFault(finish(allowance), 'guest_allowance_used')
    expect((await store.uploads.find(id))?.status).toBe('completing')
    expect(await store.files.findBySlug(file.slug)).toBeNull()
    const { session } = await finish({ ...allowance, maxBytes: 101 })
    expect(session.status).toBe('completed')
    await expectFault(leave(store, { size: 1 }), 'guest_allowance_used')
  })

  test('a claimed file belongs to the account and is charged', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const file = await addOneShot(store, null, { usesLeft: 5, urlExtension: '.iso', uploadedIp: '::1' })
    const claimed = await store.files.claim(file.id, id, { maxStorageBytes: 25 }, at(30))
    expect(claimed).toEqual({ ...file, accountId: id, updatedAt: at(30) })
    expect(await store.files.findBySlug(file.slug)).toEqual(claimed)
    expect(await store.files.list(id, null)).toEqual([claimed])
    expect(await counters(store, id)).toEqual([25, 0])
    await store.files.remove(id, file.id)
    await expectCleanLedgers(store)
  })

  test('a file that has an owner, is trashed, used up or missing cannot be claimed', async () => {
    const { store } = stage()
    const ann = await addAccount(store, 'Ann')
    const bob = await addAccount(store, 'Bob')
    const [owned, trashed] = [await addFile(store, ann.id), await addFile(store, null)]
    await store.files.trash(null, trashed.id, at(5))
    const usedUp = await addOneShot(store, null, { usesLeft: 1 })
    await store.files.takeUse(usedUp.id)
    for (const fileId of [owned.id, trashed.id, usedUp.id, 9999]) {
      await expectFault(store.files.claim(fileId, bob.id, NO_LIMIT, at(6)), 'file_not_found')
    }
    await expectFault(store.files.claim(owned.id, ann.id, NO_LIMIT, at(6)), 'file_not_found')
    expect([await counters(store, ann.id), await counters(store, bob.id)]).toEqual([
      [25, 0],
      [0, 0],
    ])
  })

  test('a claim beyond the quota, or for no account, leaves the file where it is', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const file = await addOneShot(store, null)
    await expectFault(store.files.claim(file.id, id, { maxStorageBytes: 24 }, at(6)), 'quota_exceeded')
    await expectFault(store.files.claim(file.id, id + 1, NO_LIMIT, at(6)), 'account_not_found')
    expect(await store.files.find(file.id)).toEqual(file)
    expect(await counters(store, id)).toEqual([0, 0])
  })

  test('of thirty who claim one file at once one gets it and is charged', async () => {
    const { store } = stage()
    const accounts = []
    for (let n = 0; n < 30; n++) accounts.push(await addAccount(store, `user ${n}`))
    const file = await addOneShot(store, null)
    const claims = accounts.map(({ id }) => store.files.claim(file.id, id, NO_LIMIT, at(6)))
    expect(await settled(claims)).toEqual({ won: 1, faults: ['file_not_found'] })
    const owner = (await store.files.find(file.id))?.accountId ?? 0
    expect(await counters(store, owner)).toEqual([25, 0])
    await expectCleanLedgers(store)
  })

  test('claims of many files at once stay within the quota', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const files = []
    for (let n = 0; n < 8; n++) files.push(await addOneShot(store, null))
    const claims = files.map((file) => store.files.claim(file.id, id, { maxStorageBytes: 80 }, at(6)))
    expect(await settled(claims)).toEqual({ won: 3, faults: ['quota_exceeded'] })
    expect(await counters(store, id)).toEqual([75, 0])
    await expectCleanLedgers(store)
  })

  test('a claim and a removal at once: the file is the account’s or it is gone', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    for (let n = 0; n < 6; n++) {
      const file = await addOneShot(store, null)
      const claim = () => store.files.claim(file.id, id, NO_LIMIT, at(6))
      const remove = () => store.files.remove(null, file.id)
      const steps = n % 2 === 0 ? [claim(), remove()] : [remove(), claim()]
      expect(await settled(steps)).toEqual({ won: 1, faults: ['file_not_found'] })
    }
    expect(await counters(store, id)).toEqual([75, 0])
    await expectCleanLedgers(store)
  })

  test('anonymous files are purged when nobody made or fetched them since', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const add = (createdAt: Date, accountId: number | null = null) =>
      addOneShot(store, accountId, { createdAt })
    const [old, young, owned] = [await add(at(10)), await add(at(20)), await add(at(10), id)]
    const [wanted, forgotten] = [await add(at(10)), await add(at(10))]
    await countDownload(store, wanted.id, at(20))
    await countDownload(store, forgotten.id, at(19))
    const trashed = await add(at(10))
    await store.files.trash(null, trashed.id, at(11))
    expect(await store.files.purgeInactiveGuests(at(10), 10)).toBe(0)
    expect(await store.files.purgeInactiveGuests(at(20), 1)).toBe(1)
    expect(await store.files.purgeInactiveGuests(at(20), 10)).toBe(1)
    expect(await store.files.purgeInactiveGuests(at(20), 10)).toBe(0)
    for (const file of [old, forgotten]) expect(await store.files.find(file.id)).toBeNull()
    for (const file of [young, owned, wanted, trashed]) {
      expect((await store.files.find(file.id))?.id).toBe(file.id)
    }
    const free = (await store.objects.claimUnreferenced(10)).map((object) => object.id)
    expect(free).toEqual([old.objectId, forgotten.objectId])
    expect(await store.files.purgeInactiveGuests(at(21), 0)).toBe(0)
    expect(await store.files.purgeInactiveGuests(at(21), 10)).toBe(2)
    await expectCleanLedgers(store)
  })

  test('a claimed file is not forgotten with the guests’', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const file = await addOneShot(store, null, { createdAt: at(10) })
    await store.files.claim(file.id, id, NO_LIMIT, at(11))
    expect(await store.files.purgeInactiveGuests(at(99), 10)).toBe(0)
    expect(await store.files.copy(id, file.id, newCopy(), NO_LIMIT)).toMatchObject({ accountId: id })
  })
}

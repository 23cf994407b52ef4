import { expect, test } from 'bun:test'
import type { Stage } from '../metadata-store.contract.ts'
import {
  addAccount,
  addChain,
  addFile,
  addUpload,
  at,
  counters,
  EXPIRY,
  expectCleanLedgers,
  expectFault,
  fill,
  limits,
  NOON,
  newFile,
  newFolder,
  part,
  settled,
} from './records.ts'

export function accountCases(stage: Stage): void {
  test('a new account is active, uses nothing and keeps its time to the millisecond', async () => {
    const { store } = stage()
    const account = await addAccount(store)
    expect(account).toMatchObject({
      name: 'Ann',
      status: 'active',
      storageUsed: 0,
      storageReserved: 0,
      createdAt: NOON,
    })
    expect(await store.accounts.find(account.id)).toEqual(account)
    expect(await store.accounts.find(account.id + 1)).toBeNull()
    expect(await store.accounts.list()).toEqual([account])
  })

  test('an account may be created in another status than active', async () => {
    const { store } = stage()
    const { id, storageUsed, storageReserved, status, ...record } = await addAccount(store)
    const pending = await store.accounts.create({ ...record, name: 'Bea', status: 'pending' })
    expect(pending.status).toBe('pending')
    expect(await store.accounts.find(pending.id)).toEqual(pending)
  })

  test('account names are compared without letter case, beyond ASCII too', async () => {
    const { store } = stage()
    const account = await addAccount(store, 'Ärzte')
    expect(await store.accounts.findByName('äRZTE')).toEqual(account)
    await expectFault(addAccount(store, 'ÄRZTE'), 'name_taken')
  })

  test('of twenty accounts of one name created at once exactly one exists', async () => {
    const { store } = stage()
    await addAccount(store, 'first')
    const attempts = Array.from({ length: 20 }, () => addAccount(store, 'Same'))
    expect(await settled(attempts)).toEqual({ won: 1, faults: ['name_taken'] })
    expect(await store.accounts.list()).toHaveLength(2)
  })

  test('an account needs a package that exists', async () => {
    const { store } = stage()
    const account = await addAccount(store)
    const { id, storageUsed, storageReserved, status, ...record } = account
    const orphan = { ...record, name: 'Bea', packageId: account.packageId + 1 }
    await expectFault(store.accounts.create(orphan), 'package_not_found')
    await expectFault(store.accounts.update(id, { packageId: account.packageId + 1 }), 'package_not_found')
    expect(await store.accounts.find(id)).toEqual(account)
  })

  test('an update changes what it names', async () => {
    const { store } = stage()
    const account = await addAccount(store)
    const gold = await store.packages.create('Gold', limits)
    const updated = await store.accounts.update(account.id, { packageId: gold.id, passwordHash: 'new' })
    expect(updated).toEqual({ ...account, packageId: gold.id, passwordHash: 'new' })
    expect(await store.accounts.update(account.id, {})).toEqual(updated)
    await expectFault(store.accounts.update(account.id + 1, { status: 'active' }), 'account_not_found')
    await expectFault(store.accounts.update(account.id + 1, {}), 'account_not_found')
  })

  test('name, address and profile are changed together with how they are compared', async () => {
    const { store } = stage()
    const ann = await addAccount(store, 'Ann')
    const profile = { title: 'Dr', firstName: 'Ann', lastName: 'Lee', paidUntil: at(99) }
    const change = { name: 'Änne', email: 'Änne@Example.org', ...profile }
    const updated = await store.accounts.update(ann.id, change)
    expect(updated).toEqual({ ...ann, ...change })
    expect(await store.accounts.findByName('äNNE')).toEqual(updated)
    expect(await store.accounts.findByName('Ann')).toBeNull()
    expect(await store.accounts.findByEmail('äNNE@EXAMPLE.ORG')).toEqual(updated)
    await store.accounts.update(ann.id, { email: null })
    expect(await store.accounts.findByEmail('änne@example.org')).toBeNull()
  })

  test('a name or an address of another account is taken, one’s own is not', async () => {
    const { store } = stage()
    const ann = await addAccount(store, 'Ann')
    const bob = await addAccount(store, 'Bob')
    await store.accounts.update(ann.id, { email: 'a@x.org' })
    await expectFault(store.accounts.update(bob.id, { name: 'ANN' }), 'name_taken')
    await expectFault(store.accounts.update(bob.id, { email: 'A@X.org' }), 'email_taken')
    const { id, storageUsed, storageReserved, status, ...record } = bob
    await expectFault(store.accounts.create({ ...record, name: 'Cy', email: 'A@x.ORG' }), 'email_taken')
    expect(await store.accounts.find(bob.id)).toEqual(bob)
    const same = await store.accounts.update(ann.id, { name: 'ANN', email: 'A@x.org' })
    expect(same).toMatchObject({ name: 'ANN', email: 'A@x.org' })
  })

  test('of ten accounts of one address created at once exactly one exists; many have none', async () => {
    const { store } = stage()
    const { id, storageUsed, storageReserved, status, ...record } = await addAccount(store)
    const attempts = Array.from({ length: 10 }, (_, n) =>
      store.accounts.create({ ...record, name: `n${n}`, email: 'one@x.org' }),
    )
    expect(await settled(attempts)).toEqual({ won: 1, faults: ['email_taken'] })
    await addAccount(store, 'Bob')
    expect(await store.accounts.list()).toHaveLength(3)
  })

  test('an account is created with its profile, and its last sign-in is noted', async () => {
    const { store } = stage()
    const { id, storageUsed, storageReserved, status, ...record } = await addAccount(store)
    const profile = { title: 'Ms', firstName: 'Bea' }
    const bea = await store.accounts.create({ ...record, name: 'Bea', profile })
    expect(bea).toMatchObject({ ...profile, lastName: null, paidUntil: null, lastSignInAt: null })
    await store.accounts.noteSignIn(bea.id, at(5), '::1')
    expect(await store.accounts.find(bea.id)).toEqual({ ...bea, lastSignInAt: at(5), lastSignInIp: '::1' })
    await store.accounts.noteSignIn(9999, at(5), '::1')
  })

  test('any status but active ends browser sessions and access tokens', async () => {
    const { store } = stage()
    for (const status of ['pending', 'disabled', 'suspended'] as const) {
      const { id } = await addAccount(store, status)
      const times = { createdAt: NOON, lastUsedAt: NOON }
      await store.accessTokens.create({ accountId: id, hash: status, ...times })
      await store.webSessions.create({
        accountId: id,
        hash: status,
        csrf: 'c',
        createdAt: NOON,
        expiresAt: EXPIRY,
      })
      await store.accounts.update(id, { email: `${status}@new.example`, status: 'active' })
      expect(await store.accessTokens.find(status)).not.toBeNull()
      await store.accounts.update(id, { status })
      expect(await store.accessTokens.find(status)).toBeNull()
      expect(await store.webSessions.findByHash(status)).toBeNull()
    }
  })

  test('suspending ends the browser sessions of that account only', async () => {
    const { store } = stage()
    const ann = await addAccount(store, 'Ann')
    const bob = await addAccount(store, 'Bob')
    const session = { csrf: 'c', createdAt: NOON, expiresAt: EXPIRY }
    await store.webSessions.create({ ...session, accountId: ann.id, hash: 'ann' })
    await store.webSessions.create({ ...session, accountId: bob.id, hash: 'bob' })
    expect((await store.accounts.update(ann.id, { status: 'suspended' })).status).toBe('suspended')
    expect(await store.webSessions.findByHash('ann')).toBeNull()
    expect(await store.webSessions.findByHash('bob')).not.toBeNull()
  })

  test('the last active administrator stays one, also when two resign at the same moment', async () => {
    const { store } = stage()
    const [ann, bob] = [await addAccount(store, 'Ann', true), await addAccount(store, 'Bob', true)]
    const eve = await addAccount(store, 'Eve', true)
    await store.accounts.update(eve.id, { status: 'suspended' })
    const resigning = [
      store.accounts.update(ann.id, { isAdmin: false }),
      store.accounts.update(bob.id, { status: 'disabled' }),
    ]
    expect(await settled(resigning)).toEqual({ won: 1, faults: ['forbidden'] })
    const last = (await store.accounts.list()).find(({ isAdmin, status }) => isAdmin && status === 'active')
    const id = last?.id ?? 0
    await expectFault(store.accounts.delete(id, NOON), 'forbidden')
    await expectFault(store.accounts.update(id, { status: 'pending' }), 'forbidden')
    expect((await store.accounts.update(id, { email: 'a@b.example', status: 'active' })).isAdmin).toBe(true)
    await store.accounts.delete(eve.id, NOON)
  })

  test('it is known whether there is an admin', async () => {
    const { store } = stage()
    await addAccount(store, 'Ann')
    expect(await store.accounts.hasAdmin()).toBe(false)
    await addAccount(store, 'Root', true)
    expect(await store.accounts.hasAdmin()).toBe(true)
  })

  test('deleting an account removes all that is its own and nothing of another', async () => {
    const { store } = stage()
    const ann = await addAccount(store, 'Ann')
    const bob = await addAccount(store, 'Bob')
    const kept = await addFile(store, bob.id)
    const gone = await addFile(store, ann.id)
    const folder = await store.folders.create(newFolder(ann.id, 'a'))
    await store.folders.create(newFolder(ann.id, 'b', { parentId: folder.id }))
    await store.webSessions.create({
      accountId: ann.id,
      hash: 'web',
      csrf: 'c',
      createdAt: NOON,
      expiresAt: EXPIRY,
    })
    await store.accounts.delete(ann.id, at(5))
    expect(await store.accounts.find(ann.id)).toBeNull()
    expect(await store.files.find(gone.id)).toBeNull()
    expect(await store.folders.find(folder.id)).toBeNull()
    expect(await store.webSessions.findByHash('web')).toBeNull()
    expect(await store.files.find(kept.id)).toEqual(kept)
    const unreferenced = await store.objects.claimUnreferenced(10)
    expect(unreferenced.map(({ id }) => id)).toEqual([gone.objectId])
    await expectFault(store.accounts.delete(ann.id, at(6)), 'account_not_found')
    await expectCleanLedgers(store)
  })

  test('deleting an account removes a chain of three thousand folders, its trash, tokens and imports', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const deepest = (await addChain(store, id, 3000)).at(-1)?.id ?? 0
    const file = await addFile(store, id, { folderId: deepest })
    await store.files.trash(id, file.id, at(4))
    await store.accessTokens.create({ accountId: id, hash: 'h', createdAt: NOON, lastUsedAt: NOON })
    const item = { accountId: id, folderId: null, url: 'http://x.org/', createdAt: NOON }
    const { id: importId } = await store.imports.create(item, 0)
    await store.accounts.delete(id, at(5))
    expect(await store.folders.find(deepest)).toBeNull()
    expect(await store.files.find(file.id)).toBeNull()
    expect(await store.accessTokens.find('h')).toBeNull()
    expect(await store.imports.find(importId)).toBeNull()
    expect(await store.objects.claimUnreferenced(10)).toHaveLength(1)
  })

  test('deleting an account aborts its open uploads, also one that is completing', async () => {
    const { store } = stage()
    const ann = await addAccount(store)
    const open = await addUpload(store, ann.id)
    await store.uploads.savePart(open.id, part(1), at(1), EXPIRY)
    const completing = await addUpload(store, ann.id)
    await fill(store, completing.id)
    await store.uploads.beginComplete(completing.id, at(3))
    await store.accounts.delete(ann.id, at(4))
    expect((await store.uploads.find(open.id))?.status).toBe('aborted')
    expect(await store.uploads.parts(open.id)).toEqual([])
    const finish = store.uploads.finish(completing.id, { sha256: 'f', file: newFile(ann.id) }, at(5))
    await expectFault(finish, 'complete_closed')
    const abandoned = (await store.uploads.abandoned(10)).map(({ id }) => id)
    expect(abandoned.sort()).toEqual([open.id, completing.id].sort())
  })

  test('an id is never given twice', async () => {
    const { store } = stage()
    const ann = await addAccount(store, 'Ann')
    await store.accounts.delete(ann.id, at(1))
    expect((await addAccount(store, 'Bob')).id).toBeGreaterThan(ann.id)
  })

  test('ledgers show counters beside what the records add up to, and repairing changes nothing right', async () => {
    const { store } = stage()
    const ann = await addAccount(store)
    await addFile(store, ann.id)
    await addUpload(store, ann.id, { expectedSize: 40 })
    const [ledger] = await store.accounts.ledgers()
    expect(ledger).toEqual({
      accountId: ann.id,
      name: 'Ann',
      storageUsed: 25,
      storageReserved: 40,
      filesTotal: 25,
      reservationsTotal: 40,
    })
    await store.accounts.repairLedger(ann.id)
    expect(await counters(store, ann.id)).toEqual([25, 40])
    await expectFault(store.accounts.repairLedger(ann.id + 1), 'account_not_found')
  })
}

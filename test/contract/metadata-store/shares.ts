import { expect, test } from 'bun:test'
import type { Share } from '../../../src/core/model.ts'
import type { Stage } from '../metadata-store.contract.ts'
import { addAccount, addOneShot, at, expectFault, NOON, settled } from './records.ts'

const tokenOf = (n: number): string => n.toString(16).padStart(32, '0')

const newShare = (fileId: number, n = 1, change: Partial<Share> = {}): Share => ({
  fileId,
  token: tokenOf(n),
  expiresAt: null,
  createdAt: at(20),
  ...change,
})

export function shareCases(stage: Stage): void {
  test('a link is found by its file and by its token, and the file counts as changed', async () => {
    const { store } = stage()
    const file = await addOneShot(store, (await addAccount(store)).id)
    const share = newShare(file.id, 1, { expiresAt: at(-1) })
    await store.shares.put(share)
    expect(await store.shares.find(file.id)).toEqual(share)
    expect(await store.shares.findByToken(tokenOf(1))).toEqual(share)
    expect(await store.files.find(file.id)).toEqual({ ...file, updatedAt: at(20) })
    expect(await store.shares.find(file.id + 1)).toBeNull()
    expect(await store.shares.findByToken(tokenOf(2))).toBeNull()
  })

  test('a new link takes the place of the old one, which opens nothing any more', async () => {
    const { store } = stage()
    const file = await addOneShot(store, (await addAccount(store)).id)
    await store.shares.put(newShare(file.id, 1, { expiresAt: at(99) }))
    const next = newShare(file.id, 2, { createdAt: at(30) })
    await store.shares.put(next)
    expect(await store.shares.find(file.id)).toEqual(next)
    expect(await store.shares.findByToken(tokenOf(1))).toBeNull()
    expect((await store.files.find(file.id))?.updatedAt).toEqual(at(30))
  })

  test('a removed link is gone; without one nothing changes', async () => {
    const { store } = stage()
    const file = await addOneShot(store, (await addAccount(store)).id)
    await store.shares.remove(file.id, at(25))
    expect(await store.files.find(file.id)).toEqual(file)
    await store.shares.put(newShare(file.id))
    await store.shares.remove(file.id, at(26))
    await store.shares.remove(file.id, at(27))
    expect(await store.shares.find(file.id)).toBeNull()
    expect(await store.shares.findByToken(tokenOf(1))).toBeNull()
    expect((await store.files.find(file.id))?.updatedAt).toEqual(at(26))
    await store.shares.remove(9999, at(28))
  })

  test('only a file that can be fetched gets a link', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const trashed = await addOneShot(store, id)
    await store.files.trash(id, trashed.id, at(5))
    const usedUp = await addOneShot(store, id, { usesLeft: 1 })
    await store.files.takeUse(usedUp.id)
    for (const fileId of [trashed.id, usedUp.id, 9999]) {
      await expectFault(store.shares.put(newShare(fileId)), 'file_not_found')
      expect(await store.shares.find(fileId)).toBeNull()
    }
  })

  test('a token that another file has is no token: everything is as before', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const [a, b] = [await addOneShot(store, id), await addOneShot(store, id)]
    await store.shares.put(newShare(a.id, 1))
    const kept = newShare(b.id, 2)
    await store.shares.put(kept)
    await expectFault(store.shares.put(newShare(b.id, 1, { createdAt: at(40) })), 'conflict')
    expect(await store.shares.find(b.id)).toEqual(kept)
    expect((await store.files.find(b.id))?.updatedAt).toEqual(at(20))
    expect((await store.shares.findByToken(tokenOf(1)))?.fileId).toBe(a.id)
  })

  test('a trashed file keeps its link, a purged and a removed one do not', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const [trashed, removed] = [await addOneShot(store, id), await addOneShot(store, id)]
    await store.shares.put(newShare(trashed.id, 1))
    await store.shares.put(newShare(removed.id, 2))
    await store.files.trash(id, trashed.id, at(30))
    expect((await store.shares.findByToken(tokenOf(1)))?.fileId).toBe(trashed.id)
    await store.files.remove(id, removed.id)
    expect(await store.shares.find(removed.id)).toBeNull()
    await store.files.purgeTrash(at(31), 10)
    expect(await store.shares.findByToken(tokenOf(1))).toBeNull()
  })

  test('the links of a deleted account are gone', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const file = await addOneShot(store, id)
    await store.shares.put(newShare(file.id))
    await store.accounts.delete(id, NOON)
    expect(await store.shares.findByToken(tokenOf(1))).toBeNull()
  })

  test('of links made at once one lives, and it is the one that is found', async () => {
    const { store } = stage()
    const file = await addOneShot(store, (await addAccount(store)).id)
    const puts = Array.from({ length: 20 }, (_, n) => store.shares.put(newShare(file.id, n)))
    expect(await settled(puts)).toEqual({ won: 20, faults: [] })
    const byToken = await Promise.all(puts.map((_, n) => store.shares.findByToken(tokenOf(n))))
    const live = byToken.filter((share) => share !== null)
    expect(live).toEqual([(await store.shares.find(file.id)) ?? newShare(0)])
  })

  test('a copy has no link', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const file = await addOneShot(store, id)
    await store.shares.put(newShare(file.id))
    const own = { slug: 'copy000000', deleteKey: 'copy', folderId: null, createdAt: at(30) }
    const copy = await store.files.copy(id, file.id, own, { maxStorageBytes: 0 })
    expect(await store.shares.find(copy.id)).toBeNull()
  })
}

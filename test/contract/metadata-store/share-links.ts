import { expect, test } from 'bun:test'
import type { MetadataStore, NewFileRequest, NewShareLink } from '../../../src/core/metadata.ts'
import type { Stage } from '../metadata-store.contract.ts'
import { addAccount, addOneShot, at, expectFault, newFile, newFolder, newObject, settled } from './records.ts'

const tokenOf = (n: number): string => n.toString(16).padStart(32, '0')

const NEWEST = { beforeId: null, limit: 10 }
const newLink = (accountId: number, change: Partial<NewShareLink>): NewShareLink => ({
  ...{ accountId, fileId: null, folderId: null, token: tokenOf(1), passwordHash: null },
  ...{ expiresAt: null, downloadsLeft: null, createdAt: at(20) },
  ...change,
})

const newRequest = (accountId: number, change: Partial<NewFileRequest> = {}): NewFileRequest => ({
  ...{ accountId, folderId: null, token: tokenOf(1), title: 'Photos', note: '', passwordHash: null },
  ...{ expiresAt: null, filesLeft: null, createdAt: at(20) },
  ...change,
})

export function shareLinkCases(stage: Stage): void {
  test('a file and a folder have as many links as one likes, the newest first', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const file = await addOneShot(store, id, { name: 'a.iso' })
    const folder = await store.folders.create(newFolder(id, 'f'))
    const first = await store.shareLinks.create(newLink(id, { fileId: file.id }))
    const terms = { passwordHash: 'hash', expiresAt: at(99), downloadsLeft: 3 }
    const second = await store.shareLinks.create(
      newLink(id, { fileId: file.id, token: tokenOf(2), ...terms }),
    )
    const third = await store.shareLinks.create(newLink(id, { folderId: folder.id, token: tokenOf(3) }))
    expect(second).toMatchObject({ ...terms, downloads: 0, lastUsedAt: null, createdAt: at(20) })
    expect(await store.shareLinks.findByToken(tokenOf(2))).toEqual(second)
    expect(await store.shareLinks.findByToken(tokenOf(9))).toBeNull()
    expect(await store.shareLinks.list(id, NEWEST)).toEqual([
      { link: third, name: 'f' },
      { link: second, name: 'a.iso' },
      { link: first, name: 'a.iso' },
    ])
    expect((await store.shareLinks.list(id, NEWEST, { fileId: file.id })).length).toBe(2)
    expect((await store.shareLinks.list(id, NEWEST, { folderId: folder.id })).length).toBe(1)
    expect(await store.shareLinks.list(id + 1, NEWEST)).toEqual([])
  })

  test('links are listed a page at a time, those of one file too', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const files = [await addOneShot(store, id), await addOneShot(store, id)]
    for (let n = 1; n <= 6; n++)
      await store.shareLinks.create(newLink(id, { fileId: files[n % 2]?.id ?? 0, token: tokenOf(n) }))
    const page = async (beforeId: number | null, limit: number, fileId?: number) => {
      const found = await store.shareLinks.list(id, { beforeId, limit }, fileId ? { fileId } : undefined)
      return found.map(({ link }) => link.id)
    }
    const all = await page(null, 10)
    expect(all).toHaveLength(6)
    expect(all).toEqual(all.toSorted((a, b) => b - a))
    expect(await page(null, 2)).toEqual(all.slice(0, 2))
    expect(await page(all[1] ?? 0, 2)).toEqual(all.slice(2, 4))
    expect(await page(all[5] ?? 0, 2)).toEqual([])
    const odd = all.filter((_, index) => index % 2 === 1)
    expect(await page(odd[0] ?? 0, 10, files[1]?.id)).toEqual(odd.slice(1))
  })

  test('an account has no more links than it may, also when many are made at once, and others are no matter', async () => {
    const { store } = stage()
    const ann = await addAccount(store, 'Ann')
    const bob = await addAccount(store, 'Bob')
    const { id: fileId } = await addOneShot(store, ann.id)
    const bobs = await addOneShot(store, bob.id)
    const make = (n: number) => store.shareLinks.create(newLink(ann.id, { fileId, token: tokenOf(n) }), 3)
    const tries = Array.from({ length: 8 }, (_, n) => make(n + 1))
    expect(await settled(tries)).toEqual({ won: 3, faults: ['too_many_links'] })
    await store.shareLinks.create(newLink(bob.id, { fileId: bobs.id, token: tokenOf(20) }), 1)
    const [newest] = await store.shareLinks.list(ann.id, NEWEST)
    await store.shareLinks.remove(ann.id, newest?.link.id ?? 0)
    await make(30)
    await expectFault(make(31), 'too_many_links')
  })

  test('only what is active and one’s own gets a link, by a token that is new', async () => {
    const { store } = stage()
    const ann = await addAccount(store, 'Ann')
    const bob = await addAccount(store, 'Bob')
    const { id: fileId } = await addOneShot(store, ann.id)
    const { id: folderId } = await store.folders.create(newFolder(ann.id, 'f'))
    await expectFault(store.shareLinks.create(newLink(bob.id, { fileId })), 'file_not_found')
    await expectFault(store.shareLinks.create(newLink(bob.id, { folderId })), 'folder_not_found')
    await store.shareLinks.create(newLink(ann.id, { fileId }))
    await expectFault(store.shareLinks.create(newLink(ann.id, { folderId })), 'conflict')
    await store.files.trash(ann.id, fileId, at(30))
    await store.folders.trash(ann.id, folderId, at(30))
    expect(await store.shareLinks.list(ann.id, NEWEST)).toEqual([])
    const next = { token: tokenOf(2) }
    await expectFault(store.shareLinks.create(newLink(ann.id, { fileId, ...next })), 'file_not_found')
    await expectFault(store.shareLinks.create(newLink(ann.id, { folderId, ...next })), 'folder_not_found')
  })

  test('a link changes and goes, by its owner alone, and with what it opens', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const file = await addOneShot(store, id)
    const link = await store.shareLinks.create(newLink(id, { fileId: file.id }))
    expect(await store.shareLinks.update(id + 1, link.id, { downloadsLeft: 1 })).toBeNull()
    expect(await store.shareLinks.update(id, link.id, {})).toEqual(link)
    const changed = await store.shareLinks.update(id, link.id, { downloadsLeft: 1, expiresAt: at(50) })
    expect(changed).toEqual({ ...link, downloadsLeft: 1, expiresAt: at(50) })
    expect(await store.shareLinks.remove(id + 1, link.id)).toBe(false)
    expect(await store.shareLinks.remove(id, link.id)).toBe(true)
    expect(await store.shareLinks.remove(id, link.id)).toBe(false)
    await store.shareLinks.create(newLink(id, { fileId: file.id }))
    await store.files.remove(id, file.id)
    expect(await store.shareLinks.findByToken(tokenOf(1))).toBeNull()
  })

  test('of many downloads at once no more are given than there are, and none from the expiry on', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const { id: fileId } = await addOneShot(store, id)
    const link = await store.shareLinks.create(newLink(id, { fileId, downloadsLeft: 3, expiresAt: at(60) }))
    const taken = await Promise.all(
      Array.from({ length: 9 }, () => store.shareLinks.takeDownload(link.id, at(59))),
    )
    expect(taken.filter(Boolean).length).toBe(3)
    const used = await store.shareLinks.findByToken(link.token)
    expect(used).toMatchObject({ downloadsLeft: 0, downloads: 3, lastUsedAt: at(59) })
    const endless = await store.shareLinks.create(
      newLink(id, { fileId, token: tokenOf(2), expiresAt: at(60) }),
    )
    expect(await store.shareLinks.takeDownload(endless.id, at(59))).toBe(true)
    expect(await store.shareLinks.takeDownload(endless.id, at(60))).toBe(false)
    expect(await store.shareLinks.findByToken(tokenOf(2))).toMatchObject({
      downloadsLeft: null,
      downloads: 1,
    })
    expect(await store.shareLinks.takeDownload(9999, at(1))).toBe(false)
  })
}

/** A file that comes by a request. */
async function send(
  store: MetadataStore,
  accountId: number,
  viaRequest: number,
  seconds = 30,
): Promise<void> {
  const file = newFile(accountId, { size: 10, createdAt: at(seconds) })
  const key = `via/${file.slug}`
  await store.objects.announce(key, at(1))
  await store.files.add(file, newObject(key, 10), { maxStorageBytes: 0, viaRequest })
}

export function fileRequestCases(stage: Stage): void {
  test('requests are made, listed with their folder, changed and removed by their owner', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const folder = await store.folders.create(newFolder(id, 'inbox'))
    const root = await store.fileRequests.create(newRequest(id))
    const into = await store.fileRequests.create(newRequest(id, { folderId: folder.id, token: tokenOf(2) }))
    expect(root).toMatchObject({ filesReceived: 0, bytesReceived: 0, closedAt: null })
    expect(await store.fileRequests.list(id, NEWEST)).toEqual([
      { request: into, folderName: 'inbox' },
      { request: root, folderName: null },
    ])
    expect(await store.fileRequests.findByToken(tokenOf(2))).toEqual(into)
    expect(await store.fileRequests.update(id + 1, root.id, { title: 'x' })).toBeNull()
    expect(await store.fileRequests.update(id, root.id, {})).toEqual(root)
    expect(await store.fileRequests.update(id, root.id, { title: 'x', closedAt: at(40) })).toEqual({
      ...root,
      title: 'x',
      closedAt: at(40),
    })
    expect(await store.fileRequests.remove(id + 1, root.id)).toBe(false)
    expect(await store.fileRequests.remove(id, root.id)).toBe(true)
    expect(await store.fileRequests.findByToken(tokenOf(1))).toBeNull()
    expect(await store.fileRequests.list(id + 1, NEWEST)).toEqual([])
  })

  test('requests are listed a page at a time, and an account has no more than it may', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const make = (n: number) => store.fileRequests.create(newRequest(id, { token: tokenOf(n) }), 3)
    const tries = Array.from({ length: 5 }, (_, n) => make(n + 1))
    expect(await settled(tries)).toEqual({ won: 3, faults: ['too_many_links'] })
    const page = async (beforeId: number | null, limit: number) =>
      (await store.fileRequests.list(id, { beforeId, limit })).map(({ request }) => request.id)
    const all = await page(null, 10)
    expect(all).toEqual(all.toSorted((a, b) => b - a))
    expect([await page(null, 2), await page(all[1] ?? 0, 2)]).toEqual([all.slice(0, 2), all.slice(2)])
    await store.fileRequests.remove(id, all[0] ?? 0)
    await make(9)
  })

  test('a request needs an active folder of the account, and a token that is new', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const folder = await store.folders.create(newFolder(id, 'inbox'))
    const into = { folderId: folder.id }
    await expectFault(store.fileRequests.create(newRequest(id + 1, into)), 'folder_not_found')
    await store.fileRequests.create(newRequest(id))
    await expectFault(store.fileRequests.create(newRequest(id, into)), 'conflict')
    await store.folders.trash(id, folder.id, at(30))
    await expectFault(
      store.fileRequests.create(newRequest(id, { ...into, token: tokenOf(2) })),
      'folder_not_found',
    )
  })

  test('of many files at once no more come in than the request takes, and they are counted', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const request = await store.fileRequests.create(newRequest(id, { filesLeft: 2, expiresAt: at(60) }))
    const attempts = Array.from({ length: 6 }, () => send(store, id, request.id))
    expect(await settled(attempts)).toEqual({ won: 2, faults: ['link_invalid'] })
    expect(await store.fileRequests.findByToken(tokenOf(1))).toMatchObject({
      ...{ filesLeft: 0, filesReceived: 2, bytesReceived: 20 },
    })
    expect(await store.files.count(id, null)).toBe(2)
    expect((await store.accounts.find(id))?.storageUsed).toBe(20)
  })

  test('a request that is closed, over or gone takes none', async () => {
    const { store } = stage()
    const { id } = await addAccount(store)
    const request = await store.fileRequests.create(newRequest(id, { expiresAt: at(60) }))
    await send(store, id, request.id, 59)
    await expectFault(send(store, id, request.id, 60), 'link_invalid')
    await store.fileRequests.update(id, request.id, { closedAt: at(40), expiresAt: null })
    await expectFault(send(store, id, request.id), 'link_invalid')
    await store.fileRequests.update(id, request.id, { closedAt: null })
    await send(store, id, request.id)
    await store.fileRequests.remove(id, request.id)
    await expectFault(send(store, id, request.id), 'link_invalid')
    expect(await store.files.count(id, null)).toBe(2)
  })
}

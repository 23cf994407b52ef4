/** Every query that requests and the sweeper send, sent once. */
import type { MetadataStore } from '../../src/core/metadata.ts'
import {
  addAccount,
  addFile,
  addOneShot,
  addUpload,
  at,
  countDownload,
  EXPIRY,
  NOON,
  newCopy,
  newFile,
  newFolder,
  newObject,
  newUpload,
  part,
  reported,
} from '../contract/metadata-store/records.ts'

const NEWEST = { beforeId: null, limit: 10 }

/** Everything a request or the sweeper does, once. */
export async function useAll(store: MetadataStore): Promise<void> {
  const { id: accountId } = await addAccount(store)
  const file = await addFile(store, accountId)
  const folder = await store.folders.create(newFolder(accountId, 'f'))
  await store.folders.create(newFolder(accountId, 'f', { parentId: folder.id }))
  await store.folders.list(accountId, null)
  await store.folders.list(accountId, folder.id)
  for (const parentId of [null, folder.id]) {
    await store.folders.list(accountId, parentId, { offset: 1, limit: 2, leastVisibility: 1 })
    await store.folders.count(accountId, parentId, 1)
  }
  await store.files.findBySlug(file.slug)
  await store.files.findWithObject(file.id)
  await countDownload(store, file.id, NOON)
  await store.tokens.findByHash('nating', 'x')
  await store.tokens.list(accountId)
  await store.tokens.touch('x', NOON, '::1')
  await store.webSessions.findByHash('x')
  await store.webSessions.rotateCsrf(1, 'a', 'b')
  await store.webSessions.purge(NOON)
  await store.webSessions.prove(1, NOON)
  for (const filter of [
    { actorId: 1 },
    { actorName: 'a' },
    { action: 'signed_in' },
    { from: NOON, until: NOON },
  ])
    await store.audit.page({ limit: 9, beforeId: null, ...filter })
  await store.accessTokens.create({ accountId, hash: 'x', createdAt: NOON, lastUsedAt: NOON })
  await store.accessTokens.find('x')
  await store.accessTokens.touch('x', NOON)
  await store.accessTokens.purge(NOON)
  await store.accessTokens.delete('x')
  const signIn = { id: 'x', accountId, isBot: false, createdAt: NOON, expiresAt: EXPIRY }
  await store.loginTokens.create(signIn, 10)
  await store.loginTokens.find('x')
  await store.loginTokens.replace('x', { ...signIn, id: 'y' })
  await store.loginTokens.purge(NOON)
  await store.loginTokens.delete('y')
  await store.accounts.findByName('x')
  await store.accounts.findByEmail('x')
  await store.accounts.noteSignIn(accountId, NOON, '::1')
  await store.accounts.update(accountId, { name: 'New', email: 'a@x.org' })
  await store.accounts.hasAdmin()
  await store.accounts.update(accountId, { status: 'suspended' })
  await store.accounts.repairLedger(accountId)
  await store.objects.announce('x', NOON)
  await store.objects.suspect('gone', NOON)
  await store.objects.suspects(at(1), 10)
  await store.objects.acquit('gone')
  await store.objects.announced(at(1), 10)
  await store.objects.retract('x')
  await store.objects.isKnownKey('x')
  await store.objects.findByKey('x')
  await store.objects.page(0, 10)
  await store.objects.claimUnreferenced(10)
  await store.objects.remove(1)
  await store.objects.setCrc32(1, 2)
  await useFolders(store, accountId)
  await useFiles(store, accountId, folder.id)
  await useBrowsing(store, accountId, folder.id)
  await useLinks(store, accountId, file.id, folder.id)
  await useTraffic(store, accountId, file.id)
  await useReports(store)
  await useImports(store, accountId)
  await useUploads(store, accountId)
  await store.accounts.delete(accountId, at(9))
}

async function useFolders({ folders }: MetadataStore, accountId: number): Promise<void> {
  const a = await folders.create(newFolder(accountId, 'a'))
  const b = await folders.create(newFolder(accountId, 'b'))
  await folders.update(accountId, b.id, { name: 'c', parentId: a.id }, at(1), 5)
  await folders.create(newFolder(accountId, 'd', { parentId: b.id }), 5)
  await folders.update(accountId, a.id, { visibility: 0 }, at(1))
  await folders.update(accountId, a.id, { visibility: 2 }, at(1))
  await folders.ancestors(b.id)
  for (const place of [null, a.id]) await folders.named(accountId, place, 'c')
  await folders.search('a', { limit: 10, beforeId: null })
  await folders.search('a', { limit: 10, beforeId: 99 })
  await folders.repairCounters(a.id)
  await folders.trash(accountId, a.id, at(1))
  await folders.purgeTrash(at(2), 10)
}

async function useFiles(store: MetadataStore, accountId: number, folderId: number): Promise<void> {
  const { files } = store
  const admission = { maxStorageBytes: 1000 }
  for (const place of [null, folderId]) {
    await files.list(accountId, place)
    await files.list(accountId, place, { offset: 1, limit: 2 })
    for (const order of ['newest', 'largest'] as const)
      await files.list(accountId, place, { offset: 1, limit: 2, order })
    await files.count(accountId, place)
    for (const after of [null, { id: 1, name: 'x' }]) await files.contents(accountId, place, after, 10, NOON)
    await files.neighbours({ id: 1, accountId, folderId: place, name: 'b' }, 1)
    const first = await addOneShot(store, accountId, { folderId: place }, 1000)
    await addOneShot(store, accountId, { folderId: place }, 1000)
    await files.update(accountId, first.id, { name: 'x', folderId }, at(1))
    await files.copy(accountId, first.id, newCopy(place), admission)
    await countDownload(store, first.id, at(1))
    await files.trash(accountId, first.id, at(1))
  }
  await files.trash(null, (await addOneShot(store, null)).id, at(1))
  await files.page(accountId, { offset: 1, limit: 2 })
  await files.listAll(accountId)
  await useGuests(store, accountId)
  const fileId = (await addOneShot(store, accountId, { usesLeft: 1 })).id
  await store.shares.put({ fileId, token: 't', expiresAt: null, createdAt: NOON })
  await store.shares.find(fileId)
  await store.shares.findByToken('t')
  await store.shares.remove(fileId, at(1))
  await files.takeUse(fileId)
  await files.purgeUsedUp(NOON, [], 10)
  await files.search('a', { limit: 10, beforeId: null })
  await files.search('a', { limit: 10, beforeId: 99 })
  await files.purgeTrash(at(2), 10)
}

async function useReports({ reports }: MetadataStore): Promise<void> {
  const report = { fileId: 1, slug: 's', fileName: 'f', reason: 'other', message: '' } as const
  const from = { accountId: null, ip: '::1', createdAt: NOON }
  await reports.add({ ...report, ...from }, { since: at(-1), most: 9 })
  const [open] = await reports.open(0, 10)
  await reports.countOpen()
  await reports.find(open?.id ?? 0)
  const resolved = { resolvedAt: NOON, resolvedBy: 1, resolution: 'dismissed' } as const
  await reports.resolve(open?.id ?? 0, resolved)
  await reports.resolveFile(1, resolved)
  await reports.purge(NOON, 10)
  await reports.forgetAddresses(at(1), 10)
}

/** What a folder can be sorted by. */
export const ORDERS = ['name', 'size', 'date', 'downloads'] as const

async function useBrowsing(store: MetadataStore, accountId: number, folderId: number): Promise<void> {
  const { files, folders, uploads } = store
  const slice = { offset: 1, limit: 2 }
  for (const place of [null, folderId]) {
    for (const by of ORDERS) {
      await files.sorted(accountId, place, { by, descending: false }, slice)
      await folders.sorted(accountId, place, { by, descending: true }, slice)
    }
    await files.ids(accountId, place)
    await folders.ids(accountId, place)
  }
  await files.searchOwn(accountId, 'a', 10)
  await folders.searchOwn(accountId, 'a', 10)
  await files.trashed(accountId, slice)
  await folders.trashed(accountId, slice)
  await files.countTrashed(accountId)
  await folders.countTrashed(accountId)
  await uploads.open(accountId, NOON)
  for (const deed of ['restore', 'purge'] as const) {
    const { id } = await addOneShot(store, accountId, { folderId })
    const folder = await folders.create(newFolder(accountId, 'x', { parentId: folderId }))
    await files.trash(accountId, id, at(1))
    await folders.trash(accountId, folder.id, at(1))
    if (deed === 'restore') await files.restore(accountId, id, 'back', at(2))
    else await files.purge(accountId, id)
    if (deed === 'restore') await folders.restore(accountId, folder.id, 'back', at(2), 9)
    else await folders.purge(accountId, folder.id, 10)
  }
}

async function useLinks(
  { shareLinks, fileRequests }: MetadataStore,
  accountId: number,
  fileId: number,
  folderId: number,
): Promise<void> {
  const terms = { passwordHash: null, expiresAt: null, createdAt: NOON }
  const link = { accountId, fileId, folderId: null, token: 'a', downloadsLeft: 1, ...terms }
  const { id } = await shareLinks.create(link, 9)
  await shareLinks.list(accountId, NEWEST)
  await shareLinks.list(accountId, { beforeId: 9, limit: 10 })
  await shareLinks.list(accountId, NEWEST, { fileId })
  await shareLinks.list(accountId, NEWEST, { folderId })
  await shareLinks.find(accountId, id)
  await shareLinks.findByToken('a')
  await shareLinks.takeDownload(id, NOON)
  await shareLinks.update(accountId, id, { downloadsLeft: 2 })
  await shareLinks.remove(accountId, id)
  const request = { accountId, folderId, token: 'b', title: 't', note: '', filesLeft: null, ...terms }
  const made = await fileRequests.create(request, 9)
  await fileRequests.list(accountId, NEWEST)
  await fileRequests.list(accountId, { beforeId: 9, limit: 10 })
  await fileRequests.findByToken('b')
  await fileRequests.update(accountId, made.id, { title: 'x' })
  await fileRequests.remove(accountId, made.id)
}

async function useTraffic(
  { traffic, downloaders, files, accounts }: MetadataStore,
  accountId: number,
  fileId: number,
) {
  const download = { id: 'd', fileId, shareLinkId: 1, startedAt: NOON, endedAt: at(1), bytes: 1 }
  for (const client of [
    { accountId, ip: '::1' },
    { accountId: null, ip: '::1' },
  ]) {
    await traffic.record([{ ...download, ...client, counted: true, completed: true }])
    await traffic.usage(client, NOON)
    await traffic.findLatest(client, fileId, NOON)
  }
  await traffic.days(fileId, '2030-01-01')
  await traffic.countArchived(accountId, [{ fileId, downloads: 0, completed: 1, bytes: 1 }], NOON)
  for (const of of [{ ownerId: accountId }, { fileId }, { shareLinkId: 1 }])
    for (const before of [null, { lastAt: NOON, id: 9 }]) await downloaders.page(of, { limit: 9, before })
  await downloaders.purge((await accounts.find(accountId))?.packageId ?? 0, NOON)
  await traffic.purge(NOON, '2030-01-01')
  await files.trashInactive((await accounts.find(accountId))?.packageId ?? 0, NOON, 10, at(1))
}

async function useGuests({ files, objects }: MetadataStore, accountId: number): Promise<void> {
  const admission = { maxStorageBytes: 1000, guestAllowance: { since: NOON, maxBytes: 1000 } }
  for (const [n, uploadedIp] of ['::1', null, null].entries()) {
    await objects.announce(`guest/${n}`, NOON)
    const file = await files.add(newFile(null, { uploadedIp }), newObject(`guest/${n}`), admission)
    if (n === 1) await files.claim(file.id, accountId, admission, at(1))
    if (n === 2) await files.remove(null, file.id)
  }
  await files.purgeInactiveGuests(at(9), 10)
}

async function useImports({ files, imports, objects }: MetadataStore, accountId: number): Promise<void> {
  const item = { accountId, folderId: null, url: 'http://x.org/', createdAt: NOON }
  const { id } = await imports.create(item, 5)
  await imports.find(id)
  await imports.list(accountId, 10)
  await imports.claim('p', NOON, at(60))
  await imports.renew(id, 'p', { receivedBytes: 1, totalBytes: 2 }, at(60))
  await imports.beginProcessing(id, 'p')
  await imports.postpone(id, 'p', at(1))
  await imports.claim('p', at(2), at(60))
  await objects.announce('imported', NOON)
  const admission = { maxStorageBytes: 0, completes: { importId: id, holder: 'p' } }
  await files.add(newFile(accountId), newObject('imported'), admission)
  await imports.reopenInterrupted(at(3))
  await imports.fail(id, 'p', 'no', at(3))
  await imports.cancel(accountId, id, at(3))
  await imports.purge(at(3))
}

async function useUploads(
  { uploads, idempotency, ...store }: MetadataStore,
  accountId: number,
): Promise<void> {
  const admission = { maxConcurrent: 9, maxStorageBytes: 1000, capacity: 1000 }
  for (const address of ['::1', null]) {
    const guest = { address, since: NOON, maxBytes: 1000 }
    await uploads.create(newUpload(null), { ...admission, guest })
  }
  const { id } = await addUpload({ uploads, idempotency, ...store }, accountId, {}, admission)
  await uploads.signParts(id, [1, 2], at(1), EXPIRY)
  await uploads.savePart(id, part(1), at(1), EXPIRY)
  await uploads.reportPart(id, reported(1), at(1), EXPIRY)
  await uploads.withdrawPart(id, 1, at(1))
  await uploads.extend(id, EXPIRY)
  await uploads.staged()
  await uploads.abort(id, at(2))
  await uploads.expire(at(3), 'late')
  await uploads.expire(at(3), 'late', id)
  await uploads.reopenInterrupted(at(3))
  await uploads.abandoned(10)
  await uploads.cleared(id)
  await uploads.purge(at(3))
  const key = { key: 'k', endpoint: 'e', actor: 'a' }
  const times = { now: NOON, staleBefore: NOON, expiredBefore: NOON }
  await idempotency.begin({ ...key, payloadHash: 'p', owner: 'o', ...times })
  await idempotency.begin({ ...key, payloadHash: 'p', owner: 'other', ...times })
  await idempotency.finish(key, { status: 200, body: '' }, NOON)
  await idempotency.release(key)
  await idempotency.purge(NOON)
}

/** Records for the cases of the contract. All times are after NOON. */
import { expect } from 'bun:test'
import { Fault, type FaultCode } from '../../../src/core/fault.ts'
import type {
  MetadataStore,
  NewFile,
  NewFolder,
  NewObject,
  NewUploadSession,
  UploadAdmission,
} from '../../../src/core/metadata.ts'
import type { Account, FileRecord, Folder, PackageLimits, UploadSession } from '../../../src/core/model.ts'

export const NOON = new Date('2030-01-01T12:00:00.123Z')
/** NOON and so many seconds. */
export const at = (seconds: number): Date => new Date(NOON.getTime() + seconds * 1000)
/** When sessions of these cases expire at first. */
export const EXPIRY = at(7200)
export const LATER = at(9000)

export const NO_LIMITS: UploadAdmission = { maxConcurrent: 0, maxStorageBytes: 0, capacity: null }

export const limits: PackageLimits = {
  maxUploadSize: 2 ** 40,
  canUpload: true,
  waitBetweenDownloads: 1,
  downloadSpeed: 2,
  maxStorageBytes: 6 * 2 ** 40,
  showSiteAdverts: true,
  showUpgradeScreen: false,
  daysToKeepInactiveFiles: 3,
  concurrentUploads: 4,
  concurrentDownloads: 5,
  downloadsPer24Hours: 6,
  downloadSizePer24Hours: 7,
  maxDownloadFilesizeAllowed: 8,
  maxRemoteDownloadUrls: 9,
  levelType: 'paid user',
  onUpgradePage: false,
  apiAccess: true,
  flamenetApi: false,
  waitBeforeDownload: 10,
}

/** Resolves when `work` rejects with that Fault, and fails the test otherwise. */
export async function expectFault(work: Promise<unknown>, code: FaultCode): Promise<void> {
  const outcome = await work.then(
    () => 'nothing went wrong',
    (error: unknown) => (error instanceof Fault ? error.code : error),
  )
  expect(outcome).toBe(code)
}

/** How many succeeded, and the codes of the Faults of the rest, each once. */
export async function settled(work: Array<Promise<unknown>>): Promise<{ won: number; faults: string[] }> {
  const outcomes = await Promise.allSettled(work)
  const faults = new Set<string>()
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled') continue
    faults.add(outcome.reason instanceof Fault ? outcome.reason.code : String(outcome.reason))
  }
  const won = outcomes.filter((outcome) => outcome.status === 'fulfilled').length
  return { won, faults: [...faults] }
}

export async function addAccount(store: MetadataStore, name = 'Ann', isAdmin = false): Promise<Account> {
  await store.packages.seed([{ name: 'Free', limits }])
  const pkg = await store.packages.findByName('Free')
  return store.accounts.create({
    name,
    email: null,
    passwordHash: 'hash',
    isAdmin,
    packageId: pkg?.id ?? 0,
    defaultVisibility: 1,
    createdAt: NOON,
  })
}

let drawn = 0
const draw = (length: number): string => String(++drawn).padStart(length, '0')

export function newUpload(
  accountId: number | null,
  change: Partial<NewUploadSession> = {},
): NewUploadSession {
  const id = draw(20)
  return {
    id: `ups_${id}`,
    accountId,
    folderId: null,
    filename: 'archive.iso',
    expectedSize: 25,
    partSize: 10,
    mimeType: null,
    checksumSha256: null,
    objectKey: `ab/cd/${id}`,
    storageUpload: `staging-${id}`,
    createdAt: NOON,
    expiresAt: EXPIRY,
    ...change,
  }
}

export const addUpload = (
  store: MetadataStore,
  accountId: number | null,
  change: Partial<NewUploadSession> = {},
  admission: UploadAdmission = NO_LIMITS,
): Promise<UploadSession> => store.uploads.create(newUpload(accountId, change), admission)

export const etagOf = (number: number): string => number.toString(16).padStart(32, '0')
export const part = (number: number, size = 10) => ({ number, etag: etagOf(number), size })
export const reported = (number: number, size = 10) => ({ ...part(number, size), checksumSha256: null })

/** Sends and reports all three parts (10, 10 and 5 bytes) of a session made by newUpload. */
export async function fill(store: MetadataStore, id: string): Promise<void> {
  for (const [number, size] of [
    [1, 10],
    [2, 10],
    [3, 5],
  ] as const) {
    await store.uploads.savePart(id, part(number, size), at(1), EXPIRY)
    await store.uploads.reportPart(id, reported(number, size), at(2), EXPIRY)
  }
}

export function newFile(accountId: number | null, change: Partial<NewFile> = {}): NewFile {
  return {
    slug: draw(10),
    deleteKey: draw(36),
    accountId,
    folderId: null,
    name: 'archive.iso',
    size: 25,
    mimeType: 'application/octet-stream',
    visibility: 1,
    source: 'api',
    uploadedIp: null,
    urlExtension: null,
    usesLeft: null,
    createdAt: at(3),
    ...change,
  }
}

export const newFolder = (accountId: number, name: string, change: Partial<NewFolder> = {}): NewFolder => ({
  accountId,
  parentId: null,
  name,
  visibility: 1,
  passwordMd5: null,
  createdAt: NOON,
  ...change,
})

/**
 * Folders `f0`, `f1` … each inside the one before. Moved together from the innermost on: each step looks at
 * one parent, where building from the outermost on would look at all.
 */
export async function addChain(store: MetadataStore, accountId: number, length: number): Promise<Folder[]> {
  const create = (n: number) => store.folders.create(newFolder(accountId, `f${n}`))
  const chain = await Promise.all(Array.from({ length }, (_, n) => create(n)))
  const moves = chain.map(({ id }, n) => ({ id, parentId: chain[n - 1]?.id ?? null })).toReversed()
  await Promise.all(moves.map(({ id, parentId }) => store.folders.update(accountId, id, { parentId }, NOON)))
  return chain
}

/** A whole upload from its creation to the file. */
export async function addFile(
  store: MetadataStore,
  accountId: number | null,
  change: Partial<NewFile> = {},
): Promise<FileRecord> {
  const { id } = await addUpload(store, accountId)
  await fill(store, id)
  await store.uploads.beginComplete(id, at(3))
  const { file } = await store.uploads.finish(
    id,
    { sha256: 'f'.repeat(64), file: newFile(accountId, change) },
    at(3),
  )
  return file
}

/** A file from a one-shot upload: its object is announced and published. */
export async function addOneShot(
  store: MetadataStore,
  accountId: number | null,
  change: Partial<NewFile> = {},
  maxStorageBytes = 0,
): Promise<FileRecord> {
  const file = newFile(accountId, change)
  const key = `one/shot/${draw(20)}`
  await store.objects.announce(key, NOON)
  return store.files.add(file, newObject(key, file.size), { maxStorageBytes, numbered: true })
}

export const newObject = (key: string, size = 25): NewObject => ({
  key,
  size,
  sha256: 'f'.repeat(64),
  md5: 'e'.repeat(32),
})

/** What a copy needs of its own. */
export const newCopy = (folderId: number | null = null) => ({
  slug: draw(10),
  deleteKey: draw(36),
  folderId,
  createdAt: at(7),
})

/** The counters of a folder: bytes, downloads, files and folders. */
export async function held(store: MetadataStore, id: number): Promise<number[]> {
  const folder = await store.folders.find(id)
  if (!folder) return []
  return [folder.totalSize, folder.totalDownloads, folder.fileCount, folder.folderCount]
}

/** The counters of an account: bytes used and bytes reserved. */
export async function counters(store: MetadataStore, id: number): Promise<[number, number]> {
  const account = await store.accounts.find(id)
  return [account?.storageUsed ?? -1, account?.storageReserved ?? -1]
}

/** Fails unless the counters of every account and folder are what its records add up to. */
export async function expectCleanLedgers(store: MetadataStore): Promise<void> {
  for (const ledger of await store.accounts.ledgers()) {
    expect([ledger.name, ledger.storageUsed, ledger.storageReserved]).toEqual([
      ledger.name,
      ledger.filesTotal,
      ledger.reservationsTotal,
    ])
  }
  expect(await store.folders.wrongCounters()).toEqual([])
}

let downloadsMade = 0

/** As a whole download that a guest made at `now`. */
export const countDownload = (store: MetadataStore, fileId: number, now: Date): Promise<void> =>
  store.traffic.record([
    {
      id: `made-${process.pid}-${downloadsMade++}`,
      ...{ fileId, accountId: null, ip: '192.0.2.1', startedAt: now, endedAt: now, bytes: 0 },
      ...{ counted: true, completed: true, shareLinkId: null },
    },
  ])

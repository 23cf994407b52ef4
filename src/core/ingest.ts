/**
 * One-shot uploads: a stream becomes a file. The key is announced before the first byte is written, so a
 * crash at any moment leaves nothing unknown; the quota is judged again when the size is certain.
 */
import type { Clock } from './clock.ts'
import { Fault } from './fault.ts'
import { cleanFilename, cleanMimeType, refuseBlocked } from './filename.ts'
import type { Ids } from './ids.ts'
import type { MetadataStore, NewFile } from './metadata.ts'
import type { Account, FileRecord, FileSource, Package, Visibility } from './model.ts'
import type { PackageService } from './packages.ts'
import { retryOnConflict } from './retry.ts'
import type { StorageDriver, WrittenObject } from './storage.ts'

export interface NewContent {
  name: string
  mimeType: string | null
  /** Of the owner, already looked up. */
  folderId: number | null
  source: FileSource
  uploadedIp: string | null
  /** What the sender announced, null when it did not say. */
  declaredSize: number | null
  /** The account's default when absent; public for guests. */
  visibility?: Visibility
  /** A limit below that of the package, such as an API's own. */
  maxSize?: number
}

/** Bytes in the storage that are no file yet. */
export interface SpooledContent {
  key: string
  written: WrittenObject
}

export interface IngestService {
  /**
   * Streams bytes into the storage and makes a file of them; on any failure nothing is kept. Faults: invalid
   * (name), extension_refused, upload_refused, file_too_large, quota_exceeded, no_space, storage_full,
   * empty_file, client_gone, upload_stalled.
   */
  receive(owner: Account | null, content: NewContent, body: AsyncIterable<Uint8Array>): Promise<FileRecord>
  /**
   * Takes bytes whose sender is not known yet. Must be followed by `accept` or `discard`.
   * Faults: no_space, storage_full, file_too_large, client_gone, upload_stalled.
   */
  spool(declaredSize: number | null, body: AsyncIterable<Uint8Array>): Promise<SpooledContent>
  /** Makes a file of spooled bytes; on any failure they are removed. Faults as in `receive`. */
  accept(owner: Account | null, content: NewContent, spooled: SpooledContent): Promise<FileRecord>
  discard(spooled: SpooledContent): Promise<void>
}

interface Deps {
  metadata: MetadataStore
  storage: StorageDriver
  packages: PackageService
  clock: Clock
  ids: Ids
  settings: {
    enabled: boolean
    /** Bytes of the storage that uploads may not use. */
    minFree: number
    blockedExtensions: ReadonlySet<string>
  }
}

/** Anonymous uploads are for everybody: nobody could ever change it. */
const GUEST_VISIBILITY: Visibility = 2

export function createIngest({ metadata, storage, packages, clock, ids, settings }: Deps): IngestService {
  const admit = async (owner: Account | null, content: NewContent): Promise<Package> => {
    if (!settings.enabled) throw new Fault('uploads_disabled')
    refuseBlocked(cleanFilename(content.name), settings.blockedExtensions)
    const pkg = await packages.of(owner)
    if (!pkg.canUpload) throw new Fault('upload_refused')
    return pkg
  }

  /** The most bytes that can possibly be kept; what is declared to be more is refused before a byte is read. */
  const ceiling = async (owner: Account | null, pkg: Package, content: NewContent): Promise<number> => {
    const largest = Math.min(
      pkg.maxUploadSize || Number.POSITIVE_INFINITY,
      content.maxSize ?? Number.POSITIVE_INFINITY,
    )
    const declared = content.declaredSize ?? 0
    if (declared > largest) throw new Fault('file_too_large')
    const left = quotaLeft(owner, pkg)
    if (declared > left) throw new Fault('quota_exceeded')
    return Math.min(largest, left + 1, await room(declared))
  }

  const room = async (declared: number): Promise<number> => {
    const free = await storage.freeBytes()
    if (free === null) return Number.POSITIVE_INFINITY
    const usable = Math.max(0, free - settings.minFree)
    if (declared > usable) throw new Fault('no_space')
    return usable
  }

  const spoolUpTo = async (limit: number, body: AsyncIterable<Uint8Array>): Promise<SpooledContent> => {
    const key = ids.objectKey()
    await metadata.objects.announce(key, clock.now())
    try {
      const bound = Number.isFinite(limit) ? limit : undefined
      return { key, written: await storage.put(key, body, bound) }
    } catch (error) {
      await discard({ key })
      throw error
    }
  }

  /** Bytes first: a key that is announced and empty is harmless, bytes without a key are not. */
  const discard = async ({ key }: Pick<SpooledContent, 'key'>): Promise<void> => {
    await storage.delete(key)
    await metadata.objects.retract(key)
  }

  const publish = async (
    owner: Account | null,
    pkg: Package,
    content: NewContent,
    spooled: SpooledContent,
  ) => {
    const { size, md5, sha256 } = spooled.written
    if (size === 0) throw new Fault('empty_file')
    if (pkg.maxUploadSize > 0 && size > pkg.maxUploadSize) throw new Fault('file_too_large')
    if (content.maxSize !== undefined && size > content.maxSize) throw new Fault('file_too_large')
    const object = { key: spooled.key, size, md5, sha256 }
    const admission = { maxStorageBytes: owner ? pkg.maxStorageBytes : 0 }
    return retryOnConflict(() => metadata.files.add(newFile(owner, content, size), object, admission))
  }

  const newFile = (owner: Account | null, content: NewContent, size: number): NewFile => ({
    slug: ids.slug(),
    deleteKey: ids.deleteKey(),
    accountId: owner?.id ?? null,
    folderId: content.folderId,
    name: cleanFilename(content.name),
    size,
    mimeType: cleanMimeType(content.mimeType),
    visibility: content.visibility ?? owner?.defaultVisibility ?? GUEST_VISIBILITY,
    source: content.source,
    uploadedIp: content.uploadedIp,
    createdAt: clock.now(),
  })

  const accept = async (
    owner: Account | null,
    content: NewContent,
    spooled: SpooledContent,
  ): Promise<FileRecord> => {
    try {
      return await publish(owner, await admit(owner, content), content, spooled)
    } catch (error) {
      await discard(spooled)
      throw error
    }
  }

  return {
    async receive(owner, content, body) {
      const limit = await ceiling(owner, await admit(owner, content), content)
      return accept(owner, content, await spoolUpTo(limit, body).catch(asQuota(owner, limit)))
    },
    spool: async (declaredSize, body) => spoolUpTo(await room(declaredSize ?? 0), body),
    accept,
    discard,
  }

  /** Cut at the quota's edge and not at the package's or the disk's: say which one it was. */
  function asQuota(owner: Account | null, limit: number) {
    return async (error: unknown): Promise<never> => {
      const isLong = error instanceof Fault && error.code === 'file_too_large'
      if (!isLong || !owner) throw error
      const pkg = await packages.of(owner)
      throw limit === quotaLeft(owner, pkg) + 1 ? new Fault('quota_exceeded') : error
    }
  }
}

const quotaLeft = (owner: Account | null, pkg: Package): number =>
  !owner || pkg.maxStorageBytes === 0
    ? Number.POSITIVE_INFINITY
    : Math.max(0, pkg.maxStorageBytes - owner.storageUsed - owner.storageReserved)

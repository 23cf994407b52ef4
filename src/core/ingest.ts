/**
 * One-shot uploads: a stream becomes a file. The key is announced before the first byte is written, so a
 * crash at any moment leaves nothing unknown; size and quota are judged again when the size is certain.
 */
import type { Clock } from './clock.ts'
import { Fault, isFault } from './fault.ts'
import { cleanFilename, cleanMimeType, extensionOf, refuseBlocked } from './filename.ts'
import { allowanceOf, GUEST_VISIBILITY, laterForGuests } from './guest-allowance.ts'
import type { Ids } from './ids.ts'
import type { Log } from './log.ts'
import type { FilePlace, HeldImport, MetadataStore, NewFile } from './metadata.ts'
import { mimeTypeByExtension } from './mime.ts'
import type { Account, FileRecord, FileSource, Package, Visibility } from './model.ts'
import type { PackageService } from './packages.ts'
import { retryOnConflict } from './retry.ts'
import type { ObjectDescription, StorageDriver, WrittenObject } from './storage.ts'
import { boundsOf, judge, mayBreakEither, readToJudge } from './upload-bounds.ts'

/** What is known of a file before its bytes. */
export interface Announcement {
  name: string
  /** Bytes that will come at least; 0 when the sender did not say. */
  leastSize: number
  /** Bytes that will come at most; absent when the sender did not say. */
  mostSize?: number
  /** A limit below that of the package, such as an API's own. */
  maxSize?: number
  /** As far as it is known; a store that keeps it with the bytes is told that of the name when absent. */
  mimeType?: string | null
}

export interface NewContent extends Announcement, FilePlace {
  mimeType: string | null
  /** Of the owner, already looked up. */
  folderId: number | null
  source: FileSource
  uploadedIp: string | null
  /** The account's default when absent; public for guests. */
  visibility?: Visibility
  /** Ending of the URL in the uploader API. */
  urlExtension?: string
  /** How often the file can be fetched before it is gone. */
  uses?: number
  /** For APIs in which a file of no bytes is a file. */
  mayBeEmpty?: boolean
  /** The import that ends with the file; then import_not_found is a Fault of `receive` and `accept`. */
  completes?: HeldImport
  /** The file request it comes by; then link_invalid is a Fault of `receive` and `accept`. */
  viaRequest?: number
}

/** Bytes in the storage that are no file yet. */
export interface SpooledContent {
  key: string
  written: WrittenObject
  /** What the storage was told of them, when it keeps that. */
  storedName: string | null
}

export interface ReceivedFile {
  file: FileRecord
  /** Of the content, lower-case hex. */
  md5: string
}

export interface IngestService {
  /**
   * Streams bytes into the storage and makes a file of them; on any failure nothing is kept. Faults: invalid
   * (name), uploads_disabled, extension_refused, upload_refused, file_too_large, quota_exceeded, no_space,
   * storage_full, empty_file, client_gone, upload_stalled.
   */
  receive(owner: Account | null, content: NewContent, body: AsyncIterable<Uint8Array>): Promise<ReceivedFile>
  /**
   * Only the bytes; must be followed by `accept` or `discard`. Faults as in `receive`, before a byte is read
   * where what is announced decides.
   */
  spool(
    owner: Account | null,
    content: Announcement,
    body: AsyncIterable<Uint8Array>,
  ): Promise<SpooledContent>
  /** Bytes whose sender is not known yet: only the disk bounds them. Faults: no_space, storage_full, … */
  spoolUnknown(
    content: Omit<Announcement, 'maxSize'>,
    body: AsyncIterable<Uint8Array>,
  ): Promise<SpooledContent>
  /** Makes a file of spooled bytes; on any failure they are removed. Faults as in `receive`. */
  accept(owner: Account | null, content: NewContent, spooled: SpooledContent): Promise<ReceivedFile>
  discard(spooled: Pick<SpooledContent, 'key'>): Promise<void>
  /** Removes what failed uploads left while the storage was out of reach; returns how many. Fault: unavailable. */
  tidy(): Promise<number>
}

interface Deps {
  metadata: MetadataStore
  storage: StorageDriver
  packages: PackageService
  clock: Clock
  ids: Ids
  log: Log
  /** Told of every file that came in. */
  arrived?: (file: FileRecord) => void
  settings: {
    enabled: boolean
    /** Bytes of the storage that uploads may not use. */
    minFree: number
    blockedExtensions: ReadonlySet<string>
    /** Bytes an address may upload without an account within 24 hours; 0: no limit. */
    guestBytesPerDay: number
  }
}

export function createIngest(deps: Deps): IngestService {
  const { metadata, storage, packages, clock, ids, log, settings } = deps

  const admit = async (owner: Account | null, { name }: Announcement): Promise<Package> => {
    if (!settings.enabled) throw new Fault('uploads_disabled')
    refuseBlocked(cleanFilename(name), settings.blockedExtensions)
    const pkg = await packages.of(owner)
    if (!pkg.canUpload) throw new Fault('upload_refused')
    return pkg
  }

  const room = async (leastSize: number): Promise<number> => {
    const free = await storage.freeBytes()
    const usable = free === null ? Number.POSITIVE_INFINITY : Math.max(0, free - settings.minFree)
    if (leastSize > usable) throw new Fault('no_space')
    return usable
  }

  /** Bytes first: a key that is announced and empty is harmless, bytes without a key are not. */
  const discard = async ({ key }: Pick<SpooledContent, 'key'>): Promise<void> => {
    await storage.delete(key)
    await metadata.objects.retract(key)
  }

  /** Keys of failed uploads whose bytes may still be there. */
  const left = new Set<string>()

  /**
   * After a failure, which is what the sender is told; what cannot be removed now is removed by the sweeper, or at
   * the next start. A storage out of reach would keep the sender waiting once more.
   */
  const giveUp = async ({ key }: Pick<SpooledContent, 'key'>, reason: unknown): Promise<void> => {
    if (isFault(reason, 'unavailable')) return void left.add(key)
    try {
      await discard({ key })
    } catch (error) {
      left.add(key)
      log.warn('unfinished_upload_left', { key, cause: String(error) })
    }
  }

  const write = async (
    limit: number,
    body: AsyncIterable<Uint8Array>,
    description?: ObjectDescription,
  ): Promise<SpooledContent> => {
    const key = ids.objectKey()
    await metadata.objects.announce(key, clock.now())
    const most = Number.isFinite(limit) ? limit : undefined
    try {
      const written = await storage.put(key, body, most, description)
      return { key, written, storedName: storage.describes && description ? description.name : null }
    } catch (error) {
      await suspectLateWrite(deps, key, error)
      await giveUp({ key }, error)
      throw error
    }
  }

  const spool: IngestService['spool'] = async (owner, content, body) => {
    const bounds = boundsOf(owner, await admit(owner, content), content)
    const isOpen = mayBreakEither(bounds, content)
    if (!isOpen) judge(bounds, content.leastSize)
    const limit = Math.min(bounds.size, bounds.quota, await room(content.leastSize))
    try {
      return await write(limit, isOpen ? readToJudge(bounds, body) : body, describe(content))
    } catch (error) {
      // With its limit it is judged already; the storage says only that there was more than it was told to take.
      if (!isFault(error, 'file_too_large') || error.limit !== undefined) throw error
      judge(bounds, limit + 1)
      throw new Fault('no_space')
    }
  }

  const publish = async (
    owner: Account | null,
    content: NewContent,
    { key, written, storedName }: SpooledContent,
  ) => {
    const { size, md5 } = written
    const pkg = await admit(owner, content)
    if (size === 0 && !content.mayBeEmpty) throw new Fault('empty_file')
    judge({ ...boundsOf(owner, pkg, content), quota: Number.POSITIVE_INFINITY }, size)
    const admission = {
      maxStorageBytes: pkg.maxStorageBytes,
      numbered: content.numbered ?? false,
      ...(content.replaces !== undefined && { replaces: content.replaces }),
      ...(content.completes && { completes: content.completes }),
      ...(content.viaRequest !== undefined && { viaRequest: content.viaRequest }),
      ...(owner ? {} : allowanceOf(clock, settings.guestBytesPerDay)),
    }
    const add = () =>
      metadata.files.add(newFile(deps, owner, content, size), { ...written, key, storedName }, admission)
    const file = await retryOnConflict(add).catch(laterForGuests)
    deps.arrived?.(file)
    return { file, md5 }
  }

  const accept: IngestService['accept'] = async (owner, content, spooled) => {
    try {
      return await publish(owner, content, spooled)
    } catch (error) {
      await giveUp(spooled, error)
      throw error
    }
  }

  return {
    receive: async (owner, content, body) => accept(owner, content, await spool(owner, content, body)),
    spool,
    async spoolUnknown(content, body) {
      try {
        return await write(await room(content.leastSize), body, describe(content))
      } catch (error) {
        throw isFault(error, 'file_too_large') ? new Fault('no_space') : error
      }
    },
    accept,
    discard,
    async tidy() {
      let removed = 0
      for (const key of left) {
        await discard({ key })
        left.delete(key)
        removed += 1
      }
      return removed
    },
  }
}

/** Of a type that is not known before the bytes, only the name tells. */
const describe = ({ name, mimeType }: Announcement): ObjectDescription => {
  const cleaned = cleanFilename(name)
  return { name: cleaned, mimeType: cleanMimeType(mimeType ?? mimeTypeByExtension(extensionOf(cleaned))) }
}

/**
 * To be asked after a write that failed, before its bytes are removed: a store across a network may still carry out,
 * after the removal, what it was sent. Then the key stays known, and the sweeper removes it once more. Never rejects.
 */
export async function suspectLateWrite(
  { metadata, storage, clock, log }: Pick<Deps, 'metadata' | 'storage' | 'clock' | 'log'>,
  key: string,
  reason: unknown,
): Promise<void> {
  const isCertain = isFault(reason) && !isFault(reason, 'unavailable', 'internal')
  if (!storage.direct || isCertain) return
  try {
    await metadata.objects.suspect(key, clock.now())
  } catch (error) {
    log.warn('late_write_not_watched', { key, cause: String(error) })
  }
}

const newFile = (
  { ids, clock }: Deps,
  owner: Account | null,
  content: NewContent,
  size: number,
): NewFile => ({
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
  urlExtension: content.urlExtension ?? null,
  usesLeft: content.uses ?? null,
  createdAt: clock.now(),
})

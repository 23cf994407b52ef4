/** The end of an upload: parts become an object, the object becomes a file; or nothing changes. */
import { type Clock, plusSeconds } from './clock.ts'
import { Fault, isFault } from './fault.ts'
import { allowanceOf, GUEST_VISIBILITY, laterForGuests } from './guest-allowance.ts'
import type { Ids } from './ids.ts'
import type { Log } from './log.ts'
import type { FilePlace, MetadataStore, NewFile } from './metadata.ts'
import type { Account, FileRecord, Part, UploadSession, Visibility } from './model.ts'
import type { PackageService } from './packages.ts'
import { retryOnConflict } from './retry.ts'
import type { HashedObject, StorageDriver } from './storage.ts'
import { readChecksum, requireRoom } from './upload-request.ts'
import { isOpen, uploadRef } from './upload-session.ts'

export interface CompletedUpload {
  session: UploadSession
  fileId: number
  objectId: number
  /** Null when the bytes went past us and nobody has read them since. */
  sha256: string | null
}

export interface Completion {
  /**
   * Durable when it resolves. `checksumSha256` of the caller counts before the one given at creation.
   * `retried`: an earlier attempt was cut off, so a session already completed, be it at this very moment, is the
   * answer and no Fault.
   * Faults: already_completed, complete_closed, no_parts_reported, size_mismatch (parts missing: the session
   * stays open), checksum_mismatch (the session failed), upload_refused, file_too_large, conflict (another
   * caller is completing), guest_allowance_used (the session stays open), storage_full, part_mismatch (the store
   * has another part than was reported: the session stays open), unavailable. When the storage lost the bytes, the
   * session fails as well, and it is complete_closed. A file whose checksum was too much to verify at once is
   * `processing` until somebody has.
   */
  complete(
    owner: Account | null,
    session: UploadSession,
    request: { checksumSha256: string | null; retried: boolean; ip: string } & FilePlace,
  ): Promise<CompletedUpload>

  /** Removes what an ended session left in the storage. What fails is in the log: the sweeper comes again. */
  discard(session: UploadSession): Promise<void>
  /** Likewise. Rejects with what failed. */
  clear(session: UploadSession): Promise<void>
}

export interface CompletionDeps {
  metadata: MetadataStore
  storage: StorageDriver
  packages: PackageService
  clock: Clock
  ids: Ids
  log: Log
  /** Told of every file that came in. */
  arrived?: (file: FileRecord) => void
  /** Seconds a session lives after its last sign of life. */
  sessionTtl: number
  /** Bytes an address may upload without an account within 24 hours; 0: no limit. */
  guestBytesPerDay: number
  /** Told of a file whose bytes are still to be verified. */
  unverified(): void
}

/** What an upload has become in the storage, and what its sender said that it is. */
type Sealed = HashedObject & { expected: string | null; ip: string }

const isUnverified = ({ sha256, expected }: Pick<Sealed, 'sha256' | 'expected'>): boolean =>
  sha256 === null && expected !== null

/** The package changed, or the account got another one, while the bytes were on their way. */
const NO_LONGER_FITS = 'This upload no longer fits your current package limits.'

/** Not a transient failure: the storage does not know the upload any more. */
export const BYTES_LOST =
  'This upload session lost its storage node and can no longer continue. Please start a new upload.'

export function createCompletion(deps: CompletionDeps): Completion {
  const { metadata, storage, packages, clock, ids, log, sessionTtl, guestBytesPerDay, unverified } = deps

  const clear = async (session: UploadSession): Promise<void> => {
    await storage.abortUpload({ key: session.objectKey, upload: session.storageUpload })
    if (!(await metadata.objects.findByKey(session.objectKey))) await storage.delete(session.objectKey)
    await metadata.uploads.cleared(session.id)
  }

  const discard = (session: UploadSession): Promise<void> =>
    clear(session).catch((error: unknown) =>
      log.warn('upload_not_discarded', { session: session.id, cause: String(error) }),
    )

  /** For the next attempt. Whatever happens here, the caller is told why this attempt failed. */
  const reopen = async (session: UploadSession): Promise<void> => {
    try {
      await metadata.uploads.reopen(session.id, clock.now())
    } catch (error) {
      log.error('upload_not_reopened', { session: session.id, cause: String(error) })
    }
  }

  const earlierResult = async (session: UploadSession): Promise<CompletedUpload> => {
    const { fileId, objectId } = session
    const object = await metadata.objects.findByKey(session.objectKey)
    if (fileId === null || objectId === null || !object) throw new Fault('already_completed')
    return { session, fileId, objectId, sha256: object.sha256 }
  }

  const seal = async (
    session: UploadSession,
    parts: Part[],
    sha256: string | null,
  ): Promise<HashedObject> => {
    const stored = parts.map(({ number, etag, size }) => ({ number, etag: etag ?? '', size }))
    try {
      return await storage.completeUpload(uploadRef(session), stored, sha256 === null ? {} : { sha256 })
    } catch (error) {
      const reason = isFault(error, 'upload_not_found') ? new Fault('complete_closed', BYTES_LOST) : error
      if (isFault(reason, 'checksum_mismatch', 'complete_closed')) {
        await metadata.uploads.fail(session.id, reason.message, clock.now())
        await discard(session)
      } else {
        await reopen(session)
      }
      throw reason
    }
  }

  /** The content was not verified against the checksum yet when nobody but us could have and has not. */
  const newFile = (
    session: UploadSession,
    visibility: Visibility,
    { sha256, expected, ip }: Sealed,
  ): NewFile => ({
    slug: ids.slug(),
    deleteKey: ids.deleteKey(),
    accountId: session.accountId,
    folderId: session.folderId,
    name: session.filename,
    size: session.expectedSize,
    mimeType: session.mimeType ?? 'application/octet-stream',
    visibility,
    source: 'api',
    uploadedIp: ip || null,
    urlExtension: null,
    usesLeft: null,
    contentState: isUnverified({ sha256, expected }) ? 'processing' : 'ready',
    createdAt: clock.now(),
  })

  const publish = async (
    owner: Account | null,
    session: UploadSession,
    sealed: Sealed,
    place: FilePlace,
  ): Promise<CompletedUpload> => {
    const visibility = owner?.defaultVisibility ?? GUEST_VISIBILITY
    const allowance = owner ? {} : allowanceOf(clock, guestBytesPerDay)
    const finish = () => {
      const { sha256, crc32 = null, expected } = sealed
      const storedName = storage.describes ? session.filename : null
      const file = newFile(session, visibility, sealed)
      const result = { sha256, crc32, storedName, expectedSha256: expected, file, ...allowance, ...place }
      return metadata.uploads.finish(session.id, result, clock.now())
    }
    try {
      const { session: completed, file } = await retryOnConflict(finish).catch(laterForGuests)
      deps.arrived?.(file)
      if (file.contentState === 'processing') unverified()
      return { session: completed, fileId: file.id, objectId: file.objectId, sha256: sealed.sha256 }
    } catch (error) {
      await reopen(session)
      throw error
    }
  }

  return {
    async complete(owner, session, { checksumSha256, retried, ip, ...place }) {
      if (retried && session.status === 'completed') return earlierResult(session)
      if (isOpen(session)) {
        requireRoom(await packages.of(owner), session.expectedSize, NO_LONGER_FITS)
        await metadata.uploads.extend(session.id, plusSeconds(clock.now(), sessionTtl))
      }
      const begun = await metadata.uploads.beginComplete(session.id, clock.now()).catch((error: unknown) => {
        if (retried && isFault(error, 'already_completed')) return null
        throw error
      })
      if (!begun) return earlierResult((await metadata.uploads.find(session.id)) ?? session)
      const checksum = readChecksum(checksumSha256) ?? begun.session.checksumSha256
      const sealed = await seal(begun.session, begun.parts, checksum)
      return publish(owner, begun.session, { ...sealed, expected: checksum, ip }, place)
    },
    discard,
    clear,
  }
}

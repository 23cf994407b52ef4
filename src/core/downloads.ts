/** The one place that decides who may have which bytes. */
import type { Clock } from './clock.ts'
import { Fault, isFault } from './fault.ts'
import type { FileService } from './files.ts'
import type { MetadataStore } from './metadata.ts'
import type { FileRecord, Principal, StoredObject } from './model.ts'
import type { Signer } from './signer.ts'
import type { ByteRange, StorageDriver } from './storage.ts'

/** Permission to send one file, with all that the answer needs. */
export interface Grant {
  file: FileRecord
  object: StoredObject
  /** Fault: object_missing. */
  open(range?: ByteRange): Promise<Blob | ReadableStream<Uint8Array>>
  /** To be called once for an answer that begins at byte 0. */
  count(): Promise<void>
}

export interface DownloadLink {
  /** Site-relative, with its signature. */
  path: string
  expiresIn: number
}

/** What a visitor of a link brings. */
export interface LinkVisit {
  fileId: number
  /** Unix seconds as they stand in the link. */
  expires: number
  signature: string
  /** The signed-in browser, if there is one. */
  principal: Principal | null
}

export interface DownloadService {
  /** `expiresIn` seconds, clamped to 1..604800. Faults: unauthenticated, file_not_found. */
  link(principal: Principal, idOrSlug: string, expiresIn: number): Promise<DownloadLink>
  /**
   * A valid signature or the owner's browser opens the file. Otherwise a private file is file_not_found,
   * unless its link was good once; everything else is link_invalid.
   */
  authorise(visit: LinkVisit): Promise<Grant>
}

export const DEFAULT_LINK_SECONDS = 3600
const LONGEST_LINK_SECONDS = 604_800

/** Whole seconds within what a signed URL may live; the default for what is no number. */
export const clampLifetime = (seconds: number): number =>
  Number.isNaN(seconds)
    ? DEFAULT_LINK_SECONDS
    : Math.trunc(Math.min(Math.max(seconds, 1), LONGEST_LINK_SECONDS))

interface Deps {
  metadata: MetadataStore
  storage: StorageDriver
  files: FileService
  signer: Signer
  clock: Clock
}

export function createDownloads({ metadata, storage, files, signer, clock }: Deps): DownloadService {
  const mayOpen = ({ fileId, expires, signature, principal }: LinkVisit, file: FileRecord): void => {
    if (principal?.account && principal.account.id === file.accountId) return
    try {
      signer.verify({ kind: 'download', fileId, expires }, signature)
    } catch (error) {
      const wasGood = isFault(error, 'signature_expired')
      throw file.visibility === 0 && !wasGood ? new Fault('file_not_found') : new Fault('link_invalid')
    }
  }
  return {
    async link(principal, idOrSlug, expiresIn) {
      const file = await files.getOwn(principal, idOrSlug)
      if (file.status !== 'active') throw new Fault('file_not_found')
      const lifetime = clampLifetime(expiresIn)
      const expires = Math.floor(clock.now().getTime() / 1000) + lifetime
      const token = signer.sign({ kind: 'download', fileId: file.id, expires })
      return { path: `/download/${file.id}?token=${token}&expires=${expires}`, expiresIn: lifetime }
    },
    async authorise(visit) {
      const found = await metadata.files.findWithObject(visit.fileId)
      if (found?.file.status !== 'active') throw new Fault('file_not_found')
      mayOpen(visit, found.file)
      return {
        ...found,
        open: (range) => storage.open(found.object.key, range),
        count: () => metadata.files.countDownload(found.file.id),
      }
    },
  }
}

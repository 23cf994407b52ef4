/** The one place that decides who may have which bytes, and who may look at a file's page. */
import type { Clock } from './clock.ts'
import type { DownloadTokens } from './download-tokens.ts'
import { Fault, isFault } from './fault.ts'
import type { FileService } from './files.ts'
import type { MetadataStore } from './metadata.ts'
import type { Account, FileRecord, Package, Principal, StoredObject } from './model.ts'
import type { PackageService } from './packages.ts'
import type { Signer } from './signer.ts'
import type { ByteRange, StorageDriver } from './storage.ts'

/** Permission to send one file, with all that the answer needs. */
export interface Grant {
  file: FileRecord
  object: StoredObject
  /** Uses the file once. Faults: object_missing, file_not_found (used up). */
  open(range?: ByteRange): Promise<Blob | ReadableStream<Uint8Array>>
  /** To be called once for an answer that begins at byte 0. Fault: file_not_found (an empty file, used up). */
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

/** A file as a visitor of its page may see it. */
export interface FileView {
  file: FileRecord
  isOwner: boolean
  /** Of the visitor. */
  pkg: Package
}

export interface DownloadService {
  /** `expiresIn` seconds, clamped to 1..604800. Faults: unauthenticated, file_not_found. */
  link(principal: Principal, idOrSlug: string, expiresIn: number): Promise<DownloadLink>
  /**
   * A valid signature or the owner's browser opens the file. Otherwise a private file is file_not_found,
   * unless its link was good once; everything else is link_invalid.
   */
  authorise(visit: LinkVisit): Promise<Grant>
  /** Site-relative, for `expiresIn` seconds. Fault: file_not_found. */
  presigned(account: Account, fileId: number, expiresIn: number): Promise<DownloadLink>
  /** Faults: link_invalid (also expired), file_not_found. */
  authorisePresigned(visit: Omit<LinkVisit, 'principal'>): Promise<Grant>
  /** For a share link that was good. Fault: file_not_found. */
  authoriseShared(fileId: number): Promise<Grant>
  /**
   * By slug alone, as the uploader API serves files; `urlExtension` is what follows it. Faults: file_not_found
   * (also trashed, or private and the visitor is not the owner).
   */
  authoriseDirect(slug: string, urlExtension: string | null, visitor: Account | null): Promise<Grant>
  /** Site-relative link with a new token of 24 hours. Faults: file_not_found, file_unavailable (trashed). */
  tokenLink(
    account: Account,
    which: { id: number } | { slug: string },
  ): Promise<{ file: FileRecord; path: string }>
  /** The link a page offers its visitor, good after the wait of the visitor's package. */
  pageLink(view: FileView): string
  /** Faults: file_not_found, file_removed, link_invalid, not_yet. */
  authoriseToken(slug: string, token: string): Promise<Grant>
  /** Faults: file_not_found, file_removed (trashed), not_public (private, and the visitor is not the owner). */
  view(slug: string, visitor: Account | null): Promise<FileView>
}

export const DEFAULT_LINK_SECONDS = 3600
const LONGEST_LINK_SECONDS = 604_800
const TOKEN_SECONDS = 86_400

/** Whole seconds within what a signed URL may live; the default for what is no number. */
export const clampLifetime = (seconds: number): number =>
  Number.isNaN(seconds)
    ? DEFAULT_LINK_SECONDS
    : Math.trunc(Math.min(Math.max(seconds, 1), LONGEST_LINK_SECONDS))

interface Deps {
  metadata: MetadataStore
  storage: StorageDriver
  files: FileService
  packages: PackageService
  tokens: DownloadTokens
  signer: Signer
  clock: Clock
}

export function createDownloads(deps: Deps): DownloadService {
  const { metadata, storage, files, packages, tokens, signer, clock } = deps

  const mayOpen = ({ fileId, expires, signature, principal }: LinkVisit, file: FileRecord): void => {
    if (principal?.account && principal.account.id === file.accountId) return
    try {
      signer.verify({ kind: 'download', fileId, expires }, signature)
    } catch (error) {
      const wasGood = isFault(error, 'signature_expired')
      throw file.visibility === 0 && !wasGood ? new Fault('file_not_found') : new Fault('link_invalid')
    }
  }

  /** Fault: file_not_found for the one who comes after the last use. */
  const useUp = async ({ id, usesLeft }: FileRecord): Promise<void> => {
    if (usesLeft !== null && !(await metadata.files.takeUse(id))) throw new Fault('file_not_found')
  }

  const grant = async (fileId: number): Promise<Grant> => {
    const found = await metadata.files.findWithObject(fileId)
    if (found?.file.status !== 'active' || found.file.usesLeft === 0) throw new Fault('file_not_found')
    return {
      ...found,
      open: async (range) => {
        await useUp(found.file)
        return storage.open(found.object.key, range)
      },
      async count() {
        // To send no bytes nothing is opened.
        if (found.object.size === 0) await useUp(found.file)
        await metadata.files.countDownload(found.file.id, clock.now())
      },
    }
  }

  const findBySlug = async (slug: string): Promise<FileRecord> => {
    const file = /^[0-9A-Za-z]{10}$/.test(slug) ? await metadata.files.findBySlug(slug) : null
    if (!file || file.usesLeft === 0) throw new Fault('file_not_found')
    if (file.status !== 'active') throw new Fault('file_removed')
    return file
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
      const granted = await grant(visit.fileId)
      mayOpen(visit, granted.file)
      return granted
    },
    async presigned(account, fileId, expiresIn) {
      const file = await files.getById(account, fileId)
      if (file.status !== 'active') throw new Fault('file_not_found')
      const expires = Math.floor(clock.now().getTime() / 1000) + expiresIn
      const signature = signer.sign({ kind: 'presigned', fileId, expires })
      return { path: `/storage/dl/${fileId}?expires=${expires}&signature=${signature}`, expiresIn }
    },
    async authorisePresigned({ fileId, expires, signature }) {
      try {
        signer.verify({ kind: 'presigned', fileId, expires }, signature)
      } catch (cause) {
        throw new Fault('link_invalid', undefined, { cause })
      }
      return grant(fileId)
    },
    authoriseShared: (fileId) => grant(fileId),
    async authoriseDirect(slug, urlExtension, visitor) {
      const file = /^[0-9A-Za-z]{10}$/.test(slug) ? await metadata.files.findBySlug(slug) : null
      const isHidden = file?.visibility === 0 && file.accountId !== (visitor?.id ?? null)
      if (!file || isHidden || file.urlExtension !== urlExtension) throw new Fault('file_not_found')
      return grant(file.id)
    },
    async tokenLink(account, which) {
      const file = await ('id' in which
        ? files.getById(account, which.id)
        : files.getBySlug(account, which.slug))
      if (file.status !== 'active') throw new Fault('file_unavailable')
      const token = tokens.issue(file.id, { waitSeconds: 0, lifetime: TOKEN_SECONDS })
      return { file, path: `/${file.slug}?download_token=${token}` }
    },
    pageLink({ file, isOwner, pkg }) {
      const waitSeconds = isOwner ? 0 : pkg.waitBeforeDownload
      return `/${file.slug}?download_token=${tokens.issue(file.id, { waitSeconds, lifetime: TOKEN_SECONDS })}`
    },
    async authoriseToken(slug, token) {
      const file = await findBySlug(slug)
      tokens.verify(file.id, token)
      return grant(file.id)
    },
    async view(slug, visitor) {
      const file = await findBySlug(slug)
      const isOwner = visitor !== null && file.accountId === visitor.id
      if (file.visibility === 0 && !isOwner) throw new Fault('not_public')
      return { file, isOwner, pkg: await packages.of(visitor) }
    },
  }
}

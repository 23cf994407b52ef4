/** The one place that decides who may have which bytes, and who may look at a file's page. */
import type { Clock } from './clock.ts'
import type { Delivery, DeliveryWay } from './delivery.ts'
import type { DownloadTokens } from './download-tokens.ts'
import type { DownloadWaits } from './download-waits.ts'
import { Fault, isFault } from './fault.ts'
import type { FileService } from './files.ts'
import type { FileWithObject, MetadataStore } from './metadata.ts'
import type { Account, FileRecord, Package, Principal, StoredObject } from './model.ts'
import type { Span } from './open-downloads.ts'
import type { PackageService } from './packages.ts'
import type { Signer } from './signer.ts'
import type { ByteRange, StorageDriver } from './storage.ts'
import type { PaidLink, Traffic, TrafficClient } from './traffic.ts'
import type { Transfer } from './transfer.ts'

/** Permission to send one file, with all that the answer needs. */
export interface Grant {
  file: FileRecord
  object: StoredObject
  /**
   * Once, when the bytes will be sent. Whoever sends them drives the transfer to its end. Faults:
   * object_missing, file_not_found (its uses are used up), not_yet, and those of Traffic.begin.
   */
  begin(range?: ByteRange): Promise<{ body: Blob | ReadableStream<Uint8Array>; transfer: Transfer }>
  /**
   * Likewise, for bytes that the client can fetch past us, saved under the file's name: where. Null, and nothing
   * has begun, when they go through us.
   */
  beginElsewhere(range?: ByteRange): Promise<{ url: string; transfer: Transfer } | null>
}

/** Who follows a link or opens a page. */
export interface Visitor {
  /** Of the signed-in browser. */
  account: Account | null
  ip: string
}

export interface DownloadLink {
  /** Site-relative, with its signature. */
  path: string
  expiresIn: number
}

/** A link with how its bytes will be delivered to whoever made it. */
export interface DescribedLink extends DownloadLink {
  way: DeliveryWay
  file: FileRecord
}

/** What a visitor of a link brings. */
export interface LinkVisit {
  fileId: number
  /** Unix seconds as they stand in the link. */
  expires: number
  signature: string
  visitor: Visitor
}

/** A file as a visitor of its page may see it. */
export interface FileView {
  file: FileRecord
  isOwner: boolean
  /** Null for a guest. */
  visitorId: number | null
  /** Of the visitor. */
  pkg: Package
  /** Null when it went at this very moment. */
  object: StoredObject | null
}

export interface DownloadService {
  /** `expiresIn` seconds, clamped to 1..604800. Faults: unauthenticated, file_not_found. */
  link(principal: Principal, idOrSlug: string, expiresIn: number): Promise<DescribedLink>
  /**
   * A valid signature or the owner's browser opens the file. Otherwise a private file is file_not_found,
   * unless its link was good once; everything else is link_invalid.
   */
  authorise(visit: LinkVisit): Promise<Grant>
  /** Site-relative, for `expiresIn` seconds. Fault: file_not_found. */
  presigned(account: Account, fileId: number, expiresIn: number): Promise<DownloadLink>
  /** Faults: link_invalid (also expired), file_not_found. */
  authorisePresigned(visit: LinkVisit): Promise<Grant>
  /** For the public link of a file, which was good. Fault: file_not_found. */
  authoriseShared(fileId: number, visitor: Visitor): Promise<Grant>
  /**
   * For a file that a share link opens, until `expiresAt` when it has an end; each download by it is paid for.
   * Fault: file_not_found.
   */
  authoriseByLink(
    fileId: number,
    visitor: Visitor,
    by: { link: PaidLink; expiresAt: Date | null },
  ): Promise<Grant>
  /**
   * By slug alone, as the uploader API serves files; `urlExtension` is what follows it. Faults: file_not_found
   * (also trashed, or private and the visitor is not the owner).
   */
  authoriseDirect(slug: string, urlExtension: string | null, visitor: Visitor): Promise<Grant>
  /** Site-relative link with a new token of 24 hours. Faults: file_not_found, file_unavailable (trashed). */
  tokenLink(
    account: Account,
    which: { id: number } | { slug: string },
  ): Promise<{ file: FileRecord; path: string }>
  /** The link a page offers its visitor, good after the wait of the visitor's package. */
  pageLink(view: Omit<FileView, 'object'>): string
  /** Faults: file_not_found, file_removed, link_invalid, not_yet. */
  authoriseToken(slug: string, token: string, visitor: Visitor): Promise<Grant>
  /** Faults: file_not_found, file_removed (trashed), not_public (private, and the visitor is not the owner). */
  view(slug: string, visitor: Account | null): Promise<FileView>
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
  packages: PackageService
  tokens: DownloadTokens
  waits: DownloadWaits
  traffic: Traffic
  delivery: Delivery
  signer: Signer
  clock: Clock
}

const NOT_READY = {
  processing: 'This file is still being verified. Try again in a while.',
  failed: 'The content of this file is not what its sender announced. It can not be downloaded.',
}

/** Fault: file_unavailable, with the reason. */
export function requireReady({ contentState }: FileRecord): void {
  if (contentState !== 'ready') throw new Fault('file_unavailable', NOT_READY[contentState])
}

/** Whose limits hold, and whether they ask for a wait before this download. */
interface Person {
  client: TrafficClient
  waits: boolean
}

const spanOf = (range: ByteRange | undefined, size: number): Span =>
  range ? { start: range.start, length: range.end - range.start + 1 } : { start: 0, length: size }

const signedIn = ({ id, packageId }: Account, ip: string): TrafficClient => ({ accountId: id, packageId, ip })
const guest = (ip: string): TrafficClient => ({ accountId: null, packageId: null, ip })

/** For what anybody can open: the signed-in account, or a guest. An owner does not wait. */
const visiting = ({ file }: FileWithObject, { account, ip }: Visitor): Person => ({
  client: account ? signedIn(account, ip) : guest(ip),
  waits: account === null || account.id !== file.accountId,
})

/**
 * For links that only the owner can have made: who is not signed in acts for the owner, since a program has no
 * other way to fetch what its account may have.
 */
const linked = ({ file, ownerPackageId }: FileWithObject, { account, ip }: Visitor): Person => ({
  client: account ? signedIn(account, ip) : { accountId: file.accountId, packageId: ownerPackageId, ip },
  waits: false,
})

/** In Unix seconds. */
const endOf = ({ expiresAt }: Pick<FileRecord, 'expiresAt'>): number =>
  expiresAt === null ? Number.POSITIVE_INFINITY : expiresAt.getTime() / 1000

const SLUG = /^[0-9A-Za-z]{10}$/

/** Fault: file_removed. */
const requireActive = ({ status }: FileRecord): void => {
  if (status !== 'active') throw new Fault('file_removed')
}

/** Whether the slug alone gives the visitor the bytes. */
const isDirectlyOpen = (file: FileRecord, urlExtension: string | null, { account }: Visitor): boolean =>
  file.status === 'active' &&
  file.urlExtension === urlExtension &&
  (file.visibility !== 0 || file.accountId === (account?.id ?? null))

export function createDownloads(deps: Deps): DownloadService {
  const { metadata, storage, files, packages, tokens, waits, traffic, delivery, signer, clock } = deps

  /** When that ends: an owner who is signed in needs no link. */
  const mayOpen = ({ fileId, expires, signature, visitor }: LinkVisit, file: FileRecord): number => {
    if (visitor.account !== null && visitor.account.id === file.accountId) return Number.POSITIVE_INFINITY
    try {
      signer.verify({ kind: 'download', fileId, expires }, signature)
    } catch (error) {
      const wasGood = isFault(error, 'signature_expired')
      throw file.visibility === 0 && !wasGood ? new Fault('file_not_found') : new Fault('link_invalid')
    }
    return expires
  }

  /** Faults: file_not_found, file_unavailable (its bytes are not, or not yet, what was sent). */
  const find = async (fileId: number): Promise<FileWithObject> => {
    const found = await metadata.files.findWithObject(fileId)
    if (found?.file.status !== 'active') throw new Fault('file_not_found')
    requireReady(found.file)
    return found
  }

  /**
   * `expires`: when what the visitor came by ends, in Unix seconds. `link`: of which a download is taken.
   * The URL of a bucket can be used again and again, so whatever has a number of downloads has none.
   */
  const grant = async (
    { file, object }: FileWithObject,
    downloader: Person,
    { expires = Number.POSITIVE_INFINITY, link }: { expires?: number; link?: PaidLink } = {},
  ): Promise<Grant> => {
    const { client, waits: hasToWait } = downloader
    // Who took the last use can go on with it.
    if (file.usesLeft === 0 && !(await traffic.hasUse(client, file.id))) throw new Fault('file_not_found')
    const begin = async <Body>(range: ByteRange | undefined, open: () => Promise<Body>) => {
      if (hasToWait) {
        const { waitBeforeDownload } = await packages.limitsOf(client.packageId)
        waits.require(client, file.id, waitBeforeDownload)
      }
      return traffic.begin(client, file, spanOf(range, object.size), open, link)
    }
    return {
      file,
      object,
      begin: (range) => begin(range, () => storage.open(object.key, range)),
      async beginElsewhere(range) {
        if (link?.isNumbered) return null
        const seconds = Math.min(expires, endOf(file)) - clock.now().getTime() / 1000
        const terms = { seconds, mustEnd: link !== undefined }
        const url = await delivery.locate({ file, object, packageId: client.packageId }, terms)
        if (url === null) return null
        const { transfer } = await begin(range, async () => url)
        return { url, transfer }
      },
    }
  }

  /** A token acts for whom it was made, unless somebody else is signed in. It has the wait in itself. */
  const withToken = async (
    found: FileWithObject,
    madeFor: number | null,
    visitor: Visitor,
  ): Promise<Person> => {
    const { account, ip } = visitor
    if (account) return { client: signedIn(account, ip), waits: false }
    if (madeFor === null) return { client: guest(ip), waits: false }
    if (madeFor === found.file.accountId) return linked(found, visitor)
    const maker = await metadata.accounts.find(madeFor)
    return { client: maker ? signedIn(maker, ip) : guest(ip), waits: false }
  }

  const bySlug = async (slug: string): Promise<FileWithObject | null> =>
    SLUG.test(slug) ? metadata.files.findWithObjectBySlug(slug) : null

  return {
    async link(principal, idOrSlug, expiresIn) {
      const file = await files.getOwn(principal, idOrSlug)
      if (file.status !== 'active' || file.contentState !== 'ready') throw new Fault('file_not_found')
      const lifetime = clampLifetime(expiresIn)
      const expires = Math.floor(clock.now().getTime() / 1000) + lifetime
      const token = signer.sign({ kind: 'download', fileId: file.id, expires })
      const found = await find(file.id)
      const way = await delivery.wayOf({ ...found, packageId: found.ownerPackageId })
      return {
        path: `/download/${file.id}?token=${token}&expires=${expires}`,
        expiresIn: lifetime,
        way,
        file,
      }
    },
    async authorise(visit) {
      const found = await find(visit.fileId)
      const expires = mayOpen(visit, found.file)
      return grant(found, linked(found, visit.visitor), { expires })
    },
    async presigned(account, fileId, expiresIn) {
      const file = await files.getById(account, fileId)
      if (file.status !== 'active') throw new Fault('file_not_found')
      const expires = Math.floor(clock.now().getTime() / 1000) + expiresIn
      const signature = signer.sign({ kind: 'presigned', fileId, expires })
      return { path: `/storage/dl/${fileId}?expires=${expires}&signature=${signature}`, expiresIn }
    },
    async authorisePresigned({ fileId, expires, signature, visitor }) {
      try {
        signer.verify({ kind: 'presigned', fileId, expires }, signature)
      } catch (cause) {
        throw new Fault('link_invalid', undefined, { cause })
      }
      const found = await find(fileId)
      return grant(found, linked(found, visitor), { expires })
    },
    authoriseShared: async (fileId, visitor) => {
      const found = await find(fileId)
      return grant(found, visiting(found, visitor))
    },
    authoriseByLink: async (fileId, visitor, { link, expiresAt }) => {
      const found = await find(fileId)
      return grant(found, visiting(found, visitor), { link, expires: endOf({ expiresAt }) })
    },
    async authoriseDirect(slug, urlExtension, visitor) {
      const found = await bySlug(slug)
      if (!found || !isDirectlyOpen(found.file, urlExtension, visitor)) throw new Fault('file_not_found')
      return grant(found, visiting(found, visitor))
    },
    async tokenLink(account, which) {
      const file = await ('id' in which
        ? files.getById(account, which.id)
        : files.getBySlug(account, which.slug))
      if (file.status !== 'active') throw new Fault('file_unavailable')
      requireReady(file)
      const token = tokens.issue(file.id, { accountId: account.id, waitSeconds: 0 })
      return { file, path: `/${file.slug}?download_token=${token}` }
    },
    pageLink({ file, isOwner, visitorId, pkg }) {
      const waitSeconds = isOwner ? 0 : pkg.waitBeforeDownload
      return `/${file.slug}?download_token=${tokens.issue(file.id, { accountId: visitorId, waitSeconds })}`
    },
    async authoriseToken(slug, token, visitor) {
      const found = await bySlug(slug)
      if (!found) throw new Fault('file_not_found')
      requireActive(found.file)
      const madeFor = tokens.verify(found.file.id, token)
      return grant(found, await withToken(found, madeFor, visitor))
    },
    async view(slug, visitor) {
      const file = SLUG.test(slug) ? await metadata.files.findBySlug(slug) : null
      if (!file) throw new Fault('file_not_found')
      requireActive(file)
      if (file.usesLeft === 0) throw new Fault('file_not_found')
      const isOwner = visitor !== null && file.accountId === visitor.id
      if (file.visibility === 0 && !isOwner) throw new Fault('not_public')
      requireReady(file)
      const object = (await metadata.files.findWithObject(file.id))?.object ?? null
      const pkg = await packages.limitsOf(visitor?.packageId ?? null)
      return { file, isOwner, visitorId: visitor?.id ?? null, pkg, object }
    },
  }
}

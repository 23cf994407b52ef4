/** Small pictures of files: made when first looked at or after the upload, kept beside the originals. */
import type { Clock } from './clock.ts'
import type { DownloadService } from './downloads.ts'
import { Fault, isFault } from './fault.ts'
import type { Log } from './log.ts'
import type { MetadataStore } from './metadata.ts'
import type { Account, FileRecord, Preview, PreviewSize } from './model.ts'
import { pause } from './pause.ts'
import { looksLikePicture } from './picture-kind.ts'
import { createPreviewQueue } from './preview-queue.ts'
import { isRefusal, type PreviewShop, type StoredPreview } from './preview-shop.ts'
import type { Signer } from './signer.ts'

/** A picture a page can show. */
export interface Picture {
  /** Site-relative address of it. */
  path: string
  /** Pixels; null while it has not been made, which its address then does. */
  width: number | null
  height: number | null
}

/** A picture with its bytes, ready to be sent. */
export interface OpenPicture {
  preview: StoredPreview
  bytes: Uint8Array<ArrayBuffer>
  /** Anyone with the address may see it. */
  isPublic: boolean
}

/** Who asks for a picture, and with what. */
export interface PictureVisit {
  slug: string
  size: PreviewSize
  visitor: Account | null
  /** From the address, when it is signed. */
  pass: { expires: number; signature: string } | null
  /** Whether the one who asks takes AVIF too. */
  avif: boolean
}

export interface PreviewService {
  /** The picture of a file as its page shows it to somebody who may see that page; null when it has none. */
  of(file: FileRecord, size: PreviewSize): Promise<Picture | null>
  /**
   * Pictures of many files, by id of the file. `signed`: for visitors who may see these files although they are
   * private, as in a shared folder.
   */
  ofAll(
    files: readonly FileRecord[],
    size: PreviewSize,
    options?: { signed?: boolean },
  ): Promise<Map<number, Picture>>
  /**
   * The picture itself, made now if need be; no download, so nothing is counted. Faults: those of
   * DownloadService.view, file_not_found (there is none of this file), unavailable (not made yet: come again).
   */
  open(visit: PictureVisit): Promise<OpenPicture>
  /** A file came in: its pictures are made when there is time. */
  note(file: FileRecord): void
  /** Makes what was noted, one after the other, until `stop`. */
  work(stop: AbortSignal): Promise<void>
}

interface Deps {
  metadata: MetadataStore
  downloads: Pick<DownloadService, 'view'>
  /** Null: previews are turned off. */
  shop: PreviewShop | null
  signer: Signer
  clock: Clock
  log: Log
}

/** A signed address is good for one day and stays the same for one, so that browsers keep what it shows. */
const DAY = 86_400

/** Seconds after which one who asks is sent away to come again; the picture is made meanwhile. */
const PATIENCE = 5

/** Seconds after which the content of a large file may have been verified. */
const PROCESSING = 15

/** Fault: unavailable. */
async function soon<T>(work: Promise<T>): Promise<T> {
  const done = new AbortController()
  const late = pause(PATIENCE, done.signal).then((): never => {
    throw new Fault('unavailable', undefined, { retryAfter: PATIENCE })
  })
  try {
    return await Promise.race([work, late])
  } finally {
    late.catch(() => {})
    done.abort()
  }
}

/** A picture of a file with a number of uses would be one more of them. */
const mayHave = (file: FileRecord): boolean => file.contentState === 'ready' && file.usesLeft === null

export function createPreviews(deps: Deps): PreviewService {
  const { metadata, downloads, shop, signer, clock, log } = deps

  const pathOf = (file: FileRecord, size: PreviewSize, signed: boolean): string => {
    const path = `/~preview/${file.slug}/${size}`
    if (!signed || file.visibility > 0) return path
    const today = Math.floor(clock.now().getTime() / 1000 / DAY)
    const expires = (today + 2) * DAY
    return `${path}?expires=${expires}&signature=${signer.sign({ kind: 'preview', fileId: file.id, expires })}`
  }

  const picture = (
    file: FileRecord,
    size: PreviewSize,
    signed: boolean,
    found: readonly Preview[],
  ): Picture | null => {
    const made = found.find(({ key }) => key !== null)
    if (!made && (found.some(isRefusal) || !looksLikePicture(file))) return null
    return { path: pathOf(file, size, signed), width: made?.width ?? null, height: made?.height ?? null }
  }

  const ofAll: PreviewService['ofAll'] = async (files, size, { signed = false } = {}) => {
    const wanted = shop === null ? [] : files.filter(mayHave)
    if (wanted.length === 0) return new Map()
    const ids = [...new Set(wanted.map(({ objectId }) => objectId))]
    const found = Map.groupBy(await metadata.previews.findAll(ids, size), ({ objectId }) => objectId)
    const pairs = wanted.map(
      (file) => [file.id, picture(file, size, signed, found.get(file.objectId) ?? [])] as const,
    )
    return new Map(pairs.filter((pair): pair is readonly [number, Picture] => pair[1] !== null))
  }

  const isProcessing = async (slug: string): Promise<boolean> =>
    (await metadata.files.findBySlug(slug))?.contentState === 'processing'

  /** Faults as in DownloadService.view; unavailable while the content is being verified. */
  const admit = async ({ slug, visitor, pass }: PictureVisit): Promise<FileRecord> => {
    try {
      return (await downloads.view(slug, visitor)).file
    } catch (error) {
      if (isFault(error, 'file_unavailable') && (await isProcessing(slug)))
        throw new Fault('unavailable', undefined, { retryAfter: PROCESSING })
      if (pass === null || !isFault(error, 'not_public')) throw error
      const file = await metadata.files.findBySlug(slug)
      if (file?.status !== 'active') throw error
      signer.verify({ kind: 'preview', fileId: file.id, expires: pass.expires }, pass.signature)
      return file
    }
  }

  const queue = createPreviewQueue({ shop, log })
  return {
    async of(file, size) {
      return (await ofAll([file], size)).get(file.id) ?? null
    },
    ofAll,
    async open(visit) {
      const file = await admit(visit)
      if (shop === null || !mayHave(file)) throw new Fault('file_not_found')
      const preview = await soon(shop.fetch(file, visit.size, visit.avif))
      if (preview === null) throw new Fault('file_not_found')
      return { ...preview, isPublic: file.visibility > 0 }
    },
    note(file) {
      if (mayHave(file) && looksLikePicture(file)) queue.add(file)
    },
    work: queue.work,
  }
}

/** Makes previews, keeps them in the storage and finds them again. Knows objects, not who may see them. */
import { createByteCache } from './byte-cache.ts'
import type { Clock } from './clock.ts'
import { Fault, isFault } from './fault.ts'
import type { Ids } from './ids.ts'
import { suspectLateWrite } from './ingest.ts'
import type { Log } from './log.ts'
import type { MetadataStore } from './metadata.ts'
import type { FileRecord, Preview, PreviewFormat, PreviewSize, StoredObject } from './model.ts'
import { HEAD_BYTES, type PictureKind, pictureKind } from './picture-kind.ts'
import type { MadePreview, PictureSource, PreviewMaker } from './preview-maker.ts'
import type { ObjectDescription, StorageDriver } from './storage.ts'

export type StoredPreview = Preview & { key: string }

/** A picture with its bytes. */
export interface FetchedPreview {
  preview: StoredPreview
  bytes: Uint8Array<ArrayBuffer>
}

export interface PreviewShop {
  /**
   * The picture of a file, made now if it has to be; callers who want the same one at once share one making.
   * Null when there is none. Faults: unavailable (come again later), file_not_found (gone meanwhile).
   */
  fetch(file: FileRecord, size: PreviewSize, avif: boolean): Promise<FetchedPreview | null>
  /** Makes what pages of the file will ask for. Faults as in `fetch`. */
  prepare(file: FileRecord): Promise<void>
}

interface Deps {
  metadata: MetadataStore
  storage: StorageDriver
  maker: PreviewMaker
  clock: Clock
  ids: Ids
  log: Log
  /** Bytes of the storage that are left free. */
  minFree: number
}

/** Longest side in pixels. */
const EDGES: Record<PreviewSize, number> = { thumb: 256, preview: 1600 }
/** Larger files get no preview: reading one takes too long. */
const LARGEST_SOURCE = 256 * 2 ** 20
/** Thumbnails that were looked at lately are kept in memory. */
const CACHE_BYTES = 2 * 2 ** 20
const CACHED_BYTES = 32 * 2 ** 10
/** Files whose making failed once, which are remembered to be given up at the second time. */
const REMEMBERED_FAILURES = 1000
/** Seconds after which what failed or found no room may be asked for again. */
const RETRY_SECONDS = 10

/** That nothing can be made of an object in this size: the one format that every browser takes is there and empty. */
export const isRefusal = ({ format, key }: Preview): boolean => format === 'webp' && key === null

const isStored = (preview: Preview | undefined): preview is StoredPreview => preview?.key != null

/** These may move, and AVIF is made of still pictures only. */
const mayMove = (kind: PictureKind): boolean => kind === 'gif' || kind === 'webp'

const later = (cause: string): Fault =>
  new Fault('unavailable', undefined, { retryAfter: RETRY_SECONDS, cause })

export function createPreviewShop(deps: Deps): PreviewShop {
  const { metadata, storage, maker, clock, log } = deps
  const making = new Map<string, Promise<StoredPreview | null>>()
  const failures = new Set<number>()
  const recent = createByteCache(CACHE_BYTES, CACHED_BYTES)

  /** At the first failure the caller may come again, at the second one it is for good. */
  const giveUp = (objectId: number): boolean => {
    if (failures.delete(objectId)) return true
    if (failures.size >= REMEMBERED_FAILURES) failures.clear()
    failures.add(objectId)
    return false
  }

  const record = async (preview: Preview): Promise<void> => {
    try {
      await metadata.previews.add(preview)
    } catch (error) {
      if (!isFault(error, 'conflict')) throw error
    }
  }
  const refuse = async (file: FileRecord, size: PreviewSize, format: PreviewFormat): Promise<null> => {
    await record({ objectId: file.objectId, size, format, ...NOTHING, createdAt: clock.now() })
    return null
  }

  const make = async (
    file: FileRecord,
    size: PreviewSize,
    wanted: PreviewFormat,
  ): Promise<StoredPreview | null> => {
    const object = (await metadata.files.findWithObject(file.id))?.object
    if (!object) throw new Fault('file_not_found')
    const kind = object.size > LARGEST_SOURCE ? null : await kindOf(storage, object)
    if (kind === null) return refuse(file, size, 'webp')
    if (wanted === 'avif' && mayMove(kind)) {
      await refuse(file, size, 'avif')
      return ensure(file, size, 'webp')
    }
    const wish = { kind, source: sourceOf(storage, object), edge: EDGES[size], format: wanted }
    const made = await maker.make(wish)
    if (made === 'failed') {
      log.warn('preview_failed', { object: object.key, kind, size })
      if (!giveUp(object.id)) throw later('making it failed')
    }
    if (typeof made === 'string') return refuse(file, size, 'webp')
    return keep(deps, { objectId: object.id, size, format: wanted }, made)
  }

  const ensure = (
    file: FileRecord,
    size: PreviewSize,
    format: PreviewFormat,
  ): Promise<StoredPreview | null> => {
    const id = `${file.objectId}/${size}/${format}`
    const known = making.get(id)
    if (known) return known
    const started = make(file, size, format).finally(() => making.delete(id))
    making.set(id, started)
    return started
  }

  /** The record to show; the AVIF one is made for small pictures only, where it costs little. */
  const find = async (file: FileRecord, size: PreviewSize, avif: boolean): Promise<StoredPreview | null> => {
    const found = await metadata.previews.find(file.objectId, size)
    if (found.some(isRefusal)) return null
    const [small, usual] = (['avif', 'webp'] as const).map((name) =>
      found.find(({ format }) => format === name),
    )
    if (avif && isStored(small)) return small
    if (avif && !small && size === 'thumb') {
      try {
        return await ensure(file, size, 'avif')
      } catch (error) {
        if (!isStored(usual) || !isFault(error, 'unavailable')) throw error
      }
    }
    return isStored(usual) ? usual : ensure(file, size, 'webp')
  }

  const fetch = async (
    file: FileRecord,
    size: PreviewSize,
    avif: boolean,
    again = true,
  ): Promise<FetchedPreview | null> => {
    const preview = await find(file, size, avif)
    if (preview === null) return null
    const cached = recent.get(preview.key)
    if (cached) return { preview, bytes: cached }
    try {
      const bytes = await readAll(await storage.open(preview.key))
      recent.set(preview.key, bytes)
      return { preview, bytes }
    } catch (error) {
      if (!again || !isFault(error, 'object_missing')) throw error
      // What is derived can be derived again.
      await metadata.previews.remove(preview)
      return fetch(file, size, avif, false)
    }
  }
  return {
    fetch,
    async prepare(file) {
      if ((await find(file, 'thumb', true)) !== null) await find(file, 'preview', false)
    },
  }
}

const DESCRIPTIONS: Record<PreviewFormat, ObjectDescription> = {
  webp: { name: 'preview.webp', mimeType: 'image/webp' },
  avif: { name: 'preview.avif', mimeType: 'image/avif' },
}
const NOTHING = { key: null, bytes: 0, width: 0, height: 0 }

async function kindOf(storage: StorageDriver, { key, size }: StoredObject): Promise<PictureKind | null> {
  if (size === 0) return null
  return pictureKind(
    await readAll(await storage.open(key, { start: 0, end: Math.min(size, HEAD_BYTES) - 1 })),
  )
}

function sourceOf(storage: StorageDriver, { key }: StoredObject): PictureSource {
  const path = storage.pathOf?.(key)
  if (typeof path === 'string') return { path }
  return {
    async open() {
      const body = await storage.open(key)
      return body instanceof Blob ? body.stream() : body
    },
  }
}

const readAll = async (body: Blob | ReadableStream<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await new Response(body).arrayBuffer())

/** Announces the key before the bytes are written, so that a crash at any moment leaves nothing unknown. */
async function keep(
  { metadata, storage, clock, ids, log, minFree }: Deps,
  which: Pick<Preview, 'objectId' | 'size' | 'format'>,
  { bytes, width, height }: MadePreview,
): Promise<StoredPreview> {
  const free = await storage.freeBytes()
  if (free !== null && free - bytes.length < minFree) throw later('there is no room for it')
  const preview = {
    ...which,
    key: ids.objectKey(),
    bytes: bytes.length,
    width,
    height,
    createdAt: clock.now(),
  }
  await metadata.objects.announce(preview.key, preview.createdAt)
  try {
    await storage.put(preview.key, once(bytes), undefined, DESCRIPTIONS[preview.format])
    await metadata.previews.add(preview)
    return preview
  } catch (error) {
    await suspectLateWrite({ metadata, storage, clock, log }, preview.key, error)
    try {
      await storage.delete(preview.key)
      await metadata.objects.retract(preview.key)
    } catch (cause) {
      log.warn('unfinished_preview_left', { key: preview.key, cause: String(cause) })
    }
    throw isFault(error, 'conflict') ? new Fault('file_not_found', undefined, { cause: error }) : error
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** Files on their way in, whether they move or wait. What moves them is loaded with the first file. */
import type { PartTarget, UploadPart, UploadView } from '../../wire/uploads.ts'
import { api, messageOf } from '../app/session.ts'
import { changed } from '../files/changes.ts'
import { toast } from '../parts/toasts.tsx'
import { forget, type RememberedFile, recall, remember } from './memory.ts'
import { createPace, type Pace } from './pace.ts'

/**
 * `asking`: begun before this page was loaded, and its file has to be chosen again. `waiting`: for its turn.
 */
export type UploadState = 'waiting' | 'uploading' | 'paused' | 'asking' | 'failed' | 'done'

export interface UploadItem {
  id: number
  name: string
  size: number
  folderId: number | null
  state: UploadState
  sent: number
  problem: string | null
  /** Nobody wants it any more. */
  cancelled: boolean
  file: File | null
  handle: FileSystemFileHandle | null
  session: UploadView | null
  /** Where its next parts go. */
  targets: PartTarget[]
}

/** A file that somebody chose, and where it belongs. */
export interface ChosenFile {
  file: File
  folderId: number | null
  handle?: FileSystemFileHandle | null
}

/** Moves bytes. */
export interface Engine {
  start(item: UploadItem): void
  pause(item: UploadItem): void
  resume(item: UploadItem): void
  /** Forgets the file; the session is somebody else's business. */
  drop(item: UploadItem): void
}

let items: UploadItem[] = []
let nextId = 1
let engine: Engine | null = null
let loading: Promise<Engine> | null = null
const watchers = new Set<() => void>()
export const pace: Pace = createPace()

export const uploads = (): readonly UploadItem[] => items

export function onUploads(watcher: () => void): () => void {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}

let scheduled = false
/** Shows are gathered: bytes move more often than anybody looks. */
function tell(): void {
  if (scheduled) return
  scheduled = true
  setTimeout(() => {
    scheduled = false
    for (const watcher of watchers) watcher()
  }, 150)
}

const SLOTS = 4
const isMoving = ({ state }: UploadItem): boolean => state === 'uploading'

async function engineOnce(): Promise<Engine> {
  loading ??= import('./engine.ts').then((module) => module.createEngine(events))
  try {
    engine = await loading
    return engine
  } catch (error) {
    loading = null
    throw error
  }
}

/** Starts what waits, as many as may move at once. */
async function pump(): Promise<void> {
  if (!items.some(({ state }) => state === 'waiting')) return
  try {
    const mover = await engineOnce()
    for (const item of items) {
      if (items.filter(isMoving).length >= SLOTS) return
      if (item.state !== 'waiting' || !item.file) continue
      item.state = 'uploading'
      mover.start(item)
    }
  } catch {
    toast('The uploader could not be loaded. Check your connection.', { bad: true })
  } finally {
    tell()
  }
}

const LISTS_AGAIN_MS = 500
let announced = false
/** Lists are read anew now and then, and not with each of many small files. */
function arrived(): void {
  if (announced) return
  announced = true
  setTimeout(() => {
    announced = false
    changed()
  }, LISTS_AGAIN_MS)
}

/** What the engine says of an item. */
export const events = {
  opened(item: UploadItem): void {
    if (item.session && item.file) void remember(item.session.id, item.file, item.handle)
    tell()
  },
  progress(item: UploadItem, sent: number): void {
    pace.moved(sent - item.sent)
    item.sent = sent
    tell()
  },
  done(item: UploadItem): void {
    if (item.session) void forget(item.session.id)
    Object.assign(item, { state: 'done', sent: item.size, file: null, problem: null })
    arrived()
    void pump()
    tell()
  },
  failed(item: UploadItem, problem: string): void {
    Object.assign(item, { state: 'failed', problem })
    void pump()
    tell()
  },
  /** The account has as many uploads as it may have at once. */
  putOff(item: UploadItem, problem: string): void {
    const others = items.some((other) => other !== item && isMoving(other))
    if (!others) {
      events.failed(item, problem)
      return
    }
    Object.assign(item, { state: 'waiting', problem })
    setTimeout(() => void pump(), 3000)
    tell()
  },
}

export type EngineEvents = typeof events

const newItem = (from: Partial<UploadItem> & Pick<UploadItem, 'name' | 'size'>): UploadItem => ({
  ...{ id: nextId++, folderId: null, state: 'waiting', sent: 0, problem: null, file: null, cancelled: false },
  ...{ handle: null, session: null, targets: [] },
  ...from,
})

/** An upload that was begun and whose file this may be. */
function unfinished(file: File, remembered: Map<string, RememberedFile>): UploadItem | undefined {
  return items.find(({ state, name, size, session }) => {
    if (state !== 'asking' || name !== file.name || size !== file.size || !session) return false
    const known = remembered.get(session.id)
    return known === undefined || known.lastModified === file.lastModified
  })
}

/** Takes files in; those begun earlier go on where they were. */
export async function addFiles(chosen: ChosenFile[]): Promise<void> {
  const remembered = items.some(({ state }) => state === 'asking') ? await recall() : new Map()
  for (const { file, folderId, handle = null } of chosen) {
    const earlier = unfinished(file, remembered)
    if (earlier) Object.assign(earlier, { file, handle, state: 'waiting', problem: null })
    else if (file.size === 0)
      items.push(
        newItem({ name: file.name, size: 0, state: 'failed', problem: 'Empty files can not be stored.' }),
      )
    else items.push(newItem({ name: file.name, size: file.size, file, folderId, handle }))
  }
  items = [...items]
  await pump()
  tell()
}

/** The file of an upload begun earlier, chosen again. A wrong one is refused. */
export async function chooseAgain(item: UploadItem, file: File): Promise<void> {
  if (file.name !== item.name || file.size !== item.size) {
    item.problem = `That is another file. Choose ${item.name} with ${item.size} bytes.`
    return tell()
  }
  Object.assign(item, { file, state: 'waiting', problem: null })
  await pump()
}

export function pauseUpload(item: UploadItem): void {
  if (item.state === 'uploading') engine?.pause(item)
  if (item.state === 'uploading' || item.state === 'waiting') item.state = 'paused'
  void pump()
  tell()
}

/** A failed one is tried again; a paused one goes on. */
export function resumeUpload(item: UploadItem): void {
  if (item.state === 'failed') engine?.drop(item)
  if (item.state === 'paused' && item.session && engine && items.filter(isMoving).length < SLOTS) {
    item.state = 'uploading'
    engine.resume(item)
    tell()
    return
  }
  Object.assign(item, { state: 'waiting', problem: null })
  void pump()
}

/** Nothing of it is kept. */
export async function cancelUpload(item: UploadItem): Promise<void> {
  item.cancelled = true
  engine?.drop(item)
  items = items.filter((other) => other !== item)
  tell()
  if (!item.session || item.state === 'done') return void pump()
  try {
    await api('DELETE', `/web/uploads/${item.session.id}`)
    await forget(item.session.id)
  } catch (error) {
    toast(messageOf(error), { bad: true })
  }
  await pump()
}

export function clearDone(): void {
  items = items.filter(({ state }) => state !== 'done')
  tell()
}

/** What was begun before this page was loaded. Goes on by itself where the browser still may read the file. */
export async function loadUnfinished(): Promise<void> {
  const { uploads: open } = await api<{ uploads: UploadView[] }>('GET', '/web/uploads')
  if (open.length === 0) return
  const remembered = await recall()
  for (const session of open) {
    if (items.some((item) => item.session?.id === session.id)) continue
    const { filename: name, size, folderId } = session
    const { parts } = await api<{ parts: UploadPart[] }>('GET', `/web/uploads/${session.id}/parts`)
    const sent = parts.reduce((sum, part) => sum + part.size, 0)
    const handle = remembered.get(session.id)?.handle ?? null
    const item = newItem({ name, size, folderId, sent, session, handle, state: 'asking' })
    items = [...items, item]
    if (handle && (await handle.queryPermission({ mode: 'read' })) === 'granted') await reopen(item)
  }
  tell()
}

/** By the handle that was kept; the browser may ask for leave. */
export async function reopen(item: UploadItem): Promise<void> {
  const { handle } = item
  if (!handle) return
  try {
    if ((await handle.requestPermission({ mode: 'read' })) !== 'granted') return
    await chooseAgain(item, await handle.getFile())
  } catch {
    // The file has been moved or deleted since.
    item.handle = null
    item.problem = `${item.name} is not where it was. Choose it again.`
    tell()
  }
}

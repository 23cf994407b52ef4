/** Files on their way in, whether they move or wait. What moves them is loaded with the first file. */
import type { PartTarget, UploadView } from '../../wire/uploads.ts'
import { api, messageOf } from '../app/session.ts'
import { changed, report } from '../files/changes.ts'
import { toast } from '../parts/toasts.tsx'
import { claim } from './claims.ts'
import { goesOnWith } from './earlier.ts'
import { sendEmpty } from './empty.ts'
import { forget, remember } from './memory.ts'
import { createPace, type Pace } from './pace.ts'

/**
 * `asking`: begun before this page was loaded, and its file has to be chosen again. `checking`: whether the file
 * that was chosen is that one. `waiting`: for its turn, or for the connection.
 */
export type UploadState = 'waiting' | 'uploading' | 'paused' | 'asking' | 'checking' | 'failed' | 'done'

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
  /** The file as it is now, where it is no longer what was begun. */
  newer: File | null
  replaces: number | null
  session: UploadView | null
  /** Lets other pages of this browser work on the session. */
  release: (() => void) | null
  /** Where its next parts go. */
  targets: PartTarget[]
}

/** A file that somebody chose, and where it belongs. */
export interface ChosenFile {
  file: File
  folderId: number | null
  handle?: FileSystemFileHandle | null
  /** Id of the file that goes to the trash when this one has arrived. */
  replaces?: number | null
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
export function tell(): void {
  if (scheduled) return
  scheduled = true
  setTimeout(() => {
    scheduled = false
    for (const watcher of watchers) watcher()
  }, 150)
}

const SLOTS = 4
/** Leaving the page would stop something. */
export const isUploading = (): boolean =>
  items.some(({ state }) => state === 'uploading' || state === 'waiting')

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

const isStartable = ({ state, file }: UploadItem): boolean => state === 'waiting' && file !== null

/** Starts what waits, as many as may move at once. */
export async function pump(): Promise<void> {
  if (!items.some(({ state }) => state === 'waiting')) return
  try {
    const mover = items.some((item) => isStartable(item) && item.size > 0) ? await engineOnce() : null
    for (const item of items.filter(isStartable)) {
      if (items.filter(isMoving).length >= SLOTS) return
      if (item.size > 0 && !mover) continue
      Object.assign(item, { state: 'uploading', problem: null })
      if (item.size === 0) void sendEmpty(item, events)
      else mover?.start(item)
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

/** Milliseconds until what was cut off is tried again, where nothing says that the connection is back. */
const AGAIN_MS = 15_000

/** This page is done with the session of an item. */
function letGo(item: UploadItem): void {
  item.release?.()
  item.release = null
}

/** What the engine says of an item. */
export const events = {
  opened(item: UploadItem): void {
    const { session, file, handle, replaces } = item
    if (session && file) void remember(session.id, { lastModified: file.lastModified, handle, replaces })
    if (item.session && !item.release)
      void claim(item.session.id).then((release) => {
        item.release = release
      })
    tell()
  },
  progress(item: UploadItem, sent: number): void {
    pace.moved(sent - item.sent)
    item.sent = sent
    tell()
  },
  done(item: UploadItem): void {
    if (item.session) void forget(item.session.id)
    letGo(item)
    Object.assign(item, { state: 'done', sent: item.size, file: null, problem: null })
    arrived()
    if (item.replaces !== null) report('trash', { done: 1, failed: [] })
    void pump()
    tell()
  },
  failed(item: UploadItem, problem: string): void {
    Object.assign(item, { state: 'failed', problem })
    void pump()
    tell()
  },
  /** The server can not be reached: nobody has said no. */
  interrupted(item: UploadItem): void {
    Object.assign(item, { state: 'waiting', problem: 'No connection. It goes on by itself.' })
    setTimeout(() => void pump(), AGAIN_MS)
    tell()
  },
  /** What the file was is gone: nothing is sent of what it is now. */
  fileLost(item: UploadItem): void {
    const problem = `${item.name} was changed or removed while it was on its way.`
    Object.assign(item, { state: 'failed', problem, file: null })
    void newestOf(item).then((newer) => {
      item.newer = newer
      tell()
    })
    void pump()
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

/** The file of an item as it is now, where the browser may still read it. */
async function newestOf({ handle }: UploadItem): Promise<File | null> {
  try {
    return (await handle?.getFile()) ?? null
  } catch {
    // It has been removed.
    return null
  }
}

export const newItem = (from: Partial<UploadItem> & Pick<UploadItem, 'name' | 'size'>): UploadItem => ({
  ...{ id: nextId++, folderId: null, state: 'waiting', sent: 0, problem: null, file: null, cancelled: false },
  ...{ handle: null, newer: null, replaces: null, session: null, release: null, targets: [] },
  ...from,
})

/** Shows one more; nothing of it moves yet. */
export function addItem(item: UploadItem): void {
  items = [...items, item]
  tell()
}

/** Takes files in; those begun earlier go on where they were. */
export async function addFiles(chosen: ChosenFile[]): Promise<void> {
  for (const one of chosen) {
    const { file, folderId, handle = null, replaces = null } = one
    if (file.size === 0 || !(await goesOnWith(one)))
      items.push(newItem({ name: file.name, size: file.size, file, folderId, handle, replaces }))
  }
  items = [...items]
  await pump()
  tell()
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
  letGo(item)
  await pump()
}

export function clearDone(): void {
  items = items.filter(({ state }) => state !== 'done')
  tell()
}

/** The file as it is now, from its first byte; what had arrived of it as it was is thrown away. */
export async function startOver(item: UploadItem): Promise<void> {
  const { newer: file, folderId, handle, replaces } = item
  if (!file) return
  await cancelUpload(item)
  await addFiles([{ file, folderId, handle, replaces }])
}

const mayRetry = (item: UploadItem): boolean => item.state === 'failed' && item.file !== null

export const canRetry = (): boolean => items.some(mayRetry)

/** All that failed and whose file is still at hand. */
export function retryFailed(): void {
  for (const item of items.filter(mayRetry)) resumeUpload(item)
}

/** All that has not arrived; nothing of it is kept. */
export async function cancelAll(): Promise<void> {
  const all = items.filter(({ state }) => state !== 'done')
  // None of them takes the turn of one that is called off.
  items = items.filter(({ state }) => state === 'done')
  for (const item of all) await cancelUpload(item)
}

addEventListener('online', () => void pump())

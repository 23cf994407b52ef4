/** Uploads begun before this page was loaded, which go on where they were, but with the same file only. */
import type { UploadPart, UploadView } from '../../wire/uploads.ts'
import { api, messageOf } from '../app/session.ts'
import { claim, claims, whenFree } from './claims.ts'
import { type RememberedFile, recall } from './memory.ts'
import { addItem, type ChosenFile, newItem, pump, tell, type UploadItem, uploads } from './queue.ts'

/** When the files of sessions had been changed last, as far as this browser remembers. */
let remembered = new Map<string, RememberedFile>()

const arrived = ({ id }: UploadView): Promise<{ parts: UploadPart[] }> =>
  api<{ parts: UploadPart[] }>('GET', `/web/uploads/${id}/parts`)

/** By the time of its last change; where that is another or not known, by what has arrived. Throws CallError. */
async function isSame(session: UploadView, file: File): Promise<boolean> {
  if (file.size !== session.size) return false
  if (remembered.get(session.id)?.lastModified === file.lastModified) return true
  const { parts } = await arrived(session)
  const { holdsParts } = await import('./compare.ts')
  return holdsParts(file, session.partSize, parts)
}

/** `waiting` with the file when it is the one that was begun; else it still asks, and says why. */
async function check(item: UploadItem, file: File): Promise<void> {
  const { session } = item
  if (!session) return
  Object.assign(item, { state: 'checking', problem: null, newer: null })
  tell()
  try {
    if (await isSame(session, file)) Object.assign(item, { file, state: 'waiting' })
    else {
      const problem = `${item.name} has been changed since this upload was begun, which can not go on with it.`
      Object.assign(item, { state: 'asking', newer: file, problem })
    }
  } catch (error) {
    const problem = error instanceof DOMException ? `${item.name} can not be read.` : messageOf(error)
    Object.assign(item, { state: 'asking', problem })
  }
  tell()
}

/** The file of an upload begun earlier, chosen again. */
export async function chooseAgain(item: UploadItem, file: File): Promise<void> {
  if (file.name === item.name) await check(item, file)
  else {
    item.problem = `That is another file. Choose ${item.name}.`
    tell()
  }
  await pump()
}

/** Whether a file that somebody brings is one that was begun in this folder; it then goes on. */
export async function goesOnWith({
  file,
  folderId,
  handle = null,
  replaces = null,
}: ChosenFile): Promise<boolean> {
  const isLike = ({ state, name, size, folderId: place }: UploadItem): boolean =>
    state === 'asking' && name === file.name && size === file.size && place === folderId
  for (const item of uploads().filter(isLike)) {
    await check(item, file)
    if (item.state === 'waiting') {
      item.handle = handle
      item.replaces = replaces ?? item.replaces
      return true
    }
    Object.assign(item, { problem: null, newer: null })
  }
  return false
}

const watched = new Set<string>()

/** What another tab works on is that one's until it is closed. */
async function takeOver(session: string): Promise<void> {
  if (watched.has(session)) return
  watched.add(session)
  await whenFree(session)
  watched.delete(session)
  // Where it can not be looked up now, it is when the page is loaded the next time.
  await loadUnfinished().catch(() => undefined)
}

/** Goes on by itself where the browser still may read the file. */
export async function loadUnfinished(): Promise<void> {
  const { uploads: open } = await api<{ uploads: UploadView[] }>('GET', '/web/uploads')
  if (open.length === 0) return
  remembered = await recall()
  const isClaimed = await claims()
  for (const session of open) {
    if (uploads().some((item) => item.session?.id === session.id)) continue
    if (isClaimed(session.id)) {
      void takeOver(session.id)
      continue
    }
    const { filename: name, size, folderId } = session
    const { parts } = await arrived(session)
    const sent = parts.reduce((sum, part) => sum + part.size, 0)
    // What was remembered by an earlier version of this page may lack something.
    const { handle = null, replaces = null } = remembered.get(session.id) ?? {}
    addItem(newItem({ name, size, folderId, sent, session, handle, replaces, state: 'asking' }))
  }
  await reopenAllowed()
}

const mayRead = async (handle: FileSystemFileHandle): Promise<boolean> =>
  (await handle.queryPermission({ mode: 'read' })) === 'granted'

/** One answer of the person may be meant for many files. */
async function reopenAllowed(): Promise<void> {
  for (const item of uploads())
    if (item.state === 'asking' && item.handle && !item.newer && (await mayRead(item.handle)))
      await takeUp(item, item.handle)
}

async function takeUp(item: UploadItem, handle: FileSystemFileHandle): Promise<void> {
  item.release ??= item.session && (await claim(item.session.id))
  if (!item.release) {
    item.problem = 'Another tab goes on with it.'
    return tell()
  }
  try {
    await chooseAgain(item, await handle.getFile())
  } catch {
    item.handle = null
    item.problem = `${item.name} is not where it was. Choose it again.`
    tell()
  }
}

/** By the handle that was kept; the browser asks for leave when it has to. */
export async function reopen(item: UploadItem): Promise<void> {
  const { handle } = item
  if (!handle) return
  const answer = await handle.requestPermission({ mode: 'read' }).catch(() => 'denied')
  if (answer === 'granted') {
    await takeUp(item, handle)
    return reopenAllowed()
  }
  // It can still be chosen in the usual way.
  item.handle = null
  item.problem = 'The browser may not read it. Choose the file again.'
  tell()
}

/** Files and whole folders as people bring them: dropped, pasted, chosen. Folders keep their tree. */
import { api, messageOf } from '../app/session.ts'
import { changed } from '../files/changes.ts'
import { toast } from '../parts/toasts.tsx'
import { addFiles } from './queue.ts'

interface Found {
  file: File
  /** Names of the folders it lies in. */
  path: string[]
  handle: FileSystemFileHandle | null
}

const readAll = (reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> =>
  new Promise((resolve, reject) => {
    const all: FileSystemEntry[] = []
    // It gives a hundred at a time, and none at the end.
    const more = (): void =>
      reader.readEntries((some) => {
        if (some.length === 0) return resolve(all)
        all.push(...some)
        more()
      }, reject)
    more()
  })

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => entry.file(resolve, reject))

async function walk(
  entry: FileSystemEntry,
  path: string[],
  found: Found[],
  folders: string[][],
): Promise<void> {
  if (entry.isFile) {
    found.push({ file: await fileOf(entry as FileSystemFileEntry), path, handle: null })
    return
  }
  const inside = [...path, entry.name]
  folders.push(inside)
  for (const child of await readAll((entry as FileSystemDirectoryEntry).createReader()))
    await walk(child, inside, found, folders)
}

interface Dropped {
  entry: FileSystemEntry | null
  file: File | null
  handle: Promise<FileSystemHandle | null> | null
}

/** Has to be called while the event is being handled: afterwards the browser forgets what was dropped. */
function seize(transfer: DataTransfer): Dropped[] {
  return [...transfer.items]
    .filter(({ kind }) => kind === 'file')
    .map((item) => ({
      entry: item.webkitGetAsEntry(),
      file: item.getAsFile(),
      handle: 'getAsFileSystemHandle' in item ? item.getAsFileSystemHandle() : null,
    }))
}

const isFileHandle = (handle: FileSystemHandle | null | undefined): handle is FileSystemFileHandle =>
  handle?.kind === 'file'

export async function takeDrop(transfer: DataTransfer, folderId: number | null): Promise<void> {
  const dropped = seize(transfer)
  const found: Found[] = []
  const folders: string[][] = []
  try {
    for (const { entry, file, handle } of dropped) {
      if (entry?.isDirectory) await walk(entry, [], found, folders)
      else if (file) {
        const kept = await handle?.catch(() => null)
        found.push({ file, path: [], handle: isFileHandle(kept) ? kept : null })
      }
    }
    await takeFound(found, folders, folderId)
  } catch {
    toast('Some of these files could not be read.', { bad: true })
  }
}

/** From an input; those of a folder know their way. */
export const takeFiles = (files: Iterable<File>, folderId: number | null): Promise<void> => {
  const found = [...files].map((file) => ({
    file,
    path: file.webkitRelativePath.split('/').slice(0, -1),
    handle: null,
  }))
  return takeFound(found, [], folderId)
}

/** By the window in which a browser remembers what it may read, where there is one; else false. */
export async function askForFiles(folderId: number | null): Promise<boolean> {
  if (!window.showOpenFilePicker) return false
  try {
    const handles = await window.showOpenFilePicker({ multiple: true })
    const found = await Promise.all(
      handles.map(async (handle) => ({ file: await handle.getFile(), path: [], handle })),
    )
    await takeFound(found, [], folderId)
  } catch (error) {
    // Who closes the window has changed their mind.
    if (!(error instanceof DOMException && error.name === 'AbortError')) return false
  }
  return true
}

const PATHS_AT_ONCE = 500

async function takeFound(found: Found[], folders: string[][], folderId: number | null): Promise<void> {
  const paths = [...folders, ...found.map(({ path }) => path)].filter((path) => path.length > 0)
  const places = new Map<string, number | null>([['', folderId]])
  const distinct = [...new Map(paths.map((path) => [path.join('/'), path])).values()]
  try {
    for (let start = 0; start < distinct.length; start += PATHS_AT_ONCE) {
      const some = distinct.slice(start, start + PATHS_AT_ONCE)
      const made = { parentId: folderId, paths: some }
      const { ids } = await api<{ ids: number[] }>('POST', '/web/folders/paths', made)
      some.forEach((path, index) => void places.set(path.join('/'), ids[index] ?? null))
    }
  } catch (error) {
    toast(`The folders could not be made: ${messageOf(error)}`, { bad: true })
    return
  }
  if (distinct.length > 0) changed()
  await addFiles(
    found.map(({ file, path, handle }) => ({ file, handle, folderId: places.get(path.join('/')) ?? null })),
  )
}

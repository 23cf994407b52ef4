/** Files and whole folders as people bring them: dropped, pasted, chosen. Folders keep their tree. */
import { api, messageOf } from '../app/session.ts'
import { changed } from '../files/changes.ts'
import { toast } from '../parts/toasts.tsx'
import { addFiles, type ChosenFile } from './queue.ts'

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

/** What is found in what was dropped. */
interface Basket {
  found: Found[]
  folders: string[][]
  /** Paths. */
  unreadable: string[]
}

async function walk(entry: FileSystemEntry, path: string[], into: Basket): Promise<void> {
  try {
    if (entry.isFile) {
      into.found.push({ file: await fileOf(entry as FileSystemFileEntry), path, handle: null })
      return
    }
    const inside = [...path, entry.name]
    into.folders.push(inside)
    for (const child of await readAll((entry as FileSystemDirectoryEntry).createReader()))
      await walk(child, inside, into)
  } catch {
    // Removed meanwhile, or nobody may read it: the others come all the same.
    into.unreadable.push([...path, entry.name].join('/'))
  }
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
  const into: Basket = { found: [], folders: [], unreadable: [] }
  for (const { entry, file, handle } of seize(transfer)) {
    if (entry?.isDirectory) await walk(entry, [], into)
    else if (file) {
      const kept = await handle?.catch(() => null)
      into.found.push({ file, path: [], handle: isFileHandle(kept) ? kept : null })
    }
  }
  const [first] = into.unreadable
  if (first !== undefined) {
    const more = into.unreadable.length - 1
    toast(`${first} can not be read${more > 0 ? `, nor can ${more} more` : ''}.`, { bad: true })
  }
  await takeFound(into.found, into.folders, folderId)
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

/** Whoever can not be asked keeps everything. */
async function settled(chosen: ChosenFile[]): Promise<ChosenFile[]> {
  try {
    const { withoutClashes } = await import('./clashes.tsx')
    return await withoutClashes(chosen)
  } catch {
    // Without a connection: the uploads themselves wait for it.
    return chosen
  }
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
  const chosen = found.map(({ file, path, handle }) => ({
    ...{ file, handle },
    folderId: places.get(path.join('/')) ?? null,
  }))
  await addFiles(await settled(chosen))
}

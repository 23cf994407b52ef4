/** What of a folder's tree goes into its archive, in the order it will have there. */
import { invalid } from '../fault.ts'
import { byteLength } from '../filename.ts'
import type { FolderContent, MetadataStore } from '../metadata.ts'
import type { Folder } from '../model.ts'
import { archiveName, uniqueNames } from './zip-names.ts'
import type { ZipEntry } from './zip-plan.ts'

/** An entry whose CRC-32 may have to be computed first. */
export interface FolderEntry extends ZipEntry {
  objectId: number
  hasCrc32: boolean
}

/** An archive of more takes too long to plan, and few programs open it. */
export const MOST_ENTRIES = 100_000
/** Longer paths can be unpacked nowhere. */
const MOST_PATH_BYTES = 4000
const PAGE = 500

interface Tree {
  metadata: Pick<MetadataStore, 'folders' | 'files'>
  root: Folder
  isOwner: boolean
  now: Date
}

/**
 * Folders first, then files, each by name, at every depth: all of it for the owner; for others what the pages of
 * the folder and of the folders below would show them. A folder below with a password of its own is left out, and
 * so is what is expired, not ready, or has a number of uses. Fault: invalid (too many entries, or too deep).
 */
export async function folderEntries(tree: Tree): Promise<FolderEntry[]> {
  const top = folderEntry(null, archiveName(tree.root.name), tree.root)
  const entries = [top]
  const waiting: Array<{ id: number; entry: FolderEntry }> = [{ id: tree.root.id, entry: top }]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const nameOnce = uniqueNames()
    const below: typeof waiting = []
    for await (const folder of foldersIn(tree, next.id)) {
      const entry = folderEntry(next.entry, nameOnce(folder.name), folder)
      add(entries, entry)
      below.push({ id: folder.id, entry })
    }
    for await (const file of filesIn(tree, next.id))
      add(entries, fileEntry(next.entry, nameOnce(file.name), file))
    // The last one in is the first one out: by name again.
    waiting.push(...below.reverse())
  }
  return entries
}

function add(entries: FolderEntry[], entry: FolderEntry): void {
  if (entries.length >= MOST_ENTRIES)
    throw invalid(
      'folder',
      `Folders of more than ${MOST_ENTRIES} entries can not be downloaded as one archive.`,
    )
  if (entry.pathBytes > MOST_PATH_BYTES)
    throw invalid('folder', 'This folder is nested too deeply to be downloaded as one archive.')
  entries.push(entry)
}

async function* foldersIn({ metadata, root, isOwner }: Tree, id: number): AsyncGenerator<Folder> {
  const leastVisibility = isOwner ? 0 : 1
  for (let offset = 0; ; offset += PAGE) {
    const page = await metadata.folders.list(root.accountId, id, { offset, limit: PAGE, leastVisibility })
    for (const folder of page)
      if (isOwner || folder.passwordMd5 === null || folder.passwordMd5 === root.passwordMd5) yield folder
    if (page.length < PAGE) return
  }
}

async function* filesIn({ metadata, root, now }: Tree, id: number): AsyncGenerator<FolderContent> {
  for (let after: FolderContent | null = null; ; ) {
    const page: FolderContent[] = await metadata.files.contents(root.accountId, id, after, PAGE, now)
    yield* page
    if (page.length < PAGE) return
    after = page.at(-1) ?? null
  }
}

const seconds = (date: Date): number => Math.floor(date.getTime() / 1000)

const folderEntry = (parent: FolderEntry | null, name: string, { createdAt }: Folder): FolderEntry => ({
  ...placed(parent, name, true),
  ...{ size: 0, crc32: 0, modified: seconds(createdAt), isFolder: true },
  ...{ key: null, fileId: 0, objectId: 0, hasCrc32: true },
})

const fileEntry = (parent: FolderEntry, name: string, file: FolderContent): FolderEntry => ({
  ...placed(parent, name, false),
  ...{ size: file.size, crc32: file.crc32 ?? 0, modified: seconds(file.createdAt), isFolder: false },
  ...{ key: file.key, fileId: file.id, objectId: file.objectId, hasCrc32: file.crc32 !== null },
})

/** A folder's path ends with a slash already. */
const placed = (parent: FolderEntry | null, name: string, isFolder: boolean) => ({
  parent,
  name,
  pathBytes: (parent?.pathBytes ?? 0) + byteLength(name) + (isFolder ? 1 : 0),
})

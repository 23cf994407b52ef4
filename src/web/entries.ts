/** Files and folders as lists show them. */
import type { FileRecord, Folder } from '../core/model.ts'
import type { Picture } from '../core/previews.ts'
import { kindBadge } from './icons.ts'
import { kindOf } from './kinds.ts'
import { escapeHtml, nameHtml } from './page.ts'
import { counted, humanSize } from './units.ts'

/** Site-relative. The name in it is for people only. */
export const folderPath = ({ id, name }: Pick<Folder, 'id' | 'name'>): string =>
  `/folder/${id}/${name.replace(/[^A-Za-z0-9._-]/g, '_')}`

/** One row: what it is called leads to it. `badge` is HTML that stands before it. */
const entry = (path: string, name: string, facts: string[], badge: string): string =>
  `<li><a href="${escapeHtml(path)}">${nameHtml(name)}</a><span>${escapeHtml(facts.join(' · '))}</span>${badge}</li>`

/** What is in a folder, in words. */
export const folderFacts = ({ fileCount, folderCount, totalSize }: Folder): string[] => [
  ...(folderCount > 0 ? [counted(folderCount, 'folder')] : []),
  counted(fileCount, 'file'),
  humanSize(totalSize),
]

export const folderEntry = (folder: Folder): string =>
  entry(folderPath(folder), folder.name, ['Folder', ...folderFacts(folder)], kindBadge('folder'))

/** `thumb` is a small picture of it, if there is one. */
export const fileEntry = (
  { file, path }: { file: FileRecord; path: string },
  thumb?: Pick<Picture, 'path'>,
): string => {
  const badge =
    thumb === undefined
      ? kindBadge(kindOf(file))
      : `<span class="kind"><img src="${escapeHtml(thumb.path)}" alt="" loading="lazy" decoding="async" width="256" height="256"></span>`
  return entry(path, file.name, [humanSize(file.size), counted(file.downloads, 'download')], badge)
}

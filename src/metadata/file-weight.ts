/** What a file means for the counters of its folder. */
import type { FileRecord } from '../core/model.ts'
import type { FolderChange } from './folder-tree.ts'

/** What a folder gains by an active file; `times` −1 is what it loses. */
export const weight = (file: Pick<FileRecord, 'size' | 'downloads'>, times: 1 | -1): FolderChange => ({
  size: times * file.size,
  downloads: times * file.downloads,
  files: times,
})

/** What a folder loses with all of these. */
export const loss = (gone: Array<Pick<FileRecord, 'size' | 'downloads'>>): FolderChange => ({
  size: -gone.reduce((total, { size }) => total + size, 0),
  downloads: -gone.reduce((total, { downloads }) => total + downloads, 0),
  files: -gone.length,
})

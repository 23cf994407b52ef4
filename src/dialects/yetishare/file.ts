/** Files: look at, change, move, copy, delete, get a link. Uploads have a file of their own. */
import { Fault, invalid } from '../../core/fault.ts'
import type { FileChange } from '../../core/files.ts'
import type { FileRecord } from '../../core/model.ts'
import type { Action } from './action.ts'
import { type Call, destinationOf, folderOf, toId } from './call.ts'
import { toFile } from './wire.ts'

const FILE_ID = { file_id: 'Id of the file' }
const NO_FILE = 'Could not find file based on file_id.'
const NO_ID = 'Please provide the file_id param.'

const SITE = 'https://your-site.example'

/** A file in a listing, as documented. */
export const EXAMPLE_LISTED_FILE = {
  id: '1253',
  filename: 'sample4_l.jpg',
  shortUrl: '4ynA8yjhsu',
  fileType: 'image/jpeg',
  extension: 'jpg',
  fileSize: '149084',
  status: 'active',
  downloads: '0',
  folderId: null,
  keywords: 'sample4,l,jpg',
  url_file: `${SITE}/4ynA8yjhsu`,
}

const EXAMPLE_FILE = {
  id: '1253',
  filename: 'sample4_l.jpg',
  shortUrl: '4ynA8yjhsu',
  fileType: 'image/jpeg',
  extension: 'jpg',
  fileSize: '149084',
  uploadedIP: '192.0.2.7',
  uploadedDate: '2026-11-22 01:30:00',
  status: 'active',
  file_status: 'active',
  downloads: '0',
  lastAccessed: null,
  folderId: null,
  keywords: 'sample4,l,jpg',
  isPublic: '1',
  uploadSource: 'api',
  description: null,
  url_file: `${SITE}/4ynA8yjhsu`,
  url_file_info: `${SITE}/4ynA8yjhsu~i?41efa710444abad11a8f4b5a90e4d746`,
  url_file_stats: `${SITE}/4ynA8yjhsu~s`,
  url_file_delete: `${SITE}/4ynA8yjhsu~d?41efa710444abad11a8f4b5a90e4d746`,
}

/** Faults: invalid, file_not_found. */
async function fileOf({ core, account, required }: Call): Promise<FileRecord> {
  const id = toId(required('file_id'))
  if (id === null) throw new Fault('file_not_found')
  return core.files.getById(account, id)
}

const info: Action = {
  path: 'file/info',
  docs: {
    summary: 'Metadata of a file',
    parameters: FILE_ID,
    errors: [NO_ID, NO_FILE],
    example: { data: EXAMPLE_FILE },
  },
  run: async (call) => ({ data: toFile(await fileOf(call), call.origin) }),
}

const download: Action = {
  path: 'file/download',
  docs: {
    summary: 'A download link for a file',
    description: 'Good for 24 hours, from any address, any number of times.',
    parameters: { ...FILE_ID, short_url: 'Its short URL, instead of the id' },
    errors: [NO_ID, NO_FILE, 'Could not generate download url.'],
    example: {
      data: {
        file_id: '1253',
        filename: 'sample4_l.jpg',
        download_url: 'https://your-site.example/4ynA8yjhsu?download_token=c3e6…',
      },
    },
  },
  async run({ core, account, text, origin }) {
    const id = text('file_id') || undefined
    const slug = text('short_url') || undefined
    if (id === undefined && slug === undefined) throw invalid('file_id', NO_ID)
    const { file, path } = await core.downloads.tokenLink(
      account,
      id === undefined ? { slug: slug ?? '' } : { id: toId(id) ?? 0 },
    )
    return { data: { file_id: String(file.id), filename: file.name, download_url: origin + path } }
  },
}

/** Blank keeps what is there; `folder_id` null is the root. */
async function readChange(call: Call): Promise<FileChange> {
  const [name, mimeType, folder] = [call.text('filename'), call.text('fileType'), call.text('folder_id')]
  return {
    ...(name && { name }),
    ...(mimeType && { mimeType }),
    ...(folder && { folderId: await folderOf(call, folder) }),
  }
}

const edit: Action = {
  path: 'file/edit',
  docs: {
    summary: 'Rename a file, change its type or folder',
    description: 'Blank keeps what is there.',
    parameters: {
      ...FILE_ID,
      filename: 'New name',
      fileType: 'New media type',
      folder_id: 'New folder; null is the root',
    },
    errors: [NO_ID, NO_FILE, 'Could not find folder based on folder_id.'],
    example: { response: 'File successfully updated.', data: EXAMPLE_FILE },
  },
  async run(call) {
    const file = await fileOf(call)
    const changed = await call.core.files.change(call.account, file.id, await readChange(call))
    return { response: 'File successfully updated.', data: toFile(changed, call.origin) }
  },
}

const remove: Action = {
  path: 'file/delete',
  docs: {
    summary: 'Move a file to the trash',
    parameters: FILE_ID,
    errors: [NO_ID, NO_FILE],
    example: {
      response: 'File successfully set as deleted.',
      data: { ...EXAMPLE_FILE, status: 'trash', file_status: 'trash' },
    },
  },
  async run(call) {
    const trashed = await call.core.files.trash(call.account, (await fileOf(call)).id)
    return { response: 'File successfully set as deleted.', data: toFile(trashed, call.origin) }
  },
}

const move: Action = {
  path: 'file/move',
  docs: {
    summary: 'Move a file to another folder',
    parameters: { ...FILE_ID, new_parent_folder_id: 'The folder; blank, 0 or null is the root' },
    errors: [
      NO_ID,
      NO_FILE,
      'Please provide the new_parent_folder_id param.',
      'Could not find the destination folder id defined by new_parent_folder_id.',
    ],
    example: { response: 'File successfully moved.', data: EXAMPLE_FILE },
  },
  async run(call) {
    const file = await fileOf(call)
    const folderId = await destinationOf(call, 'new_parent_folder_id')
    const moved = await call.core.files.change(call.account, file.id, { folderId })
    return { response: 'File successfully moved.', data: toFile(moved, call.origin) }
  },
}

const copy: Action = {
  path: 'file/copy',
  docs: {
    summary: 'Copy a file',
    description: 'The bytes are shared, the copy counts against the quota.',
    parameters: { ...FILE_ID, copy_to_folder_id: 'The folder; blank, 0 or null is the root' },
    errors: [
      NO_ID,
      NO_FILE,
      'Please provide the copy_to_folder_id param.',
      'Could not find the destination folder id defined by copy_to_folder_id.',
      'This upload would exceed your storage quota.',
    ],
    example: {
      response: 'File successfully copyied.',
      original_file: { data: EXAMPLE_FILE },
      new_file: { data: { ...EXAMPLE_FILE, id: '1254' } },
    },
  },
  async run(call) {
    const file = await fileOf(call)
    const folderId = await destinationOf(call, 'copy_to_folder_id')
    const made = await call.core.files.copy(call.account, file.id, folderId)
    return {
      response: 'File successfully copyied.',
      original_file: { data: toFile(file, call.origin) },
      new_file: { data: toFile(made, call.origin) },
    }
  },
}

export const fileActions: Action[] = [info, download, edit, remove, move, copy]

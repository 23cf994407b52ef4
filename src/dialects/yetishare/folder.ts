/** Folders: make, list, look at, change, move, delete. */
import { Fault } from '../../core/fault.ts'
import type { Folder, Visibility } from '../../core/model.ts'
import type { Action } from './action.ts'
import { type Call, destinationOf, folderOf, isRoot, toId } from './call.ts'
import { EXAMPLE_LISTED_FILE } from './file.ts'
import { toFolder, toListedFile, toListedFolder } from './wire.ts'

const FOLDER_ID = { folder_id: 'Id of the folder' }
const NO_FOLDER = 'Could not find folder based on folder_id.'
const NO_ID = 'Please provide the folder_id param.'
const ITSELF = 'Param folder_id can not match new_parent_folder_id.'
const TOO_DEEP = 'Folders can be nested at most 100 levels deep.'

const EXAMPLE = {
  id: '125',
  parentId: null,
  folderName: 'My New Folder',
  totalSize: '0',
  isPublic: '2',
  accessPassword: null,
  date_added: '2026-11-22 01:30:00',
  date_updated: null,
  url_folder: 'https://your-site.example/folder/125/My_New_Folder',
  total_downloads: 0,
  child_folder_count: 0,
  file_count: 0,
}

const { accessPassword: _never, ...EXAMPLE_LISTED } = EXAMPLE

const FIELDS = {
  is_public: '0 private, 1 unlisted, 2 public in site search',
  access_password: 'MD5 of a password, 32 hex digits',
}

const isVisibility = (value: string | undefined): boolean => value !== undefined && /^[012]$/.test(value)
const isMd5 = (value: string | undefined): boolean => value !== undefined && /^[0-9a-f]{32}$/i.test(value)

/** Faults: invalid, folder_not_found. */
async function ownFolder({ core, account, required }: Call, name = 'folder_id'): Promise<Folder> {
  const id = toId(required(name))
  if (id === null) throw new Fault('folder_not_found')
  return core.folders.get(account, id)
}

const create: Action = {
  path: 'folder/create',
  docs: {
    summary: 'Make a folder',
    parameters: { folder_name: 'Its name', parent_id: 'The folder it goes into; root when blank', ...FIELDS },
    errors: ['Please provide the folder_name param.', NO_FOLDER, TOO_DEEP],
    example: { response: 'Folder successfully created.', data: EXAMPLE },
  },
  async run(call) {
    const name = call.required('folder_name')
    const [isPublic, password] = [call.text('is_public'), call.text('access_password')]
    const folder = await call.core.folders.create(call.account, {
      name,
      parentId: await folderOf(call, call.text('parent_id')),
      visibility: isVisibility(isPublic) ? (Number(isPublic) as Visibility) : 0,
      passwordMd5: password ?? null,
    })
    return { response: 'Folder successfully created.', data: toFolder(folder, call.origin) }
  },
}

const listing: Action = {
  path: 'folder/listing',
  docs: {
    summary: 'Folders and files in a folder',
    description: 'By name. What is in the trash is not listed.',
    parameters: { parent_folder_id: 'The folder; root when blank' },
    errors: [NO_FOLDER],
    example: { data: { folders: [EXAMPLE_LISTED], files: [EXAMPLE_LISTED_FILE] } },
  },
  async run(call) {
    const { core, account, origin } = call
    const parentId = await folderOf(call, call.text('parent_folder_id'))
    const [folders, files] = await Promise.all([
      core.folders.list(account, parentId),
      core.files.list(account, parentId),
    ])
    return {
      data: {
        folders: folders.map((folder) => toListedFolder(folder, origin)),
        files: files.map((file) => toListedFile(file, origin)),
      },
    }
  },
}

const info: Action = {
  path: 'folder/info',
  docs: {
    summary: 'A folder',
    parameters: { ...FOLDER_ID, parent_folder_id: 'The same, under the name that some clients use' },
    errors: [NO_ID, NO_FOLDER],
    example: { data: EXAMPLE },
  },
  async run(call) {
    const name = !call.text('folder_id') && call.text('parent_folder_id') ? 'parent_folder_id' : 'folder_id'
    return { data: toFolder(await ownFolder(call, name), call.origin) }
  },
}

/** Blank keeps what is there; `null` takes the password away and moves to the root. */
async function readChange(call: Call, folder: Folder) {
  const [name, isPublic, password] = [
    call.text('folder_name'),
    call.text('is_public'),
    call.text('access_password'),
  ]
  const parent = call.text('parent_id')
  const parentId = parent ? await folderOf(call, parent) : undefined
  if (parentId === folder.id) throw new Fault('folder_cycle', ITSELF, { field: 'parent_id' })
  return {
    ...(name && { name }),
    ...(isVisibility(isPublic) && { visibility: Number(isPublic) as Visibility }),
    ...(isMd5(password) && { passwordMd5: password?.toLowerCase() ?? null }),
    ...(password?.toLowerCase() === 'null' && { passwordMd5: null }),
    ...(parentId !== undefined && { parentId }),
  }
}

const edit: Action = {
  path: 'folder/edit',
  docs: {
    summary: 'Change a folder',
    description: 'Blank keeps what is there.',
    parameters: {
      ...FOLDER_ID,
      folder_name: 'New name',
      parent_id: 'New parent; null or 0 is the root',
      is_public: FIELDS.is_public,
      access_password: `${FIELDS.access_password}; null takes it away`,
    },
    errors: [NO_ID, NO_FOLDER, ITSELF, TOO_DEEP],
    example: { response: 'Folder successfully updated.', data: EXAMPLE },
  },
  async run(call) {
    const folder = await ownFolder(call)
    const changed = await call.core.folders.change(call.account, folder.id, await readChange(call, folder))
    return { response: 'Folder successfully updated.', data: toFolder(changed, call.origin) }
  },
}

const remove: Action = {
  path: 'folder/delete',
  docs: {
    summary: 'Move a folder with all that is in it to the trash',
    parameters: FOLDER_ID,
    errors: [NO_ID, NO_FOLDER],
    example: { response: 'Folder successfully set as deleted.' },
  },
  async run(call) {
    await call.core.folders.trash(call.account, (await ownFolder(call)).id)
    return { response: 'Folder successfully set as deleted.' }
  },
}

/** The destination is judged before the folder. Faults: invalid, folder_cycle, destination_not_found, folder_not_found. */
async function readMove(call: Call): Promise<{ folder: Folder; parentId: number | null }> {
  const id = call.required('folder_id')
  const parent = call.text('new_parent_folder_id')
  if (parent === id && !isRoot(parent))
    throw new Fault('folder_cycle', ITSELF, { field: 'new_parent_folder_id' })
  const parentId = await destinationOf(call, 'new_parent_folder_id')
  return { folder: await ownFolder(call), parentId }
}

const move: Action = {
  path: 'folder/move',
  docs: {
    summary: 'Move a folder',
    parameters: { ...FOLDER_ID, new_parent_folder_id: 'The folder; blank, 0 or null is the root' },
    errors: [
      NO_ID,
      'Please provide the new_parent_folder_id param.',
      ITSELF,
      'Could not find the destination folder id defined by new_parent_folder_id.',
      NO_FOLDER,
      TOO_DEEP,
    ],
    example: { response: 'Folder successfully moved.', data: EXAMPLE },
  },
  async run(call) {
    const { folder, parentId } = await readMove(call)
    const moved = await call.core.folders.change(call.account, folder.id, { parentId })
    return { response: 'Folder successfully moved.', data: toFolder(moved, call.origin) }
  },
}

export const folderActions: Action[] = [create, listing, info, edit, remove, move]

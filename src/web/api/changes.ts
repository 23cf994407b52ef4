/** What an owner does to files and folders, one by one and many at once. */
import { createHash } from 'node:crypto'
import { Elysia } from 'elysia'
import { type Fault, invalid, isFault } from '../../core/fault.ts'
import type { FileChange } from '../../core/files.ts'
import type { FolderUpdate } from '../../core/metadata.ts'
import type { Fields } from '../../http/fields.ts'
import { fileId, folderId } from '../../http/path-ids.ts'
import type { WebDeps } from '../session.ts'
import type { BatchAnswer, EntryRef, TakenNames } from '../wire/entries.ts'
import { type Call, calls, changing } from './calls.ts'
import {
  folderField,
  itemsField,
  nameField,
  nullableText,
  optionalName,
  visibilityField,
  wantedField,
  whenTakenField,
} from './read.ts'
import { toFile, toFolder } from './views.ts'

/** Entries changed at the same time: they share the syncs of the database. */
const AT_ONCE = 50
const MOST_PATHS = 1000
const MOST_LEVELS = 100

type Step = (call: Call, id: number) => Promise<unknown>

/** What a call does to one file and to one folder. */
interface Deed {
  file: Step
  folder: Step
}

const DEEDS: Record<string, Deed> = {
  move: {
    file: moveFile,
    folder: ({ core, account, body }, id) =>
      core.folders.change(account, id, { parentId: folderField(body, 'folderId'), ...whenTakenField(body) }),
  },
  copy: {
    file: ({ core, account, body }, id) => core.files.copy(account, id, folderField(body, 'folderId')),
    folder: ({ core, account, body }, id) =>
      core.folderCopies.copy(account, id, folderField(body, 'folderId'), whenTakenField(body).whenTaken),
  },
  trash: {
    file: ({ core, account }, id) => core.files.trash(account, id),
    folder: ({ core, account }, id) => core.folders.trash(account, id),
  },
  restore: {
    file: ({ core, account, body }, id) => core.trash.restoreFile(account, id, restoredTo(body)),
    folder: ({ core, account, body }, id) => core.trash.restoreFolder(account, id, restoredTo(body)),
  },
  purge: {
    file: ({ core, account }, id) => core.trash.purgeFile(account, id),
    folder: ({ core, account }, id) => core.trash.purgeFolder(account, id),
  },
  visibility: {
    file: ({ core, account, body }, id) =>
      core.files.change(account, id, { visibility: visibilityField(body) }),
    folder: ({ core, account, body }, id) =>
      core.folders.change(account, id, { visibility: visibilityField(body) }),
  },
}

/** `replace`: what has its name there goes to the trash, once this one is there. Folders are never replaced. */
async function moveFile({ core, account, body }: Call, id: number): Promise<void> {
  const folderId = folderField(body, 'folderId')
  if (body.whenTaken !== 'replace') {
    await core.files.change(account, id, { folderId, ...whenTakenField(body) })
    return
  }
  const { name } = await core.files.getById(account, id)
  const [there] = await core.browse.taken(account, [{ type: 'file', folderId, name }])
  await core.files.change(account, id, { folderId })
  if (typeof there === 'number' && there !== id) await core.files.trash(account, there)
}

/** `back` is where it was; else as other folders in a body. Fault: invalid. */
function restoredTo(body: Fields): number | null | 'back' {
  return body.folderId === 'back' ? 'back' : folderField(body, 'folderId')
}

/** What went wrong with one entry does not keep the others; what is wrong on our side ends the call. */
const isTheirs = (error: unknown): error is Fault =>
  isFault(error) && !isFault(error, 'internal', 'unavailable', 'storage_full')

async function inBatch(call: Call, { file, folder }: Deed): Promise<BatchAnswer> {
  const items = itemsField(call.body)
  const failed: BatchAnswer['failed'] = []
  const doOne = async (item: EntryRef): Promise<void> => {
    try {
      await (item.type === 'file' ? file : folder)(call, item.id)
    } catch (error) {
      if (!isTheirs(error)) throw error
      failed.push({ ...item, message: error.message, ...(isFault(error, 'name_taken') && { taken: true }) })
    }
  }
  for (let start = 0; start < items.length; start += AT_ONCE)
    await Promise.all(items.slice(start, start + AT_ONCE).map(doOne))
  return { done: items.length - failed.length, failed }
}

/** An empty password is none. */
function folderUpdate(body: Fields): FolderUpdate {
  const name = optionalName(body)
  const password = nullableText(body, 'password')
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex')
  return {
    ...(name !== undefined && { name, whenTaken: 'refuse' }),
    ...(body.visibility !== undefined && { visibility: visibilityField(body) }),
    ...(password !== undefined && {
      passwordMd5: password === null || password === '' ? null : md5(password),
    }),
  }
}

/** Faults: invalid. */
function pathsField({ paths }: Fields): string[][] {
  const isPath = (path: unknown): path is string[] =>
    Array.isArray(path) &&
    path.length > 0 &&
    path.length <= MOST_LEVELS &&
    path.every((name) => typeof name === 'string')
  if (!Array.isArray(paths) || paths.length === 0 || paths.length > MOST_PATHS || !paths.every(isPath))
    throw invalid('paths', 'The folders of an upload are lists of names.')
  return paths
}

export function changeRoutes(deps: WebDeps) {
  const call = calls(deps)
  const routes = new Elysia()
    .patch(
      '/web/files/:id',
      call(async ({ core, account, params, body }) => {
        const name = optionalName(body)
        const change: FileChange = {
          ...(name !== undefined && { name, whenTaken: 'refuse' }),
          ...(body.visibility !== undefined && { visibility: visibilityField(body) }),
        }
        return toFile(await core.files.change(account, fileId(params.id), change))
      }),
      changing,
    )
    .patch(
      '/web/folders/:id',
      call(async ({ core, account, params, body }) =>
        toFolder(await core.folders.change(account, folderId(params.id), folderUpdate(body))),
      ),
      changing,
    )
    .post(
      '/web/folders',
      call(async ({ core, account, body }) => {
        const made = { name: nameField(body), parentId: folderField(body, 'parentId') }
        return toFolder(await core.folders.create(account, { ...made, whenTaken: 'refuse' }))
      }),
      changing,
    )
    .post(
      '/web/folders/paths',
      call(async ({ core, account, body }) => {
        const parentId = folderField(body, 'parentId')
        const ids: Array<number | null> = []
        // One after the other: two paths may begin with the same folder that is not there yet.
        for (const path of pathsField(body)) ids.push(await core.folders.ensure(account, parentId, path))
        return { ids }
      }),
      changing,
    )
    .post(
      '/web/entries/taken',
      call(
        async ({ core, account, body }): Promise<TakenNames> => ({
          ids: await core.browse.taken(account, wantedField(body)),
        }),
      ),
      changing,
    )
  for (const [name, deed] of Object.entries(DEEDS))
    routes.post(
      `/web/entries/${name}`,
      call((one) => inBatch(one, deed)),
      changing,
    )
  return routes
}

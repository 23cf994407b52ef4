/** What is in a folder, what search finds, what lies in the trash. */
import { Elysia } from 'elysia'
import { fileId } from '../../http/path-ids.ts'
import type { WebDeps } from '../session.ts'
import type { EntryIds, EntrySlice, TrashSlice } from '../wire/entries.ts'
import { calls, changing, hidden } from './calls.ts'
import { folderParam, readOrder, readSlice } from './read.ts'
import { toEntries, toFile, toFolder } from './views.ts'

const MOST_FOUND = 100

export function browsingRoutes(deps: WebDeps) {
  const call = calls(deps)
  return new Elysia()
    .get(
      '/web/folders/:id/entries',
      call(async ({ core, account, params, query }): Promise<EntrySlice> => {
        const slice = readSlice(query)
        const found = await core.browse.folder(account, folderParam(params.id), readOrder(query), slice)
        const { folder, path, folderCount, fileCount } = found
        return {
          folder: folder && toFolder(folder),
          path: path.map(({ id, name }) => ({ id, name })),
          folderCount,
          fileCount,
          offset: slice.offset,
          entries: toEntries(found),
        }
      }),
      hidden,
    )
    .get(
      '/web/folders/:id/ids',
      call(
        ({ core, account, params }): Promise<EntryIds> => core.browse.ids(account, folderParam(params.id)),
      ),
      hidden,
    )
    .get(
      '/web/files/:id',
      call(async ({ core, account, params }) => toFile(await core.files.getById(account, fileId(params.id)))),
      hidden,
    )
    .get(
      '/web/search',
      call(async ({ core, account, query }) => ({
        entries: toEntries(await core.browse.search(account, query.get('q') ?? '', MOST_FOUND)),
      })),
      hidden,
    )
    .get(
      '/web/trash',
      call(async ({ core, account, query }): Promise<TrashSlice> => {
        const slice = readSlice(query)
        const found = await core.trash.list(account, slice)
        const { folderCount, fileCount } = found
        return { folderCount, fileCount, offset: slice.offset, entries: toEntries(found) }
      }),
      hidden,
    )
    .delete(
      '/web/trash',
      call(async ({ core, account }) => {
        await core.trash.empty(account)
        return { status: 'ok' }
      }),
      changing,
    )
}

/** Files fetched from elsewhere: asked for, watched, called off. */
import { Elysia } from 'elysia'
import { importId } from '../../http/path-ids.ts'
import type { WebDeps } from '../session.ts'
import { type Call, calls, changing, hidden } from './calls.ts'
import { folderField, textField } from './read.ts'
import { toImport } from './views.ts'

/** Faults: folder_not_found and those of ImportService.add. */
async function add({ core, account, body }: Call) {
  const folderId = folderField(body, 'folderId')
  if (folderId !== null) await core.folders.get(account, folderId)
  const urlBase64 = Buffer.from(textField(body, 'url').trim()).toString('base64')
  return toImport(await core.imports.add(account, { urlBase64, folderId }))
}

export function importRoutes(deps: WebDeps) {
  const call = calls(deps)
  return new Elysia()
    .get(
      '/web/imports',
      call(async ({ core, account }) => ({
        imports: (await core.imports.list(account)).map(toImport),
      })),
      hidden,
    )
    .post('/web/imports', call(add), changing)
    .delete(
      '/web/imports/:id',
      call(async ({ core, account, params }) =>
        toImport(await core.imports.cancel(account, importId(params.id))),
      ),
      changing,
    )
}

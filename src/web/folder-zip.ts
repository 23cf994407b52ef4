/** A folder as one archive: `/folder/{id}/~zip/{name}.zip`. The name is decoration. */
import { Elysia } from 'elysia'
import type { Folder } from '../core/model.ts'
import { networkOf } from '../core/network.ts'
import { queryOf } from '../http/dialect.ts'
import { folderId } from '../http/path-ids.ts'
import { readPass } from './folder-password.ts'
import type { WebDeps } from './session.ts'
import { browserOf, type Visit } from './visit.ts'

/** Each asks for a look at the whole tree; enough for a client that resumes again and again. */
const CALLS_PER_MINUTE = 60

/** The address of the archive of a folder; `token` is what FolderZips.token gave. */
export const folderZipPath = ({ id, name }: Folder, token: string): string =>
  `/folder/${id}/~zip/${encodeURIComponent(name.toWellFormed())}.zip?download_token=${token}`

export const folderZipRoutes = (deps: WebDeps) =>
  new Elysia().get('/folder/:id/~zip/:name', (visit) => sendFolderZip(deps, visit), {
    detail: { hide: true },
  })

/** With a token of the folder's page at once, without one after the wait of the visitor's package. */
async function sendFolderZip(deps: WebDeps, visit: Visit & { params: { id: string } }): Promise<Response> {
  const { core, browsers, limiter, sendFile } = deps
  const { request, server } = visit
  const id = folderId(visit.params.id)
  const browser = await browserOf(deps, visit)
  const ip = browsers.address(request, server)
  limiter.take([{ key: `web/folder-zip/${networkOf(ip)}`, limit: CALLS_PER_MINUTE }])
  const zip = await core.folderZips.of({
    folderId: id,
    pass: readPass(request.headers, id),
    token: new URLSearchParams(queryOf(request)).get('download_token'),
    visitor: { account: browser?.principal.account ?? null, ip },
  })
  const { name, size, etag, begin } = zip
  const facts = { lastModified: null, mimeType: 'application/zip', cacheControl: 'no-store' }
  return sendFile(request, server, { name, size, etag, ...facts }, { begin })
}

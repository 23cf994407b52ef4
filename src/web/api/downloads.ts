/** Whom the files of an account have gone to: of one file, of all, by one link. */
import { Elysia } from 'elysia'
import { fileId, linkId } from '../../http/path-ids.ts'
import type { WebDeps } from '../session.ts'
import type { DownloaderSlice } from '../wire/downloads.ts'
import { calls, hidden } from './calls.ts'
import { toDownloaders } from './views.ts'

export function downloadRoutes(deps: WebDeps) {
  const call = calls(deps)
  return new Elysia()
    .get(
      '/web/downloads',
      call(async ({ core, account, query }): Promise<DownloaderSlice> => {
        return toDownloaders(await core.downloaders.ofAccount(account, query.get('before')))
      }),
      hidden,
    )
    .get(
      '/web/files/:id/downloaders',
      call(async ({ core, account, params, query }): Promise<DownloaderSlice> => {
        const id = fileId(params.id)
        return toDownloaders(await core.downloaders.ofFile(account, id, query.get('before')))
      }),
      hidden,
    )
    .get(
      '/web/shares/:id/downloaders',
      call(async ({ core, account, params, query }): Promise<DownloaderSlice> => {
        const id = linkId(params.id)
        return toDownloaders(await core.downloaders.ofShareLink(account, id, query.get('before')))
      }),
      hidden,
    )
}

/** Ways to the bytes of a file: its public link, and URLs that last for minutes. */
import { Elysia } from 'elysia'
import { readJson } from '../../http/body.ts'
import { keyed } from './auth.ts'
import type { FlamenetDeps } from './deps.ts'
import { docs } from './docs.ts'
import { readExpiry, readId } from './read.ts'
import { DownloadSchema, SharedSchema, toShared, UnsharedSchema } from './wire.ts'

const BODY_LIMIT = 64 * 1024
/** Seconds. */
const DOWNLOAD_LIFETIME = 300

export const linkRoutes = (deps: FlamenetDeps) => {
  const { core } = deps
  return new Elysia({ prefix: '/api/flamenet/v1/files' })
    .use(keyed(deps))
    .post(
      '/:id/share',
      async ({ account, origin, params, request }) => {
        const { file } = await core.shares.get(account, readId(params.id))
        const expiresAt = readExpiry((await readJson(request, BODY_LIMIT)).expires)
        return toShared(await core.shares.share(account, file.id, expiresAt), origin)
      },
      { keyed: true, parse: 'none', response: { 200: SharedSchema }, detail: docs.share },
    )
    .delete(
      '/:id/share',
      async ({ account, params }) => {
        const id = readId(params.id)
        await core.shares.unshare(account, id)
        return { id, shared: false as const }
      },
      { keyed: true, parse: 'none', response: { 200: UnsharedSchema }, detail: docs.unshare },
    )
    .get(
      '/:id/download',
      async ({ account, origin, params }) => {
        const { path, expiresIn } = await core.downloads.presigned(
          account,
          readId(params.id),
          DOWNLOAD_LIFETIME,
        )
        return { download_url: origin + path, expires_in: expiresIn }
      },
      { keyed: true, response: { 200: DownloadSchema }, detail: docs.download },
    )
}

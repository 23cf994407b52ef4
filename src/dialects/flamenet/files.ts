/** The files of a key's account. */
import { Elysia } from 'elysia'
import { readJson } from '../../http/body.ts'
import { keyed } from './auth.ts'
import type { FlamenetDeps } from './deps.ts'
import { docs } from './docs.ts'
import { readId, readName, readPage } from './read.ts'
import { receive } from './upload.ts'
import { DeletedSchema, FileSchema, ListSchema, toFile } from './wire.ts'

const BODY_LIMIT = 64 * 1024

export const fileRoutes = (deps: FlamenetDeps) => {
  const { core, browsers } = deps
  return new Elysia({ prefix: '/api/flamenet/v1/files' })
    .use(keyed(deps))
    .get(
      '/',
      async ({ account, origin, request }) => {
        const page = readPage(request)
        const { items, total } = await core.shares.page(account, page)
        const files = items.map(({ file, share }) => toFile(file, share, origin))
        return { files, page: page.number, per_page: page.size, total }
      },
      { keyed: true, response: { 200: ListSchema }, detail: docs.list },
    )
    .post(
      '/',
      async ({ account, origin, request, server, status }) => {
        const ip = browsers.address(request, server)
        const { file } = await receive(deps, { account, ip, request, server })
        return status(201, toFile(file, null, origin))
      },
      { keyed: true, parse: 'none', response: { 201: FileSchema }, detail: docs.upload },
    )
    .get(
      '/:id',
      async ({ account, origin, params }) => {
        const { file, share } = await core.shares.get(account, readId(params.id))
        return toFile(file, share, origin)
      },
      { keyed: true, response: { 200: FileSchema }, detail: docs.get },
    )
    .delete(
      '/:id',
      async ({ account, params }) => {
        const id = readId(params.id)
        await core.files.remove(account, id)
        return { deleted: true as const, id }
      },
      { keyed: true, parse: 'none', response: { 200: DeletedSchema }, detail: docs.remove },
    )
    .patch(
      '/:id/rename',
      async ({ account, origin, params, request }) => {
        const id = readId(params.id)
        const { share } = await core.shares.get(account, id)
        const name = readName((await readJson(request, BODY_LIMIT)).name)
        return toFile(await core.files.change(account, id, { name }), share, origin)
      },
      { keyed: true, parse: 'none', response: { 200: FileSchema }, detail: docs.rename },
    )
}

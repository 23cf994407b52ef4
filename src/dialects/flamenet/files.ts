/** The files of a key's account. */
import { Elysia } from 'elysia'
import { Fault } from '../../core/fault.ts'
import type { Account } from '../../core/model.ts'
import { readJson } from '../../http/body.ts'
import type { PeerSource } from '../../http/client-address.ts'
import { JSON_HEADERS, queryOf } from '../../http/dialect.ts'
import { exchangeOf } from '../../http/exchange.ts'
import type { FlamenetDeps } from './deps.ts'
import { docs } from './docs.ts'
import { readExpiry, readId, readName, readPage, requireId } from './read.ts'
import { receive } from './upload.ts'
import {
  DeletedSchema,
  DownloadSchema,
  FileSchema,
  ListSchema,
  SharedSchema,
  toFile,
  toShared,
  UnsharedSchema,
} from './wire.ts'

const BODY_LIMIT = 64 * 1024
/** Seconds. */
const DOWNLOAD_LIFETIME = 300

/** The key of the call: a header before the query. Fault: unauthenticated. */
function readKey(request: Request): string {
  const bearer = /^\s*Bearer\s+(\S+)\s*$/i.exec(request.headers.get('authorization') ?? '')?.[1]
  const key = bearer ?? new URLSearchParams(queryOf(request)).get('api_key') ?? ''
  if (key === '')
    throw new Fault(request.headers.get('authorization') ? 'bad_credentials' : 'unauthenticated')
  return key
}

/** Faults: unauthenticated, bad_credentials, insufficient_tier, rate_limited. */
async function authenticate(deps: FlamenetDeps, request: Request, server: PeerSource): Promise<Account> {
  const { core, browsers, limiter, callsPerMinute } = deps
  const principal = await core.tokens.authenticate(
    'flamenet',
    readKey(request),
    browsers.address(request, server),
  )
  const { account, actor } = principal
  exchangeOf(request).actor = actor
  if (!account || !(await core.packages.of(account)).flamenetApi) throw new Fault('insufficient_tier')
  limiter.take([{ key: `flamenet/${actor}`, limit: callsPerMinute }])
  return account
}

/**
 * The macro `keyed` gives the handler the account of the key and the site's origin. What is no id is no route
 * for anybody, with a key or without.
 */
const keyed = (deps: FlamenetDeps) =>
  new Elysia().macro({
    keyed: {
      async resolve({ request, server, params, set }) {
        if (params && 'id' in params) requireId(params.id)
        Object.assign(set.headers, JSON_HEADERS)
        const account = await authenticate(deps, request, server)
        return { account, origin: deps.browsers.origin(request, server) }
      },
    },
  })

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

/** The bytes behind flamenet's links: shared by anybody who has the link, presigned for minutes. */
import { Elysia } from 'elysia'
import type { Grant, Visitor } from '../../core/downloads.ts'
import { entityTagOf } from '../../core/model.ts'
import type { PeerSource } from '../../http/client-address.ts'
import { type Dialect, queryOf } from '../../http/dialect.ts'
import type { SentFile } from '../../http/download.ts'
import { fileId } from '../../http/path-ids.ts'
import type { TimeoutSetter } from '../../http/upload-body.ts'
import type { FlamenetDeps } from './deps.ts'
import { docs } from './docs.ts'

const asSent = ({ file, object }: Grant): SentFile => ({
  name: file.name,
  size: object.size,
  etag: entityTagOf(object),
  lastModified: file.createdAt,
  mimeType: file.mimeType,
  cacheControl: 'no-store',
})

interface Visit {
  request: Request
  server: (PeerSource & TimeoutSetter) | null
}

export function serveDialects({ core, browsers, sendFile, renderPage, filesPage }: FlamenetDeps): Dialect[] {
  const visitorOf = async ({ request, server }: Visit): Promise<Visitor> => {
    const ip = browsers.address(request, server)
    return { account: (await browsers.find(request, ip))?.principal.account ?? null, ip }
  }
  const shared = async (visit: Visit): Promise<Response> => {
    const { request, server } = visit
    const token = new URLSearchParams(queryOf(request)).get('fnf_share')
    if (token === null) return filesPage(visit)
    const grant = await core.downloads.authoriseShared(await core.shares.open(token), await visitorOf(visit))
    return sendFile(request, server, asSent(grant), grant)
  }
  const presigned = async (visit: Visit & { params: { id: string } }): Promise<Response> => {
    const { request, server, params } = visit
    const query = new URLSearchParams(queryOf(request))
    const expires = query.get('expires') ?? ''
    const grant = await core.downloads.authorisePresigned({
      fileId: fileId(params.id),
      expires: /^\d{1,12}$/.test(expires) ? Number(expires) : 0,
      signature: query.get('signature') ?? '',
      visitor: await visitorOf(visit),
    })
    return sendFile(request, server, asSent(grant), grant)
  }
  const renderFault: Dialect['renderFault'] = (fault, request) => renderPage(fault, request)
  return [
    {
      name: 'flamenet-shared',
      prefix: '/files',
      renderFault,
      routes: new Elysia()
        .get('/files', shared, { detail: docs.shared })
        .get('/files/', shared, { detail: { hide: true } }),
    },
    {
      name: 'flamenet-presigned',
      prefix: '/storage/dl',
      renderFault,
      routes: new Elysia().get('/storage/dl/:id', presigned, { detail: docs.presigned }),
    },
  ]
}

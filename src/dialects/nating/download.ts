/** The signed download a link leads to: bytes for good links, plain text for bad ones. */
import { Elysia } from 'elysia'
import type { Core } from '../../core/core.ts'
import type { Fault } from '../../core/fault.ts'
import type { BrowserSessions } from '../../http/browser.ts'
import type { Dialect, Reply } from '../../http/dialect.ts'
import { attachmentOf, type SendFile } from '../../http/download.ts'
import { fileId } from '../../http/path-ids.ts'
import { FAULT_STATUS } from '../../http/plain.ts'
import { docs } from './docs.ts'

const renderText = (fault: Fault): Reply => ({
  status: FAULT_STATUS[fault.code],
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: fault.code === 'file_not_found' ? 'File not found' : fault.message,
})

interface Visit {
  params: { id: string }
  query: Record<string, string | undefined>
  request: Request
  server: Parameters<BrowserSessions['address']>[1] & Parameters<SendFile>[1]
}

export function downloadDialect(core: Core, browsers: BrowserSessions, sendFile: SendFile): Dialect {
  const download = async ({ params, query, request, server }: Visit): Promise<Response> => {
    const ip = browsers.address(request, server)
    const browser = await browsers.find(request, ip)
    const grant = await core.downloads.authorise({
      fileId: fileId(params.id),
      expires: /^\d{1,12}$/.test(query.expires ?? '') ? Number(query.expires) : 0,
      signature: query.token ?? '',
      visitor: { account: browser?.principal.account ?? null, ip },
    })
    return sendFile(request, server, attachmentOf(grant), grant)
  }
  const routes = new Elysia()
    .get('/download/:id', download, { detail: docs.download })
    .get('/download/:id/:name', download, { detail: { hide: true } })
  return { name: 'download', prefix: '/download', renderFault: renderText, routes }
}

/** The bytes behind `/file/…` and `/f/…`: known kinds are shown, in a sandbox; the others are saved. */
import { Elysia } from 'elysia'
import type { Grant } from '../../core/downloads.ts'
import { Fault } from '../../core/fault.ts'
import { extensionOf } from '../../core/filename.ts'
import { mimeTypeByExtension } from '../../core/mime.ts'
import { entityTagOf } from '../../core/model.ts'
import type { PeerSource } from '../../http/client-address.ts'
import type { Dialect } from '../../http/dialect.ts'
import type { SentFile } from '../../http/download.ts'
import type { TimeoutSetter } from '../../http/upload-body.ts'
import type { UploaderDeps } from './deps.ts'
import { docs } from './docs.ts'
import { splitFileUrl } from './files.ts'

/** What a browser is asked to show. */
const SHOWN = new Set(
  'xml yaml aac mp3 mpeg ogg gif jpeg jpg png svg tiff ico wbmp webp csv html md txt mp4 webm avi'.split(' '),
)

function asSent({ file, object }: Grant): SentFile {
  const extension = extensionOf(file.name)
  const inline = SHOWN.has(extension)
  const mimeType = inline ? mimeTypeByExtension(extension) : null
  return {
    name: file.name,
    size: object.size,
    etag: entityTagOf(object),
    lastModified: file.createdAt,
    mimeType: withCharset(mimeType ?? 'application/octet-stream'),
    inline,
    cacheControl: 'private, no-cache',
  }
}

/** Text without one is read in whatever the browser guesses. */
const withCharset = (type: string): string => (type.startsWith('text/') ? `${type}; charset=utf-8` : type)

/** As the documentation of this API has it, without a full stop. */
const inOurWords = (fault: Fault): Fault =>
  fault.code === 'file_not_found' ? new Fault('file_not_found', 'File not found', { cause: fault }) : fault

interface Visit {
  request: Request
  params: { fileUrl: string }
  server: (PeerSource & TimeoutSetter) | null
}

export function serveDialects(deps: UploaderDeps): Dialect[] {
  const { core, browsers } = deps
  const serve = async ({ request, params, server }: Visit): Promise<Response> => {
    const ip = browsers.address(request, server)
    const browser = await browsers.find(request, ip)
    const { slug, urlExtension } = splitFileUrl(params.fileUrl)
    const visitor = { account: browser?.principal.account ?? null, ip }
    const grant = await core.downloads.authoriseDirect(slug, urlExtension, visitor)
    return deps.sendFile(request, server, asSent(grant), grant)
  }
  const at = (prefix: string, detail: object): Dialect => ({
    name: 'uploader-files',
    prefix,
    renderFault: (fault, request) => deps.renderPage(inOurWords(fault), request),
    routes: new Elysia().get(`${prefix}/:fileUrl`, serve, { detail }),
  })
  return [at('/file', docs.serve), at('/f', { hide: true })]
}

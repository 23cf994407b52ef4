/** Settings files for ShareX, ready to be opened: each has a credential of its own inside. */
import { Elysia } from 'elysia'
import { Fault } from '../core/fault.ts'
import type { Account } from '../core/model.ts'
import { requireSameOrigin } from '../http/browser.ts'
import { contentDisposition } from '../http/disposition.ts'
import type { WebDeps } from './session.ts'
import { requireSignedIn } from './signed-in.ts'
import type { Visit } from './visit.ts'

const ASK_FIRST = 'Your password is asked for again before that: go to /account/tokens.'
const VERSION = '15.0.0'

interface Target {
  siteName: string
  origin: string
}

const common = (siteName: string) => ({
  Version: VERSION,
  Name: siteName,
  DestinationType: 'ImageUploader, TextUploader, FileUploader',
  RequestMethod: 'POST',
  Body: 'MultipartFormData',
})

const uploaderSettings = ({ siteName, origin }: Target, jwt: string) => ({
  ...common(siteName),
  RequestURL: `${origin}/api/upload?include_ext=true`,
  Headers: { Authorization: `Bearer ${jwt}` },
  FileFormName: 'file',
  URL: '{json:file_url_full}',
  DeletionURL: `${origin}/api/delete/{json:file_url}?key={json:key}`,
  ErrorMessage: '{json:message}',
})

const yetishareSettings = ({ siteName, origin }: Target, [key1 = '', key2 = '']: string[]) => ({
  ...common(siteName),
  RequestURL: `${origin}/api/v2/file/upload`,
  Arguments: { key1, key2 },
  FileFormName: 'upload_file',
  URL: '{json:data[0].url}',
  DeletionURL: '{json:data[0].delete_url}',
  ErrorMessage: '{json:response}',
})

const asFile = (name: string, settings: object): Response =>
  new Response(`${JSON.stringify(settings, null, 2)}\n`, {
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'content-disposition': contentDisposition('attachment', name),
      'cache-control': 'no-store',
    },
  })

export const shareXRoutes = ({ core, browsers, limiter, siteName, loginJwt }: WebDeps) => {
  /**
   * Each visit makes a credential, so it has to be meant: not made by a page of another site, nor by somebody
   * who only looks. Faults: method_not_allowed (HEAD), csrf_invalid, unauthenticated, rate_limited, proof_required.
   */
  const enter = async (
    request: Request,
    server: Visit['server'],
    api: string,
  ): Promise<{ account: Account; target: Target }> => {
    if (request.method === 'HEAD') throw new Fault('method_not_allowed')
    const origin = browsers.origin(request, server)
    requireSameOrigin(request, origin)
    const browser = await requireSignedIn({ browsers, limiter }, { request, server })
    core.proofs.requireFresh(browser.session, ASK_FIRST)
    const { account, ip } = browser.principal
    const detail = `${api}: ShareX`
    await core.audit.note({ actor: account, action: 'token.made', subject: account.name, detail, ip })
    return { account, target: { siteName, origin } }
  }
  return new Elysia({ tags: ['web'] })
    .get(
      '/web/sharex/uploader.sxcu',
      async ({ request, server }) => {
        const { account, target } = await enter(request, server, 'uploader')
        return asFile('uploader.sxcu', uploaderSettings(target, await loginJwt(account)))
      },
      { detail: sharexDetail('the uploader API', 'its token lives half a year') },
    )
    .get(
      '/web/sharex/yetishare.sxcu',
      async ({ request, server }) => {
        const { account, target } = await enter(request, server, 'yetishare')
        const { secrets } = await core.tokens.issue(account, { kind: 'yetishare', name: 'ShareX' })
        return asFile('yetishare.sxcu', yetishareSettings(target, secrets))
      },
      { detail: sharexDetail('YetiShare v2', 'its pair of keys lives until it is revoked') },
    )
}

function sharexDetail(api: string, lifetime: string) {
  return {
    summary: `ShareX settings for ${api}`,
    description: `A file with a credential of its own; ${lifetime}.`,
    security: [{ cookie: [] }],
    responses: {
      200: { description: 'An .sxcu file' },
      401: { description: 'Nobody is signed in' },
      403: {
        description:
          'A page of another site asked for it, or the password was last given more than 15 minutes ago',
      },
    },
  }
}

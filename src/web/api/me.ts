/** Who is signed in, and how visitors become somebody: `/web/me`, `/web/register`. */
import { Elysia } from 'elysia'
import type { Core } from '../../core/core.ts'
import type { Account } from '../../core/model.ts'
import { networkOf } from '../../core/network.ts'
import { WEB_SESSION_TTL } from '../../core/web-sessions.ts'
import { readJson } from '../../http/body.ts'
import { requireSameOrigin, sessionCookie } from '../../http/browser.ts'
import { JSON_HEADERS } from '../../http/dialect.ts'
import type { WebDeps } from '../session.ts'
import type { Visit } from '../visit.ts'
import type { Me } from '../wire/account.ts'
import { calls, changing, hidden } from './calls.ts'
import { optionalText, textField } from './read.ts'
import { toAccount } from './views.ts'

const BODY_LIMIT = 16 * 1024

export async function meOf(
  core: Core,
  account: Account,
  { csrf, siteName, origin }: { csrf: string; siteName: string; origin: string },
): Promise<Me> {
  const pkg = await core.packages.of(account)
  return {
    account: toAccount(account),
    csrf,
    package: {
      name: pkg.name,
      canUpload: pkg.canUpload,
      maxUploadSize: pkg.maxUploadSize,
      maxStorage: pkg.maxStorageBytes,
      concurrentUploads: pkg.concurrentUploads,
      maxImports: pkg.maxRemoteDownloadUrls,
    },
    usage: { stored: account.storageUsed, reserved: account.storageReserved },
    site: { name: siteName, origin },
  }
}

export function meRoutes(deps: WebDeps) {
  const call = calls(deps)
  const { siteName } = deps
  return new Elysia()
    .get(
      '/web/me',
      call(({ core, account, csrf, origin }) => meOf(core, account, { csrf, siteName, origin })),
      hidden,
    )
    .post('/web/register', (visit) => register(deps, visit), changing)
}

/** Signs the new account in. Faults: csrf_invalid, rate_limited and those of RegistrationService.register. */
async function register(
  { core, browsers, limiter, signInPerMinute, siteName }: WebDeps,
  { request, server }: Visit,
): Promise<Response> {
  const origin = browsers.origin(request, server)
  requireSameOrigin(request, origin)
  limiter.take([
    { key: `web/register/${networkOf(browsers.address(request, server))}`, limit: signInPerMinute },
  ])
  const body = await readJson(request, BODY_LIMIT)
  const account = await core.registration.register({
    name: textField(body, 'username'),
    password: textField(body, 'password'),
    email: optionalText(body, 'email') ?? null,
  })
  const ip = browsers.address(request, server)
  const from = { ip, userAgent: request.headers.get('user-agent') ?? '' }
  const { cookie, csrf } = await core.webSessions.begin(account, from)
  await core.audit.note({ actor: account, action: 'registered', subject: account.name, ip })
  const me = await meOf(core, account, { csrf, siteName, origin })
  return new Response(JSON.stringify(me), {
    headers: { ...JSON_HEADERS, 'set-cookie': sessionCookie(cookie, WEB_SESSION_TTL, origin) },
  })
}

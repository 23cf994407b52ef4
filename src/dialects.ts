/** Which dialects the server speaks. */
import type { OpenedCore } from './app.ts'
import type { Config } from './config.ts'
import type { Core } from './core/core.ts'
import type { Account } from './core/model.ts'
import { flamenet } from './dialects/flamenet/index.ts'
import { downloadDialect, type NatingLimits, nating } from './dialects/nating/index.ts'
import { encodeJwt, uploader } from './dialects/uploader/index.ts'
import { yetishare } from './dialects/yetishare/index.ts'
import { type BrowserSessions, browserSessions } from './http/browser.ts'
import { type PeerSource, requestOrigin, trustedProxies } from './http/client-address.ts'
import { exchangeOf } from './http/exchange.ts'
import { signedParts } from './http/signed-parts.ts'
import { appPage, renderPage, type WebDeps, web, webCalls } from './web/index.ts'

const natingLimits = ({ limits }: Config): NatingLimits => ({
  create: limits.createPerMinute,
  managed: limits.managedPerMinute,
  complete: limits.completePerMinute,
  abort: limits.completePerMinute,
  link: limits.completePerMinute,
  partUpload: limits.partUploadsPerMinute,
  other: limits.otherPerMinute,
})

function browsersOf({ server: { trustedProxies: proxies, publicUrl } }: Config, core: Core): BrowserSessions {
  const known = { publicUrl: publicUrl || null, trusted: trustedProxies(proxies) }
  return browserSessions({
    webSessions: core.webSessions,
    address: (request: Request) => exchangeOf(request).ip,
    origin: (request: Request, server: PeerSource) => requestOrigin(request, server, known),
  })
}

/** Every dialect with what it needs, in the order in which they are asked. */
export function dialects(
  config: Config,
  { core, storage, clock }: OpenedCore,
  {
    limiter,
    sendFile,
    textRenderer,
    handsOff,
  }: Pick<WebDeps, 'limiter' | 'sendFile' | 'textRenderer'> & { handsOff: boolean },
) {
  const browsers = browsersOf(config, core)
  const { signInPerMinute } = config.limits
  const loginJwt = async (account: Account) => encodeJwt(core, await core.loginTokens.issue(account, true))
  const now = () => clock.now()
  const words = { siteName: config.site.name, notice: () => core.live.now.notice }
  const webDeps = {
    ...{ core, browsers, limiter, signInPerMinute, now, sendFile, loginJwt, textRenderer, ...words },
    uploadOrigins: storage.direct ? [storage.direct.partsOrigin] : [],
  }
  const shared = { core, browsers, limiter, sendFile, renderPage: renderPage(words) }
  const uploaderDeps = {
    ...shared,
    uploadsPerMinute: config.limits.uploaderUploadsPerMinute,
    signInPerMinute,
    maxFileSize: config.uploader.maxFileSize,
  }
  const flamenetDeps = {
    ...shared,
    callsPerMinute: config.limits.otherPerMinute,
    maxFileSize: config.flamenet.maxFileSize,
    filesPage: appPage(webDeps),
  }
  return [
    nating({
      core,
      limiter,
      limits: natingLimits(config),
      browsers,
      provider: storage.name,
      delivery: handsOff ? config.downloads.delivery : 'app',
    }),
    yetishare({
      core,
      browsers,
      limiter,
      callsPerMinute: config.limits.otherPerMinute,
      signInPerMinute,
      siteName: config.site.name,
      now,
    }),
    ...flamenet(flamenetDeps),
    ...uploader(uploaderDeps),
    signedParts(core.uploads),
    downloadDialect(core, browsers, sendFile),
    webCalls(webDeps),
    web(webDeps),
  ]
}

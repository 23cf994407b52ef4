/** The one place where the parts meet. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { AnyElysia } from 'elysia'
import type { Config } from './config.ts'
import { type Clock, systemClock } from './core/clock.ts'
import { type Core, type CoreSettings, createCore } from './core/core.ts'
import { type Ids, randomIds } from './core/ids.ts'
import { createLimiter, noLimits } from './core/limiter.ts'
import type { Log } from './core/log.ts'
import type { MetadataStore } from './core/metadata.ts'
import type { Account } from './core/model.ts'
import { createPasswordHasher, startPasswordWorker } from './core/passwords.ts'
import type { PreviewMaker } from './core/preview-maker.ts'
import type { StorageDriver } from './core/storage.ts'
import { flamenet } from './dialects/flamenet/index.ts'
import { downloadDialect, type NatingLimits, nating } from './dialects/nating/index.ts'
import { encodeJwt, uploader } from './dialects/uploader/index.ts'
import { yetishare } from './dialects/yetishare/index.ts'
import { DOCUMENTATION } from './documentation.ts'
import { browserSessions } from './http/browser.ts'
import { clientAddress, type PeerSource, requestOrigin, trustedProxies } from './http/client-address.ts'
import { documentation } from './http/documentation.ts'
import { fileSender } from './http/download.ts'
import { createHandOff, type HandOff } from './http/hand-off.ts'
import { createMetrics, type Metrics } from './http/metrics.ts'
import { operations } from './http/operations.ts'
import { createPacer } from './http/pacing.ts'
import { createHttp } from './http/server.ts'
import { signedParts } from './http/signed-parts.ts'
import { startPictureProcess } from './imaging/picture-process.ts'
import { createPreviewMaker } from './imaging/preview-maker.ts'
import { openMetadata } from './metadata/open.ts'
import { httpFetcher } from './remote/http-fetcher.ts'
import { localDriver } from './storage/local/local-driver.ts'
import { VERSION } from './version.ts'
import { createTextRenderer, renderPage, type WebDeps, web, webCalls } from './web/index.ts'

/** What tests may replace. */
export interface Replacements {
  clock?: Clock
  ids?: Ids
}

export interface OpenedCore {
  core: Core
  metadata: MetadataStore
  storage: StorageDriver
  clock: Clock
  close(): Promise<void>
}

/**
 * Opens database and storage below `data.dir`. `recover` is for the one process that serves them. Throws
 * errors meant for the operator.
 */
export async function openCore(
  config: Config,
  log: Log,
  { recover = false, clock = systemClock, ids = randomIds }: Replacements & { recover?: boolean } = {},
): Promise<OpenedCore> {
  mkdirSync(config.data.dir, { recursive: true, mode: 0o700 })
  const metadata = await openMetadata({ path: join(config.data.dir, 'kist.db') })
  const storage = await localDriver({ dir: config.data.dir, recover, ids, log })
  const passwords = createPasswordHasher(startPasswordWorker)
  const fetcher = httpFetcher({
    allowPrivateAddresses: config.remoteImport.allowPrivateAddresses,
    userAgent: `Kist/${VERSION}`,
  })
  const settings = coreSettings(config)
  const previewMaker = config.previews.enabled ? previewMakerOf(config, clock, log) : null
  const deps = { metadata, storage, passwords, fetcher, previewMaker, clock, ids, log, settings }
  const core = await createCore(deps)
  if (recover) await core.sweeper.recover()
  const close = async (): Promise<void> => {
    passwords.close()
    await previewMaker?.close()
    await core.traffic.close()
    await storage.close()
    await metadata.close()
  }
  return { core, metadata, storage, clock, close }
}

const previewMakerOf = ({ data, previews }: Config, clock: Clock, log: Log): PreviewMaker =>
  createPreviewMaker({
    start: () => startPictureProcess(data.dir),
    maxPixels: previews.maxPixels,
    spoolDirectory: data.dir,
    clock,
    log,
  })

const coreSettings = ({ uploads, data, registration, remoteImport, trash }: Config): CoreSettings => ({
  uploads: {
    partSize: uploads.partSize,
    sessionTtl: uploads.sessionTtl,
    minFree: data.minFree,
    enabled: uploads.enabled,
    guests: uploads.guests,
    blockedExtensions: [...uploads.blockedExtensions],
  },
  idempotencyTtl: uploads.idempotencyTtl,
  defaultPackage: registration.package,
  registration: registration.enabled,
  imports: { enabled: remoteImport.enabled, maxSize: remoteImport.maxSize },
  trashTtl: trash.keep,
  guestBytesPerDay: uploads.guestBytesPerDay,
})

const natingLimits = ({ limits }: Config): NatingLimits => ({
  create: limits.createPerMinute,
  managed: limits.managedPerMinute,
  complete: limits.completePerMinute,
  abort: limits.completePerMinute,
  link: limits.completePerMinute,
  partUpload: limits.partUploadsPerMinute,
  other: limits.otherPerMinute,
})

export interface App extends OpenedCore {
  /** Not yet listening. */
  http: AnyElysia
  metrics: Metrics
  /** From now on /readyz says that we are going. */
  beginStopping(): void
}

/** The whole product behind one HTTP application. */
export async function openApp(config: Config, log: Log, replacements: Replacements = {}): Promise<App> {
  const opened = await openCore(config, log, { ...replacements, recover: true })
  const metrics = createMetrics(opened.clock)
  const pacer = createPacer({ log })
  const limiter = config.limits.rateLimits ? createLimiter(opened.clock) : noLimits
  const sendFile = fileSender(pacer, handOffOf(config, opened.storage, log))
  const textRenderer = createTextRenderer({ onPlain: (reason) => log.warn('text.plain', { reason }) })
  let stopping = false
  const trusted = trustedProxies(config.server.trustedProxies)
  const http = createHttp({
    dialects: dialects(config, opened, { limiter, sendFile, textRenderer }),
    log,
    metrics,
    routes: [
      operations({
        metrics,
        log,
        checks: readiness(opened),
        isStopping: () => stopping,
        metricsEnabled: config.metrics.enabled,
        metricsToken: config.metrics.token || null,
      }),
      documentation(DOCUMENTATION, () => http),
    ],
    allowedHosts: config.server.allowedHosts,
    trusted,
  })
  const close = (): Promise<void> => {
    // What is still under way is recorded as far as it came.
    pacer.close()
    textRenderer.close()
    return opened.close()
  }
  return { ...opened, http, metrics, close, beginStopping: () => (stopping = true) }
}

/** Says so when nothing will ever be handed off although the settings ask for it. */
function handOffOf({ downloads, server }: Config, storage: StorageDriver, log: Log): HandOff | null {
  const { delivery } = downloads
  const trusted = trustedProxies(server.trustedProxies)
  const pathOf = storage.pathOf ?? null
  if (delivery !== 'app' && (pathOf === null || server.trustedProxies.length === 0))
    log.warn('delivery.by_app', {
      delivery,
      reason: pathOf === null ? 'storage is not local' : 'server.trusted_proxies is empty',
    })
  return createHandOff({ delivery, trusted, pathOf })
}

function dialects(
  config: Config,
  { core, storage, clock }: OpenedCore,
  { limiter, sendFile, textRenderer }: Pick<WebDeps, 'limiter' | 'sendFile' | 'textRenderer'>,
) {
  const trusted = trustedProxies(config.server.trustedProxies)
  const publicUrl = config.server.publicUrl || null
  const browsers = browserSessions({
    webSessions: core.webSessions,
    address: (request: Request, server: PeerSource) => clientAddress(request, server, trusted),
    origin: (request: Request, server: PeerSource) => requestOrigin(request, server, { publicUrl, trusted }),
  })
  const { signInPerMinute } = config.limits
  const loginJwt = async (account: Account) => encodeJwt(core, await core.loginTokens.issue(account, true))
  const now = () => clock.now()
  const siteName = config.site.name
  const webDeps = {
    ...{ core, browsers, limiter, signInPerMinute, siteName, now, sendFile, loginJwt },
    textRenderer,
    uploadOrigins: [],
  }
  const shared = { core, browsers, limiter, sendFile, renderPage: renderPage(siteName) }
  const uploaderDeps = {
    ...shared,
    uploadsPerMinute: config.limits.uploaderUploadsPerMinute,
    signInPerMinute,
    maxFileSize: config.uploader.maxFileSize,
    guests: config.uploads.guests,
  }
  const flamenetDeps = {
    ...shared,
    callsPerMinute: config.limits.otherPerMinute,
    maxFileSize: config.flamenet.maxFileSize,
  }
  return [
    nating({
      core,
      limiter,
      limits: natingLimits(config),
      browsers,
      provider: storage.name,
      delivery: config.downloads.delivery,
    }),
    yetishare({
      core,
      browsers,
      limiter,
      callsPerMinute: config.limits.otherPerMinute,
      signInPerMinute,
      siteName,
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

const readiness = ({ metadata, storage }: OpenedCore) => ({
  metadata: async () => void (await metadata.settings.find('signing_key')),
  storage: async () => void (await storage.freeBytes()),
})

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
import { createPasswordHasher, startPasswordWorker } from './core/passwords.ts'
import type { PreviewMaker } from './core/preview-maker.ts'
import type { RemoteFetcher } from './core/remote.ts'
import type { StorageDriver } from './core/storage.ts'
import { dialects } from './dialects.ts'
import { DOCUMENTATION } from './documentation.ts'
import { trustedProxies } from './http/client-address.ts'
import { documentation } from './http/documentation.ts'
import { fileSender } from './http/download.ts'
import { createHandOff, type HandOff, isHandOff } from './http/hand-off.ts'
import { createMetrics, type Metrics } from './http/metrics.ts'
import { operations } from './http/operations.ts'
import { createPacer } from './http/pacing.ts'
import { createHttp } from './http/server.ts'
import { startPictureProcess } from './imaging/picture-process.ts'
import { createPreviewMaker } from './imaging/preview-maker.ts'
import { openMetadata } from './metadata/open.ts'
import { type OpenedStorage, openStorage, type StorageOptions } from './storage/open.ts'
import { VERSION } from './version.ts'
import { createTextRenderer } from './web/index.ts'

/** What tests may replace. */
export interface Replacements {
  clock?: Clock
  ids?: Ids
  /** Bytes up to which uploads into a bucket are verified before they are answered. */
  verifyInline?: number
}

export interface OpenedCore {
  core: Core
  metadata: MetadataStore
  storage: StorageDriver
  /** What `storage` is made of. */
  stores: OpenedStorage
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
  {
    recover = false,
    clock = systemClock,
    ids = randomIds,
    verifyInline,
  }: Replacements & { recover?: boolean } = {},
): Promise<OpenedCore> {
  mkdirSync(config.data.dir, { recursive: true, mode: 0o700 })
  const metadata = await openMetadata({ path: join(config.data.dir, 'kist.db'), clock })
  const stores = await openStorage(storageOptions(config, { recover, ids, log }, verifyInline))
  const { storage } = stores
  const passwords = createPasswordHasher(startPasswordWorker)
  const fetcher = fetcherOf(config)
  const settings = coreSettings(config)
  const previewMaker = config.previews.enabled ? previewMakerOf(config, clock, log) : null
  const deps = { metadata, storage, passwords, fetcher, previewMaker, clock, ids, log, settings }
  const core = await createCore(deps)
  if (recover) await recoverStorage(core, storage)
  const close = async (): Promise<void> => {
    passwords.close()
    await previewMaker?.close()
    await core.traffic.close()
    await core.audit.close()
    await storage.close()
    await metadata.close()
  }
  return { core, metadata, storage, stores, clock, close }
}

/** The client is loaded for the first import: most servers never fetch anything. */
function fetcherOf({ remoteImport: { allowPrivateAddresses } }: Config): RemoteFetcher {
  const load = async (): Promise<RemoteFetcher> => {
    const { httpFetcher } = await import('./remote/http-fetcher.ts')
    return httpFetcher({ allowPrivateAddresses, userAgent: `Kist/${VERSION}` })
  }
  let loaded: Promise<RemoteFetcher> | undefined
  return {
    async open(url, request) {
      loaded ??= load()
      return (await loaded).open(url, request)
    },
  }
}

const previewMakerOf = ({ data, previews }: Config, clock: Clock, log: Log): PreviewMaker =>
  createPreviewMaker({
    start: () => startPictureProcess(data.dir),
    maxPixels: previews.maxPixels,
    spoolDirectory: data.dir,
    clock,
    log,
  })

/** The spool is for bytes of unknown length on their way to the bucket. */
export function storageOptions(
  { data, storage: { driver, s3 } }: Config,
  owner: Pick<StorageOptions, 'recover' | 'ids' | 'log'>,
  verifyInline?: number,
): StorageOptions {
  const hasBucket = driver === 's3' || s3.bucket !== ''
  return {
    dir: data.dir,
    driver,
    s3: hasBucket
      ? {
          ...s3,
          spoolDir: join(data.dir, 'spool'),
          ...(verifyInline !== undefined && { verifyInline }),
        }
      : null,
    ...owner,
  }
}

/** Tells the operator what is wrong with the bucket before a request meets it. Never rejects. */
export async function reportBucket(config: Config, log: Log): Promise<void> {
  const { s3 } = storageOptions(config, { recover: false, ids: randomIds, log })
  if (!s3) return
  try {
    const { checkS3 } = await import('./storage/s3/check.ts')
    const problem = await checkS3({ ...s3, log })
    if (problem) log.error('storage.bucket_unusable', { ...problem })
  } catch (error) {
    log.error('storage.bucket_not_checked', { cause: error instanceof Error ? error.stack : String(error) })
  }
}

/** What a killed process left. A bucket may be slow, or out of reach: the server does not wait for it. */
async function recoverStorage({ sweeper }: Core, storage: StorageDriver): Promise<void> {
  const tidy = await sweeper.recover()
  const tidied = tidy()
  if (!storage.direct) await tidied
}

const coreSettings = ({
  uploads,
  data,
  registration,
  remoteImport,
  trash,
  downloads: { delivery },
}: Config): CoreSettings => ({
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
  // What the web server in front sends goes through us first.
  delivery: isHandOff(delivery) ? 'app' : delivery,
  trashTtl: trash.keep,
  guestBytesPerDay: uploads.guestBytesPerDay,
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
  const textRenderer = createTextRenderer({ onPlain: (reason) => log.warn('text.plain', { reason }) })
  let stopping = false
  const trusted = trustedProxies(config.server.trustedProxies)
  warnOfDelivery(config, log)
  const handOff = handOffOf(config, opened.storage)
  const sendFile = fileSender(pacer, handOff)
  const http = createHttp({
    dialects: dialects(config, opened, { limiter, sendFile, textRenderer, handsOff: handOff !== null }),
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
    accessLog: ['debug', 'info'].includes(config.log.level),
  })
  const close = (): Promise<void> => {
    // What is still under way is recorded as far as it came.
    pacer.close()
    textRenderer.close()
    return opened.close()
  }
  return { ...opened, http, metrics, close, beginStopping: () => (stopping = true) }
}

function handOffOf({ downloads, server }: Config, storage: StorageDriver): HandOff | null {
  const trusted = trustedProxies(server.trustedProxies)
  return createHandOff({ delivery: downloads.delivery, trusted, pathOf: storage.pathOf ?? null })
}

/** Says so when the settings ask for a delivery that never comes to pass. */
function warnOfDelivery({ downloads: { delivery }, server, storage }: Config, log: Log): void {
  const reason = isHandOff(delivery)
    ? server.trustedProxies.length === 0 && 'server.trusted_proxies is empty'
    : delivery !== 'app' && storage.driver === 'local' && storage.s3.bucket === '' && 'storage is local'
  if (reason) log.warn('delivery.by_app', { delivery, reason })
  else if (delivery === 'cdn' && storage.s3.publicCdnUrl === '')
    log.warn('delivery.no_cdn', { delivery, reason: 'storage.s3.public_cdn_url is empty' })
}

const readiness = ({ metadata, storage }: OpenedCore) => ({
  metadata: async () => void (await metadata.settings.find('signing_key')),
  async storage() {
    await storage.freeBytes()
    // Whether the store answers at all.
    if (storage.direct) await storage.head(NO_OBJECT)
  },
})

/** A key that no object has. */
const NO_OBJECT = `00/00/${'0'.repeat(32)}`

/** Puts the parts of the product together. Plain constructor calls; nothing here decides anything. */
import { type AccessTokenService, createAccessTokens } from './access-tokens.ts'
import { type AccountService, createAccounts } from './accounts.ts'
import { type CheckService, createCheck } from './check.ts'
import type { Clock } from './clock.ts'
import { createCompletion } from './completion.ts'
import { createDelivery, type DeliveryWay } from './delivery.ts'
import { createDownloadTokens } from './download-tokens.ts'
import { createDownloadWaits } from './download-waits.ts'
import { createDownloads, type DownloadService } from './downloads.ts'
import { createFiles, type FileService } from './files.ts'
import { createFolders, type FolderService } from './folders.ts'
import { createIdempotency, type Idempotency } from './idempotency.ts'
import type { Ids } from './ids.ts'
import { createImports, type ImportService, type ImportSettings } from './imports.ts'
import { createIngest, type IngestService } from './ingest.ts'
import type { Log } from './log.ts'
import { createLoginTokens, type LoginTokenService } from './login-tokens.ts'
import type { MetadataStore } from './metadata.ts'
import { createPackages, type PackageService, SEEDED_PACKAGES } from './packages.ts'
import { createPartReceiver } from './part-receiver.ts'
import { createPartUrls } from './part-urls.ts'
import type { PasswordHasher } from './passwords.ts'
import type { RemoteFetcher } from './remote.ts'
import { createSetup, type SetupService } from './setup.ts'
import { createShares, type ShareService } from './shares.ts'
import { createSigner } from './signer.ts'
import type { StorageDriver } from './storage.ts'
import { createSweeper, type Sweeper } from './sweeper.ts'
import { createTokens, type TokenService } from './tokens.ts'
import { createTraffic, type Traffic } from './traffic.ts'
import { checkUploadRequest } from './upload-request.ts'
import { createSessionLookup } from './upload-session.ts'
import { createUploads, type UploadService, type UploadSettings } from './uploads.ts'
import { createVerification, type Verification } from './verification.ts'
import { createVisits, type VisitService } from './visits.ts'
import { createWebSessions, type WebSessionService } from './web-sessions.ts'

export interface Core {
  accounts: AccountService
  packages: PackageService
  tokens: TokenService
  accessTokens: AccessTokenService
  ingest: IngestService
  imports: ImportService
  webSessions: WebSessionService
  folders: FolderService
  files: FileService
  uploads: UploadService
  downloads: DownloadService
  traffic: Traffic
  visits: VisitService
  shares: ShareService
  loginTokens: LoginTokenService
  idempotency: Idempotency
  sweeper: Sweeper
  verification: Verification
  setup: SetupService
  check: CheckService
}

export interface CoreSettings {
  uploads: UploadSettings & { blockedExtensions: string[] }
  /** Seconds a stored idempotent answer is kept. */
  idempotencyTtl: number
  /** Name of the package of new accounts. */
  defaultPackage: string
  /** Whether visitors may make accounts for themselves; true when absent. */
  registration?: boolean
  /** Hex, at least 32 bytes; absent: the one made at the first start. */
  signingKey?: string
  imports: ImportSettings
  /** How downloads leave where that is possible; through us when absent. */
  delivery?: DeliveryWay
  /** Seconds a trashed file or folder can be restored. */
  trashTtl: number
  /** Bytes an address may upload without an account within 24 hours; 0: no limit. */
  guestBytesPerDay: number
}

export interface CoreDeps {
  metadata: MetadataStore
  storage: StorageDriver
  passwords: PasswordHasher
  fetcher: RemoteFetcher
  clock: Clock
  ids: Ids
  log: Log
  settings: CoreSettings
}

/** Seeds packages and signing key where they are missing. */
export async function createCore(deps: CoreDeps): Promise<Core> {
  const { metadata, storage, passwords, fetcher, clock, ids, log, settings } = deps
  await metadata.packages.seed(SEEDED_PACKAGES)
  const key = settings.signingKey ?? (await metadata.settings.findOrCreate('signing_key', ids.secret(32)))
  const signer = createSigner(key, clock)
  const jwtKey = await metadata.settings.findOrCreate('jwt_key', ids.secret(32))
  const packages = createPackages({ metadata, clock })
  const accounts = createAccounts({
    metadata,
    packages,
    passwords,
    clock,
    defaultPackage: settings.defaultPackage,
  })
  const folders = createFolders({ metadata, clock })
  const blockedExtensions = new Set(
    settings.uploads.blockedExtensions.map((extension) => extension.toLowerCase()),
  )
  const files = createFiles({ metadata, packages, clock, ids, blockedExtensions })
  const { sessionTtl } = settings.uploads
  const { guestBytesPerDay } = settings
  const verification = createVerification({ metadata, storage, clock, log })
  const completion = createCompletion({
    metadata,
    storage,
    packages,
    clock,
    ids,
    log,
    sessionTtl,
    guestBytesPerDay,
    unverified: verification.wake,
  })
  const tokens = createTokens({ metadata, clock, ids, log })
  const downloadTokens = createDownloadTokens({ signer, clock, ids })
  const traffic = createTraffic({ metadata, packages, clock, ids, log })
  const downloads = createDownloads({
    metadata,
    storage,
    files,
    packages,
    tokens: downloadTokens,
    waits: createDownloadWaits(clock),
    traffic,
    delivery: createDelivery({ storage, packages, wished: settings.delivery ?? 'app' }),
    signer,
    clock,
  })
  const { enabled, minFree } = settings.uploads
  const ingestSettings = { enabled, minFree, blockedExtensions, guestBytesPerDay }
  const ingest = createIngest({ metadata, storage, packages, clock, ids, log, settings: ingestSettings })
  return {
    accounts,
    packages,
    tokens,
    accessTokens: createAccessTokens({ metadata, accounts, tokens, packages, clock, ids }),
    ingest,
    imports: createImports({
      metadata,
      ingest,
      packages,
      fetcher,
      clock,
      ids,
      log,
      settings: settings.imports,
    }),
    webSessions: createWebSessions({ metadata, accounts, clock, ids, log }),
    folders,
    files,
    uploads: createUploads({
      metadata,
      storage,
      sessions: createSessionLookup({ metadata, clock }),
      urls: createPartUrls({ metadata, storage, signer, clock, sessionTtl }),
      receiver: createPartReceiver({ metadata, storage, clock, sessionTtl }),
      completion,
      signer,
      clock,
      ids,
      log,
      check: (by, request) => checkUploadRequest({ packages, folders, blockedExtensions }, by, request),
      settings: { ...settings.uploads, guestBytesPerDay },
    }),
    downloads,
    traffic,
    shares: createShares({ metadata, files, clock, ids }),
    loginTokens: createLoginTokens({
      ...{ metadata, accounts, clock, ids },
      key: Buffer.from(jwtKey, 'hex'),
      registration: settings.registration ?? true,
    }),
    visits: createVisits({ metadata, downloads, packages, signer, clock }),
    idempotency: createIdempotency({ metadata, clock, ids, log, ttl: settings.idempotencyTtl }),
    sweeper: createSweeper({
      metadata,
      storage,
      completion,
      packages,
      traffic,
      ingest,
      clock,
      log,
      idempotencyTtl: settings.idempotencyTtl,
      trashTtl: settings.trashTtl,
    }),
    verification,
    setup: createSetup({ accounts, ids }),
    check: createCheck({ metadata, storage, clock }),
  }
}

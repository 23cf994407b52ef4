/** Puts the parts of the product together. Plain constructor calls; nothing here decides anything. */
import { type AccessTokenService, createAccessTokens } from './access-tokens.ts'
import { type AccountService, createAccounts } from './accounts.ts'
import { type ArchiveService, createArchives } from './archives/archives.ts'
import { type AuditService, createAudit } from './audit.ts'
import { type BrowseService, createBrowse } from './browse.ts'
import { type CheckService, createCheck } from './check.ts'
import type { Clock } from './clock.ts'
import { createCompletion } from './completion.ts'
import { countedRecords } from './counted-records.ts'
import { createDelivery, type DeliveryWay } from './delivery.ts'
import { createDownloadTokens } from './download-tokens.ts'
import { createDownloadWaits } from './download-waits.ts'
import { createDownloaders, type DownloaderService } from './downloaders.ts'
import { createDownloads, type DownloadService } from './downloads.ts'
import { createFileRequests, type FileRequestService } from './file-requests.ts'
import { createFiles, type FileService } from './files.ts'
import { createFolderCopies, type FolderCopies } from './folder-copy.ts'
import { createFolders, type FolderService } from './folders.ts'
import { createIdempotency, type Idempotency } from './idempotency.ts'
import type { Ids } from './ids.ts'
import { createImports, type ImportService, type ImportSettings } from './imports.ts'
import { createIngest, type IngestService } from './ingest.ts'
import { createLinkPasswords } from './link-password.ts'
import { type LiveSettings, openLiveSettings } from './live-settings.ts'
import { createLockout } from './lockout.ts'
import type { Log } from './log.ts'
import { createLoginTokens, type LoginTokenService } from './login-tokens.ts'
import type { MetadataStore } from './metadata.ts'
import type { FileRecord } from './model.ts'
import { createOversight, type OversightService } from './oversight.ts'
import { createPackages, type PackageService, SEEDED_PACKAGES } from './packages.ts'
import { createPartReceiver } from './part-receiver.ts'
import { createPartUrls } from './part-urls.ts'
import type { PasswordHasher } from './passwords.ts'
import type { PreviewMaker } from './preview-maker.ts'
import { createPreviewShop } from './preview-shop.ts'
import { createPreviews, type PreviewService } from './previews.ts'
import { createProofs, type ProofService } from './proofs.ts'
import { createRegistration, type RegistrationService } from './registration.ts'
import type { RemoteFetcher } from './remote.ts'
import { createReports, type ReportService } from './reports.ts'
import { createSecondFactors, type SecondFactorService } from './second-factors.ts'
import { createSetup, type SetupService } from './setup.ts'
import { createShareLinks, type ShareLinkService } from './share-links.ts'
import { createShares, type ShareService } from './shares.ts'
import { createSigner } from './signer.ts'
import type { StorageDriver } from './storage.ts'
import { createSweeper, type Sweeper } from './sweeper.ts'
import { createTextExcerpts, type TextExcerptService } from './text-excerpts.ts'
import { createTokens, type TokenService } from './tokens.ts'
import { createTraffic, type Traffic } from './traffic.ts'
import { createTrash, type TrashService } from './trash.ts'
import { checkUploadRequest } from './upload-request.ts'
import { createSessionLookup } from './upload-session.ts'
import { createUploads, type UploadService, type UploadSettings } from './uploads.ts'
import { createVerification, type Verification } from './verification.ts'
import { createVisits, type VisitService } from './visits.ts'
import { createWebSessions, type WebSessionService } from './web-sessions.ts'
import { createFolderZips, type FolderZips } from './zip/folder-zips.ts'

export interface Core {
  accounts: AccountService
  registration: RegistrationService
  packages: PackageService
  tokens: TokenService
  accessTokens: AccessTokenService
  ingest: IngestService
  imports: ImportService
  webSessions: WebSessionService
  secondFactors: SecondFactorService
  proofs: ProofService
  audit: AuditService
  oversight: OversightService
  live: LiveSettings
  folders: FolderService
  files: FileService
  uploads: UploadService
  downloads: DownloadService
  downloaders: DownloaderService
  traffic: Traffic
  visits: VisitService
  folderZips: FolderZips
  archives: ArchiveService
  textExcerpts: TextExcerptService
  shares: ShareService
  reports: ReportService
  shareLinks: ShareLinkService
  fileRequests: FileRequestService
  browse: BrowseService
  trash: TrashService
  folderCopies: FolderCopies
  loginTokens: LoginTokenService
  previews: PreviewService
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
  /** Absent: there are no previews. */
  previewMaker?: PreviewMaker | null
  clock: Clock
  ids: Ids
  log: Log
  settings: CoreSettings
}

/** Seeds packages and signing key where they are missing. */
export async function createCore(deps: CoreDeps): Promise<Core> {
  const { storage, passwords, fetcher, clock, ids, log, settings } = deps
  await deps.metadata.packages.seed(SEEDED_PACKAGES)
  const packages = createPackages({ metadata: deps.metadata, clock })
  const traffic = createTraffic({ metadata: deps.metadata, packages, clock, ids, log })
  const metadata = countedRecords(deps.metadata, traffic.flush)
  const key = settings.signingKey ?? (await metadata.settings.findOrCreate('signing_key', ids.secret(32)))
  const signer = createSigner(key, clock)
  const jwtKey = await metadata.settings.findOrCreate('jwt_key', ids.secret(32))
  const accounts = createAccounts({
    metadata,
    packages,
    passwords,
    clock,
    defaultPackage: settings.defaultPackage,
  })
  const secondFactors = createSecondFactors({ metadata, lockout: createLockout(clock), clock, ids })
  const audit = createAudit({ metadata, clock, log })
  const live = await openLiveSettings(metadata, {
    registration: settings.registration ?? true,
    uploads: settings.uploads.enabled,
    guestUploads: settings.uploads.guests,
    imports: settings.imports.enabled,
    notice: '',
  })
  const folders = createFolders({ metadata, clock })
  const blockedExtensions = new Set(
    settings.uploads.blockedExtensions.map((extension) => extension.toLowerCase()),
  )
  const files = createFiles({ metadata, packages, clock, ids, blockedExtensions })
  const { sessionTtl } = settings.uploads
  const { guestBytesPerDay } = settings
  const arrived = (file: FileRecord): void => previews.note(file)
  const verification = createVerification({ metadata, storage, clock, log })
  const completion = createCompletion({
    arrived,
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
  const tokens = createTokens({ metadata, packages, clock, ids, log })
  const downloadTokens = createDownloadTokens({ signer, clock, ids })
  const waits = createDownloadWaits(clock)
  const downloads = createDownloads({
    metadata,
    storage,
    files,
    packages,
    tokens: downloadTokens,
    waits,
    traffic,
    delivery: createDelivery({ storage, packages, wished: settings.delivery ?? 'app' }),
    signer,
    clock,
  })
  const previews = createPreviews({
    ...{ metadata, downloads, signer, clock, log },
    shop: deps.previewMaker
      ? createPreviewShop({
          ...{ metadata, storage, maker: deps.previewMaker, clock, ids, log },
          minFree: settings.uploads.minFree,
        })
      : null,
  })
  const visits = createVisits({ metadata, downloads, packages, signer, clock })
  const ingestSettings = {
    ...{ minFree: settings.uploads.minFree, blockedExtensions, guestBytesPerDay },
    get enabled() {
      return live.now.uploads
    },
  }
  const ingest = createIngest({
    ...{ arrived, metadata, storage, packages, clock, ids, log },
    settings: ingestSettings,
  })
  const locks = createLinkPasswords({ passwords, signer, clock })
  const reports = createReports({ metadata, downloads, clock })
  return {
    accounts,
    registration: createRegistration(accounts, () => live.now.registration),
    live,
    packages,
    tokens,
    accessTokens: createAccessTokens({ metadata, accounts, tokens, packages, audit, clock, ids }),
    ingest,
    imports: createImports({
      metadata,
      ingest,
      packages,
      fetcher,
      clock,
      ids,
      log,
      settings: {
        ...settings.imports,
        get enabled() {
          return live.now.imports
        },
      },
    }),
    webSessions: createWebSessions({ metadata, accounts, secondFactors, audit, clock, ids, log }),
    secondFactors,
    proofs: createProofs({ metadata, accounts, audit, lockout: createLockout(clock), clock }),
    audit,
    oversight: createOversight({
      ...{ metadata, storage, accounts, packages, secondFactors, audit, live, reports, clock },
    }),
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
      settings: {
        ...{ ...settings.uploads, guestBytesPerDay },
        get enabled() {
          return live.now.uploads
        },
        get guests() {
          return live.now.guestUploads
        },
      },
    }),
    downloads,
    downloaders: createDownloaders({ metadata, files, traffic }),
    traffic,
    shares: createShares({ metadata, files, clock, ids }),
    reports,
    shareLinks: createShareLinks({ metadata, downloads, locks, clock, ids }),
    fileRequests: createFileRequests({ metadata, ingest, locks, clock, ids }),
    browse: createBrowse({ metadata, folders }),
    trash: createTrash({ metadata, clock }),
    folderCopies: createFolderCopies({ metadata, folders, files, packages }),
    loginTokens: createLoginTokens({
      ...{ metadata, accounts, audit, clock, ids },
      key: Buffer.from(jwtKey, 'hex'),
      registration: () => live.now.registration,
    }),
    previews,
    visits,
    archives: createArchives({ storage }),
    textExcerpts: createTextExcerpts({ storage }),
    folderZips: createFolderZips({
      ...{ metadata, storage, visits, packages, tokens: downloadTokens, waits, traffic, clock, log },
    }),
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

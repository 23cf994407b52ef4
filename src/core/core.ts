/** Puts the parts of the product together. Plain constructor calls; nothing here decides anything. */
import type { AccessTokenService } from './access-tokens.ts'
import type { AccountService } from './accounts.ts'
import { type ArchiveService, createArchives } from './archives/archives.ts'
import { createArrivals } from './arrivals.ts'
import type { AuditService } from './audit.ts'
import { type BrowseService, createBrowse } from './browse.ts'
import { type CheckService, createCheck } from './check.ts'
import type { Clock } from './clock.ts'
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
import type { ImportService, ImportSettings } from './imports.ts'
import type { IngestService } from './ingest.ts'
import { createLinkPasswords } from './link-password.ts'
import { type LiveSettings, type LiveValues, openLiveSettings } from './live-settings.ts'
import type { Log } from './log.ts'
import type { LoginTokenService } from './login-tokens.ts'
import type { MetadataStore } from './metadata.ts'
import { createOversight, type OversightService } from './oversight.ts'
import { createPackages, type PackageService, SEEDED_PACKAGES } from './packages.ts'
import type { PasswordHasher } from './passwords.ts'
import { createPeople } from './people.ts'
import type { PreviewMaker } from './preview-maker.ts'
import { createPreviewShop } from './preview-shop.ts'
import { createPreviews, type PreviewService } from './previews.ts'
import type { ProofService } from './proofs.ts'
import type { RegistrationService } from './registration.ts'
import type { RemoteFetcher } from './remote.ts'
import { createReports, type ReportService } from './reports.ts'
import type { SecondFactorService } from './second-factors.ts'
import type { SetupService } from './setup.ts'
import { createShareLinks, type ShareLinkService } from './share-links.ts'
import { createShares, type ShareService } from './shares.ts'
import { createSigner } from './signer.ts'
import type { StorageDriver } from './storage.ts'
import { createSweeper, type Sweeper } from './sweeper.ts'
import { createTextExcerpts, type TextExcerptService } from './text-excerpts.ts'
import type { TokenService } from './tokens.ts'
import { createTraffic, type Traffic } from './traffic.ts'
import { createTrash, type TrashService } from './trash.ts'
import type { UploadService, UploadSettings } from './uploads.ts'
import type { Verification } from './verification.ts'
import { createVisits, type VisitService } from './visits.ts'
import type { WebSessionService } from './web-sessions.ts'
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

/** Seeds packages and keys where they are missing. */
export async function createCore(deps: CoreDeps): Promise<Core> {
  const { storage, clock, ids, log, settings } = deps
  await deps.metadata.packages.seed(SEEDED_PACKAGES)
  const packages = createPackages({ metadata: deps.metadata, clock })
  const traffic = createTraffic({ metadata: deps.metadata, packages, clock, ids, log })
  const metadata = countedRecords(deps.metadata, traffic.flush)
  const key = settings.signingKey ?? (await metadata.settings.findOrCreate('signing_key', ids.secret(32)))
  const signer = createSigner(key, clock)
  const live = await openLiveSettings(metadata, configured(settings))
  const people = await createPeople({ ...deps, metadata, packages, live })
  const { accounts, secondFactors, audit } = people
  const folders = createFolders({ metadata, clock })
  const blockedExtensions = new Set(
    settings.uploads.blockedExtensions.map((extension) => extension.toLowerCase()),
  )
  const files = createFiles({ metadata, packages, clock, ids, blockedExtensions })
  const { completion, ...arrivals } = createArrivals({
    ...{ ...deps, metadata, packages, folders, signer, live, blockedExtensions },
    arrived: (file) => previews.note(file),
  })
  const { ingest } = arrivals
  const tokens = createDownloadTokens({ signer, clock, ids })
  const waits = createDownloadWaits(clock)
  const delivery = createDelivery({ storage, packages, wished: settings.delivery ?? 'app' })
  const downloads = createDownloads({
    ...{ metadata, storage, files, packages, tokens, waits, traffic, delivery, signer, clock },
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
  const locks = createLinkPasswords({ passwords: deps.passwords, signer, clock })
  const reports = createReports({ metadata, downloads, clock })
  const { idempotencyTtl, trashTtl } = settings
  return {
    ...people,
    ...arrivals,
    live,
    packages,
    oversight: createOversight({
      ...{ metadata, storage, accounts, packages, secondFactors, audit, live, reports, clock },
    }),
    folders,
    files,
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
    previews,
    visits,
    archives: createArchives({ storage }),
    textExcerpts: createTextExcerpts({ storage }),
    folderZips: createFolderZips({ metadata, storage, visits, packages, tokens, waits, traffic, clock, log }),
    idempotency: createIdempotency({ metadata, clock, ids, log, ttl: idempotencyTtl }),
    sweeper: createSweeper({
      ...{ metadata, storage, completion, packages, traffic, ingest, clock, log },
      ...{ idempotencyTtl, trashTtl },
    }),
    check: createCheck({ metadata, storage, clock }),
  }
}

/** What holds until an administrator says something else. */
const configured = ({ registration = true, uploads, imports }: CoreSettings): LiveValues => ({
  registration,
  uploads: uploads.enabled,
  guestUploads: uploads.guests,
  imports: imports.enabled,
  notice: '',
})

/**
 * MetadataStore remembers records. Every method is one transaction and is durable when it resolves.
 * State changes are conditional, so that of two callers exactly one wins. Times are passed in.
 * Obligations of every implementation are checked by test/contract/metadata-store.contract.ts.
 */
import type { AccountStore, PackageStore } from './stores/accounts.ts'
import type { AuditStore } from './stores/audit.ts'
import type { AccessTokenStore, LoginTokenStore, TokenStore, WebSessionStore } from './stores/credentials.ts'
import type { DownloaderStore } from './stores/downloaders.ts'
import type { FileRequestStore } from './stores/file-requests.ts'
import type { FileStore } from './stores/files.ts'
import type { FolderStore } from './stores/folders.ts'
import type { IdempotencyStore } from './stores/idempotency.ts'
import type { ImportStore } from './stores/imports.ts'
import type { ObjectStore } from './stores/objects.ts'
import type { OversightStore } from './stores/oversight.ts'
import type { PreviewStore } from './stores/previews.ts'
import type { ReportStore } from './stores/reports.ts'
import type { SecondFactorStore } from './stores/second-factors.ts'
import type { SettingStore } from './stores/settings.ts'
import type { ShareLinkStore } from './stores/share-links.ts'
import type { ShareStore } from './stores/shares.ts'
import type { TrafficStore } from './stores/traffic.ts'
import type { UploadStore } from './stores/uploads.ts'

export type * from './stores/accounts.ts'
export type * from './stores/audit.ts'
export type * from './stores/credentials.ts'
export type * from './stores/downloaders.ts'
export type * from './stores/file-requests.ts'
export type * from './stores/files.ts'
export type * from './stores/folders.ts'
export type * from './stores/idempotency.ts'
export type * from './stores/imports.ts'
export type * from './stores/objects.ts'
export type * from './stores/oversight.ts'
export type * from './stores/previews.ts'
export type * from './stores/reports.ts'
export type * from './stores/second-factors.ts'
export type * from './stores/settings.ts'
export type * from './stores/share-links.ts'
export type * from './stores/shares.ts'
export type * from './stores/traffic.ts'
export type * from './stores/uploads.ts'

export interface MetadataStore {
  readonly accounts: AccountStore
  readonly packages: PackageStore
  readonly tokens: TokenStore
  readonly webSessions: WebSessionStore
  readonly accessTokens: AccessTokenStore
  readonly loginTokens: LoginTokenStore
  readonly folders: FolderStore
  readonly files: FileStore
  readonly objects: ObjectStore
  readonly previews: PreviewStore
  readonly uploads: UploadStore
  readonly imports: ImportStore
  readonly shares: ShareStore
  readonly reports: ReportStore
  readonly shareLinks: ShareLinkStore
  readonly fileRequests: FileRequestStore
  readonly traffic: TrafficStore
  readonly downloaders: DownloaderStore
  readonly idempotency: IdempotencyStore
  readonly secondFactors: SecondFactorStore
  readonly audit: AuditStore
  readonly oversight: OversightStore
  readonly settings: SettingStore
  /** Waits for what is under way, then closes. */
  close(): Promise<void>
}

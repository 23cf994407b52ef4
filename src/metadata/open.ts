/** The metadata store: records over an engine. */
import { type Clock, systemClock } from '../core/clock.ts'
import type { MetadataStore } from '../core/metadata.ts'
import { accessTokenStore } from './access-tokens.ts'
import { accountStore } from './accounts.ts'
import { auditStore } from './audit.ts'
import type { Engine } from './database.ts'
import { downloaderStore } from './downloaders.ts'
import { fileRequestStore } from './file-requests.ts'
import { fileStore } from './files.ts'
import { folderStore } from './folders.ts'
import { idempotencyStore } from './idempotency.ts'
import { importStore } from './imports.ts'
import { loginTokenStore } from './login-tokens.ts'
import { objectStore } from './objects.ts'
import { oversightStore } from './oversight.ts'
import { packageStore } from './packages.ts'
import { previewStore } from './previews.ts'
import { reportStore } from './reports.ts'
import { secondFactorStore } from './second-factors.ts'
import { settingStore } from './settings.ts'
import { shareLinkStore } from './share-links.ts'
import { shareStore } from './shares.ts'
import { openSqlite, type SqliteOptions } from './sqlite/open.ts'
import { tokenStore } from './tokens.ts'
import { trafficStore } from './traffic.ts'
import { uploadStore } from './uploads.ts'
import { webSessionStore } from './web-sessions.ts'

export { databaseVersion, sqliteVersion } from './sqlite/open.ts'
export { snapshotDatabase } from './sqlite/snapshot.ts'

export type MetadataOptions = Pick<SqliteOptions, 'path' | 'lockPatienceMs'> & {
  /** Tells what has expired; that of the system when absent. */
  clock?: Clock
}

/**
 * Opens the database, creating and migrating it as needed. Safe beside other processes on the same file.
 * Throws plain errors for the operator, NewerDatabaseError among them.
 */
export async function openMetadata({ clock, ...options }: MetadataOptions): Promise<MetadataStore> {
  return metadataStore(await openSqlite(options), clock)
}

/** All records over one engine. */
export const metadataStore = (engine: Engine, clock: Clock = systemClock): MetadataStore => ({
  accounts: accountStore(engine),
  packages: packageStore(engine),
  tokens: tokenStore(engine),
  webSessions: webSessionStore(engine),
  accessTokens: accessTokenStore(engine),
  loginTokens: loginTokenStore(engine),
  folders: folderStore(engine),
  files: fileStore(engine, clock),
  objects: objectStore(engine),
  previews: previewStore(engine),
  uploads: uploadStore(engine),
  imports: importStore(engine),
  shares: shareStore(engine),
  reports: reportStore(engine),
  shareLinks: shareLinkStore(engine),
  fileRequests: fileRequestStore(engine),
  traffic: trafficStore(engine),
  downloaders: downloaderStore(engine),
  idempotency: idempotencyStore(engine),
  secondFactors: secondFactorStore(engine),
  audit: auditStore(engine),
  oversight: oversightStore(engine),
  settings: settingStore(engine),
  close: () => engine.close(),
})

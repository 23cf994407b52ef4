/** How content arrives: in parts, at once, or fetched from elsewhere; wired together. */
import { type Completion, createCompletion } from './completion.ts'
import type { Core, CoreDeps } from './core.ts'
import type { FolderService } from './folders.ts'
import { createImports } from './imports.ts'
import { createIngest } from './ingest.ts'
import type { LiveSettings } from './live-settings.ts'
import type { FileRecord } from './model.ts'
import type { PackageService } from './packages.ts'
import { createPartReceiver } from './part-receiver.ts'
import { createPartUrls } from './part-urls.ts'
import type { Signer } from './signer.ts'
import { checkUploadRequest } from './upload-request.ts'
import { createSessionLookup } from './upload-session.ts'
import { createUploads } from './uploads.ts'
import { createVerification } from './verification.ts'

export interface Arrivals extends Pick<Core, 'uploads' | 'ingest' | 'imports' | 'verification'> {
  completion: Completion
}

interface Deps
  extends Pick<CoreDeps, 'metadata' | 'storage' | 'fetcher' | 'clock' | 'ids' | 'log' | 'settings'> {
  packages: PackageService
  folders: FolderService
  signer: Signer
  live: LiveSettings
  /** In lower case, without a dot. */
  blockedExtensions: Set<string>
  /** Called for every file that has come. */
  arrived(file: FileRecord): void
}

/** Whether they take anything follows the settings of the moment. */
export function createArrivals(deps: Deps): Arrivals {
  const { metadata, storage, packages, folders, fetcher, signer, live, arrived, clock, ids, log } = deps
  const { settings, blockedExtensions } = deps
  const { guestBytesPerDay, uploads: uploadSettings } = settings
  const { sessionTtl, minFree } = uploadSettings
  const verification = createVerification({ metadata, storage, clock, log })
  const completion = createCompletion({
    ...{ arrived, metadata, storage, packages, clock, ids, log, sessionTtl, guestBytesPerDay },
    unverified: verification.wake,
  })
  const ingest = createIngest({
    ...{ arrived, metadata, storage, packages, clock, ids, log },
    settings: {
      ...{ minFree, blockedExtensions, guestBytesPerDay },
      get enabled() {
        return live.now.uploads
      },
    },
  })
  const imports = createImports({
    ...{ metadata, ingest, packages, fetcher, clock, ids, log },
    settings: {
      ...settings.imports,
      get enabled() {
        return live.now.imports
      },
    },
  })
  const uploads = createUploads({
    ...{ metadata, storage, completion, signer, clock, ids, log },
    sessions: createSessionLookup({ metadata, clock }),
    urls: createPartUrls({ metadata, storage, signer, clock, sessionTtl }),
    receiver: createPartReceiver({ metadata, storage, clock, sessionTtl }),
    check: (by, request) => checkUploadRequest({ packages, folders, blockedExtensions }, by, request),
    settings: {
      ...{ ...uploadSettings, guestBytesPerDay },
      get enabled() {
        return live.now.uploads
      },
      get guests() {
        return live.now.guestUploads
      },
    },
  })
  return { uploads, ingest, imports, verification, completion }
}

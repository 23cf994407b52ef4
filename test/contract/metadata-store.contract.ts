/** What every MetadataStore owes the core. Run on each implementation; the database's own cases are beside it. */
import { afterEach, beforeEach, describe } from 'bun:test'
import type { MetadataStore } from '../../src/core/metadata.ts'
import { accountCases } from './metadata-store/accounts.ts'
import { auditCases } from './metadata-store/audit.ts'
import { credentialCases } from './metadata-store/credentials.ts'
import { downloaderCases } from './metadata-store/downloaders.ts'
import { durabilityCases } from './metadata-store/durability.ts'
import { fileExpiryCases } from './metadata-store/file-expiry.ts'
import { filePageCases } from './metadata-store/file-pages.ts'
import { filePlaceCases } from './metadata-store/file-places.ts'
import { fileRemovalCases } from './metadata-store/file-removal.ts'
import { fileTrashCases } from './metadata-store/file-trash.ts'
import { fileUseCases } from './metadata-store/file-uses.ts'
import { fileCases } from './metadata-store/files.ts'
import { folderPictureCases } from './metadata-store/folder-pictures.ts'
import { folderTrashCases } from './metadata-store/folder-trash.ts'
import { folderTreeCases } from './metadata-store/folder-tree.ts'
import { folderCases } from './metadata-store/folders.ts'
import { guestFileCases } from './metadata-store/guest-files.ts'
import { idempotencyCases } from './metadata-store/idempotency.ts'
import { importCases } from './metadata-store/imports.ts'
import { loginTokenCases } from './metadata-store/login-tokens.ts'
import { objectCases } from './metadata-store/objects.ts'
import { ownEntryCases } from './metadata-store/own-entries.ts'
import { packageCases } from './metadata-store/packages.ts'
import { previewCases } from './metadata-store/previews.ts'
import { reportCases } from './metadata-store/reports.ts'
import { searchCases } from './metadata-store/search.ts'
import { secondFactorCases } from './metadata-store/second-factors.ts'
import { fileRequestCases, shareLinkCases } from './metadata-store/share-links.ts'
import { shareCases } from './metadata-store/shares.ts'
import { trafficCases } from './metadata-store/traffic.ts'
import { trashByFolderCases } from './metadata-store/trash-by-folder.ts'
import { trashWayOutCases } from './metadata-store/trash-ways-out.ts'
import { uploadAdmissionCases } from './metadata-store/upload-admission.ts'
import { uploadCompletionCases } from './metadata-store/upload-completion.ts'
import { uploadEndCases } from './metadata-store/upload-ends.ts'
import { uploadPartCases } from './metadata-store/upload-parts.ts'
import { verificationCases } from './metadata-store/verification.ts'

/** A fresh, empty store. */
export interface OpenedStore {
  store: MetadataStore
  dispose: () => Promise<void>
}

/** Gives each case the store of that case. */
export type Stage = () => OpenedStore

/** `reopen` closes the store and opens the same data again; null where nothing outlives a close. */
export function metadataStoreContract<Opened extends OpenedStore>(
  name: string,
  open: () => Promise<Opened>,
  reopen: ((opened: Opened) => Promise<MetadataStore>) | null,
): void {
  describe(`metadata store: ${name}`, () => {
    let opened: Opened
    beforeEach(async () => {
      opened = await open()
    })
    afterEach(() => opened.dispose())
    const stage: Stage = () => opened
    describe('packages', () => packageCases(stage))
    describe('accounts', () => accountCases(stage))
    describe('credentials', () => credentialCases(stage))
    describe('sign-ins of the uploader API', () => loginTokenCases(stage))
    describe('second factors', () => secondFactorCases(stage))
    describe('the audit log', () => auditCases(stage))
    describe('folders', () => folderCases(stage))
    describe('the tree of folders', () => folderTreeCases(stage))
    describe('folders in the trash', () => folderTrashCases(stage))
    describe('files', () => fileCases(stage))
    describe('files that come where others are', () => filePlaceCases(stage))
    describe('files in the trash', () => fileTrashCases(stage))
    describe('all files of an account', () => filePageCases(stage))
    describe('files that leave for good', () => fileRemovalCases(stage))
    describe('files with a number of uses', () => fileUseCases(stage))
    describe('files that expire', () => fileExpiryCases(stage))
    describe('content that is to be verified', () => verificationCases(stage))
    describe('anonymous files', () => guestFileCases(stage))
    describe('public links', () => shareCases(stage))
    describe('pictures of a folder', () => folderPictureCases(stage))
    describe('reports of files', () => reportCases(stage))
    describe('links to files and folders', () => shareLinkCases(stage))
    describe('file requests', () => fileRequestCases(stage))
    describe('entries as their owner sees them', () => ownEntryCases(stage))
    describe('files of folders in the trash', () => trashByFolderCases(stage))
    describe('the ways out of the trash', () => trashWayOutCases(stage))
    describe('search', () => searchCases(stage))
    describe('downloads that were made', () => trafficCases(stage))
    describe('who downloaded', () => downloaderCases(stage))
    describe('imports', () => importCases(stage))
    describe('objects and files', () => objectCases(stage))
    describe('previews of objects', () => previewCases(stage))
    describe('creating an upload', () => uploadAdmissionCases(stage))
    describe('parts of an upload', () => uploadPartCases(stage))
    describe('completing an upload', () => uploadCompletionCases(stage))
    describe('ending an upload', () => uploadEndCases(stage))
    describe('idempotency', () => idempotencyCases(stage))
    describe('settings and durability', () => durabilityCases(stage, reopen && (() => reopen(opened))))
  })
}

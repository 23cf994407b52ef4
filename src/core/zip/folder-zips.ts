/** A folder with all that is in it as one ZIP archive, made while it is sent: nothing of it is kept anywhere. */
import type { Clock } from '../clock.ts'
import type { DownloadTokens } from '../download-tokens.ts'
import type { DownloadWaits } from '../download-waits.ts'
import type { Grant, Visitor } from '../downloads.ts'
import { Fault } from '../fault.ts'
import type { Log } from '../log.ts'
import type { MetadataStore } from '../metadata.ts'
import type { Account, FileRecord, Folder } from '../model.ts'
import type { PackageService } from '../packages.ts'
import type { ByteRange, StorageDriver } from '../storage.ts'
import type { Traffic, TrafficClient } from '../traffic.ts'
import { turns } from '../turns.ts'
import type { VisitService } from '../visits.ts'
import { createDownloadCounts } from './download-counts.ts'
import { type FolderEntry, folderEntries } from './folder-entries.ts'
import { createObjectChecksums } from './object-checksums.ts'
import { archiveName } from './zip-names.ts'
import { planZip, type ZipPlan } from './zip-plan.ts'
import { type ZipSource, zipStream } from './zip-stream.ts'

export interface FolderZipVisit {
  folderId: number
  /** What unlocking the folder gave. */
  pass: string | null
  /** Of a link that `link` made. */
  token: string | null
  visitor: Visitor
}

/** Permission to send the archive, with all that the answer needs. */
export interface FolderZip {
  /** File name: that of the folder with `.zip`. */
  name: string
  size: number
  /** Names these bytes: it changes when anything in the archive would. */
  etag: string
  files: number
  begin: Grant['begin']
}

export interface FolderZips {
  /**
   * The same folder gives the same bytes as long as nothing in it changes, so any range of it can be fetched later.
   * It is one download of its visitor, judged by the size of the archive; each file in it counts as downloaded when
   * its first byte is sent. Faults: folder_not_found, not_public, password_required, link_invalid, not_yet (the
   * wait of the package, or what has to be read first), invalid (too many entries), object_missing, unavailable
   * (too many archives at this moment); of `begin` those of Traffic.begin.
   */
  of(visit: FolderZipVisit): Promise<FolderZip>
  /** What a page adds to the address of the archive: good after the wait of the visitor's package, for 24 hours. */
  token(folder: Folder, visitor: Account | null): Promise<string>
}

interface Deps {
  metadata: MetadataStore
  storage: StorageDriver
  visits: Pick<VisitService, 'enter'>
  packages: PackageService
  tokens: DownloadTokens
  waits: DownloadWaits
  traffic: Traffic
  clock: Clock
  log: Log
}

/** Archives that are planned at one time, and requests that wait for that. */
const MOST_PLANNING = 2
const MOST_WAITING = 20
/** Entries that all archives being sent may have together: what they take of the memory. */
const MOST_ENTRIES_HELD = 400_000
const RETRY_SECONDS = 5

/** Where records name a file, an archive is named by its folder: files have no negative ids. */
const recordId = ({ id }: Folder): number => -id

export function createFolderZips(deps: Deps): FolderZips {
  const { metadata, storage, visits, packages, tokens, waits, traffic, clock, log } = deps
  const checksums = createObjectChecksums({ metadata, storage, log })
  const planning = turns(MOST_PLANNING, MOST_WAITING, RETRY_SECONDS)
  let held = 0

  async function plan(root: Folder, isOwner: boolean): Promise<ZipPlan> {
    const entries = await folderEntries({ metadata, root, isOwner, now: clock.now() })
    await addChecksums(entries)
    return planZip(entries)
  }

  async function addChecksums(entries: FolderEntry[]): Promise<void> {
    const unchecked = entries.filter(({ hasCrc32 }) => !hasCrc32)
    const found = await checksums.of(
      unchecked.map(({ objectId, key, size }) => ({ objectId, key: key ?? '', size })),
    )
    for (const entry of unchecked) entry.crc32 = found.get(entry.objectId) ?? 0
  }

  /** Whether this visitor has to wait now; a link has the wait in itself. */
  function mustWait(folder: Folder, isOwner: boolean, token: string | null): boolean {
    if (isOwner) return false
    if (token === null) return true
    tokens.verify(recordId(folder), token)
    return false
  }

  async function open(
    zip: ZipPlan,
    range: ByteRange,
    { accountId }: TrafficClient,
  ): Promise<ReadableStream<Uint8Array>> {
    if (held + zip.entries.length > MOST_ENTRIES_HELD)
      throw new Fault('unavailable', undefined, { retryAfter: RETRY_SECONDS })
    held += zip.entries.length
    const counts = createDownloadCounts({ metadata, accountId, clock, log })
    const end = (): void => {
      held -= zip.entries.length
      counts.close()
    }
    const source: ZipSource = {
      storage,
      begun: ({ fileId }) => counts.begun(fileId),
      sent: ({ fileId }, bytes, isWhole) => counts.sent(fileId, bytes, isWhole),
    }
    return watched(zipStream(zip, range, source), end)
  }

  return {
    async of({ folderId, pass, token, visitor }) {
      const { account, ip } = visitor
      const { folder, isOwner } = await visits.enter(folderId, account, pass)
      const waiting = mustWait(folder, isOwner, token)
      const zip = await planning(() => plan(folder, isOwner))
      const client: TrafficClient = account
        ? { accountId: account.id, packageId: account.packageId, ip }
        : { accountId: null, packageId: null, ip }
      return {
        name: `${archiveName(folder.name)}.zip`,
        size: zip.size,
        etag: zip.etag,
        files: zip.entries.filter(({ isFolder }) => !isFolder).length,
        async begin(range = { start: 0, end: zip.size - 1 }) {
          if (waiting) {
            const { waitBeforeDownload } = await packages.limitsOf(client.packageId)
            waits.require(client, recordId(folder), waitBeforeDownload)
          }
          const span = { start: range.start, length: range.end - range.start + 1 }
          return traffic.begin(client, recordOf(folder, zip), span, () => open(zip, range, client))
        },
      }
    },
    async token(folder, visitor) {
      const isOwner = visitor !== null && visitor.id === folder.accountId
      const waitSeconds = isOwner ? 0 : (await packages.of(visitor)).waitBeforeDownload
      return tokens.issue(recordId(folder), { accountId: visitor?.id ?? null, waitSeconds })
    },
  }
}

/** The archive as the traffic rules know it. */
const recordOf = (folder: Folder, { size }: ZipPlan): FileRecord => ({
  ...{ id: recordId(folder), slug: '', deleteKey: '', objectId: 0, urlExtension: null, uploadedIp: null },
  ...{ accountId: folder.accountId, folderId: folder.id, visibility: folder.visibility },
  ...{ name: `${archiveName(folder.name)}.zip`, size, mimeType: 'application/zip', source: 'api' },
  ...{ status: 'active', contentState: 'ready', usesLeft: null, expiresAt: null, trashedAt: null },
  ...{ downloads: 0, lastDownloadedAt: null, createdAt: folder.createdAt, updatedAt: folder.createdAt },
})

/** `ended` is called once, however the stream ends. */
function watched(stream: ReadableStream<Uint8Array>, ended: () => void): ReadableStream<Uint8Array> {
  const reader = stream.getReader()
  let isOver = false
  const end = (): void => {
    if (!isOver) ended()
    isOver = true
  }
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (!done) return controller.enqueue(value)
          end()
          controller.close()
        } catch (error) {
          end()
          throw error
        }
      },
      async cancel(reason) {
        try {
          await reader.cancel(reason)
        } finally {
          end()
        }
      },
    },
    { highWaterMark: 0 },
  )
}

/** Which download a request belongs to, and whether its client may have it now. */
import { type Clock, plusSeconds } from './clock.ts'
import type { Ids } from './ids.ts'
import type { DownloadUsage, MetadataStore } from './metadata.ts'
import type { Downloader, DownloadRecord, FileRecord, Package } from './model.ts'
import { networkOf } from './network.ts'
import {
  newDownload,
  type OpenDownload,
  type OpenDownloads,
  RESUME_SECONDS,
  recordedDownload,
  type Span,
  type UsedLink,
} from './open-downloads.ts'
import type { ClientConnection, TrafficClients } from './traffic-clients.ts'
import type { TrafficJournal } from './traffic-journal.ts'
import {
  DAY_SECONDS,
  isLimited,
  judgeBytes,
  judgeNew,
  judgeOngoing,
  judgeSize,
  needsHistory,
} from './traffic-limits.ts'
import { standingOf } from './traffic-standing.ts'

export interface Admission {
  /** Takes the slot. Faults: those of Traffic.begin, but for the use of a file. */
  admit(
    client: Downloader,
    file: FileRecord,
    span: Span,
    pkg: Package,
    link: UsedLink | null,
  ): Promise<ClientConnection>
  /** The client's latest download of the file that can still be gone on with, from the records. */
  latest(client: Downloader, fileId: number): Promise<DownloadRecord | null>
}

interface Deps {
  metadata: Pick<MetadataStore, 'traffic'>
  clients: TrafficClients
  open: OpenDownloads
  journal: TrafficJournal
  clock: Clock
  ids: Ids
}

/** What the records say to one request. */
interface Recalled {
  usage: DownloadUsage | null
  download: DownloadRecord | null
}

/** Whether anything but the speed depends on what the client fetches. */
const matters = (pkg: Package, file: FileRecord, link: UsedLink | null): boolean =>
  isLimited(pkg) || file.usesLeft !== null || link !== null

/** Somebody asks for a piece of a file. */
interface Wish {
  client: Downloader
  file: FileRecord
  span: Span
  pkg: Package
  link: UsedLink | null
}

/** Limits are those of a network, and so are the records they are judged by. */
const countedAs = ({ accountId, ip }: Downloader): Downloader => ({ accountId, ip: networkOf(ip) })

export function createAdmission({ metadata, clients, open, journal, clock, ids }: Deps): Admission {
  const latest = (client: Downloader, fileId: number): Promise<DownloadRecord | null> =>
    metadata.traffic.findLatest(countedAs(client), fileId, plusSeconds(clock.now(), -RESUME_SECONDS))

  /** Read while nothing was being written, so that nothing is seen twice or not at all. */
  async function usageOf(client: Downloader): Promise<DownloadUsage> {
    for (;;) {
      const writes = await journal.idle()
      const usage = await metadata.traffic.usage(client, plusSeconds(clock.now(), -DAY_SECONDS))
      if (journal.writes() === writes) return usage
    }
  }

  /** Whoever has no limits costs no query. By which link a download came is not in the records. */
  async function recall({ client, file, span, pkg, link }: Wish): Promise<Recalled> {
    if (!matters(pkg, file, link)) return { usage: null, download: null }
    const isKnown = link !== null || open.find(client, file.id, span) !== null
    const download = isKnown ? null : await latest(client, file.id)
    return { download, usage: needsHistory(pkg) ? await usageOf(client) : null }
  }

  /** The download that the request goes on with, from memory or from the records. */
  function find({ client, file, span, link }: Wish, { download }: Recalled) {
    const known = open.find(client, file.id, span, link)
    if (known || !download || open.knows(download.id)) return known
    open.add(recordedDownload(download, file))
    return open.find(client, file.id, span, link)
  }

  function judge(pkg: Package, client: Downloader, usage: DownloadUsage | null, self: OpenDownload | null) {
    const now = clock.now()
    const unwritten = usage ? journal.unwritten(client) : []
    const since = plusSeconds(now, -DAY_SECONDS)
    const standing = standingOf({ since, recorded: usage, unwritten, live: clients.downloads(client) }, self)
    if (!self) judgeNew(pkg, standing, now)
    else if (self.connections.size === 0) judgeOngoing(pkg, standing, now)
    else judgeBytes(pkg.downloadSizePer24Hours, standing, now)
  }

  function begin({ client, file, pkg, link }: Wish): OpenDownload {
    const download = newDownload(ids.secret(8), client, file, clock.now(), matters(pkg, file, link), link)
    open.add(download)
    return download
  }

  return {
    latest,
    async admit(from, file, span, pkg, link) {
      const client = countedAs(from)
      judgeSize(pkg, file.size)
      const wish = { client, file, span, pkg, link }
      const recalled = await recall(wish)
      // No pause from here on, so that of many at once no more pass than may.
      const known = find(wish, recalled)
      if (isLimited(pkg)) judge(pkg, client, recalled.usage, known)
      const download = known ?? begin(wish)
      const connection = {
        ...span,
        download,
        ip: from.ip,
        delivered: 0,
        noted: 0,
        startedAt: clock.now(),
        listeners: new Set<() => void>(),
      }
      download.connections.add(connection)
      clients.add(connection, pkg.downloadSpeed)
      return connection
    },
  }
}

/** What an admitted answer costs, and what is left of it when it ends. */
import type { Clock } from './clock.ts'
import { Fault } from './fault.ts'
import type { MetadataStore } from './metadata.ts'
import type { OpenDownload, OpenDownloads } from './open-downloads.ts'
import type { PaidLink } from './traffic.ts'
import type { ClientConnection, TrafficClients } from './traffic-clients.ts'
import type { TrafficJournal } from './traffic-journal.ts'
import type { Transfer } from './transfer.ts'

export interface Settlement {
  /**
   * One use for all connections of a download, one count for the first that begins at byte 0.
   * Faults: file_not_found (no use is left), those of the link.
   */
  pay(connection: ClientConnection, link: PaidLink | null): Promise<Transfer>
  /** Writes down what has arrived so far of all that is under way. */
  progress(): void
  /** It will not be sent. A download of which nothing was sent has not been. */
  abandon(connection: ClientConnection): void
}

interface Deps {
  metadata: Pick<MetadataStore, 'files'>
  clients: TrafficClients
  open: OpenDownloads
  journal: TrafficJournal
  clock: Clock
}

export function createSettlement({ metadata, clients, open, journal, clock }: Deps): Settlement {
  async function takeUse(download: OpenDownload, link: PaidLink | null): Promise<void> {
    const { id, usesLeft } = download.file
    await link?.take()
    if (usesLeft !== null && !(await metadata.files.takeUse(id))) throw new Fault('file_not_found')
    download.hasUse = true
  }

  /** Writes down what is new about it. */
  function note(connection: ClientConnection, { counted = false, completed = false } = {}): void {
    const { download, delivered, noted } = connection
    const { id, client, file, link, startedAt, recorded } = download
    connection.noted = delivered
    download.recorded = true
    const news = { id, fileId: file.id, ...client, startedAt, endedAt: clock.now(), bytes: delivered - noted }
    journal.note({ ...news, counted, completed, shareLinkId: link?.shareLinkId ?? null, isNew: !recorded })
  }

  function count(connection: ClientConnection): void {
    const { download, start } = connection
    if (start > 0 || download.counted) return
    download.counted = true
    note(connection, { counted: true })
  }

  function remove(connection: ClientConnection): void {
    connection.download.connections.delete(connection)
    clients.remove(connection)
  }

  function settle(connection: ClientConnection, completed: boolean): void {
    const { download, start, length, delivered } = connection
    const { file } = download
    remove(connection)
    download.settled += delivered
    download.lastByteAt = clock.now()
    if (start === 0) download.cut = !completed
    const isWhole = completed && (length === file.size || download.settled >= file.size)
    note(connection, { completed: isWhole && !download.completed })
    download.completed ||= isWhole
    if (download.completed && !download.matters && download.connections.size === 0) open.forget(download)
    else open.touch(download)
  }

  function transferOf(connection: ClientConnection): Transfer {
    const { listeners, length } = connection
    let ended = false
    const reached = (bytes: number): void => {
      connection.delivered = Math.min(length, Math.max(connection.delivered, bytes))
    }
    return {
      speed: () => clients.speedOf(connection),
      onSpeedChange(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
      delivered: (bytes) => void (ended || reached(bytes)),
      end({ bytes, completed }) {
        if (ended) return
        ended = true
        listeners.clear()
        reached(bytes)
        settle(connection, completed)
      },
    }
  }

  return {
    async pay(connection, link) {
      const { download } = connection
      if (download.file.usesLeft !== null || link !== null) {
        download.use ??= takeUse(download, link)
        await download.use
      }
      count(connection)
      return transferOf(connection)
    },
    progress() {
      for (const connection of clients.all()) if (connection.delivered > connection.noted) note(connection)
    },
    abandon(connection) {
      const { download } = connection
      remove(connection)
      const isNothing = download.connections.size === 0 && !download.recorded && !download.hasUse
      if (isNothing) open.forget(download)
    },
  }
}

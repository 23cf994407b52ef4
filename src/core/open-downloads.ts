/**
 * Downloads under way, or not long ago: what a further request of the same client belongs to. A download
 * manager asks for pieces of a file in parallel and comes back after a break; all of that is one download.
 */
import { type Clock, plusSeconds } from './clock.ts'
import { type LatestFirst, latestFirst } from './latest-first.ts'
import type { Downloader, DownloadRecord, FileRecord } from './model.ts'
import { networkOf } from './network.ts'

/** Bytes of a file: from `start` on, `length` of them. */
export interface Span {
  start: number
  length: number
}

/** The share link a download comes by. */
export interface UsedLink {
  /** Tells its downloads from those that come another way. */
  shareLinkId: number
  /** It has a number of downloads: one by it that is complete can not be gone on with. */
  isNumbered: boolean
}

/** One answer of a download while it is being sent. */
export interface LiveConnection extends Span {
  delivered: number
  /** How many of them are written down, or about to be. */
  noted: number
}

export interface OpenDownload {
  id: string
  client: Downloader
  file: FileRecord
  /** Null when it came another way. */
  link: UsedLink | null
  startedAt: Date
  lastByteAt: Date
  connections: Set<LiveConnection>
  /** Delivered by answers that have ended. */
  settled: number
  /** It has begun at the first byte, and counts for the file. */
  counted: boolean
  completed: boolean
  /** The latest answer from the first byte on was cut. */
  cut: boolean
  /** It is in the records, or about to be. */
  recorded: boolean
  /** Taking one of the uses of a file that has a number of them; null before. */
  use: Promise<void> | null
  /** That use is taken. */
  hasUse: boolean
  /** Limits or uses depend on it, so it is remembered also when it is complete. */
  matters: boolean
}

/** Seconds after its last byte in which a download can be gone on with. */
export const RESUME_SECONDS = 6 * 3600
/** Beyond these the ones longest without news are forgotten. */
const MOST_OPEN = 50_000
const LOOKS = 10
/** What programs fetch of a file to see whether it has ranges. */
const PROBE_BYTES = 2
/** One use of a file is not good for more than this many times its bytes. */
const MOST_TIMES = 2

/** Who a client is: an account from wherever, or a network. */
export const clientKey = ({ accountId, ip }: Downloader): string =>
  accountId === null ? `network ${networkOf(ip)}` : `account ${accountId}`

const deliveredOf = ({ settled, connections }: OpenDownload): number => {
  let total = settled
  for (const { delivered } of connections) total += delivered
  return total
}

/** What it has delivered and nobody has written down. */
export function unnotedOf({ connections }: OpenDownload): number {
  let total = 0
  for (const { delivered, noted } of connections) total += delivered - noted
  return total
}

/** What a download may still deliver to the connections it has. */
export function owedTo(download: OpenDownload): number {
  let wanted = 0
  for (const { length, delivered } of download.connections) wanted += length - delivered
  return Math.min(wanted, Math.max(0, download.file.size - deliveredOf(download)))
}

/** It was fetched by one of its numbered uses, and all of it has arrived. */
const isUsed = ({ file, link, completed, connections }: OpenDownload): boolean =>
  (file.usesLeft !== null || link?.isNumbered === true) && completed && connections.size === 0

/** Nothing goes on with it, now or later. */
const isSpent = (download: OpenDownload): boolean =>
  deliveredOf(download) >= MOST_TIMES * download.file.size + PROBE_BYTES || isUsed(download)

/**
 * Whether a request for `span` goes on with the download. From the middle of the file always. From its first
 * byte on, a piece does while the download is not complete; the whole file only after a probe or a cut, and
 * not beside another answer with all of it: that is a second download.
 */
function goesOn(download: OpenDownload, { start, length }: Span): boolean {
  const { size } = download.file
  const delivered = deliveredOf(download)
  if (isSpent(download)) return false
  if (start > 0) return true
  if (download.completed) return false
  if (length < size) return true
  const beside = [...download.connections].some((other) => other.length === size)
  return !beside && (delivered <= PROBE_BYTES || download.cut)
}

export interface OpenDownloads {
  /**
   * The one with the latest news that a request for `span` goes on with, an unfinished one before others. Its
   * price does not grow with how many the client has had.
   */
  find(client: Downloader, fileId: number, span: Span, link?: UsedLink | null): OpenDownload | null
  knows(id: string): boolean
  add(download: OpenDownload): void
  /** It has news: it will be forgotten later than all others. */
  touch(download: OpenDownload): void
  forget(download: OpenDownload): void
  /** Files with numbered uses of which a download is under way, or can be gone on with. */
  unfinishedUses(): number[]
}

/** Downloads of one file by one client. */
interface Place {
  /** A request for any part of the file may go on with these; for its beginning with no others. */
  unfinished: LatestFirst<OpenDownload>
  completed: LatestFirst<OpenDownload>
}

/** Where it is found from now on: nowhere when nothing goes on with it. */
function sort({ unfinished, completed }: Place, download: OpenDownload): void {
  unfinished.delete(download)
  completed.delete(download)
  if (!isSpent(download)) (download.completed ? completed : unfinished).put(download)
}

export function createOpenDownloads(clock: Clock): OpenDownloads {
  // In the order of their latest news, in which a Map keeps its keys.
  const open = new Map<OpenDownload, string>()
  const byId = new Map<string, OpenDownload>()
  const places = new Map<string, Place>()
  const placeOf = (client: Downloader, fileId: number): string => `${clientKey(client)} ${fileId}`

  const forget = (download: OpenDownload): void => {
    const key = open.get(download)
    if (key === undefined) return
    open.delete(download)
    byId.delete(download.id)
    const place = places.get(key)
    place?.unfinished.delete(download)
    place?.completed.delete(download)
    if (place?.unfinished.size === 0 && place.completed.size === 0) places.delete(key)
  }
  const enter = (download: OpenDownload, key: string): void => {
    open.delete(download)
    open.set(download, key)
    const place = places.get(key) ?? { unfinished: latestFirst(), completed: latestFirst() }
    places.set(key, place)
    sort(place, download)
  }
  const touch = (download: OpenDownload): void => {
    const key = open.get(download)
    if (key !== undefined) enter(download, key)
  }
  const isOver = ({ connections, lastByteAt }: OpenDownload): boolean =>
    connections.size === 0 && lastByteAt < plusSeconds(clock.now(), -RESUME_SECONDS)
  /** A few at a time, more than come in. */
  const tidy = (): void => {
    let looks = LOOKS
    for (const download of open.keys()) {
      if (looks-- === 0) return
      if (download.connections.size > 0) touch(download)
      else if (isOver(download) || open.size > MOST_OPEN) forget(download)
      else return
    }
  }
  return {
    find(client, fileId, span, link = null) {
      const place = places.get(placeOf(client, fileId))
      if (!place) return null
      const fits = (download: OpenDownload): boolean =>
        download.link?.shareLinkId === link?.shareLinkId && goesOn(download, span) && !isOver(download)
      return place.unfinished.find(fits) ?? (span.start > 0 ? place.completed.find(fits) : null)
    },
    knows: (id) => byId.has(id),
    add(download) {
      tidy()
      byId.set(download.id, download)
      enter(download, placeOf(download.client, download.file.id))
    },
    touch,
    forget,
    unfinishedUses: () =>
      [...open.keys()]
        .filter((download) => download.file.usesLeft !== null && !isUsed(download) && !isOver(download))
        .map(({ file }) => file.id),
  }
}

/** A download that has just begun. */
export const newDownload = (
  id: string,
  client: Downloader,
  file: FileRecord,
  now: Date,
  matters: boolean,
  link: UsedLink | null = null,
): OpenDownload => ({
  ...{ id, client, file, link, matters, startedAt: now, lastByteAt: now, connections: new Set() },
  ...{ settled: 0, counted: false, completed: false, cut: false, recorded: false },
  ...{ use: null, hasUse: false },
})

/** One that an earlier process has recorded: it has its use already. */
export const recordedDownload = (record: DownloadRecord, file: FileRecord): OpenDownload => ({
  ...newDownload(record.id, { accountId: record.accountId, ip: record.ip }, file, record.startedAt, true),
  ...{ lastByteAt: record.endedAt, settled: record.bytes, counted: record.counted },
  ...{ completed: record.completed, cut: !record.completed, recorded: true },
  ...{ use: Promise.resolve(), hasUse: true },
})

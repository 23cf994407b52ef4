/** How to reach the store, and how patient to be with it. */
import { type Clock, systemClock } from '../../core/clock.ts'
import { type Ids, randomIds } from '../../core/ids.ts'
import { type Log, silentLog } from '../../core/log.ts'

const MiB = 1024 ** 2
const GiB = 1024 ** 3

/** All in milliseconds. */
export interface S3Timeouts {
  /** One control request, and the first byte of an answer. */
  request: number
  /** Longest pause of the store in the middle of bytes. */
  idle: number
  /** From the first failure on, how long one operation is tried again. */
  retry: number
}

export interface S3Options {
  /** Address of the service; empty: the one of AWS for the region. */
  endpoint: string
  region: string
  bucket: string
  accessKeyId: string
  secretAccessKey: string
  /** Whether the bucket is named in the path instead of the host name. Default true. */
  forcePathStyle?: boolean
  /** Address of a CDN in front of the bucket, without the key; empty: none. */
  publicCdnUrl?: string
  /**
   * Parts that pass through us are spooled whole and sent with a Content-MD5 that the store checks. Otherwise they
   * are streamed, and their ETag is compared afterwards.
   */
  partChecksums?: boolean
  /** For bytes of unknown length on their way in; created when missing, two parts per upload at most. */
  spoolDir: string
  /** Set by the one process that owns the spool: removes what a dead one left. */
  recover?: boolean
  clock?: Clock
  ids?: Pick<Ids, 'secret'>
  log?: Log
  timeouts?: Partial<S3Timeouts>
  /** Control requests to the store at one time. */
  concurrency?: number
  /** Spooled parts that are sent at one time; each takes some MiB of memory. Streams of clients do not count. */
  sends?: number
  /** Largest object that completeUpload reads back for its checksum, in bytes. */
  verifyInline?: number
  /** Bytes of the first parts of a one-shot upload. */
  ingestPartSize?: number
}

export type S3Settings = Required<Omit<S3Options, 'timeouts'>> & { timeouts: S3Timeouts }

const TIMEOUTS: S3Timeouts = { request: 20_000, idle: 60_000, retry: 15_000 }

/** The options with every default filled in. */
export function settingsOf(options: S3Options): S3Settings {
  return {
    forcePathStyle: true,
    publicCdnUrl: '',
    partChecksums: false,
    recover: false,
    clock: systemClock,
    ids: randomIds,
    log: silentLog,
    concurrency: 64,
    sends: 16,
    verifyInline: GiB,
    ingestPartSize: 32 * MiB,
    ...options,
    endpoint: options.endpoint === '' ? `https://s3.${options.region}.amazonaws.com` : options.endpoint,
    timeouts: { ...TIMEOUTS, ...options.timeouts },
  }
}

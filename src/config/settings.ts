/**
 * Every setting, once: its kind, default and meaning. Types, parser, `kist config` and config.example.toml all
 * come from this table. Names are camelCase here; files and environment use their snake_case.
 */
import {
  choice,
  duration,
  extension,
  flag,
  hostName,
  integer,
  type Kind,
  list,
  listenAddress,
  network,
  origin,
  size,
  text,
  webAddress,
} from './kinds.ts'

export interface Setting<Value> {
  readonly kind: Kind<Value>
  readonly fallback: Value
  /** What it does; lines of the example file. */
  readonly about: string
  /** Never shown by `kist config`. */
  readonly secret: boolean
}

const setting = <Value>(kind: Kind<Value>, fallback: Value, about: string): Setting<Value> => ({
  kind,
  fallback,
  about,
  secret: false,
})
const secret = (about: string): Setting<string> => ({ kind: text(), fallback: '', about, secret: true })

const MiB = 2 ** 20
const GiB = 2 ** 30
const TiB = 2 ** 40
const MINUTE = 60
const HOUR = 3600
const DAY = 86_400
const perMinute = (fallback: number, about: string): Setting<number> =>
  setting(integer(1, 1_000_000), fallback, about)

export const SETTINGS = {
  server: {
    host: setting(
      listenAddress,
      '0.0.0.0',
      'Address to listen on; "127.0.0.1" behind a proxy on the same machine.',
    ),
    port: setting(integer(0, 65_535), 8080, 'Port to listen on; 0 takes any free one.'),
    publicUrl: setting(
      origin,
      '',
      'What links begin with, such as "https://files.example.com". Empty: taken from each request.',
    ),
    trustedProxies: setting(
      list(network),
      [],
      'Addresses and ranges of the proxies whose X-Forwarded-For and X-Forwarded-Proto are believed,\nsuch as ["127.0.0.1", "10.0.0.0/8"].',
    ),
    allowedHosts: setting(
      list(hostName),
      [],
      'Host names this server answers for, without port. Empty: any.',
    ),
    shutdownDeadline: setting(
      duration(0, HOUR),
      30,
      'How long a stopping server lets requests under way finish before it cuts them.',
    ),
  },
  data: {
    dir: setting(
      text(1),
      './data',
      'Where the database, the signing key and, with local storage, the files are kept.',
    ),
    minFree: setting(
      size(0, 1024 * TiB),
      512 * MiB,
      'Free disk space that uploads never touch: one that would is refused before it starts.',
    ),
  },
  site: {
    name: setting(text(1), 'Kist', 'Name shown to visitors.'),
  },
  registration: {
    enabled: setting(
      flag,
      true,
      'Whether visitors may make accounts for themselves, which the uploader API lets them do.',
    ),
    package: setting(text(1), 'Free', 'Package of new accounts that are given no other.'),
  },
  limits: {
    rateLimits: setting(
      flag,
      true,
      'Whether requests are counted and refused with 429 when there are too many. The figures below are per minute\nand per token; an account may do three times, an address twice as much.',
    ),
    createPerMinute: perMinute(60, 'Upload sessions created.'),
    managedPerMinute: perMinute(30, 'Managed uploads created.'),
    completePerMinute: perMinute(60, 'Uploads completed or aborted, and download links made.'),
    otherPerMinute: perMinute(600, 'All other calls of the APIs.'),
    partUploadsPerMinute: perMinute(
      240,
      'Parts sent through the API itself; those sent to signed URLs are not counted.',
    ),
    uploaderUploadsPerMinute: perMinute(2, 'Uploads by the uploader API, per address.'),
    signInPerMinute: perMinute(10, 'Attempts to sign in, and accounts made, per address.'),
  },
  uploads: {
    enabled: setting(flag, true, 'Whether uploads are accepted; when not, they are answered with 503.'),
    partSize: setting(
      size(1, 5 * GiB),
      64 * MiB,
      'Size of the parts of an upload; larger for files that would otherwise need more than 10000 of them.',
    ),
    sessionTtl: setting(
      duration(1, 30 * DAY),
      2 * HOUR,
      'How long an upload without progress is kept. Every part starts it anew.',
    ),
    idempotencyTtl: setting(
      duration(1 * MINUTE, 30 * DAY),
      DAY,
      'How long the answer to a request with an Idempotency-Key is kept to be given again.',
    ),
    guests: setting(
      flag,
      true,
      'Whether visitors without an account may upload, within the package "Guest".',
    ),
    guestBytesPerDay: setting(
      size(0, 1024 * TiB),
      10 * GiB,
      'How much one address may upload within 24 hours without an account, by whichever API; 0: without end.',
    ),
    blockedExtensions: setting(
      list(extension),
      [],
      'Extensions, without the dot, that no upload and no new name of a file may have, such as ["exe", "bat"].',
    ),
  },
  uploader: {
    maxFileSize: setting(size(1, 1024 * TiB), 100 * MiB, 'Largest file of the uploader API.'),
  },
  flamenet: {
    maxFileSize: setting(size(1, 1024 * TiB), 50 * MiB, 'Largest file of the flamenet API.'),
  },
  downloads: {
    delivery: setting(
      choice('app', 'signed_origin', 'cdn', 'nginx_accel', 'apache_xsendfile', 'litespeed_internal'),
      'app',
      'Who sends the bytes of a download: Kist itself ("app") or the web server in front of it ("nginx_accel",\n"apache_xsendfile", "litespeed_internal"), which then needs to be in server.trusted_proxies and to be able to read\nthe files of local storage; deploy/nginx.conf and deploy/apache.conf show how. Kist sends them itself where\nthat is not so, and what has a speed limit where it is not nginx. A download that is handed off counts as\ndelivered at once: nobody tells how much has arrived. With files in S3: "signed_origin" sends clients to the bucket\nby addresses good for minutes, "cdn" does that for private files and sends them to storage.s3.public_cdn_url for\npublic ones. What a package slows down or counts the connections of, what has a number of downloads, and\nwhat browsers show, always comes through Kist.',
    ),
  },
  remoteImport: {
    enabled: setting(flag, true, 'Whether accounts may have files fetched from a URL.'),
    allowPrivateAddresses: setting(
      flag,
      false,
      'Whether such a URL may lead into a private network. Dangerous.',
    ),
    maxSize: setting(size(1, 1024 * TiB), 10 * GiB, 'Largest file that is fetched.'),
    concurrency: setting(integer(1, 64), 2, 'How many are fetched at the same time.'),
  },
  previews: {
    enabled: setting(flag, true, 'Whether pictures get previews: JPEG, PNG, WebP, GIF, AVIF, TIFF and SVG.'),
    maxPixels: setting(
      integer(1, 1_000_000_000),
      50_000_000,
      'Pictures with more pixels get none; what moves, with more in all its frames, stands still.',
    ),
  },
  trash: {
    keep: setting(
      duration(0, 3650 * DAY),
      30 * DAY,
      'How long deleted files and folders are kept in the trash, where they still count against the quota.',
    ),
  },
  storage: {
    driver: setting(
      choice('local', 's3'),
      'local',
      'Where new files are kept: "local", in data.dir, or "s3", in a bucket. Files that are in the other place are found\nthere as long as the section below is filled in; kist storage migrate moves them.',
    ),
    s3: {
      endpoint: setting(
        webAddress,
        '',
        'Address of the S3-compatible service, such as "https://s3.example.com". Clients have to reach it as well: they send\nparts of uploads straight there.',
      ),
      region: setting(text(1), 'us-east-1', 'Region of the bucket.'),
      bucket: setting(text(), '', 'Name of the bucket; kist s3 setup makes and prepares it.'),
      accessKeyId: secret('Access key.'),
      secretAccessKey: secret('Its secret.'),
      forcePathStyle: setting(
        flag,
        true,
        'Whether the bucket is named in the path instead of the host name.',
      ),
      publicCdnUrl: setting(
        webAddress,
        '',
        'Address at which a CDN, or the bucket itself, gives objects to anybody; see downloads.delivery.',
      ),
      partChecksums: setting(
        flag,
        false,
        'Whether the service is asked to check the MD5 of what Kist sends it; each part is kept on disk first for that.',
      ),
    },
  },
  log: {
    level: setting(
      choice('debug', 'info', 'warn', 'error'),
      'info',
      'The least important that is logged: "debug", "info", "warn" or "error".',
    ),
    format: setting(
      choice('json', 'pretty'),
      'json',
      'One JSON object a line ("json"), or text for people ("pretty").',
    ),
  },
  metrics: {
    enabled: setting(flag, true, 'Whether /metrics answers.'),
    token: secret('Bearer token that /metrics asks for; empty: none.'),
  },
}

/**
 * Downloads without limits beside nginx with sendfile, in turns in the same run:
 * bun bench/delivery.ts [MiB of the big file, default 1024]. One stream, 64 streams, and small files by their slug on
 * connections that stay open. The ratio is Kist by nginx: above 1 Kist is faster.
 */
import { mkdirSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Place } from '../test/support/binary.ts'
import { runNginx, startNginx } from '../test/support/nginx.ts'
import { inPlace, processorTime, requestsPerSecond, say, serveFile } from './load.ts'

const MiB = 2 ** 20
const big = Number(process.argv[2] ?? 1024) * MiB
const SMALL = 16 * 1024
const ROUNDS = 3
const STREAMS = 64
const REQUESTS = 6000

/** curl takes what comes as fast as anything here; bytes per second of all of it together. */
async function streams(url: string, count: number, bytes: number): Promise<number> {
  const part = Math.floor(bytes / count)
  const begun = performance.now()
  const config = Array.from(
    { length: count },
    (_, index) =>
      `url = "${url}"\noutput = "/dev/null"\nrange = "${index * part}-${(index + 1) * part - 1}"\nsilent\nfail\n`,
  ).join('next\n')
  const child = Bun.spawn(
    [
      'curl',
      '--parallel',
      '--no-progress-meter',
      '--parallel-immediate',
      '--no-progress-meter',
      '--parallel-max',
      String(count),
      '--config',
      '-',
    ],
    {
      stdin: new Blob([config]),
      stdout: 'ignore',
      stderr: 'inherit',
    },
  )
  if ((await child.exited) !== 0) throw new Error(`curl failed: ${url}`)
  return (part * count) / ((performance.now() - begun) / 1000)
}

/** Answers per second. */
const requests: Measure = (url) => requestsPerSecond(url, REQUESTS)

type Measure = (url: string) => Promise<number>

/** The best of each over the rounds, in turns. */
async function compare(
  name: string,
  unit: string,
  scale: number,
  measure: Measure,
  urls: Record<string, string>,
) {
  const best = new Map<string, number>()
  for (let round = 0; round <= ROUNDS; round++)
    for (const [who, url] of Object.entries(urls)) {
      const seen = await measure(url)
      // The first round warms the page cache.
      if (round > 0) best.set(who, Math.max(best.get(who) ?? 0, seen))
    }
  const base = best.get('nginx') ?? Number.NaN
  for (const [who, value] of best)
    say(
      `${name}, ${who}`,
      `${(value / scale).toFixed(0)} ${unit}${who === 'nginx' ? '' : `, ratio ${(value / base).toFixed(2)}`}`,
    )
}

/** The objects of the server under the same paths, for an nginx that only sends files. */
function mirror(place: Place, names: Record<string, string>): string {
  const root = join(place.dir, 'mirror')
  mkdirSync(root)
  for (const [name, path] of Object.entries(names)) symlinkSync(path, join(root, name))
  return root
}

/** Paths of the objects by their size. */
function objectsOf(dataDir: string): Map<number, string> {
  const found = readdirSync(join(dataDir, 'objects'), { recursive: true, withFileTypes: true })
  const files = found.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  return new Map(files.map((path) => [Bun.file(path).size, path]))
}

const site =
  (root: string) =>
  (port: number): string =>
    `
server { listen 127.0.0.1:${port}; root ${root}; access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
location = /healthz { return 200; } }`

await inPlace(
  '[server]\ntrusted_proxies = ["127.0.0.2"]\n[limits]\nrate_limits = false\n[log]\nlevel = "warn"\n[downloads]\ndelivery = "nginx_accel"\n',
  async (place) => {
    const token = await place.token('ann')
    await place.lines([
      'package',
      'set',
      'Guest',
      'download_speed=0',
      'wait_before_download=0',
      'concurrent_downloads=0',
      'downloads_per_24_hours=0',
      'download_size_per_24_hours=0',
      'max_download_filesize_allowed=0',
      'wait_between_downloads=0',
    ])
    const server = await place.serve()
    const [bigFile, smallFile] = [
      await serveFile(server.url, token, big),
      await serveFile(server.url, token, SMALL),
    ]
    const objects = objectsOf(place.dataDir)
    const root = mirror(place, { big: objects.get(big) ?? '', small: objects.get(SMALL) ?? '' })
    const nginx = await runNginx({ dir: join(place.dir, 'plain'), site: site(root), workers: 1 })
    const front = await startNginx({
      dir: join(place.dir, 'front'),
      upstream: server.url,
      dataDir: place.dataDir,
      from: '127.0.0.2',
    })
    try {
      const at =
        (path: string) =>
        (url: string): string =>
          url + path
      const bigs = {
        nginx: at('/big')(nginx.url),
        Kist: at(bigFile.path)(server.url),
        'nginx by hand-off': at(bigFile.path)(front.url),
      }
      const smalls = {
        nginx: at('/small')(nginx.url),
        Kist: at(smallFile.path)(server.url),
        'nginx by hand-off': at(smallFile.path)(front.url),
      }
      const before = processorTime(server.pid)
      await compare('1 stream', 'MB/s', 1e6, (url) => streams(url, 1, big), bigs)
      await compare(`${STREAMS} streams`, 'MB/s', 1e6, (url) => streams(url, STREAMS, big), bigs)
      const after = processorTime(server.pid)
      say(
        'processor time of Kist till here',
        `${(after.user - before.user).toFixed(2)} s user, ${(after.system - before.system).toFixed(2)} s system`,
      )
      await compare(`files of ${SMALL / 1024} KiB`, 'answers/s', 1, requests, smalls)
      say('memory of Kist', `${server.memory().resident.toFixed(0)} MiB`)
    } finally {
      await nginx.stop()
      await front.stop()
    }
  },
)

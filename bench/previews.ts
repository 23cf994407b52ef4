/**
 * Previews: bun bench/previews.ts [pictures, default 60]. Making them through the server beside plain sharp in a
 * process of its own that is as nice, one after the other as the server does it, in turns in the same run; and cached thumbnails beside
 * nginx with sendfile that sends the same files. The ratio is Kist by the other: above 1 Kist is faster.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { runNginx } from '../test/support/nginx.ts'
import { inPlace, requestsPerSecond, say } from './load.ts'

const COUNT = Number(process.argv[2] ?? 60)
const ROUNDS = 3
const REQUESTS = 8000

/** A photo of 12 megapixels, different each time. */
async function photo(seed: number): Promise<Uint8Array> {
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 40 }
  const grain = sharp({ create: { width: 400, height: 300, channels: 3, background: '#555', noise } })
  const picture = sharp(await grain.png().toBuffer()).resize(4000, 3000)
  return picture
    .modulate({ hue: seed % 360 })
    .jpeg({ quality: 88 })
    .toBuffer()
}

/** What the server asks of the library, without the server. */
const PLAIN = `
const { default: sharp } = await import(${JSON.stringify(join(import.meta.dir, '../node_modules/sharp/dist/index.mjs'))})
sharp.cache(false); sharp.concurrency(1)
for await (const path of console) {
  if (path === '') continue
  const picture = sharp(path, { sequentialRead: true }).autoOrient().resize(256, 256, { fit: 'inside', withoutEnlargement: true })
  await picture.toColourspace('srgb').webp({ quality: 80, effort: 2 }).toBuffer()
  console.log('done')
}`

/** Pictures per second of plain sharp, which has been started and warmed before. */
async function plain(dir: string, paths: readonly string[]): Promise<number> {
  const script = join(dir, 'plain.mjs')
  writeFileSync(script, PLAIN)
  const child = Bun.spawn(['nice', '-n', '10', process.execPath, script], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'inherit',
  })
  const answers = child.stdout.getReader()
  const ask = async (path: string): Promise<void> => {
    child.stdin.write(`${path}\n`)
    child.stdin.flush()
    await answers.read()
  }
  await ask(paths[0] ?? '')
  const begun = performance.now()
  for (const path of paths) await ask(path)
  const seconds = (performance.now() - begun) / 1000
  child.stdin.end()
  await child.exited
  return paths.length / seconds
}

async function upload(url: string, bytes: Uint8Array): Promise<string> {
  const body = new FormData()
  // Without a word of what it is, so that it is not made before it is looked at.
  body.append('file', new Blob([new Uint8Array(bytes)]), 'photo.bin')
  const answer = await fetch(`${url}/api/upload`, { method: 'POST', body })
  return ((await answer.json()) as { file_url: string }).file_url.slice(0, 10)
}

const look = async (url: string, slug: string): Promise<Uint8Array> => {
  const answer = await fetch(`${url}/~preview/${slug}/thumb`)
  if (answer.status !== 200) throw new Error(`${answer.status} for ${slug}`)
  return answer.bytes()
}

/** First looks per second, four at a time as a page with thumbnails asks for them. */
async function firstLooks(url: string, slugs: readonly string[]): Promise<number> {
  const waiting = [...slugs]
  const begun = performance.now()
  const work = async (): Promise<void> => {
    for (let slug = waiting.pop(); slug !== undefined; slug = waiting.pop()) await look(url, slug)
  }
  await Promise.all(Array.from({ length: 4 }, work))
  return slugs.length / ((performance.now() - begun) / 1000)
}

const settings =
  '[server]\nhost = "127.0.0.1"\n[limits]\nrate_limits = false\n[log]\nlevel = "warn"\n[uploads]\nguest_bytes_per_day = 0\n'

await inPlace(settings, async (place) => {
  const server = await place.serve()
  const originals = join(place.dir, 'originals')
  mkdirSync(originals)
  const slugs: string[] = []
  for (let index = 0; index < COUNT; index++) {
    const bytes = await photo(index * 7)
    writeFileSync(join(originals, String(index)), bytes)
    slugs.push(await upload(server.url, bytes))
  }
  const paths = readdirSync(originals).map((name) => join(originals, name))
  // Both have their process and the page cache warm.
  await look(server.url, slugs.pop() ?? '')
  const rates = { kist: 0, sharp: 0 }
  const size = Math.floor(slugs.length / ROUNDS)
  for (let round = 0; round < ROUNDS; round++) {
    rates.sharp = Math.max(rates.sharp, await plain(place.dir, paths.slice(round * size, (round + 1) * size)))
    rates.kist = Math.max(
      rates.kist,
      await firstLooks(server.url, slugs.slice(round * size, (round + 1) * size)),
    )
  }
  say('thumbnails of 12 MP JPEGs, sharp', `${rates.sharp.toFixed(1)} /s`)
  say(
    'the same through Kist, kept',
    `${rates.kist.toFixed(1)} /s, ratio ${(rates.kist / rates.sharp).toFixed(2)}`,
  )

  const slug = slugs[0] ?? ''
  const thumb = await look(server.url, slug)
  const root = join(place.dir, 'thumbs')
  mkdirSync(root)
  writeFileSync(join(root, 'thumb.webp'), thumb)
  const nginx = await runNginx({
    dir: join(place.dir, 'plain'),
    workers: 1,
    site: (port) =>
      `server { listen 127.0.0.1:${port}; root ${root}; access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; location = /healthz { return 200; } }`,
  })
  try {
    const best = { kist: 0, nginx: 0 }
    for (let round = 0; round <= ROUNDS; round++) {
      best.nginx = Math.max(best.nginx, await requestsPerSecond(`${nginx.url}/thumb.webp`, REQUESTS))
      best.kist = Math.max(
        best.kist,
        await requestsPerSecond(`${server.url}/~preview/${slug}/thumb`, REQUESTS),
      )
    }
    say(`cached thumbnails of ${thumb.length} bytes, nginx`, `${best.nginx.toFixed(0)} answers/s`)
    say('the same by Kist', `${best.kist.toFixed(0)} answers/s, ratio ${(best.kist / best.nginx).toFixed(2)}`)
  } finally {
    await nginx.stop()
  }
  say('memory of Kist', `${server.memory().resident.toFixed(0)} MiB`)
})

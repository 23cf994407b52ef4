/** Previews by the compiled binary: the library inside it, its process, and pictures made to harm. */
import { describe, expect, test } from 'bun:test'
import { chmodSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { createPlace, type Place } from '../support/binary.ts'
import * as bombs from '../support/bombs.ts'
import { pictureOf } from '../support/pictures.ts'
import type { RunningServer } from '../support/server-process.ts'

const SETTINGS = '[limits]\nrate_limits = false\n[log]\nlevel = "info"\n'
const MiB = 2 ** 20

interface Uploaded {
  slug: string
  key: string
}

async function upload({ url }: RunningServer, name: string, bytes: Uint8Array): Promise<Uploaded> {
  const body = new FormData()
  body.append('file', new Blob([new Uint8Array(bytes)]), name)
  const response = await fetch(`${url}/api/upload`, { method: 'POST', body })
  const { file_url: slug, key } = (await response.json()) as { file_url: string; key: string }
  return { slug: slug.slice(0, 10), key }
}

const look = ({ url }: RunningServer, { slug }: Uploaded, size = 'thumb'): Promise<Response> =>
  fetch(`${url}/~preview/${slug}/${size}`)

/** Processes the server has started and that still run. */
const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)

const statusOf = (pid: number, name: string): number => {
  try {
    return Number(
      new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0,
    )
  } catch {
    return 0
  }
}

const objectsIn = ({ dataDir }: Place): number =>
  readdirSync(join(dataDir, 'objects'), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  ).length

describe('a picture sent to the binary', () => {
  test('has its previews made by itself, and they go with it', async () => {
    await using place = createPlace({ settings: `${SETTINGS}[trash]\nkeep = "0s"\n` })
    const server = await place.serve()
    const file = await upload(server, 'a.jpg', await pictureOf('jpeg', 2400, 1800))
    while (objectsIn(place) < 3) await Bun.sleep(20)
    const large = await look(server, file, 'preview')
    expect(await sharp(await large.bytes()).metadata()).toMatchObject({
      format: 'webp',
      width: 1600,
      height: 1200,
    })
    const [child = 0] = childrenOf(server.pid)
    expect(readFileSync(`/proc/${child}/stat`, 'utf8').split(') ')[1]?.split(' ')[16]).toBe('10')
    expect(readFileSync(`/proc/${child}/oom_score_adj`, 'utf8').trim()).toBe('1000')
    expect((await place.run(['check'])).code).toBe(0)
    const removal = await fetch(`${server.url}/api/delete/${file.slug}?key=${file.key}`, { method: 'DELETE' })
    expect(removal.status).toBe(200)
    await server.end('SIGTERM')
    // A server sweeps when it starts.
    await place.serve()
    while (objectsIn(place) > 0) await Bun.sleep(20)
    expect((await place.run(['check'])).code).toBe(0)
  }, 30_000)

  test('gets its preview although somebody kills the process again and again', async () => {
    await using place = createPlace({ settings: SETTINGS })
    const server = await place.serve()
    for (let round = 0; round < 5; round++) {
      const file = await upload(server, `${round}.tiff`, await pictureOf('tiff', 1500, 1000))
      const looking = look(server, file)
      for (const child of childrenOf(server.pid)) process.kill(child, 'SIGKILL')
      let answer = await looking
      while (answer.status === 503) answer = await look(server, file)
      expect(answer.status).toBe(200)
      await answer.bytes()
    }
    expect((await place.run(['check'])).code).toBe(0)
  }, 30_000)

  test('whose server is killed while it makes previews is there afterwards, and nothing else', async () => {
    await using place = createPlace({ settings: SETTINGS })
    const first = await place.serve()
    const files = []
    for (let n = 0; n < 4; n++)
      files.push(await upload(first, `${n}.png`, await pictureOf('png', 1500, 1000)))
    const children = childrenOf(first.pid)
    await first.end('SIGKILL')
    const second = await place.serve()
    for (const file of files) expect((await look(second, file)).status).toBe(200)
    expect((await place.run(['check'])).stdout).toBe('')
    for (const child of children) while (statusOf(child, 'VmRSS') > 0) await Bun.sleep(10)
  }, 30_000)
})

describe('where the library cannot be loaded', () => {
  test('there are no previews, a line in the log, and everything else', async () => {
    await using place = createPlace({ settings: SETTINGS })
    // Files cannot grow beyond what the data directory needs: no room for the library, in memory or elsewhere.
    const limit = ['/bin/sh', '-c', 'trap \'\' XFSZ; ulimit -f 8192; exec "$@"', 'sh']
    const server = await place.serve({ through: limit })
    const jpeg = await pictureOf('jpeg')
    const file = await upload(server, 'a.jpg', jpeg)
    const answer = await look(server, file)
    expect([answer.status, Number(answer.headers.get('retry-after')) > 0]).toEqual([503, true])
    expect(server.logged('previews_unusable')).toHaveLength(1)
    const original = await fetch(`${server.url}/file/${file.slug}`)
    expect([original.status, (await original.bytes()).length]).toEqual([200, jpeg.length])
    const version = await place.run(['version'], { through: limit })
    expect(version).toMatchObject({ code: 0, stdout: expect.stringMatching(/libvips +cannot be loaded: /) })
  }, 30_000)

  test('of a read-only temporary directory it is loaded all the same', async () => {
    await using place = createPlace({ settings: SETTINGS })
    const closed = join(place.dir, 'closed')
    mkdirSync(closed)
    chmodSync(closed, 0o500)
    const { stdout } = await place.run(['version'], { env: { TMPDIR: closed } })
    expect(stdout).toMatch(/libvips +8\./)
    expect(readdirSync(closed)).toEqual([])
  })
})

describe('pictures made to harm', () => {
  const corpus: Array<[name: string, bytes: () => Promise<Uint8Array> | Uint8Array]> = [
    ['a PNG of 50000 by 50000', () => bombs.blankPng({ width: 50_000, height: 50_000, depth: 1, colour: 0 })],
    ['a PNG of 7000 by 7000', () => bombs.blankPng({ width: 7000, height: 7000, depth: 8, colour: 6 })],
    [
      'a PNG of 7000 by 7000 in passes',
      () => bombs.blankPng({ width: 7000, height: 7000, depth: 16, colour: 6, interlaced: true }),
    ],
    ['a GIF of 65000 by 65000', () => bombs.framedGif(65_000, 65_000, 3)],
    ['a GIF of 100000 frames', () => bombs.framedGif(40, 40, 100_000)],
    ['a GIF of 450 frames', () => bombs.framedGif(330, 330, 450)],
    ['a TIFF of 100000 by 100000', () => bombs.pagedTiff(100_000, 100_000, 1)],
    ['a TIFF of 7000 by 7000', () => bombs.pagedTiff(7000, 7000, 1)],
    ['a TIFF of 60000 pages', () => bombs.pagedTiff(100, 100, 60_000)],
    [
      'a WebP of 16383 by 3000',
      async () => flat(16_383, 3000).webp({ lossless: true, effort: 0 }).toBuffer(),
    ],
    [
      'a progressive JPEG of 7000 by 7000',
      async () => flat(7000, 7000).jpeg({ progressive: true }).toBuffer(),
    ],
    ['an AVIF of 5000 by 5000', async () => flat(5000, 5000).avif({ effort: 0 }).toBuffer()],
    ['an SVG that shows itself 10^8 times', () => bombs.laughingSvg(8)],
    ['an SVG of entities', () => bombs.entitySvg(9)],
    ['an SVG in an SVG in an SVG', () => bombs.nestedSvg(100_000)],
    ['an SVG of filters', () => bombs.filteredSvg()],
    [
      'an SVG with a large PNG in it',
      () =>
        bombs.embeddingSvg('image/png', bombs.blankPng({ width: 7000, height: 7000, depth: 8, colour: 6 })),
    ],
    ['an SVG of a billion by a billion', () => Buffer.from(BILLION)],
    ...(['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'] as const).map(
      (kind) =>
        [`half of a ${kind}`, async () => half(await pictureOf(kind))] as [string, () => Promise<Uint8Array>],
    ),
    ['the beginning of an AVIF and noise', async () => noisy(await pictureOf('avif'), 40)],
    ['the beginning of a TIFF and noise', async () => noisy(await pictureOf('tiff'), 8)],
    ['a ZIP', () => Buffer.from(`PK\u0003\u0004${'x'.repeat(1000)}`)],
    ['nothing', () => Buffer.from('\u0000')],
  ]

  test('take neither memory nor time from anybody', async () => {
    await using place = createPlace({ settings: SETTINGS })
    const server = await place.serve()
    const harmless = await upload(server, 'fine.jpg', await pictureOf('jpeg'))
    expect((await look(server, harmless)).status).toBe(200)
    const peaks = { process: 0, slowest: 0 }
    const watch = setInterval(() => {
      for (const child of childrenOf(server.pid))
        peaks.process = Math.max(peaks.process, statusOf(child, 'VmHWM'))
    }, 10)
    const waits: number[] = []
    const others = setInterval(async () => {
      const begun = performance.now()
      if ((await look(server, harmless)).ok) waits.push(performance.now() - begun)
    }, 100)
    const seen: Record<string, number> = {}
    for (const [name, make] of corpus) {
      const file = await upload(server, `${name}.jpg`, await make())
      do {
        const begun = performance.now()
        seen[name] = (await look(server, file)).status
        peaks.slowest = Math.max(peaks.slowest, performance.now() - begun)
      } while (seen[name] === 503)
    }
    clearInterval(watch)
    clearInterval(others)
    const memory = (peaks.process * 1024) / MiB + server.memory().peak
    waits.sort((left, right) => left - right)
    const p99 = waits[Math.floor(waits.length * 0.99)] ?? 0
    console.log(
      `${corpus.length} bombs: process ${Math.round(peaks.process / 1024)} MiB, both ${Math.round(memory)} MiB, slowest ${Math.round(peaks.slowest)} ms; others: ${waits.length} answers, 99 % within ${p99.toFixed(1)} ms`,
      seen,
    )
    expect(memory).toBeLessThan(250)
    expect(peaks.slowest).toBeLessThan(6000)
    expect(p99).toBeLessThan(500)
    expect((await place.run(['check'])).code).toBe(0)
    expect(server.logged('unhandled_rejection')).toEqual([])
  }, 180_000)

  test('cannot name a file of the machine or an address', async () => {
    await using place = createPlace({ settings: SETTINGS })
    const server = await place.serve()
    let asked = 0
    using listener = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: answerAnd(() => asked++) })
    await Bun.write(
      join(place.dataDir, 'red.svg'),
      '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300"><rect id="a" width="400" height="300" fill="red"/></svg>',
    )
    for (const reference of [
      `http://127.0.0.1:${listener.port}/a.svg`,
      `file://${place.dataDir}/red.svg`,
      `${place.dataDir}/red.svg`,
      'red.svg',
      '../red.svg',
    ]) {
      const answer = await look(server, await upload(server, 'a.svg', bombs.referringSvg(reference)))
      if (answer.status !== 200) continue
      const shown = await sharp(await answer.bytes())
        .flatten({ background: '#fff' })
        .extract(MIDDLE)
        .png()
        .toBuffer()
      const { channels } = await sharp(shown).stats()
      expect([reference, ...channels.map(({ mean }) => Math.round(mean))]).toEqual([reference, 255, 255, 255])
    }
    expect(asked).toBe(0)
  }, 30_000)
})

const MIDDLE = { left: 60, top: 60, width: 150, height: 100 }
const answerAnd = (note: () => void) => (): Response => {
  note()
  return new Response('<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300"/>')
}
const BILLION =
  '<svg xmlns="http://www.w3.org/2000/svg" width="1000000000" height="1000000000"><circle r="9e8"/></svg>'
const flat = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#345' }, limitInputPixels: false })
const half = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, bytes.length / 2)
/** The first bytes, then what has no meaning. */
function noisy(bytes: Uint8Array, keep: number): Uint8Array {
  const broken = new Uint8Array(bytes)
  for (let index = keep; index < broken.length; index++) broken[index] = (index * 7919) >> 3
  return broken
}

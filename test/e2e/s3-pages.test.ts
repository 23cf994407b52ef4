/** Pages of the compiled binary on a bucket: uploads go straight there, pictures and archives come from there. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import type { Browser, Page } from 'playwright-core'
import { createPlace, type Place } from '../support/binary.ts'
import { type BinarySite, binarySite, type NewSiteFile } from '../support/binary-site.ts'
import { type Bucket, newBucket, storageToml } from '../support/bucket.ts'
import { CHROMIUM, launchChromium } from '../support/chromium.ts'
import { HELLO_ZIP, pdf, wav } from '../support/media.ts'
import { pictureOf } from '../support/pictures.ts'
import { CEPH, type S3Server, s3Client, startS3 } from '../support/s3.ts'
import type { RunningServer } from '../support/server-process.ts'
import { sweepLater } from '../support/sweep.ts'
import { sampleBytes, sha256 } from '../support/upload.ts'

const MiB = 2 ** 20
const SETTINGS = '[uploads]\npart_size = "5MiB"\n[limits]\nrate_limits = false\n'
const UNZIP = Bun.which('unzip')

if (CHROMIUM === null)
  process.stdout.write('NOT TESTED, for there is no Chromium: uploads from a page to a bucket\n')

const text = (content: string): Uint8Array => new TextEncoder().encode(content)
const LONG_SOUND = 240
/** A file of every kind, and what its page shows of it once the bytes have been read. */
const KINDS: Record<string, () => Promise<NewSiteFile & { seen: string; shows?: string }>> = {
  picture: async () => ({
    ...{ name: 'a.jpg', bytes: await pictureOf('jpeg', 640, 480), type: 'image/jpeg' },
    ...{ seen: '.stage.picture img', shows: 'document.querySelector(".stage img").naturalWidth > 0' },
  }),
  sound: async () => ({
    ...{ name: 'a.wav', bytes: wav(LONG_SOUND), type: 'audio/wav' },
    ...{ seen: '.stage.audio audio', shows: `document.querySelector("audio").duration === ${LONG_SOUND}` },
  }),
  document: async () => ({
    ...{ name: 'a.pdf', bytes: pdf('Hello visitor'), type: 'application/pdf' },
    seen: '.stage.pdf button',
  }),
  text: async () => ({
    ...{ name: 'a.ts', bytes: text('export const answer: number = 42\n'), type: 'text/plain' },
    seen: '.stage.text .hljs-keyword:has-text("export")',
  }),
  Markdown: async () => ({
    ...{ name: 'a.md', bytes: text('# Title\n\nSome *words*.\n'), type: 'text/markdown' },
    seen: '.stage.text .markdown em:has-text("words")',
  }),
  archive: async () => ({
    ...{ name: 'a.zip', bytes: HELLO_ZIP, type: 'application/zip' },
    seen: '.stage.archive tbody tr:has-text("hello.txt")',
  }),
}

/** Of all objects in the bucket. */
async function sizesIn({ access, name }: Bucket): Promise<number[]> {
  const client = s3Client(access)
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: name }))
  client.destroy()
  return Contents.map(({ Size = 0 }) => Size)
}

describe.skipIf(!CEPH)('pages on a bucket', () => {
  let bucket: Bucket
  let place: Place
  let kist: RunningServer
  let site: BinarySite
  beforeAll(async () => {
    bucket = await newBucket((await startS3()) as S3Server)
    place = createPlace({ settings: SETTINGS + storageToml(bucket) })
    kist = await place.serve()
    site = await binarySite(place, kist)
  }, 60_000)
  afterAll(() => place?.remove())

  const until = async (isSo: () => Promise<boolean>): Promise<void> => {
    const end = performance.now() + 20_000
    while (!(await isSo())) {
      if (performance.now() > end) throw new Error('it never came to pass')
      await Bun.sleep(50)
    }
  }

  test.skipIf(!UNZIP)(
    'a folder comes as one archive of what is in the bucket',
    async () => {
      const folderId = await site.folder('Holiday')
      const files = [sampleBytes(3 * MiB, 4), sampleBytes(70_000, 5)]
      for (const [index, bytes] of files.entries()) await site.file({ name: `${index}.bin`, bytes, folderId })
      const page = await (await fetch(`${kist.url}/folder/${folderId}`)).text()
      const link = /href="(\/folder\/\d+\/~zip\/[^"]+)"/.exec(page)?.[1]?.replaceAll('&amp;', '&') ?? ''
      const answer = await fetch(kist.url + link)
      expect([link, answer.status]).toEqual([expect.stringContaining('/~zip/Holiday.zip'), 200])
      const archive = await answer.bytes()
      expect(answer.headers.get('content-length')).toBe(String(archive.length))
      const path = join(place.dir, 'out.zip')
      await Bun.write(path, archive)
      for (const [index, bytes] of files.entries()) {
        const unpacked = Bun.spawnSync(['unzip', '-p', path, `*${index}.bin`])
        expect([unpacked.exitCode, sha256(unpacked.stdout)]).toEqual([0, sha256(bytes)])
      }
      const rest = await fetch(kist.url + link, { headers: { range: 'bytes=1000000-' } })
      expect([rest.status, sha256(await rest.bytes())]).toEqual([206, sha256(archive.subarray(1_000_000))])
    },
    60_000,
  )

  test.skipIf(CHROMIUM === null)(
    'a guest uploads from the front page into the bucket, and sees his picture',
    async () => {
      await place.lines(['s3', 'setup', '--origin', kist.url])
      const browser = await launchChromium()
      try {
        const page = await browser.newPage()
        const complaints: string[] = []
        const sent: string[] = []
        page.on('console', (message) => {
          if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
        })
        page.on('pageerror', (error) => complaints.push(error.message))
        page.on('request', (request) => {
          if (request.method() === 'PUT') sent.push(new URL(request.url()).origin)
        })
        await page.goto(kist.url)
        // What stands behind the end of a picture belongs to its file and is not shown.
        const buffer = Buffer.concat([await pictureOf('jpeg', 640, 480), sampleBytes(11 * MiB)])
        await page
          .locator('input[type=file]')
          .setInputFiles([{ name: 'a.jpg', mimeType: 'image/jpeg', buffer }])
        await page.locator('.uploads .links').first().waitFor()
        const { origin } = new URL(bucket.access.endpoints[0] ?? '')
        expect(sent).toEqual([origin, origin, origin])
        const link = await page.locator('.uploads li').getByLabel('Link', { exact: true }).inputValue()
        await page.goto(link)
        await page.locator('.stage.picture img').waitFor()
        // As text from outside: what a page evaluates by itself its policy forbids.
        await until(() => page.evaluate('document.querySelector(".stage img").naturalWidth > 0'))
        expect(complaints).toEqual([])
        const token = /href="(\/\w{10}\?download_token=\w+)"/.exec(await page.content())?.[1] ?? ''
        expect(sha256(await (await fetch(kist.url + token)).bytes())).toBe(sha256(buffer))
      } finally {
        await browser.close()
      }
    },
    60_000,
  )

  async function openPage(browser: Browser, slug: string, cookie?: string) {
    const context = await browser.newContext(cookie === undefined ? {} : { extraHTTPHeaders: { cookie } })
    const page = await context.newPage()
    page.setDefaultTimeout(20_000)
    const complaints: string[] = []
    const ranges: string[] = []
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
    })
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('request', (request) => {
      const { origin } = new URL(request.url())
      const { range } = request.headers()
      // Previews come through Kist, so that the bucket need not let pages of it read.
      if (/^http/.test(origin) && origin !== kist.url) complaints.push(`asks ${request.url()}`)
      if (range) ranges.push(range)
    })
    await page.goto(`${kist.url}/${slug}`)
    return { page, complaints, ranges }
  }

  const seek = async (page: Page): Promise<void> => {
    await page.evaluate('document.querySelector("audio").play()')
    await until(() => page.evaluate('document.querySelector("audio").currentTime > 0'))
    await page.evaluate('document.querySelector("audio").currentTime = 200')
    await until(() => page.evaluate('document.querySelector("audio").currentTime > 200.2'))
  }

  const showDocument = async (page: Page, slug: string): Promise<void> => {
    const shown = page.waitForResponse((response) => response.url().includes(`/~show/${slug}?`))
    await page.getByRole('button', { name: 'Show the document' }).click()
    const response = await shown
    expect([response.status(), response.headers()['content-type']]).toEqual([200, 'application/pdf'])
    await page.frameLocator('.stage iframe').locator('body').waitFor()
  }

  test.skipIf(CHROMIUM === null)(
    'a file of every kind is seen on its page, by its owner and by a stranger',
    async () => {
      const browser = await launchChromium()
      try {
        const ann = await site.signIn('ann')
        for (const [kind, make] of Object.entries(KINDS)) {
          const { seen, shows = 'true', ...file } = await make()
          const slug = await site.file(file)
          for (const cookie of [ann, undefined]) {
            const { page, complaints, ranges } = await openPage(browser, slug, cookie)
            await page.locator(seen).first().waitFor()
            const owned = await page.getByRole('link', { name: 'Statistics' }).count()
            if (kind === 'sound') await seek(page)
            if (kind === 'document') await showDocument(page, slug)
            await until(() => page.evaluate(shows))
            const starts = ranges.map((range) => Number(/bytes=(\d+)-/.exec(range)?.[1]))
            if (kind === 'sound') expect(Math.max(...starts)).toBeGreaterThan(10_000_000)
            const link = await page.getByRole('link', { name: 'Download', exact: true }).getAttribute('href')
            const bytes = await (await fetch(kist.url + link)).bytes()
            expect([kind, owned, complaints]).toEqual([kind, cookie === ann ? 1 : 0, []])
            expect(sha256(bytes)).toBe(sha256(file.bytes))
            await page.context().close()
          }
        }
      } finally {
        await browser.close()
      }
    },
    120_000,
  )

  test('a picture has its previews in the bucket, and they go with it', async () => {
    const bucket = await newBucket((await startS3()) as S3Server)
    await using place = createPlace({ settings: SETTINGS + storageToml(bucket) })
    const kist = await place.serve()
    const sizes = () => sizesIn(bucket)
    const bytes = await pictureOf('jpeg', 2400, 1800)
    const body = new FormData()
    body.append('file', new Blob([new Uint8Array(bytes)]), 'a.jpg')
    const sent = await fetch(`${kist.url}/api/upload`, { method: 'POST', body })
    const { file_url, key } = (await sent.json()) as { file_url: string; key: string }
    const slug = file_url.slice(0, 10)
    await until(async () => (await sizes()).length >= 3)
    for (const size of ['thumb', 'preview']) {
      const shown = await fetch(`${kist.url}/~preview/${slug}/${size}`)
      expect([shown.status, shown.headers.get('content-type')]).toEqual([200, 'image/webp'])
      expect(await sizes()).toContain((await shown.bytes()).length)
    }
    expect(await place.run(['check'])).toMatchObject({ code: 0, stdout: '' })
    const removed = await fetch(`${kist.url}/api/delete/${slug}?key=${key}`, { method: 'DELETE' })
    expect(removed.status).toBe(200)
    await sweepLater(place, bucket)
    expect(await sizes()).toEqual([])
    expect((await fetch(`${kist.url}/~preview/${slug}/thumb`)).status).toBe(404)
  }, 60_000)
})

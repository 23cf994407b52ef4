/** What the process makes of pictures, each of which it really opens. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import type { PreviewFormat } from '../../src/core/model.ts'
import { type PictureKind, pictureKind } from '../../src/core/picture-kind.ts'
import type { MadePreview } from '../../src/core/preview-maker.ts'
import { colourAt, moving, pictureOf, turned } from '../support/pictures.ts'
import { createRealMaker, makerUnderTest } from './maker-under-test.ts'

const KINDS: PictureKind[] = ['jpeg', 'png', 'webp', 'gif', 'avif', 'tiff', 'svg']
let dir = ''
let count = 0
const maker = makerUnderTest()

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'kist-pictures-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

async function preview(
  bytes: Uint8Array,
  edge: number,
  format: PreviewFormat = 'webp',
): Promise<MadePreview> {
  const kind = pictureKind(bytes)
  if (kind === null) throw new Error('no picture')
  const path = join(dir, String(count++))
  writeFileSync(path, bytes)
  const made = await maker().make({ kind, source: { path }, edge, format })
  if (typeof made === 'string') throw new Error(made)
  return made
}

describe('a picture', () => {
  for (const kind of KINDS) {
    for (const format of ['webp', 'avif'] as const) {
      test(`of kind ${kind} becomes ${format} that fits, without what it says about its maker`, async () => {
        const original = await pictureOf(kind, 640, 480)
        expect(pictureKind(original)).toBe(kind)
        const { bytes, width, height } = await preview(original, 256, format)
        expect([width, height]).toEqual([256, 192])
        const facts = await sharp(bytes).metadata()
        expect(facts).toMatchObject({ width: 256, height: 192, space: 'srgb' })
        expect(facts.format as string).toBe(format === 'avif' ? 'heif' : 'webp')
        expect([facts.exif, facts.icc, facts.xmp, facts.iptc]).toEqual(Array(4).fill(undefined))
        expect(Buffer.from(bytes).includes('Photographer')).toBe(false)
        expect([await colourAt(bytes, 0.2, 0.5), await colourAt(bytes, 0.8, 0.5)]).toEqual(['red', 'blue'])
      })
    }

    test(`of kind ${kind} that is small already keeps its size`, async () => {
      expect(await preview(await pictureOf(kind, 64, 48), 256)).toMatchObject({ width: 64, height: 48 })
    })
  }

  test('is turned as its camera was held', async () => {
    const { bytes, width, height } = await preview(await turned(640, 480), 256)
    expect([width, height]).toEqual([192, 256])
    expect([await colourAt(bytes, 0.5, 0.2), await colourAt(bytes, 0.5, 0.8)]).toEqual(['red', 'blue'])
    expect((await sharp(bytes).metadata()).orientation).toBeUndefined()
  })

  test('with colours of its own, or of print, is in sRGB', async () => {
    const wide = sharp(await pictureOf('jpeg')).withIccProfile('p3')
    const print = sharp(await pictureOf('jpeg'))
      .toColourspace('cmyk')
      .withIccProfile('cmyk')
    for (const original of [await wide.jpeg().toBuffer(), await print.jpeg().toBuffer()]) {
      const { bytes } = await preview(original, 256)
      expect(await sharp(bytes).metadata()).toMatchObject({ space: 'srgb', channels: 3 })
      expect(await colourAt(bytes, 0.2, 0.5)).toBe('red')
    }
  })

  test('keeps what can be seen through', async () => {
    const background = { r: 0, g: 0, b: 0, alpha: 0 }
    const clear = sharp({ create: { width: 300, height: 300, channels: 4, background } })
    const { bytes } = await preview(await clear.png().toBuffer(), 256)
    expect((await sharp(bytes).stats()).isOpaque).toBe(false)
  })

  test('of many pages shows the first', async () => {
    const pages = await moving(300, 200, 3, 'gif')
    const tiff = await sharp(pages, { pages: -1 }).tiff().toBuffer()
    const { bytes } = await preview(tiff, 256)
    expect(await colourAt(bytes, 0.5, 0.5)).toBe('red')
  })
})

describe('a moving picture', () => {
  for (const format of ['gif', 'webp'] as const) {
    test(`of kind ${format} stays moving in WebP`, async () => {
      const { bytes, width, height } = await preview(await moving(400, 200, 5, format), 256)
      expect([width, height]).toEqual([256, 128])
      expect(await sharp(bytes).metadata()).toMatchObject({ pages: 5, width: 256, height: 128 })
    })

    test(`of kind ${format} stands still in AVIF`, async () => {
      const { bytes } = await preview(await moving(400, 200, 5, format), 256, 'avif')
      expect((await sharp(bytes).metadata()).pages ?? 1).toBe(1)
    })
  }

  test('with many frames is smaller rather than still', async () => {
    const { bytes, width, height } = await preview(await moving(800, 400, 60, 'gif'), 1600)
    expect((await sharp(bytes).metadata()).pages).toBe(60)
    expect(width * height * 60).toBeLessThan(16_000_000)
    expect(width).toBeGreaterThan(700)
  }, 30_000)

  test('with more pixels in all its frames than a picture may have stands still', async () => {
    const original = await moving(400, 200, 5, 'gif')
    const path = join(dir, 'frames')
    writeFileSync(path, original)
    const strict = createRealMaker(dir, { maxPixels: 400 * 200 * 4 })
    const made = await strict.make({ kind: 'gif', source: { path }, edge: 256, format: 'webp' })
    await strict.close()
    expect(made).toMatchObject({ width: 256, height: 128 })
    expect((await sharp((made as MadePreview).bytes).metadata()).pages ?? 1).toBe(1)
  })
})

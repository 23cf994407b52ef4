/** Makes one picture smaller. */
import { readFileSync, statSync } from 'node:fs'
import type { Metadata, Sharp } from 'sharp'
import type { MadePreview } from '../core/preview-maker.ts'
import type { PictureRequest } from './preview-wire.ts'
import { loadSharp, type SharpFactory } from './sharp.ts'

/** Text that is turned into a picture; the rest of what is called SVG are attacks. */
const LARGEST_SVG = 4 * 2 ** 20
/** Frames of a moving picture; one with more stands still. */
const MOST_FRAMES = 500
/** At this many dots per inch a pixel of an SVG is a pixel. */
const SVG_DENSITY = 72

const COMMON = { failOn: 'error', sequentialRead: true } as const

/** Throws when nothing can be made of it. */
export async function makePicture(request: PictureRequest): Promise<MadePreview> {
  const sharp = await loadSharp()
  const { edge, format } = request
  const picture = (await openPicture(sharp, request))
    .autoOrient()
    .resize(edge, edge, { fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
  const encoded =
    format === 'avif' ? picture.avif({ quality: 55, effort: 2 }) : picture.webp({ quality: 80, effort: 2 })
  const { data, info } = await encoded.toBuffer({ resolveWithObject: true })
  return { bytes: data, width: info.width, height: info.pageHeight ?? info.height }
}

async function openPicture(sharp: SharpFactory, request: PictureRequest): Promise<Sharp> {
  const { kind, path, maxPixels, format } = request
  if (kind === 'svg') return openSvg(sharp, request)
  const options = { ...COMMON, limitInputPixels: maxPixels }
  const facts = await sharp(path, options).metadata()
  const pixels = facts.width * (facts.pageHeight ?? facts.height)
  if (pixels > maxPixels) throw new Error('it has too many pixels')
  const frames = facts.pages ?? 1
  const moves = (kind === 'gif' || kind === 'webp') && frames > 1 && format === 'webp'
  const animated = moves && frames <= MOST_FRAMES && pixels * frames <= maxPixels
  return sharp(path, { ...options, animated })
}

/**
 * From memory, so that it has no place of its own and nothing beside it, and drawn in the size that is wanted.
 * What it refers to is not fetched from anywhere.
 */
async function openSvg(sharp: SharpFactory, { path, maxPixels, edge }: PictureRequest): Promise<Sharp> {
  if (statSync(path).size > LARGEST_SVG) throw new Error('it is too large for an SVG')
  const text = readFileSync(path)
  const facts: Metadata = await sharp(text, { ...COMMON, limitInputPixels: false }).metadata()
  const scale = Math.min(1, edge / Math.max(facts.width, facts.height))
  const density = Math.max(1, SVG_DENSITY * scale)
  return sharp(text, { ...COMMON, limitInputPixels: maxPixels, density })
}
